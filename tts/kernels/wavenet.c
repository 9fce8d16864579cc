/* WaveNet, one cached step at a time: the compiled form of reference.py, which is its specification.
 *
 *     conditions V c -----------------------------.
 *     x --+-- now: W x[t] -------------------------+-- gate -- z -- x += W z
 *         '-- ring -- ahead: W x[t - k d] ---------'           '-- zs: of all layers, for one product of skips
 *
 * A step reads every weight once, so the bandwidth of the cache decides its time. The taps that look back are
 * the exception: the next d steps of a layer with dilation d look back on inputs that are known by now, so
 * `look_back` serves a block of steps with one reading of their weights. Blocks are aligned to the time of
 * the stream, not to calls: however a stream is cut into calls, its samples are the same bits. Several streams
 * share the readings of all the other weights.
 *
 * This file is compiled once for each instruction set. Its one symbol is the table at the end.
 */
#include "model.h"

#define SYMBOL_OF(isa) saywave_engine_##isa
#define SYMBOL(isa) SYMBOL_OF(isa)

/* -- the state ------------------------------------------------------------------------------------------ */

static int64_t state_size(const saywave_wavenet *model) {
    return ((const struct model *)model)->state_size * (int64_t)sizeof(float);
}

static const char *state_init(const saywave_wavenet *model, void *state) {
    const struct model *m = (const struct model *)model;
    if ((uintptr_t)state % 64)
        return "a state must lie on a 64-byte boundary";
    memset(state, 0, (size_t)state_size(model));
    ((struct header *)state)->size = state_size(model);
    if (m->config.likelihood == SAYWAVE_MULAW)
        for (int32_t band = 0; band < m->config.n_bands; ++band)
            ((float *)state + m->last)[band] = mu_law_class(0.0f);
    if (m->config.precision == SAYWAVE_INT8) /* with a scale of 0 any value is silence, but zero is tidier */
        for (int32_t i = 0; i < m->config.n_layers; ++i) {
            const struct layer *layer = &m->layers[i];
            memset((float *)state + layer->ring, OFFSET, (size_t)(layer->span * m->residual));
        }
    return NULL;
}

/* Makes a sample the next step's input: as it is, or as its class. */
static void feed(const struct model *m, float *state, int32_t band, float value) {
    (state + m->last)[band] = m->config.likelihood == SAYWAVE_MULAW ? mu_law_class(value) : value;
}

/* Pads the condition of each layer, and adds the bias of its gate. */
static void take_condition(const struct model *m, float *state, const float *condition) {
    const int64_t dim = m->config.residual_dim;
    for (int32_t i = 0; i < m->config.n_layers; ++i) {
        float *to = state + m->conditions + i * 2 * m->residual;
        for (int64_t j = 0; j < 2 * dim; ++j)
            to[place(j, dim)] = condition[i * 2 * dim + j] + m->layers[i].gate_bias[place(j, dim)];
    }
}

/* -- a step --------------------------------------------------------------------------------------------- */

static void embed(const struct model *m, const float *last, float *restrict x) {
    memcpy(x, m->front_bias, (size_t)m->residual * sizeof(float));
    for (int32_t band = 0; band < m->config.n_bands; ++band) {
        const bool mulaw = m->config.likelihood == SAYWAVE_MULAW;
        const int64_t row = mulaw ? (int64_t)band * N_CLASSES + (int64_t)last[band] : band;
        const float scale = mulaw ? 1.0f : last[band], *front = m->front + row * m->residual;
        for (int64_t i = 0; i < m->residual; i += LANES)
            store(x + i, load(x + i) + load(front + i) * scale);
    }
}

static void *slot_of(const struct model *m, const struct layer *layer, float *state, int64_t t) {
    return (char *)(state + layer->ring) + (t & (layer->span - 1)) * input_bytes(m->config.precision, m->residual);
}

/* What the scale of a slot is; only int8 keeps them. */
static float *scale_of(const struct layer *layer, float *state, int64_t t) {
    return state + layer->ring_scales + (t & (layer->span - 1));
}

/* What the older taps give to the gates of steps t ... t + block - 1, while the ring ends at t - 1.
 * Input t goes to slot t & (span - 1), so the inputs that this reads are all there: t + block - 1 - d < t. */
static void look_back(const struct model *m, const struct layer *layer, float *state, int64_t t) {
    for (int32_t k = 0; k + 1 < m->config.kernel; ++k) {
        struct column columns[MAX_COLUMNS];
        for (int32_t j = 0; j < layer->block; ++j) {
            const int64_t then = t + j - (int64_t)(m->config.kernel - 1 - k) * layer->dilation;
            float *ahead = state + layer->ahead + j * 2 * m->residual;
            columns[j] = (struct column){.x = slot_of(m, layer, state, then), .out = ahead};
            columns[j].scale = m->config.precision == SAYWAVE_INT8 ? *scale_of(layer, state, then) : 1.0f;
            columns[j].a = k == 0 ? m->zeros : ahead;
            columns[j].b = m->zeros;
        }
        product(&layer->taps[k], layer->block, columns);
    }
}

