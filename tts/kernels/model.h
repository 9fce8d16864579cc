/* A model as it lies in memory: one arena, in the order in which a step reads it, and the layout of a state. */
#ifndef SAYWAVE_MODEL_H
#define SAYWAVE_MODEL_H

#include <stdbool.h>
#include <stdlib.h>

#include "draw.h"
#include "engine.h"
#include "gate.h"
#include "matrix.h"

/* Offsets in a state and widths of vectors count floats, and are multiples of PAD. */
struct layer {
    int32_t dilation, span, block; /* span: slots of the ring, a power of two; block: steps that one look back serves, a power of two <= dilation */
    struct matrix now, residual;   /* the last layer has no residual */
    struct matrix *taps;           /* those that look back, kernel - 1, oldest first */
    const float *gate_bias, *residual_bias;
    int64_t ring, ring_scales, ahead;
};

struct model {
    struct saywave_wavenet base;
    saywave_wavenet_config config; /* but for the dilations, which the layers keep */
    int32_t n_params, n_uniforms;
    int64_t residual, skip; /* padded */
    struct layer *layers;
    struct matrix *taps;
    struct matrix skips, head, out;
    const float *front, *front_bias, *skip_bias, *head_bias, *out_bias, *zeros, *levels;
    int64_t last, x, gate, zs, sums, inputs, hidden, params, exps, conditions, state_size;
    char *arena;
};

/* The first PAD floats of a state. */
struct header {
    int64_t step;
    int64_t size; /* of the whole state: tells a state of another model */
    char reserved[48];
};

_Static_assert(sizeof(struct header) == PAD * sizeof(float), "floats follow on a vector boundary");

/* Where the weights of each part begin, in the order of wavenet.h. */
struct source {
    const float *front, *front_bias, *layers, *head, *head_bias, *out, *out_bias, *end;
};

static int64_t front_inputs(const saywave_wavenet_config *config) {
    return (int64_t)config->n_bands * (config->likelihood == SAYWAVE_MULAW ? N_CLASSES : 1);
}

static int32_t params_of(const saywave_wavenet_config *config) {
    const int32_t n_params[] = {N_CLASSES, 3 * config->n_components, 2};
    return n_params[config->likelihood];
}

static struct source source_of(const saywave_wavenet_config *config, const float *weights) {
    const int64_t dim = config->residual_dim, n_skip = config->skip_dim, n_head = config->head_dim;
    const int64_t n_out = (int64_t)config->n_bands * params_of(config);
    const int64_t layer = 2 * dim * config->kernel * dim + 2 * dim + (dim + n_skip) * (dim + 1);
    struct source s = {.front = weights};
    s.front_bias = s.front + dim * front_inputs(config);
    s.layers = s.front_bias + dim;
    s.head = s.layers + config->n_layers * layer - dim * (dim + 1); /* the last has no residual */
    s.head_bias = s.head + n_head * n_skip;
    s.out = s.head_bias + n_head;
    s.out_bias = s.out + n_out * n_head;
    s.end = s.out_bias + n_out;
    return s;
}

/* The weights of layer `i`: gate, its bias, mix, its bias. */
struct layer_source {
    const float *gate, *gate_bias, *mix, *mix_bias;
    int64_t n_mixed; /* outputs of the mix that are residual, before those that are skip */
};

static struct layer_source layer_source_of(const saywave_wavenet_config *config, const float *layers, int32_t i) {
    const int64_t dim = config->residual_dim, n_skip = config->skip_dim;
    const int64_t n_gate = 2 * dim * config->kernel * dim;
    struct layer_source s = {.n_mixed = i + 1 < config->n_layers ? dim : 0};
    s.gate = layers + i * (n_gate + 2 * dim + (dim + n_skip) * (dim + 1));
    s.gate_bias = s.gate + n_gate;
    s.mix = s.gate_bias + 2 * dim;
    s.mix_bias = s.mix + (s.n_mixed + n_skip) * dim;
    return s;
}

/* A tap of the gate: the columns of the weights that belong to it. */
static struct block tap_block(const struct model *m, const struct layer_source *source, int64_t tap) {
    const int64_t dim = m->config.residual_dim, row = dim * m->config.kernel;
    return (struct block){source->gate + tap * dim, row, dim, 2 * dim, dim};
}

/* Adds `values` to a vector of zeros. */
static void add_vector(const float *vector, int64_t n, int64_t half, const float *values) {
    for (int64_t i = 0; vector && i < n; ++i)
        ((float *)vector)[place(i, half)] += values[i];
}

static const float *take_vector(struct arena *arena, int64_t n, int64_t half, const float *values) {
    const float *vector = take(arena, PADDED(place(n, half)) * (int64_t)sizeof(float));
    add_vector(vector, n, half, values);
    return vector;
}

