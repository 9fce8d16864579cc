/* What the compilations of wavenet.c and affine.c offer to dispatch.c, for one instruction set. */
#ifndef SAYWAVE_ENGINE_H
#define SAYWAVE_ENGINE_H

#include "affine.h"
#include "wavenet.h"

struct engine {
    const char *(*create)(const saywave_wavenet_config *, const float *, int64_t, saywave_wavenet **);
    void (*destroy)(saywave_wavenet *);
    int64_t (*step_bytes)(const saywave_wavenet *);
    int64_t (*state_size)(const saywave_wavenet *);
    const char *(*state_init)(const saywave_wavenet *, void *);
    const char *(*run)(const saywave_wavenet *, int64_t, void *const *, const float *const *, int64_t, int64_t,
                       const float *const *, float, float *const *);
    const char *(*force)(const saywave_wavenet *, void *, const float *, int64_t, int64_t, const float *,
                         float *);
    void (*read)(const void *, int64_t, int64_t);
};

struct affine_engine {
    const char *(*create)(int64_t, int64_t, const float *, const float *, saywave_affine **);
    void (*destroy)(saywave_affine *);
    const char *(*apply)(const saywave_affine *, int64_t, const float *, float *);
};

struct saywave_affine {
    const struct affine_engine *engine;
};

/* What every model begins with, whichever engine made it. */
struct saywave_wavenet {
    const struct engine *engine;
};

extern const struct engine saywave_engine_baseline, saywave_engine_avx2, saywave_engine_avx512,
    saywave_engine_avx512bf16, saywave_engine_dotprod;
extern const struct affine_engine saywave_affine_engine_baseline, saywave_affine_engine_avx2,
    saywave_affine_engine_avx512, saywave_affine_engine_avx512bf16, saywave_affine_engine_dotprod;

#endif
