/* The draws, and what they need of mathematics (tts/vocoder/likelihoods.py). */
#ifndef SAYWAVE_DRAW_H
#define SAYWAVE_DRAW_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "vector.h"

#define N_CLASSES 256
#define MIN_SCALE 9.11881966e-4f /* exp(-7) */
#define MIN_UNIFORM 1e-5f
#define MAX_UNIFORM (1.0f - 1e-5f)

INLINE float clip(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/* out = exp(x), for x clipped to [-87, 88], with a relative error of 2e-7: 2^n e^r, where |r| <= ln(2) / 2
 * and e^r is its series. */
static void exponentials(int64_t n_values, const float *restrict x, float *restrict out) {
    const float shift = 12582912.0f; /* 1.5 * 2^23: what is added to it is rounded to a whole number */
    for (int64_t i = 0; i < n_values; ++i) {
        const float value = clip(x[i], -87.0f, 88.0f), shifted = value * 1.44269504f + shift;
        const float n = shifted - shift;
        const float r = value - n * 0.693145752f - n * 1.42860677e-6f; /* ln(2) in two parts */
        float e = 1.0f / 720.0f;
        e = e * r + 1.0f / 120.0f;
        e = e * r + 1.0f / 24.0f;
        e = e * r + 1.0f / 6.0f;
        e = e * r + 0.5f;
        e = e * r + 1.0f;
        e = e * r + 1.0f;
        uint32_t exponent, bits;
        memcpy(&exponent, &shifted, sizeof exponent); /* its last bits are n */
        memcpy(&bits, &e, sizeof bits);
        bits += exponent << 23;
        memcpy(&out[i], &bits, sizeof bits);
    }
}

/* logits = (logits - their largest) * scale, before `exponentials`. Partial maxima run side by side. */
static void shift_logits(int64_t n, float *logits, float scale) {
    float tops[PAD], top = logits[0];
    for (int64_t i = 0; i < PAD; ++i)
        tops[i] = top;
    for (int64_t start = 0; start + PAD <= n; start += PAD)
        for (int64_t i = 0; i < PAD; ++i)
            tops[i] = logits[start + i] > tops[i] ? logits[start + i] : tops[i];
    for (int64_t i = 0; i < PAD; ++i)
        top = tops[i] > top ? tops[i] : top;
    for (int64_t i = n / PAD * PAD; i < n; ++i)
        top = logits[i] > top ? logits[i] : top;
    for (int64_t i = 0; i < n; ++i)
        logits[i] = (logits[i] - top) * scale;
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

/* How many of the cumulated weights are at most `threshold`: the index drawn, or n past the end. */
INLINE int32_t count_below(const int64_t n, const float *weights, float threshold) {
    float cumulative = 0.0f;
    int32_t count = 0;
    for (int64_t i = 0; i < n; ++i) {
        cumulative += weights[i];
        count += cumulative <= threshold;
    }
    return count;
}

/* The class, given weights that are the exponentials of the logits. They are summed in short runs first,
 * whose chains of additions go side by side. */
static int32_t draw_mulaw(const float *weights, const float *uniforms) {
    enum { RUN = 16, N_RUNS = N_CLASSES / RUN };
    float sums[N_RUNS], total = 0.0f;
    for (int run = 0; run < N_RUNS; ++run) {
        sums[run] = 0.0f;
        for (int i = 0; i < RUN; ++i)
            sums[run] += weights[run * RUN + i];
        total += sums[run];
    }
    float threshold = clip(uniforms[0], 0.0f, MAX_UNIFORM) * total;
    int32_t run = 0;
    for (; run < N_RUNS - 1 && sums[run] <= threshold; ++run)
        threshold -= sums[run];
    const int32_t within = count_below(RUN, weights + run * RUN, threshold);
    return run * RUN + (within < RUN ? within : RUN - 1);
}

/* `exps` are the exponentials of the params, the logits shifted by their largest. */
static float draw_mixture(int32_t n, const float *params, const float *exps, const float *uniforms,
                          float temperature) {
    float total = 0.0f;
    for (int32_t i = 0; i < n; ++i)
        total += exps[i];
    const int32_t count = count_below(n, exps, clip(uniforms[0], 0.0f, MAX_UNIFORM) * total);
    const int32_t chosen = count < n ? count : n - 1;
    const float mean = params[n + chosen], scale = exps[2 * n + chosen];
    const float u = clip(uniforms[1], MIN_UNIFORM, MAX_UNIFORM);
    return mean + temperature * (scale < MIN_SCALE ? MIN_SCALE : scale) * (logf(u) - logf(1.0f - u));
}

static float draw_gaussian(const float *params, const float *exps, const float *uniforms,
                           float temperature) {
    const float u = clip(uniforms[0], MIN_UNIFORM, MAX_UNIFORM);
    const float normal = sqrtf(-2.0f * logf(u)) * cosf(6.283185307f * uniforms[1]);
    return params[0] + temperature * (exps[1] < MIN_SCALE ? MIN_SCALE : exps[1]) * normal;
}

#endif
