/* Matrices in three precisions, packed for products that read each weight once.
 *
 * Weights lie in tiles of some vectors of outputs, each tile as [group of inputs][output], so that
 *
 *     sums[tile] += weights[group][tile] * x[group]      for every group
 *
 * reads them in one stream, broadcasts the inputs, keeps a tile of sums in registers and adds nothing across
 * lanes. A group is one input in float32, two in bfloat16, four in int8; outputs are padded with zero weights to
 * whole vectors, inputs to whole groups.
 *
 * int8: a weight is q * scale, with a scale for each output (its largest magnitude is 127); an input is
 * q * scale, with one scale for all of them. Sums are exact.
 */
#ifndef SAYWAVE_MATRIX_H
#define SAYWAVE_MATRIX_H

#include <math.h>
#include <stddef.h>

#include "vector.h"
#include "wavenet.h"

/* Vectors of a tile: as many sums as registers allow. */
#define MAX_TILE 8

/* The scale of inputs that are known to lie in [-1, 1]. */
#define UNIT_SCALE (1.0f / 127.0f)

struct matrix {
    int32_t precision; /* enum saywave_precision */
    int32_t n_groups, n_vectors, tile;
    const char *weights;
    const float *scales;   /* of the outputs, for int8 */
    const int32_t *starts; /* of the sums, for int8 */
};

/* Hands out an arena of bytes on 64-byte boundaries, or, without a base, only counts what it would hand out. */
struct arena {
    char *base;
    int64_t used;
};

static void *take(struct arena *arena, int64_t n_bytes) {
    char *at = arena->base ? arena->base + arena->used : NULL;
    arena->used += (n_bytes + 63) / 64 * 64;
    return at;
}

static int32_t group_of(int32_t precision) {
    return precision == SAYWAVE_INT8 ? 4 : precision == SAYWAVE_BF16 ? 2 : 1;
}

/* Bytes of `n` inputs, with room for whole groups and whole vectors. */
static int64_t input_bytes(int32_t precision, int64_t n) {
    return PADDED(n) * 4 / group_of(precision);
}

/* -- packing ---------------------------------------------------------------------------------------------- */

/* Some columns of row-major weights; outputs from `half` on start on a vector of their own. */
struct block {
    const float *weights;
    int64_t stride; /* from row to row */
    int64_t n_in, n_out, half;
};

/* Where output `i` goes. */
static int64_t place(int64_t i, int64_t half) {
    return i < half ? i : PADDED(half) + i - half;
}

/* A matrix of n_in inputs and n_out outputs without its weights, in tiles of nearly equal width. */
static struct matrix take_matrix(struct arena *arena, int32_t precision, int64_t n_in, int64_t n_out) {
    const int64_t group = group_of(precision), n_groups = (n_in + group - 1) / group;
    const int64_t n_vectors = PADDED(n_out) / LANES, n_tiles = (n_vectors + MAX_TILE - 1) / MAX_TILE;
    struct matrix m = {.precision = precision,
                       .n_groups = (int32_t)n_groups,
                       .n_vectors = (int32_t)n_vectors,
                       .tile = (int32_t)((n_vectors + n_tiles - 1) / n_tiles)};
    m.weights = take(arena, n_groups * n_vectors * VECTOR_BYTES);
    if (precision == SAYWAVE_INT8) {
        m.scales = take(arena, n_vectors * VECTOR_BYTES);
        m.starts = take(arena, n_vectors * VECTOR_BYTES);
    }
    return m;
}

/* The word of the packed weights that holds the weight of `input` and `output`. */
static char *word_of(const struct matrix *m, int64_t input, int64_t output) {
    const int64_t vector = output / LANES, first = vector / m->tile * m->tile;
    const int64_t left = m->n_vectors - first, width = left < m->tile ? left : m->tile;
    const int64_t group = input / group_of(m->precision);
    const int64_t index = (first * m->n_groups + group * width + vector - first) * LANES + output % LANES;
    return (char *)m->weights + 4 * index;
}

/* The nearest bfloat16 of a float32. */
static uint16_t to_bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/* Packs one row as int8, the scale being that of all inputs of the output. */
static void pack_int8(const struct matrix *m, const float *row, int64_t n_in, int64_t first, int64_t output) {
    const float scale = m->scales[output];
    int32_t sum = 0;
    for (int64_t i = 0; i < n_in; ++i) {
        const int8_t q = (int8_t)(scale > 0.0f ? lrintf(row[i] / scale) : 0);
        ((int8_t *)word_of(m, first + i, output))[(first + i) % 4] = q;
        sum += q;
    }
    ((int32_t *)m->starts)[output] -= OFFSET * sum;
}

