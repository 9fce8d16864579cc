/* affine.h for one instruction set: see SAYWAVE_ISA in CMakeLists.txt. */
#include "engine.h"

#include <stdlib.h>

#pragma GCC diagnostic ignored "-Wunused-function" /* float32 is all that is used of it here */
#include "matrix.h"

struct affine {
    struct saywave_affine base;
    struct matrix matrix;
    int64_t n_in, n_out;
    const float *bias, *zeros; /* padded */
    void *memory;
};

#define SYMBOL_OF(isa) saywave_affine_engine_##isa
#define SYMBOL(isa) SYMBOL_OF(isa)

static const char NO_MEMORY[] = "there is no memory for it";

static void lay_out(struct arena *arena, struct affine *p, const struct block *block) {
    const int64_t n_bytes = PADDED(p->n_out) * (int64_t)sizeof(float);
    p->matrix = take_block(arena, SAYWAVE_FLOAT32, block);
    p->bias = take(arena, n_bytes);
    p->zeros = take(arena, n_bytes);
}

static const char *create_for(const struct affine_engine *engine, int64_t n_in, int64_t n_out,
                              const float *weight, const float *bias, saywave_affine **affine) {
    if (n_in < 1 || n_out < 1 || n_in > 1 << 20 || n_out > 1 << 20)
        return "a matrix must have from 1 to 1,048,576 rows and columns";
    struct affine *p = malloc(sizeof *p);
    if (p == NULL)
        return NO_MEMORY;
    *p = (struct affine){.base.engine = engine, .n_in = n_in, .n_out = n_out};
    const struct block block = {.weights = weight, .stride = n_in, .n_in = n_in, .n_out = n_out, .half = n_out};
    struct arena arena = {0};
    lay_out(&arena, p, &block);
    p->memory = aligned_alloc(64, (size_t)arena.used);
    if (p->memory == NULL) {
        free(p);
        return NO_MEMORY;
    }
    memset(p->memory, 0, (size_t)arena.used);
    arena = (struct arena){.base = p->memory};
    lay_out(&arena, p, &block);
    memcpy((float *)p->bias, bias, (size_t)n_out * sizeof(float));
    *affine = &p->base;
    return NULL;
}

static void destroy(saywave_affine *affine) {
    struct affine *p = (struct affine *)affine;
    free(p->memory);
    free(p);
}

static const char *apply(const saywave_affine *affine, int64_t n_rows, const float *x, float *y) {
    const struct affine *p = (const struct affine *)affine;
    const int64_t n_padded = PADDED(p->n_out);
    float *sums = aligned_alloc(64, (size_t)(MAX_COLUMNS * n_padded) * sizeof(float));
    if (sums == NULL)
        return NO_MEMORY;
    for (int64_t row = 0; row < n_rows;) {
        const int64_t left = n_rows - row;
        const int columns = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
        struct column column[MAX_COLUMNS];
        for (int c = 0; c < columns; ++c)
            column[c] = (struct column){
                .x = x + (row + c) * p->n_in, .a = p->bias, .b = p->zeros, .out = sums + c * n_padded};
        product(&p->matrix, columns, column);
        for (int c = 0; c < columns; ++c, ++row)
            memcpy(y + row * p->n_out, sums + c * n_padded, (size_t)p->n_out * sizeof(float));
    }
    free(sums);
    return NULL;
}

extern const struct affine_engine SYMBOL(SAYWAVE_ISA);

static const char *create(int64_t n_in, int64_t n_out, const float *weight, const float *bias,
                          saywave_affine **affine) {
    return create_for(&SYMBOL(SAYWAVE_ISA), n_in, n_out, weight, bias, affine);
}

const struct affine_engine SYMBOL(SAYWAVE_ISA) = {create, destroy, apply};
