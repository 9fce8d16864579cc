/* What the gate and the draws need of mathematics, and the draws themselves (tts/vocoder/likelihoods.py). */
#ifndef SAYWAVE_DRAW_H
#define SAYWAVE_DRAW_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "matrix.h"

#define N_CLASSES 256
#define MIN_LOG_SCALE -7.0f
#define MIN_UNIFORM 1e-5f
#define MAX_UNIFORM (1.0f - 1e-5f)

/* tanh(x) = p / q for |x| <= 9, beyond which float32 knows only 1. With y = x * x, p / x and q are
 * polynomials of degree 4 in y, fitted to the smallest largest relative error: 2e-8, and 3.5e-7 with the
 * rounding of float32. */
#define TANH_END 9.0f

INLINE float tanh_p(float x, float y) {
    float p = 1.335454770e-08f;
    p = p * y + 2.060899720e-05f;
    p = p * y + 3.495582872e-03f;
    p = p * y + 1.338102120e-01f;
    p = p * y + 9.999999795e-01f;
    return p * x;
}

INLINE float tanh_q(float y) {
    float q = 7.776510770e-07f;
    q = q * y + 3.285626272e-04f;
    q = q * y + 2.587696216e-02f;
    q = q * y + 4.671433680e-01f;
    return q * y + 1.0f;
}

INLINE float clip(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/* out = tanh(f) sigmoid(g), where sigmoid(g) = (1 + tanh(g / 2)) / 2: one division serves both. */
static void gate_units(int64_t n, const float *restrict f, const float *restrict g, float *restrict out) {
    for (int64_t i = 0; i < n; ++i) {
        float a = clip(f[i], -TANH_END, TANH_END), b = clip(0.5f * g[i], -TANH_END, TANH_END);
        float p = tanh_p(b, b * b), q = tanh_q(b * b);
        out[i] = 0.5f * tanh_p(a, a * a) * (p + q) / (tanh_q(a * a) * q);
    }
}

/* exp(x) for x in [-87, 88], to which x is clipped; relative error 2e-7: 2^n e^r with |r| <= ln(2) / 2, and e^r by its series. */
INLINE float exponential(float x) {
    x = clip(x, -87.0f, 88.0f);
    float n = x * 1.44269504f + 12582912.0f; /* 1.5 * 2^23: the sum is rounded to a whole number */
    int32_t bits;
    memcpy(&bits, &n, sizeof bits);
    n -= 12582912.0f;
    float r = x - n * 0.693145752f; /* ln(2) in two parts, the first exact in products with n */
    r -= n * 1.42860677e-6f;
    float e = 1.0f / 720.0f;
    e = e * r + 1.0f / 120.0f;
    e = e * r + 1.0f / 24.0f;
    e = e * r + 1.0f / 6.0f;
    e = e * r + 0.5f;
    e = e * r + 1.0f;
    e = e * r + 1.0f;
    bits = (int32_t)((uint32_t)bits << 23);
    int32_t scaled;
    memcpy(&scaled, &e, sizeof scaled);
    scaled += bits;
    memcpy(&e, &scaled, sizeof e);
    return e;
}

/* The class of a value in [-1, 1]: tts/audio/companding.py. */
static float mu_law_class(float value) {
    double x = clip(value, -1.0f, 1.0f), mu = N_CLASSES - 1;
    double compressed = copysign(log1p(mu * fabs(x)) / log1p(mu), x);
    return (float)floor((compressed + 1.0) / 2.0 * mu + 0.5);
}

static float mu_law_value(int32_t index) {
    double mu = N_CLASSES - 1, compressed = index / mu * 2.0 - 1.0;
    return (float)copysign(expm1(fabs(compressed) * log1p(mu)) / mu, compressed);
}

/* weights[i] = exp((logits[i] - max) / temperature). */
INLINE void softmax_weights(const int64_t n, const float *logits, float temperature, float *weights) {
    float top = logits[0];
    for (int64_t i = 1; i < n; ++i)
        top = logits[i] > top ? logits[i] : top;
    const float scale = 1.0f / temperature;
    for (int64_t i = 0; i < n; ++i)
        weights[i] = exponential((logits[i] - top) * scale);
}

/* The first index whose share of the weights, cumulated, exceeds `uniform`; else the last. */
INLINE int32_t choose(const int64_t n, const float *weights, float threshold) {
    float cumulative = 0.0f;
    for (int64_t i = 0; i < n - 1; ++i) {
        cumulative += weights[i];
        if (cumulative > threshold)
            return (int32_t)i;
    }
    return (int32_t)(n - 1);
}

/* Sums of 16 first, so that 16 short chains of additions run side by side. `logits` are overwritten. */
static int32_t draw_mulaw(float *logits, float uniform, float temperature) {
    enum { RUN = 16, N_RUNS = N_CLASSES / RUN };
    float sums[N_RUNS], total = 0.0f;
    softmax_weights(N_CLASSES, logits, temperature, logits);
    for (int run = 0; run < N_RUNS; ++run) {
        sums[run] = 0.0f;
        for (int i = 0; i < RUN; ++i)
            sums[run] += logits[run * RUN + i];
        total += sums[run];
    }
    float threshold = uniform * total;
    int32_t run = 0;
    for (; run < N_RUNS - 1 && sums[run] <= threshold; ++run)
        threshold -= sums[run];
    return run * RUN + choose(RUN, logits + run * RUN, threshold);
}

/* Overwrites the logits. */
static float draw_mixture(int32_t n, float *params, const float *uniforms, float temperature) {
    float total = 0.0f;
    softmax_weights(n, params, 1.0f, params);
    for (int32_t i = 0; i < n; ++i)
        total += params[i];
    const int32_t chosen = choose(n, params, uniforms[0] * total);
    const float mean = params[n + chosen], log_scale = params[2 * n + chosen];
    const float scale = exponential(log_scale < MIN_LOG_SCALE ? MIN_LOG_SCALE : log_scale);
    const float u = clip(uniforms[1], MIN_UNIFORM, MAX_UNIFORM);
    return mean + temperature * scale * (logf(u) - logf(1.0f - u));
}

static float draw_gaussian(const float *params, const float *uniforms, float temperature) {
    const float log_std = params[1] < MIN_LOG_SCALE ? MIN_LOG_SCALE : params[1];
    const float u = clip(uniforms[0], MIN_UNIFORM, MAX_UNIFORM);
    const float normal = sqrtf(-2.0f * logf(u)) * cosf(6.283185307f * uniforms[1]);
    return params[0] + temperature * exponential(log_std) * normal;
}

#endif