/* What a layer reads in every step, but for the skips. */
static void take_layer(struct arena *arena, struct model *m, int32_t i, const struct layer_source *source) {
    const int64_t dim = m->config.residual_dim;
    struct layer *layer = &m->layers[i];
    const struct block now = tap_block(m, source, m->config.kernel - 1);
    layer->now = take_block(arena, m->config.precision, &now);
    layer->gate_bias = take_vector(arena, 2 * dim, dim, source->gate_bias);
    if (source->n_mixed == 0)
        return;
    const struct block residual = {source->mix, dim, dim, dim, 0};
    layer->residual = take_block(arena, m->config.precision, &residual);
    layer->residual_bias = take_vector(arena, dim, 0, source->mix_bias);
}

/* The skips of all layers as one matrix, whose inputs are the gated activations of the layers in turn. */
static void take_skips(struct arena *arena, struct model *m, const float *layers) {
    const int64_t dim = m->config.residual_dim, n_skip = m->config.skip_dim;
    m->skips = take_matrix(arena, m->config.precision, m->config.n_layers * m->residual, n_skip);
    m->skip_bias = take(arena, m->skip * (int64_t)sizeof(float));
    for (int pass = 0; pass < 2; ++pass)
        for (int32_t i = 0; i < m->config.n_layers; ++i) {
            const struct layer_source source = layer_source_of(&m->config, layers, i);
            const struct block skip = {source.mix + source.n_mixed * dim, dim, dim, n_skip, 0};
            if (pass == 0)
                widen_scales(&m->skips, &skip);
            else
                pack(&m->skips, &skip, i * m->residual);
            if (pass == 0)
                add_vector(m->skip_bias, n_skip, 0, source.mix_bias + source.n_mixed);
        }
}

/* The front as rows, one for each input, in float32: a step reads a few of them only. */
static void take_front(struct arena *arena, struct model *m, const struct source *source) {
    const int64_t dim = m->config.residual_dim, n_in = front_inputs(&m->config);
    float *front = take(arena, n_in * m->residual * (int64_t)sizeof(float));
    for (int64_t row = 0; front && row < n_in; ++row)
        for (int64_t i = 0; i < dim; ++i)
            front[row * m->residual + i] = source->front[i * n_in + row];
    m->front = front;
    m->front_bias = take_vector(arena, dim, 0, source->front_bias);
}

/* Lays out the weights; given a base, which holds zeros, also packs them. */
static void lay_out_weights(struct arena *arena, struct model *m, const float *weights) {
    const saywave_wavenet_config *config = &m->config;
    const struct source source = source_of(config, weights);
    const int64_t n_head = config->head_dim, n_skip = config->skip_dim;
    const int64_t n_out = (int64_t)config->n_bands * m->n_params;
    for (int32_t i = 0; i < config->n_layers; ++i) {
        const struct layer_source layer = layer_source_of(config, source.layers, i);
        take_layer(arena, m, i, &layer);
    }
    take_skips(arena, m, source.layers);
    const struct block head = {source.head, n_skip, n_skip, n_head, 0};
    m->head = take_block(arena, config->precision, &head);
    m->head_bias = take_vector(arena, n_head, 0, source.head_bias);
    /* Means and scales of a density want more than 8 bits: int8 costs four times as much likelihood here as in
     * any other matrix of its size (bench/precision.py). Classes only weigh. */
    const bool is_density = config->likelihood != SAYWAVE_MULAW;
    const struct block out = {source.out, n_head, n_head, n_out, 0};
    m->out = take_block(
        arena, config->precision == SAYWAVE_INT8 && is_density ? SAYWAVE_BF16 : config->precision, &out);
    m->out_bias = take_vector(arena, n_out, 0, source.out_bias);
    for (int32_t i = 0; i < config->n_layers; ++i) {
        const struct layer_source layer = layer_source_of(config, source.layers, i);
        for (int32_t tap = 0; tap + 1 < config->kernel; ++tap) {
            const struct block block = tap_block(m, &layer, tap);
            m->layers[i].taps[tap] = take_block(arena, config->precision, &block);
        }
    }
    take_front(arena, m, &source);
    const int32_t n_vectors[] = {m->layers[0].now.n_vectors, m->skips.n_vectors, m->head.n_vectors,
                                 m->out.n_vectors};
    int32_t most = 0;
    for (size_t i = 0; i < sizeof n_vectors / sizeof n_vectors[0]; ++i)
        most = n_vectors[i] > most ? n_vectors[i] : most;
    m->zeros = take(arena, (int64_t)most * VECTOR_BYTES);
    float *levels = take(arena, N_CLASSES * (int64_t)sizeof(float));
    for (int32_t i = 0; levels && i < N_CLASSES; ++i)
        levels[i] = mu_law_value(i);
    m->levels = levels;
}