static void relu(int64_t n, float *x) {
    for (int64_t i = 0; i < n; i += LANES)
        store(x + i, maximum(load(x + i), splat(0.0f)));
}

/* Takes the states of `n` streams through layer `i`: x moves on, z joins the others. */
static void step_layer(const struct model *m, int n, float *const *states, int32_t i) {
    const struct layer *layer = &m->layers[i];
    const int32_t precision = m->config.precision;
    struct column columns[MAX_COLUMNS];
    for (int c = 0; c < n; ++c) {
        float *state = states[c], *x = state + m->x;
        const int64_t t = ((const struct header *)state)->step, phase = t & (layer->block - 1);
        if (phase == 0)
            look_back(m, layer, state, t);
        void *slot = slot_of(m, layer, state, t);
        const float scale = store_inputs(precision, m->residual, x, slot);
        if (precision == SAYWAVE_INT8)
            *scale_of(layer, state, t) = scale;
        columns[c] = (struct column){.x = slot,
                                     .scale = scale,
                                     .a = state + m->conditions + i * 2 * m->residual,
                                     .b = state + layer->ahead + phase * 2 * m->residual,
                                     .out = state + m->gate};
    }
    product(&layer->now, n, columns);
    for (int c = 0; c < n; ++c) {
        float *state = states[c], *gate = state + m->gate, *x = state + m->x;
        char *z = (char *)(state + m->zs) + i * input_bytes(precision, m->residual);
        columns[c] = (struct column){.x = z, .a = x, .b = layer->residual_bias, .out = x};
        columns[c].scale = store_gated(precision, m->residual, gate, z);
    }
    if (i + 1 < m->config.n_layers)
        product(&layer->residual, n, columns);
}

/* Rectifies `n_values` values of each stream and multiplies them by a matrix of the head. */
static void step_head(const struct model *m, int n, float *const *states, const struct matrix *matrix,
                      const float *bias, int64_t n_values, int64_t from, int64_t to) {
    struct column columns[MAX_COLUMNS];
    for (int c = 0; c < n; ++c) {
        float *state = states[c];
        relu(n_values, state + from);
        columns[c] = (struct column){.x = state + m->inputs, .a = bias, .b = m->zeros, .out = state + to};
        columns[c].scale = store_inputs(matrix->precision, n_values, state + from, state + m->inputs);
    }
    product(matrix, n, columns);
}

/* Leaves the params of the next step of `n` streams in their states. */
static void step(const struct model *m, int n, float *const *states) {
    struct column columns[MAX_COLUMNS];
    for (int c = 0; c < n; ++c)
        embed(m, states[c] + m->last, states[c] + m->x);
    for (int32_t i = 0; i < m->config.n_layers; ++i)
        step_layer(m, n, states, i);
    for (int c = 0; c < n; ++c)
        columns[c] = (struct column){.x = states[c] + m->zs,
                                     .scale = m->config.precision == SAYWAVE_INT8 ? UNIT_SCALE : 1.0f,
                                     .a = m->skip_bias,
                                     .b = m->zeros,
                                     .out = states[c] + m->sums};
    product(&m->skips, n, columns);
    step_head(m, n, states, &m->head, m->head_bias, m->skip, m->sums, m->hidden);
    step_head(m, n, states, &m->out, m->out_bias, PADDED(m->config.head_dim), m->hidden, m->params);
}

/* Draws the samples of a step and makes them the next step's input; the params are overwritten. */
static void draw(const struct model *m, float *state, const float *uniforms, float temperature, float *out) {
    const int32_t likelihood = m->config.likelihood, n_bands = m->config.n_bands;
    float *params = state + m->params, *exps = state + m->exps, *last = state + m->last;
    for (int32_t band = 0; band < n_bands; ++band) {
        if (likelihood == SAYWAVE_MULAW)
            shift_logits(N_CLASSES, params + band * m->n_params, 1.0f / temperature);
        if (likelihood == SAYWAVE_LOGISTIC_MIXTURE)
            shift_logits(m->config.n_components, params + band * m->n_params, 1.0f);
    }
    exponentials(PADDED((int64_t)n_bands * m->n_params), params, exps);
    for (int32_t band = 0; band < n_bands; ++band) {
        if (likelihood == SAYWAVE_MULAW) {
            const int32_t index = draw_mulaw(exps, uniforms);
            last[band] = (float)index;
            out[band] = m->levels[index];
        } else if (likelihood == SAYWAVE_LOGISTIC_MIXTURE) {
            out[band] = last[band] =
                draw_mixture(m->config.n_components, params, exps, uniforms, temperature);
        } else {
            out[band] = last[band] = draw_gaussian(params, exps, uniforms, temperature);
        }
        params += m->n_params;
        exps += m->n_params;
        uniforms += m->n_uniforms;
    }
}

/* -- streams -------------------------------------------------------------------------------------------- */

