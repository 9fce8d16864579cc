/* The entry points of wavenet.h: each calls the engine that the model was made for. */
#include "engine.h"

#include <stddef.h>
#include <string.h>

/* Whether this processor, under this system, runs the code of an engine. */
static int supports(const char *isa) {
#if defined(SAYWAVE_X86)
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (strcmp(isa, "avx512") == 0)
        return avx2 && __builtin_cpu_supports("avx512f");
    if (strcmp(isa, "avx2") == 0)
        return avx2;
#endif
    return strcmp(isa, "baseline") == 0;
}

static const struct {
    const char *isa;
    const struct engine *engine;
} ENGINES[] = {
#if defined(SAYWAVE_X86)
    {"avx512", &saywave_engine_avx512},
    {"avx2", &saywave_engine_avx2},
#endif
    {"baseline", &saywave_engine_baseline},
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

const char *saywave_wavenet_create(const saywave_wavenet_config *config, const float *weights,
                                   int64_t n_weights, const char *isa, saywave_wavenet **model) {
    for (size_t i = 0; i < N_ENGINES; ++i)
        if (strcmp(ENGINES[i].isa, isa) == 0 && supports(isa))
            return ENGINES[i].engine->create(config, weights, n_weights, model);
    return "this processor does not run the instruction set";
}

void saywave_wavenet_destroy(saywave_wavenet *model) {
    if (model != NULL)
        model->engine->destroy(model);
}

int64_t saywave_wavenet_state_size(const saywave_wavenet *model) {
    return model->engine->state_size(model);
}

const char *saywave_wavenet_state_init(const saywave_wavenet *model, void *state) {
    return model->engine->state_init(model, state);
}

const char *saywave_wavenet_run(const saywave_wavenet *model, void *state, const float *conditions,
                                int64_t n_steps, int64_t hold, const float *uniforms, float temperature,
                                float *out) {
    return model->engine->run(model, state, conditions, n_steps, hold, uniforms, temperature, out);
}

const char *saywave_wavenet_force(const saywave_wavenet *model, void *state, const float *conditions,
                                  int64_t n_steps, int64_t hold, const float *forced, float *params) {
    return model->engine->force(model, state, conditions, n_steps, hold, forced, params);
}