/* Lays out a state. */
static void lay_out_state(struct model *m) {
    const saywave_wavenet_config *config = &m->config;
    const int32_t precision = config->precision;
    const int64_t n_out = (int64_t)config->n_bands * m->n_params, n_head = config->head_dim;
    const int64_t slot = input_bytes(precision, m->residual) / (int64_t)sizeof(float);
    const struct {
        int64_t *offset, size;
    } parts[] = {
        {&m->last, config->n_bands},
        {&m->x, m->residual},
        {&m->gate, 2 * m->residual},
        {&m->zs, config->n_layers * slot},
        {&m->sums, m->skip},
        {&m->inputs, m->skip > n_head ? m->skip : n_head},
        {&m->hidden, n_head},
        {&m->params, n_out},
        {&m->exps, n_out},
        {&m->conditions, config->n_layers * 2 * m->residual},
    };
    m->state_size = PAD; /* the header */
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; ++i) {
        *parts[i].offset = m->state_size;
        m->state_size += PADDED(parts[i].size);
    }
    for (int32_t i = 0; i < config->n_layers; ++i) {
        struct layer *layer = &m->layers[i];
        layer->ring = m->state_size;
        layer->ring_scales = layer->ring + PADDED(layer->span * slot);
        layer->ahead = layer->ring_scales + (precision == SAYWAVE_INT8 ? PADDED(layer->span) : 0);
        m->state_size = layer->ahead + layer->block * 2 * m->residual;
    }
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
    if (config->precision < SAYWAVE_FLOAT32 || config->precision > SAYWAVE_INT8)
        return "the precision is none that the kernel knows";
    if (config->kernel < 2 || config->kernel > most)
        return "the kernel must have from 2 to 16384 taps";
    /* An exact sum of int8 products stays below 2^31 for so many inputs. */
    if (config->precision == SAYWAVE_INT8 && (int64_t)config->n_layers * PADDED(config->residual_dim) > 1 << 16)
        return "int8 takes at most 65536 for n_layers * residual_dim";
    for (int32_t i = 0; i < config->n_layers; ++i)
        if (config->dilations[i] < 1 || (int64_t)config->dilations[i] * config->kernel > 1 << 24)
            return "a dilation must be at least 1, and kernel * dilation at most 2^24";
    return NULL;
}

static void destroy(saywave_wavenet *model) {
    struct model *m = (struct model *)model;
    free(m->layers);
    free(m->taps);
    free(m->arena);
    free(m);
}

/* Room for the parts of a model whose weights are still to be laid out; NULL without memory. */
static struct model *model_of(const saywave_wavenet_config *config, const struct engine *engine) {
    const size_t n_layers = (size_t)config->n_layers, n_taps = (size_t)config->kernel - 1;
    struct model *m = malloc(sizeof *m);
    if (m == NULL)
        return NULL;
    *m = (struct model){.base = {engine},
                        .config = *config,
                        .n_params = params_of(config),
                        .n_uniforms = config->likelihood == SAYWAVE_MULAW ? 1 : 2,
                        .residual = PADDED(config->residual_dim),
                        .skip = PADDED(config->skip_dim),
                        .layers = calloc(n_layers, sizeof(struct layer)),
                        .taps = calloc(n_layers * n_taps, sizeof(struct matrix))};
    m->config.dilations = NULL;
    if (m->layers == NULL || m->taps == NULL) {
        destroy(&m->base);
        return NULL;
    }
    for (size_t i = 0; i < n_layers; ++i) {
        const int32_t dilation = config->dilations[i];
        m->layers[i].dilation = dilation;
        m->layers[i].span = 1;
        while (m->layers[i].span < (config->kernel - 1) * dilation)
            m->layers[i].span *= 2;
        m->layers[i].block = dilation >= 4 ? 4 : dilation >= 2 ? 2 : 1;
        m->layers[i].taps = m->taps + i * n_taps;
    }
    return m;
}

static const char *create_for(const struct engine *engine, const saywave_wavenet_config *config,
                              const float *weights, int64_t n_weights, saywave_wavenet **model) {
    const char *reason = refusal(config);
    if (reason != NULL)
        return reason;
    if (source_of(config, weights).end - weights != n_weights)
        return "the sizes call for another number of weights";
    struct model *m = model_of(config, engine);
    if (m == NULL)
        return "out of memory";
    lay_out_state(m);
    struct arena arena = {NULL, 0};
    lay_out_weights(&arena, m, weights);
    m->arena = aligned_alloc(64, (size_t)arena.used);
    if (m->arena == NULL) {
        destroy(&m->base);
        return "out of memory";
    }
    memset(m->arena, 0, (size_t)arena.used);
    arena = (struct arena){m->arena, 0};
    lay_out_weights(&arena, m, weights);
    *model = &m->base;
    return NULL;
}

#endif
