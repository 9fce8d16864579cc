/* WaveNet, one cached step at a time: the compiled form of reference.py, which is its specification.
 *
 *     conditions V c -----------------------------.
 *     x --+-- now: W x[t] -------------------------+-- gate -- z -- mix: x, skip += W z
 *         '-- ring -- ahead: W x[t - k d] ---------'
 *
 * A step reads every weight once, so the bandwidth of the cache decides its time. The taps that look back are
 * the exception: the next d steps of a layer with dilation d look back on inputs that are known by now, so
 * `look_back` serves a block of steps with one reading of their weights. Blocks are aligned to the time of
 * the stream, not to calls: however a stream is cut into calls, its samples are the same bits.
 *
 * This file is compiled once for each instruction set. Its one symbol is the table at the end.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "draw.h"
#include "engine.h"
#include "matrix.h"

#define SYMBOL_OF(isa) saywave_engine_##isa
#define SYMBOL(isa) SYMBOL_OF(isa)

/* Offsets in a state and widths of vectors count floats, and are multiples of PAD. */
struct layer {
    int32_t dilation, span, block;  /* block: steps that one look back serves, a power of two <= dilation */
    struct matrix now, mix, back;   /* back: the oldest tap; the next ones follow it */
    const float *gate_bias, *mix_bias;
    int64_t ring, ahead;
};

struct model {
    struct saywave_wavenet base;
    saywave_wavenet_config config; /* but for the dilations, which the layers keep */
    int32_t n_params, n_uniforms;
    int64_t residual, skip; /* padded */
    struct layer *layers;
    struct matrix head, out;
    const float *front, *front_bias, *head_bias, *out_bias, *zeros, *levels;
    int64_t last, x, z, gate, hidden, params, exps, conditions, state_size;
    float *arena;
};

/* The first PAD floats of a state. */
struct header {
    int64_t step;
    int64_t size; /* of the whole state: tells a state of another model */
    char reserved[48];
};

_Static_assert(sizeof(struct header) == PAD * sizeof(float), "floats follow on a vector boundary");

/* -- building ---------------------------------------------------------------------------------------- */

/* Hands out an arena of floats, or, without a base, only counts what it would hand out. */
struct arena {
    float *base;
    int64_t used;
};

static float *take(struct arena *arena, int64_t n) {
    float *at = arena->base ? arena->base + arena->used : NULL;
    arena->used += PADDED(n);
    return at;
}

/* Where output `i` goes when the outputs from `half` on start on a vector of their own. */
static int64_t place(int64_t i, int64_t half) {
    return i < half ? i : PADDED(half) + i - half;
}

static const float *take_vector(struct arena *arena, int64_t n, int64_t half, const float *values) {
    float *vector = take(arena, place(n, half));
    for (int64_t i = 0; vector && i < n; ++i)
        vector[place(i, half)] = values[i];
    return vector;
}

/* Packs columns `first` to `first + n_in` of a weight of rows as long as `stride`. */
static struct matrix take_matrix(struct arena *arena, int64_t n_in, int64_t n_out, int64_t half, int max_tile,
                                 const float *weights, int64_t stride, int64_t first) {
    const int64_t n_placed = PADDED(place(n_out, half));
    float *packed = take(arena, n_in * n_placed);
    const struct matrix m = matrix_layout(n_in, n_placed, max_tile, packed);
    for (int64_t o = 0; packed && o < n_out; ++o)
        for (int64_t i = 0; i < n_in; ++i)
            packed[matrix_index(&m, i, place(o, half))] = weights[o * stride + first + i];
    return m;
}

/* Packs the front as rows, one for each input. Returns the first weight after it. */
static const float *take_front(struct arena *arena, struct model *m, const float *weights) {
    const int64_t dim = m->config.residual_dim;
    const int64_t n_in = (int64_t)m->config.n_bands * (m->config.likelihood == SAYWAVE_MULAW ? N_CLASSES : 1);
    float *front = take(arena, n_in * m->residual);
    for (int64_t row = 0; front && row < n_in; ++row)
        for (int64_t i = 0; i < dim; ++i)
            front[row * m->residual + i] = weights[i * n_in + row];
    m->front = front;
    m->front_bias = take_vector(arena, dim, 0, weights + dim * n_in);
    return weights + dim * n_in + dim;
}

