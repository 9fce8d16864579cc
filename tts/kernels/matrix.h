/* Matrix times vector, for weights that are read once a product: the bandwidth of the cache is the limit.
 *
 * Weights are packed in tiles of `tile` vectors of outputs, each tile as [input][output], so that
 *
 *     out[tile] += weights[input][tile] * x[input]      for every input
 *
 * reads the weights in one stream, broadcasts the inputs, keeps a tile of outputs in registers and needs
 * no sum across lanes. Outputs are padded with zero weights to whole vectors.
 */
#ifndef SAYWAVE_MATRIX_H
#define SAYWAVE_MATRIX_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

/* Every width is padded to this, on every instruction set: a state is laid out alike on all of them. */
#define PAD 16
#define PADDED(n) (((int64_t)(n) + PAD - 1) / PAD * PAD)

/* Vectors of a tile: as many accumulators as registers allow, in a product and in a block of columns. */
#define MAX_TILE 8
#if LANES == 16
#define MAX_BLOCK_TILE 4
#else
#define MAX_BLOCK_TILE 2
#endif
#define MAX_COLUMNS 4

#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES), may_alias));

struct matrix {
    int32_t n_in, n_vectors, tile;
    const float *weights;
};

INLINE vec load(const float *from) {
    return *(const vec *)from;
}

INLINE void store(float *to, vec value) {
    *(vec *)to = value;
}

/* A matrix whose packed weights will lie at `weights`, with tiles of nearly equal width. */
static struct matrix matrix_layout(int64_t n_in, int64_t n_out, int max_tile, const float *weights) {
    int64_t n_vectors = PADDED(n_out) / LANES, n_tiles = (n_vectors + max_tile - 1) / max_tile;
    return (struct matrix){(int32_t)n_in, (int32_t)n_vectors,
                           (int32_t)((n_vectors + n_tiles - 1) / n_tiles), weights};
}

/* Where the weight of `input` and `output` lies in the packed weights. */
static int64_t matrix_index(const struct matrix *m, int64_t input, int64_t output) {
    int64_t vector = output / LANES, first = vector / m->tile * m->tile;
    int64_t left = m->n_vectors - first, width = left < m->tile ? left : m->tile;
    return (first * m->n_in + input * width + vector - first) * LANES + output % LANES;
}

/* One tile of `n` vectors (a constant): out = a + b + W x. */
INLINE void tile_product(const int n, int32_t n_in, const float *weights, const float *x,
                         const float *a, const float *b, float *out) {
    vec sum[MAX_TILE];
    for (int i = 0; i < n; ++i)
        sum[i] = load(a + i * LANES) + load(b + i * LANES);
    for (int32_t k = 0; k < n_in; ++k)
        for (int i = 0; i < n; ++i)
            sum[i] += load(weights + (k * n + i) * LANES) * x[k];
    for (int i = 0; i < n; ++i)
        store(out + i * LANES, sum[i]);
}

/* out = a + b + W x; `out` may be `a`. */
static void product(const struct matrix *m, const float *x, const float *a, const float *b, float *out) {
    const float *weights = m->weights;
    for (int32_t first = 0; first < m->n_vectors; first += m->tile) {
        int32_t left = m->n_vectors - first, n = left < m->tile ? left : m->tile;
        switch (n) {
#define CASE(N) case N: tile_product(N, m->n_in, weights, x, a, b, out); break;
            CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
#undef CASE
        }
        weights += (int64_t)n * m->n_in * LANES;
        a += n * LANES;
        b += n * LANES;
        out += n * LANES;
    }
}

/* One tile of `n` vectors and `columns` columns (both constants): out[c] += W x[c]. */
INLINE void tile_block_product(const int n, const int columns, int32_t n_in, const float *weights,
                               const float *const *x, float *out, int64_t stride) {
    vec sum[MAX_BLOCK_TILE][MAX_COLUMNS];
    for (int c = 0; c < columns; ++c)
        for (int i = 0; i < n; ++i)
            sum[i][c] = load(out + c * stride + i * LANES);
    for (int32_t k = 0; k < n_in; ++k)
        for (int i = 0; i < n; ++i)
            for (int c = 0; c < columns; ++c)
                sum[i][c] += load(weights + (k * n + i) * LANES) * x[c][k];
    for (int c = 0; c < columns; ++c)
        for (int i = 0; i < n; ++i)
            store(out + c * stride + i * LANES, sum[i][c]);
}

/* out[c * stride] += W x[c] for 1, 2 or 4 columns, each of which is summed in the same order. */
static void block_product(const struct matrix *m, int columns, const float *const *x, float *out,
                          int64_t stride) {
    const float *weights = m->weights;
    for (int32_t first = 0; first < m->n_vectors; first += m->tile) {
        int32_t left = m->n_vectors - first, n = left < m->tile ? left : m->tile;
        switch (n * 8 + columns) {
#define CASE(N, C) \
    case N * 8 + C: tile_block_product(N, C, m->n_in, weights, x, out, stride); break;
#define CASES(N) CASE(N, 1) CASE(N, 2) CASE(N, 4)
            CASES(1)
            CASES(2)
#if MAX_BLOCK_TILE == 4
            CASES(3)
            CASES(4)
#endif
#undef CASES
#undef CASE
        }
        weights += (int64_t)n * m->n_in * LANES;
        out += n * LANES;
    }
}

#endif
