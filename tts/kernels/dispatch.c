/* The entry points of wavenet.h and affine.h: each calls the engine that the model was made for. */
#include "engine.h"

#include <stddef.h>
#include <string.h>

#if defined(SAYWAVE_ARM64) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(SAYWAVE_ARM64) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

/* Whether this processor, under this system, runs the code of an engine. */
static int supports(const char *isa) {
#if defined(SAYWAVE_X86)
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512vnni");
    if (strcmp(isa, "avx512bf16") == 0)
        return avx512 && __builtin_cpu_supports("avx512bf16");
    if (strcmp(isa, "avx512") == 0)
        return avx512;
    if (strcmp(isa, "avx2") == 0)
        return avx2;
#elif defined(SAYWAVE_ARM64) && defined(__linux__)
    if (strcmp(isa, "dotprod") == 0)
        return (getauxval(AT_HWCAP) >> 20 & 1) != 0; /* HWCAP_ASIMDDP */
#elif defined(SAYWAVE_ARM64) && defined(__APPLE__)
    int has = 0;
    size_t size = sizeof has;
    if (strcmp(isa, "dotprod") == 0)
        return sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &size, NULL, 0) == 0 && has;
#endif
    return strcmp(isa, "baseline") == 0;
}

static const struct {
    const char *isa;
    const struct engine *engine;
    const struct affine_engine *affine;
} ENGINES[] = {
#if defined(SAYWAVE_X86)
    {"avx512bf16", &saywave_engine_avx512bf16, &saywave_affine_engine_avx512bf16},
    {"avx512", &saywave_engine_avx512, &saywave_affine_engine_avx512},
    {"avx2", &saywave_engine_avx2, &saywave_affine_engine_avx2},
#elif defined(SAYWAVE_ARM64)
    {"dotprod", &saywave_engine_dotprod, &saywave_affine_engine_dotprod},
#endif
    {"baseline", &saywave_engine_baseline, &saywave_affine_engine_baseline},
};

static const size_t N_ENGINES = sizeof ENGINES / sizeof ENGINES[0];

int32_t saywave_abi(void) {
    return SAYWAVE_ABI;
}

const char *saywave_isa(int32_t index) {
    for (size_t i = 0; i < N_ENGINES; ++i)
        if (supports(ENGINES[i].isa) && index-- == 0)
            return ENGINES[i].isa;
    return NULL;
}

static const struct engine *engine_of(const char *isa) {
    for (size_t i = 0; i < N_ENGINES; ++i)
        if (strcmp(ENGINES[i].isa, isa) == 0 && supports(isa))
            return ENGINES[i].engine;
    return NULL;
}

static const char NO_ENGINE[] = "this processor does not run the instruction set";

const char *saywave_read(const char *isa, const void *from, int64_t n_bytes, int64_t n_times) {
    const struct engine *engine = engine_of(isa);
    if (engine == NULL)
        return NO_ENGINE;
    engine->read(from, n_bytes, n_times);
    return NULL;
}

const char *saywave_wavenet_create(const saywave_wavenet_config *config, const float *weights,
                                   int64_t n_weights, const char *isa, saywave_wavenet **model) {
    const struct engine *engine = engine_of(isa);
    return engine == NULL ? NO_ENGINE : engine->create(config, weights, n_weights, model);
}

void saywave_wavenet_destroy(saywave_wavenet *model) {
    if (model != NULL)
        model->engine->destroy(model);
}

int64_t saywave_wavenet_step_bytes(const saywave_wavenet *model) {
    return model->engine->step_bytes(model);
}

int64_t saywave_wavenet_state_size(const saywave_wavenet *model) {
    return model->engine->state_size(model);
}

const char *saywave_wavenet_state_init(const saywave_wavenet *model, void *state) {
    return model->engine->state_init(model, state);
}

const char *saywave_wavenet_run(const saywave_wavenet *model, int64_t n_streams, void *const *states,
                                const float *const *conditions, int64_t n_steps, int64_t hold,
                                const float *const *uniforms, float temperature, float *const *out) {
    return model->engine->run(model, n_streams, states, conditions, n_steps, hold, uniforms, temperature, out);
}

const char *saywave_wavenet_force(const saywave_wavenet *model, void *state, const float *conditions,
                                  int64_t n_steps, int64_t hold, const float *forced, float *params) {
    return model->engine->force(model, state, conditions, n_steps, hold, forced, params);
}

const char *saywave_affine_create(const char *isa, int64_t n_in, int64_t n_out, const float *weight,
                                  const float *bias, saywave_affine **affine) {
    for (size_t i = 0; i < N_ENGINES; ++i)
        if (strcmp(ENGINES[i].isa, isa) == 0 && supports(isa))
            return ENGINES[i].affine->create(n_in, n_out, weight, bias, affine);
    return NO_ENGINE;
}

void saywave_affine_destroy(saywave_affine *affine) {
    if (affine != NULL)
        affine->engine->destroy(affine);
}

const char *saywave_affine_apply(const saywave_affine *affine, int64_t n_rows, const float *x, float *y) {
    return affine->engine->apply(affine, n_rows, x, y);
}