/* Returns the first weight after those of the layer. */
static const float *take_layer(struct arena *arena, struct model *m, int32_t index, int32_t dilation,
                               const float *weights) {
    const int64_t dim = m->config.residual_dim, n_skip = m->config.skip_dim, n_taps = m->config.kernel;
    const int64_t mixed = index + 1 < m->config.n_layers ? dim : 0;
    const float *gate = weights, *gate_bias = gate + 2 * dim * n_taps * dim;
    const float *mix = gate_bias + 2 * dim, *mix_bias = mix + (mixed + n_skip) * dim;
    struct layer *layer = &m->layers[index];
    layer->dilation = dilation;
    layer->span = (m->config.kernel - 1) * dilation;
    layer->block = dilation >= 4 ? 4 : dilation >= 2 ? 2 : 1;
    layer->back = take_matrix(arena, dim, 2 * dim, dim, MAX_BLOCK_TILE, gate, n_taps * dim, 0);
    for (int64_t tap = 1; tap < n_taps - 1; ++tap)
        take_matrix(arena, dim, 2 * dim, dim, MAX_BLOCK_TILE, gate, n_taps * dim, tap * dim);
    layer->now = take_matrix(arena, dim, 2 * dim, dim, MAX_TILE, gate, n_taps * dim, (n_taps - 1) * dim);
    layer->gate_bias = take_vector(arena, 2 * dim, dim, gate_bias);
    layer->mix = take_matrix(arena, dim, mixed + n_skip, mixed, MAX_TILE, mix, dim, 0);
    layer->mix_bias = take_vector(arena, mixed + n_skip, mixed, mix_bias);
    layer->ring = m->state_size;
    layer->ahead = layer->ring + layer->span * m->residual;
    m->state_size = layer->ahead + layer->block * 2 * m->residual;
    return mix_bias + mixed + n_skip;
}

/* Lays out a model and its state; given a base, also packs the weights. Returns the first one left over. */
static const float *lay_out(struct arena *arena, struct model *m, const int32_t *dilations,
                            const float *weights) {
    const saywave_wavenet_config *config = &m->config;
    const int64_t n_out = (int64_t)config->n_bands * m->n_params;
    const struct {
        int64_t *offset, size;
    } parts[] = {
        {&m->last, config->n_bands},
        {&m->x, m->residual + m->skip},
        {&m->z, m->residual},
        {&m->gate, 2 * m->residual},
        {&m->hidden, config->head_dim},
        {&m->params, n_out},
        {&m->exps, n_out},
        {&m->conditions, config->n_layers * 2 * m->residual},
    };
    m->state_size = PAD; /* the header */
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; ++i) {
        *parts[i].offset = m->state_size;
        m->state_size += PADDED(parts[i].size);
    }

    weights = take_front(arena, m, weights);
    for (int32_t i = 0; i < config->n_layers; ++i)
        weights = take_layer(arena, m, i, dilations[i], weights);
    const int64_t n_head = config->head_dim, n_skip = config->skip_dim;
    m->head = take_matrix(arena, n_skip, n_head, 0, MAX_TILE, weights, n_skip, 0);
    weights += n_head * n_skip;
    m->head_bias = take_vector(arena, n_head, 0, weights);
    weights += n_head;
    m->out = take_matrix(arena, n_head, n_out, 0, MAX_TILE, weights, n_head, 0);
    weights += n_out * n_head;
    m->out_bias = take_vector(arena, n_out, 0, weights);
    weights += n_out;

    m->zeros = take(arena, n_out > n_head ? n_out : n_head);
    float *levels = take(arena, N_CLASSES);
    for (int32_t i = 0; levels && i < N_CLASSES; ++i)
        levels[i] = mu_law_value(i);
    m->levels = levels;
    return weights;
}