/* Packs a block as the inputs from `first` on. For int8 the scales are there already: `widen_scales`. */
static void pack(const struct matrix *m, const struct block *block, int64_t first) {
    for (int64_t o = 0; m->weights && o < block->n_out; ++o) {
        const float *row = block->weights + o * block->stride;
        const int64_t output = place(o, block->half);
        if (m->precision == SAYWAVE_INT8) {
            pack_int8(m, row, block->n_in, first, output);
            continue;
        }
        for (int64_t i = 0; i < block->n_in; ++i) {
            char *word = word_of(m, first + i, output);
            if (m->precision == SAYWAVE_BF16)
                ((uint16_t *)word)[(first + i) % 2] = to_bf16(row[i]);
            else
                *(float *)word = row[i];
        }
    }
}

/* Lets the scales of int8 reach to the largest weights of a block, too. */
static void widen_scales(const struct matrix *m, const struct block *block) {
    for (int64_t o = 0; m->scales && o < block->n_out; ++o) {
        float *scale = (float *)m->scales + place(o, block->half);
        for (int64_t i = 0; i < block->n_in; ++i) {
            const float needed = fabsf(block->weights[o * block->stride + i]) / 127.0f;
            *scale = needed > *scale ? needed : *scale;
        }
    }
}

/* A matrix of one block. */
static struct matrix take_block(struct arena *arena, int32_t precision, const struct block *block) {
    const int64_t n_out = place(block->n_out, block->half);
    const struct matrix m = take_matrix(arena, precision, block->n_in, n_out);
    widen_scales(&m, block);
    pack(&m, block, 0);
    return m;
}

/* -- inputs ------------------------------------------------------------------------------------------------- */

/* Stores `n` inputs, a multiple of PAD, at the scale that their largest fills; returns the scale. */
static float store_inputs(int32_t precision, int64_t n, const float *restrict x, void *restrict to) {
    if (precision == SAYWAVE_FLOAT32) {
        memcpy(to, x, (size_t)n * sizeof(float));
    } else if (precision == SAYWAVE_BF16) {
        for (int64_t i = 0; i < n; i += LANES)
            store_bf16((uint16_t *)to + i, load(x + i));
    } else {
        vec tops = magnitude(load(x));
        for (int64_t i = LANES; i < n; i += LANES)
            tops = maximum(tops, magnitude(load(x + i)));
        const float top = largest(tops), inverse = top > 1e-30f ? 127.0f / top : 0.0f;
        for (int64_t i = 0; i < n; i += LANES)
            store_int8((int8_t *)to + i, load(x + i), inverse);
        return top * UNIT_SCALE;
    }
    return 1.0f;
}

/* -- products ----------------------------------------------------------------------------------------------- */

/* One vector of inputs and what becomes of it: out = a + b + W x; `out` may be `a`. */
struct column {
    const void *x;
    float scale;
    const float *a, *b;
    float *out;
};

#define MAX_COLUMNS 8

/* Vectors of a tile that 1, 2, 4 or 8 columns take at a time, for their sums to fit into the registers. */
INLINE int piece_of(int columns) {
#if LANES == 16
    return columns <= 2 ? 8 : columns == 4 ? 4 : 2;
#else
    return 8 / columns;
#endif
}