static const char *stream_refusal(const struct model *m, int64_t n_streams, void *const *states,
                                  int64_t n_steps, int64_t hold) {
    for (int64_t i = 0; i < n_streams; ++i) {
        if ((uintptr_t)states[i] % 64)
            return "a state must lie on a 64-byte boundary";
        if (((const struct header *)states[i])->size != state_size(&m->base))
            return "the state is that of another model";
        for (int64_t j = 0; j < i; ++j)
            if (states[i] == states[j])
                return "every stream must have a state of its own";
    }
    return n_steps < 0 || hold < 1 ? "n_steps must not be negative, hold must be positive" : NULL;
}

/* Leaves the params of step `i` of a call in the states of `n` streams, which move on. */
static void advance(const struct model *m, int n, float *const *states, const float *const *conditions,
                    int64_t i, int64_t hold) {
    const int64_t row = 2 * (int64_t)m->config.residual_dim * m->config.n_layers;
    if (i % hold == 0)
        for (int c = 0; c < n; ++c)
            take_condition(m, states[c], conditions[c] + i / hold * row);
    step(m, n, states);
    for (int c = 0; c < n; ++c)
        ++((struct header *)states[c])->step;
}

/* How many of the streams that are left go together. */
static int width_of(int64_t n_left) {
    return n_left >= 8 ? 8 : n_left >= 4 ? 4 : n_left >= 2 ? 2 : 1;
}

static const char *run(const saywave_wavenet *model, int64_t n_streams, void *const *states,
                       const float *const *conditions, int64_t n_steps, int64_t hold,
                       const float *const *uniforms, float temperature, float *const *out) {
    const struct model *m = (const struct model *)model;
    const int64_t n_bands = m->config.n_bands;
    const char *reason = stream_refusal(m, n_streams, states, n_steps, hold);
    if (reason != NULL)
        return reason;
    for (int64_t first = 0, n; first < n_streams; first += n) {
        n = width_of(n_streams - first);
        for (int64_t i = 0; i < n_steps; ++i) {
            advance(m, (int)n, (float *const *)states + first, conditions + first, i, hold);
            for (int64_t c = first; c < first + n; ++c)
                draw(m, states[c], uniforms[c] + i * n_bands * m->n_uniforms, temperature, out[c] + i * n_bands);
        }
    }
    return NULL;
}

static const char *force(const saywave_wavenet *model, void *state, const float *conditions, int64_t n_steps,
                         int64_t hold, const float *forced, float *params) {
    const struct model *m = (const struct model *)model;
    const int64_t n_bands = m->config.n_bands, n_out = n_bands * m->n_params;
    const char *reason = stream_refusal(m, 1, &state, n_steps, hold);
    if (reason != NULL)
        return reason;
    for (int64_t i = 0; i < n_steps; ++i) {
        advance(m, 1, (float *const *)&state, &conditions, i, hold);
        memcpy(params + i * n_out, (float *)state + m->params, (size_t)n_out * sizeof(float));
        for (int32_t band = 0; band < n_bands; ++band)
            feed(m, state, band, forced[i * n_bands + band]);
    }
    return NULL;
}

/* -- what the benchmark asks for ------------------------------------------------------------------------- */

static int64_t matrix_bytes(const struct matrix *m) {
    const int64_t n_rows = m->n_groups + (m->precision == SAYWAVE_INT8 ? 2 : 0); /* scales and starts */
    return n_rows * m->n_vectors * VECTOR_BYTES;
}

static int64_t step_bytes(const saywave_wavenet *model) {
    const struct model *m = (const struct model *)model;
    int64_t bytes = matrix_bytes(&m->skips) + matrix_bytes(&m->head) + matrix_bytes(&m->out);
    for (int32_t i = 0; i < m->config.n_layers; ++i) {
        const struct layer *layer = &m->layers[i];
        bytes += matrix_bytes(&layer->now) + matrix_bytes(&layer->residual);
        for (int32_t tap = 0; tap + 1 < m->config.kernel; ++tap)
            bytes += matrix_bytes(&layer->taps[tap]) / layer->block;
    }
    return bytes;
}

static void read_bytes(const void *from, int64_t n_bytes, int64_t n_times) {
    enum { N = 4 };
    ivec sums[N] = {{0}};
    for (; n_times > 0; --n_times) {
        const ivec *at = from, *end = at + n_bytes / 256 * (256 / VECTOR_BYTES);
        for (; at < end; at += N) {
            UNROLL
            for (int i = 0; i < N; ++i)
                sums[i] ^= at[i];
        }
        __asm__ volatile("" ::"r"(sums) : "memory"); /* the sums are wanted, and each reading anew */
    }
}

/* -- the table -------------------------------------------------------------------------------------------- */

extern const struct engine SYMBOL(SAYWAVE_ISA);

static const char *create(const saywave_wavenet_config *config, const float *weights, int64_t n_weights,
                          saywave_wavenet **model) {
    return create_for(&SYMBOL(SAYWAVE_ISA), config, weights, n_weights, model);
}

const struct engine SYMBOL(SAYWAVE_ISA) = {create,     destroy, step_bytes, state_size,
                                           state_init, run,     force,      read_bytes};