static const char *refusal(const saywave_wavenet_config *config) {
    const int64_t most = 1 << 14;
    const int64_t sizes[] = {config->n_bands,      config->n_components, config->n_layers,
                             config->residual_dim, config->skip_dim,     config->head_dim};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i)
        if (sizes[i] < 1 || sizes[i] > most)
            return "every size must be from 1 to 16384";
    if (config->likelihood < SAYWAVE_MULAW || config->likelihood > SAYWAVE_GAUSSIAN)
        return "the likelihood is none that the kernel knows";
    if (config->kernel < 2 || config->kernel > most)
        return "the kernel must have from 2 to 16384 taps";
    for (int32_t i = 0; i < config->n_layers; ++i)
        if (config->dilations[i] < 1 || (int64_t)config->dilations[i] * config->kernel > 1 << 24)
            return "a dilation must be at least 1, and kernel * dilation at most 2^24";
    return NULL;
}

static void destroy(saywave_wavenet *model) {
    struct model *m = (struct model *)model;
    free(m->layers);
    free(m->arena);
    free(m);
}

extern const struct engine SYMBOL(SAYWAVE_ISA);

static const char *create(const saywave_wavenet_config *config, const float *weights, int64_t n_weights,
                          saywave_wavenet **model) {
    const char *reason = refusal(config);
    if (reason != NULL)
        return reason;
    const int32_t n_params[] = {N_CLASSES, 3 * config->n_components, 2};
    struct model *m = malloc(sizeof *m);
    if (m == NULL)
        return "out of memory";
    *m = (struct model){.base = {&SYMBOL(SAYWAVE_ISA)},
                        .config = *config,
                        .n_params = n_params[config->likelihood],
                        .n_uniforms = config->likelihood == SAYWAVE_MULAW ? 1 : 2,
                        .residual = PADDED(config->residual_dim),
                        .skip = PADDED(config->skip_dim)};
    m->config.dilations = NULL;
    m->layers = calloc((size_t)config->n_layers, sizeof *m->layers);
    struct arena arena = {NULL, 0};
    if (m->layers == NULL || lay_out(&arena, m, config->dilations, weights) - weights != n_weights)
        reason = m->layers == NULL ? "out of memory" : "the sizes call for another number of weights";
    else if ((m->arena = aligned_alloc(64, (size_t)arena.used * sizeof(float))) == NULL)
        reason = "out of memory";
    if (reason != NULL) {
        destroy(&m->base);
        return reason;
    }
    memset(m->arena, 0, (size_t)arena.used * sizeof(float));
    arena = (struct arena){m->arena, 0};
    lay_out(&arena, m, config->dilations, weights);
    *model = &m->base;
    return NULL;
}

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
    return NULL;
}

/* Makes a sample the next step's input: as it is, or as its class. */
static void feed(const struct model *m, float *state, int32_t band, float value) {
    (state + m->last)[band] = m->config.likelihood == SAYWAVE_MULAW ? mu_law_class(value) : value;
}

/* -- a step --------------------------------------------------------------------------------------------- */

static void embed(const struct model *m, const float *last, float *restrict x) {
    memcpy(x, m->front_bias, (size_t)m->residual * sizeof(float));
    for (int32_t band = 0; band < m->config.n_bands; ++band) {
        const bool mulaw = m->config.likelihood == SAYWAVE_MULAW;
        const int64_t row = mulaw ? (int64_t)band * N_CLASSES + (int64_t)last[band] : band;
        const float scale = mulaw ? 1.0f : last[band], *front = m->front + row * m->residual;
        for (int64_t i = 0; i < m->residual; ++i)
            x[i] += front[i] * scale;
    }
}

/* What the older taps give to the gates of steps t ... t + block - 1, while the ring ends at t - 1.
 * Input t goes to slot t % span, so the inputs that this reads are all there: t + block - 1 - d < t. */
static void look_back(const struct model *m, const struct layer *layer, const float *ring, int64_t t,
                      float *ahead) {
    const int32_t n_back = m->config.kernel - 1;
    struct matrix tap = layer->back;
    memset(ahead, 0, (size_t)(layer->block * 2 * m->residual) * sizeof(float));
    for (int32_t k = 0; k < n_back; ++k) {
        const float *inputs[MAX_COLUMNS];
        for (int32_t j = 0; j < layer->block; ++j)
            inputs[j] = ring + (t + j + (int64_t)k * layer->dilation) % layer->span * m->residual;
        block_product(&tap, layer->block, inputs, ahead, 2 * m->residual);
        tap.weights += (int64_t)tap.n_in * tap.n_vectors * LANES;
    }
}