/* The product of `n` vectors of outputs, from the vector `at` on, with `columns` columns; both are constants. */
INLINE void piece_product(const int32_t precision, const int n, const int columns, const struct matrix *m,
                          const char *weights, int64_t stride, const struct column *column, int64_t at) {
    vec sums[MAX_COLUMNS][MAX_TILE];
    ivec wholes[MAX_COLUMNS][MAX_TILE];
    const int64_t n_groups = m->n_groups;
    UNROLL
    for (int c = 0; c < columns; ++c) {
        UNROLL
        for (int i = 0; i < n; ++i) {
            const int64_t o = at + i * LANES;
            if (precision == SAYWAVE_INT8)
                wholes[c][i] = *(const ivec *)(m->starts + o);
            else
                sums[c][i] = load(column[c].a + o) + load(column[c].b + o);
        }
    }
    for (int64_t g = 0; g < n_groups; ++g, weights += stride) {
        UNROLL
        for (int c = 0; c < columns; ++c) {
            if (precision == SAYWAVE_FLOAT32) {
                const vec x = splat(((const float *)column[c].x)[g]);
                UNROLL
                for (int i = 0; i < n; ++i)
                    sums[c][i] += *(const vec *)(weights + i * VECTOR_BYTES) * x;
            } else if (precision == SAYWAVE_BF16) {
                const struct pair x = broadcast_pair((const char *)column[c].x + 4 * g);
                UNROLL
                for (int i = 0; i < n; ++i)
                    sums[c][i] =
                        add_pair_product(sums[c][i], *(const uvec *)(weights + i * VECTOR_BYTES), x);
            } else {
                const struct quad x = broadcast_quad((const char *)column[c].x + 4 * g);
                UNROLL
                for (int i = 0; i < n; ++i)
                    wholes[c][i] =
                        add_quad_product(wholes[c][i], *(const ivec *)(weights + i * VECTOR_BYTES), x);
            }
        }
    }
    UNROLL
    for (int c = 0; c < columns; ++c) {
        const int32_t rest = precision == SAYWAVE_INT8 ? rest_of(column[c].x, PADDED(4 * n_groups)) : 0;
        UNROLL
        for (int i = 0; i < n; ++i) {
            const int64_t o = at + i * LANES;
            if (precision == SAYWAVE_INT8)
                sums[c][i] = load(column[c].a + o) + load(column[c].b + o) +
                             load(m->scales + o) * column[c].scale * __builtin_convertvector(wholes[c][i] + rest, vec);
            store(column[c].out + o, sums[c][i]);
        }
    }
}

/* The cases that `piece_of` leaves. */
#define CASE(P, N, C) \
    case C * 16 + N: piece_product(P, N, C, m, weights, stride, column, at); break;
#define CASES_OF_2(P, C) CASE(P, 1, C) CASE(P, 2, C)
#define CASES_OF_4(P, C) CASES_OF_2(P, C) CASE(P, 3, C) CASE(P, 4, C)
#define CASES_OF_8(P, C) CASES_OF_4(P, C) CASE(P, 5, C) CASE(P, 6, C) CASE(P, 7, C) CASE(P, 8, C)
#if LANES == 16
#define CASES(P) CASES_OF_8(P, 1) CASES_OF_8(P, 2) CASES_OF_4(P, 4) CASES_OF_2(P, 8)
#else
#define CASES(P) CASES_OF_8(P, 1) CASES_OF_4(P, 2) CASES_OF_2(P, 4) CASE(P, 1, 8)
#endif

#define DEFINE_PIECE(NAME, P)                                                                            \
    static void NAME(const struct matrix *m, int columns, int n, const char *weights, int64_t stride,    \
                     const struct column *column, int64_t at) {                                          \
        switch (columns * 16 + n) { CASES(P) }                                                           \
    }
DEFINE_PIECE(piece_float32, SAYWAVE_FLOAT32)
DEFINE_PIECE(piece_bf16, SAYWAVE_BF16)
DEFINE_PIECE(piece_int8, SAYWAVE_INT8)

/* The products of 1, 2, 4 or 8 columns, which share each reading of a weight. However many there are, each is
 * summed in the same order. */
static void product(const struct matrix *m, int columns, const struct column *column) {
    const char *weights = m->weights;
    const int most = piece_of(columns);
    for (int32_t first = 0; first < m->n_vectors; first += m->tile) {
        const int32_t left = m->n_vectors - first, width = left < m->tile ? left : m->tile;
        int32_t piece = width;
        if (width > most) {
            const int32_t n_pieces = (width + most - 1) / most;
            piece = (width + n_pieces - 1) / n_pieces;
        }
        const int64_t stride = (int64_t)width * VECTOR_BYTES;
        for (int32_t i = 0; i < width; i += piece) {
            const int n = width - i < piece ? width - i : piece;
            const int64_t at = (int64_t)(first + i) * LANES;
            const char *from = weights + i * VECTOR_BYTES;
            if (m->precision == SAYWAVE_INT8)
                piece_int8(m, columns, n, from, stride, column, at);
            else if (m->precision == SAYWAVE_BF16)
                piece_bf16(m, columns, n, from, stride, column, at);
            else
                piece_float32(m, columns, n, from, stride, column, at);
        }
        weights += stride * m->n_groups;
    }
}

#endif
