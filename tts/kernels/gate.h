/* The gated activation of a layer, tanh(f) sigmoid(g), as the inputs of the next products. */
#ifndef SAYWAVE_GATE_H
#define SAYWAVE_GATE_H

#include "matrix.h"

/* tanh(x) = p / q for |x| <= 9, beyond which float32 knows only 1. With y = x * x, p / x and q are
 * polynomials of degree 4 in y, fitted to the smallest largest relative error: 2e-8, and 3.5e-7 with the
 * rounding of float32. */
#define TANH_END 9.0f

INLINE vec tanh_p(vec x, vec y) {
    vec p = 1.335454770e-08f * y + 2.060899720e-05f;
    p = p * y + 3.495582872e-03f;
    p = p * y + 1.338102120e-01f;
    p = p * y + 9.999999795e-01f;
    return p * x;
}

INLINE vec tanh_q(vec y) {
    vec q = 7.776510770e-07f * y + 3.285626272e-04f;
    q = q * y + 2.587696216e-02f;
    q = q * y + 4.671433680e-01f;
    return q * y + 1.0f;
}

INLINE vec within(vec x, float end) {
    return minimum(maximum(x, splat(-end)), splat(end));
}

/* tanh(f) sigmoid(g), where sigmoid(g) = (1 + tanh(g / 2)) / 2: one division serves both. */
INLINE vec gated(vec f, vec g) {
    const vec a = within(f, TANH_END), b = within(0.5f * g, TANH_END);
    const vec p = tanh_p(b, b * b), q = tanh_q(b * b);
    return 0.5f * tanh_p(a, a * a) * (p + q) / (tanh_q(a * a) * q);
}

/* Stores the gated activations of `n` units, a multiple of PAD, at UNIT_SCALE; returns the scale. */
static float store_gated(int32_t precision, int64_t n, const float *restrict gate, void *restrict to) {
    for (int64_t i = 0; i < n; i += LANES) {
        const vec z = gated(load(gate + i), load(gate + n + i));
        if (precision == SAYWAVE_INT8)
            store_int8((int8_t *)to + i, z, 127.0f);
        else if (precision == SAYWAVE_BF16)
            store_bf16((uint16_t *)to + i, z);
        else
            store((float *)to + i, z);
    }
    return precision == SAYWAVE_INT8 ? UNIT_SCALE : 1.0f;
}

#endif