static void relu(int64_t n, float *x) {
    for (int64_t i = 0; i < n; ++i)
        x[i] = x[i] < 0.0f ? 0.0f : x[i];
}

/* Leaves the params of step `t` in the state. The residual and the skip path are one vector, [x | skip]. */
static void step(const struct model *m, float *state, int64_t t) {
    float *x = state + m->x, *skip = x + m->residual, *gate = state + m->gate, *z = state + m->z;
    float *hidden = state + m->hidden;
    embed(m, state + m->last, x);
    memset(skip, 0, (size_t)m->skip * sizeof(float));
    for (int32_t i = 0; i < m->config.n_layers; ++i) {
        const struct layer *layer = &m->layers[i];
        const float *condition = state + m->conditions + i * 2 * m->residual;
        float *ring = state + layer->ring, *ahead = state + layer->ahead;
        const int64_t phase = t & (layer->block - 1);
        if (phase == 0)
            look_back(m, layer, ring, t, ahead);
        product(&layer->now, x, condition, ahead + phase * 2 * m->residual, gate);
        memcpy(ring + t % layer->span * m->residual, x, (size_t)m->residual * sizeof(float));
        gate_units(m->residual, gate, gate + m->residual, z);
        float *mixed = i + 1 < m->config.n_layers ? x : skip;
        product(&layer->mix, z, mixed, layer->mix_bias, mixed);
    }
    relu(m->skip, skip);
    product(&m->head, skip, m->head_bias, m->zeros, hidden);
    relu(PADDED(m->config.head_dim), hidden);
    product(&m->out, hidden, m->out_bias, m->zeros, state + m->params);
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

static const char *stream_refusal(const struct model *m, const struct header *header, int64_t n_steps,
                                  int64_t hold) {
    if ((uintptr_t)header % 64)
        return "a state must lie on a 64-byte boundary";
    if (header->size != state_size(&m->base))
        return "the state is that of another model";
    return n_steps < 0 || hold < 1 ? "n_steps must not be negative, hold must be positive" : NULL;
}

static const char *run(const saywave_wavenet *model, void *state, const float *conditions, int64_t n_steps,
                       int64_t hold, const float *uniforms, float temperature, float *out) {
    const struct model *m = (const struct model *)model;
    const int64_t n_bands = m->config.n_bands, row = 2 * (int64_t)m->config.residual_dim * m->config.n_layers;
    struct header *header = state;
    const char *reason = stream_refusal(m, header, n_steps, hold);
    for (int64_t i = 0; reason == NULL && i < n_steps; ++i, ++header->step) {
        if (i % hold == 0)
            take_condition(m, state, conditions + i / hold * row);
        step(m, state, header->step);
        draw(m, state, uniforms + i * n_bands * m->n_uniforms, temperature, out + i * n_bands);
    }
    return reason;
}

static const char *force(const saywave_wavenet *model, void *state, const float *conditions, int64_t n_steps,
                         int64_t hold, const float *forced, float *params) {
    const struct model *m = (const struct model *)model;
    const int64_t n_bands = m->config.n_bands, row = 2 * (int64_t)m->config.residual_dim * m->config.n_layers;
    const int64_t n_out = n_bands * m->n_params;
    struct header *header = state;
    const char *reason = stream_refusal(m, header, n_steps, hold);
    for (int64_t i = 0; reason == NULL && i < n_steps; ++i, ++header->step) {
        if (i % hold == 0)
            take_condition(m, state, conditions + i / hold * row);
        step(m, state, header->step);
        memcpy(params + i * n_out, (float *)state + m->params, (size_t)n_out * sizeof(float));
        for (int32_t band = 0; band < n_bands; ++band)
            feed(m, state, band, forced[i * n_bands + band]);
    }
    return reason;
}

const struct engine SYMBOL(SAYWAVE_ISA) = {create, destroy, state_size, state_init, run, force};
