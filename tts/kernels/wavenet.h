/* The C ABI of the compiled WaveNet: cached steps of one stream, or of several that share each reading of a
 * weight, in one thread.
 *
 * A model is immutable and may be shared by threads; a state is one stream, and belongs to one thread at a
 * time. Nothing is allocated outside `create`, and nothing is kept between calls but the state.
 *
 * Every function that can fail returns NULL, or a static English sentence that says why it refused.
 */
#ifndef SAYWAVE_WAVENET_H
#define SAYWAVE_WAVENET_H

#include <stdint.h>

#define SAYWAVE_API __attribute__((visibility("default")))

/* Goes up whenever a caller of the older interface would go wrong. */
#define SAYWAVE_ABI 3

enum saywave_likelihood {
    SAYWAVE_MULAW = 0,            /* 256 classes; params: logits; uniforms: 1 */
    SAYWAVE_LOGISTIC_MIXTURE = 1, /* params: logits, means, log-scales; uniforms: 2 */
    SAYWAVE_GAUSSIAN = 2,         /* params: mean, log of the standard deviation; uniforms: 2 */
};

/* What weights and the inputs of products are rounded to; sums, the front and all between are float32. In int8
 * with a density as likelihood, the last product is bf16. */
enum saywave_precision {
    SAYWAVE_FLOAT32 = 0,
    SAYWAVE_BF16 = 1,
    SAYWAVE_INT8 = 2,
};

typedef struct {
    int32_t precision;    /* enum saywave_precision */
    int32_t n_bands;      /* samples of one step */
    int32_t likelihood;   /* enum saywave_likelihood */
    int32_t n_components; /* of the logistic mixture */
    int32_t n_layers;
    int32_t kernel; /* taps of a layer, at least 2 */
    int32_t residual_dim, skip_dim, head_dim;
    const int32_t *dilations; /* (n_layers,) */
} saywave_wavenet_config;

typedef struct saywave_wavenet saywave_wavenet;

SAYWAVE_API int32_t saywave_abi(void);

/* The instruction sets that this processor can run, best first; NULL past the last. */
SAYWAVE_API const char *saywave_isa(int32_t index);

/* Reads whole lines of 256 bytes `n_times`, as fast as an instruction set of this processor can; NULL, or a reason.
 * What bench/kernel.py measures the bandwidth of the caches with. */
SAYWAVE_API const char *saywave_read(const char *isa, const void *from, int64_t n_bytes, int64_t n_times);

/* Packs a model for one instruction set.
 *
 * `weights` holds `n_weights` numbers, row-major (out, in), in this order:
 *   front        weight (residual, n_bands), bias; for mu-law the weight is (residual, n_bands * 256), a
 *                column for each class of each band
 *   every layer  gate: weight (2 * residual, kernel * residual), oldest tap first, bias;
 *                mix: weight (residual + skip, residual), bias; in the last layer (skip, residual)
 *   head         weight (head, skip), bias
 *   out          weight (n_bands * n_params, head), bias
 * `isa` is one of saywave_isa. */
SAYWAVE_API const char *saywave_wavenet_create(const saywave_wavenet_config *config,
                                               const float *weights, int64_t n_weights,
                                               const char *isa, saywave_wavenet **model);
SAYWAVE_API void saywave_wavenet_destroy(saywave_wavenet *model);

/* Bytes that a step of one stream has to read of the weights: the limit of its speed is the bandwidth of the
 * cache. A tap that serves a block of steps counts for its share. */
SAYWAVE_API int64_t saywave_wavenet_step_bytes(const saywave_wavenet *model);

/* Bytes of a state, which must lie on a 64-byte boundary. Its content holds no pointers: copy it freely. */
SAYWAVE_API int64_t saywave_wavenet_state_size(const saywave_wavenet *model);

/* The state before the first step: silence. */
SAYWAVE_API const char *saywave_wavenet_state_init(const saywave_wavenet *model, void *state);

/* Draws `n_steps` steps of each of `n_streams` streams. Step i is conditioned on `conditions[i / hold]`.
 * A stream's samples are the same bits alone and with others.
 *
 * Shape: (n_streams,) pointers to states, conditions (ceil(n_steps / hold), n_layers, 2 * residual) and
 *     uniforms (n_steps, n_bands, n_uniforms) -> out (n_steps, n_bands). */
SAYWAVE_API const char *saywave_wavenet_run(const saywave_wavenet *model, int64_t n_streams,
                                            void *const *states, const float *const *conditions,
                                            int64_t n_steps, int64_t hold, const float *const *uniforms,
                                            float temperature, float *const *out);

/* The params of `n_steps` steps of one stream whose outcomes are given: `forced[i]` is what step i drew.
 *
 * Shape: as above, with forced (n_steps, n_bands) -> params (n_steps, n_bands, n_params). */
SAYWAVE_API const char *saywave_wavenet_force(const saywave_wavenet *model, void *state,
                                              const float *conditions, int64_t n_steps, int64_t hold,
                                              const float *forced, float *params);

#endif
