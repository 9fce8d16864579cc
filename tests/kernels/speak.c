/* Networks of drawn weights speak on every instruction set of this processor, in every precision, with every
 * likelihood: a line each, with a hash of the samples' bits. For `test_arm.py`. */
#include "wavenet.h"

#include <stdio.h>
#include <stdlib.h>

enum { RESIDUAL = 21, SKIP = 37, HEAD = 19, N_COMPONENTS = 3, N_STEPS = 400, HOLD = 8 };
static const int32_t DILATIONS[] = {1, 2, 4, 8, 1};
enum { N_LAYERS = sizeof DILATIONS / sizeof DILATIONS[0] };

static uint32_t seed;

/* From 0 to 1: a linear congruential generator is the same everywhere. */
static float uniform(void) {
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / 16777216.0f;
}

static float *drawn(int64_t n, float from, float width) {
    float *numbers = malloc((size_t)n * sizeof(float));
    for (int64_t i = 0; i < n; ++i)
        numbers[i] = from + width * uniform();
    return numbers;
}

static int64_t affine_size(int64_t n_out, int64_t n_in) {
    return n_out * n_in + n_out;
}

static int64_t n_weights(int64_t n_bands, int64_t n_front, int64_t n_params) {
    int64_t n = affine_size(RESIDUAL, n_front);
    for (int layer = 0; layer < N_LAYERS; ++layer)
        n += affine_size(2 * RESIDUAL, 2 * RESIDUAL) +
             affine_size((layer + 1 < N_LAYERS ? RESIDUAL : 0) + SKIP, RESIDUAL);
    return n + affine_size(HEAD, SKIP) + affine_size(n_bands * n_params, HEAD);
}

static uint32_t hash(const float *samples, int64_t n) {
    uint32_t code = 2166136261u; /* FNV-1a, a word at a time */
    for (int64_t i = 0; i < n; ++i) {
        const union { float value; uint32_t bits; } sample = {.value = samples[i]};
        code = (code ^ sample.bits) * 16777619u;
    }
    return code;
}

static const char *speak(const char *isa, int32_t precision, int32_t likelihood) {
    const int32_t n_bands = likelihood == SAYWAVE_MULAW ? 1 : 3;
    const int64_t n_params[] = {256, 3 * N_COMPONENTS, 2};
    const saywave_wavenet_config config = {
        .precision = precision, .n_bands = n_bands, .likelihood = likelihood,
        .n_components = N_COMPONENTS, .n_layers = N_LAYERS, .kernel = 2, .residual_dim = RESIDUAL,
        .skip_dim = SKIP, .head_dim = HEAD, .dilations = DILATIONS,
    };
    seed = 7;
    const int64_t n_front = likelihood == SAYWAVE_MULAW ? 256 : n_bands;
    const int64_t n = n_weights(n_bands, n_front, n_params[likelihood]);
    float *weights = drawn(n, -0.2f, 0.4f);
    const float *conditions = drawn(N_STEPS / HOLD * N_LAYERS * 2 * RESIDUAL, -0.5f, 1.0f);
    const float *uniforms = drawn(N_STEPS * n_bands * 2, 0.0f, 1.0f);
    float *samples = malloc((size_t)(N_STEPS * n_bands) * sizeof(float));

    saywave_wavenet *model;
    const char *refusal = saywave_wavenet_create(&config, weights, n, isa, &model);
    if (refusal != NULL)
        return refusal;
    void *state = aligned_alloc(64, (size_t)(saywave_wavenet_state_size(model) + 63) / 64 * 64);
    refusal = saywave_wavenet_state_init(model, state);
    if (refusal == NULL)
        refusal = saywave_wavenet_run(model, 1, &state, &conditions, N_STEPS, HOLD, &uniforms, 1.0f, &samples);
    if (refusal == NULL)
        printf("%s %d %d %08x\n", isa, precision, likelihood, hash(samples, N_STEPS * n_bands));
    return refusal;
}

int main(void) {
    for (int32_t i = 0; saywave_isa(i) != NULL; ++i)
        for (int32_t precision = SAYWAVE_FLOAT32; precision <= SAYWAVE_INT8; ++precision)
            for (int32_t likelihood = SAYWAVE_MULAW; likelihood <= SAYWAVE_GAUSSIAN; ++likelihood) {
                const char *refusal = speak(saywave_isa(i), precision, likelihood);
                if (refusal != NULL) {
                    fprintf(stderr, "%s\n", refusal);
                    return 1;
                }
            }
    return 0;
}
