/* The C ABI of affine maps, y = W x + b in float32: what networks compute once a frame, outside WaveNet's loop.
 *
 * It is one thread's work, and its bits depend on the instruction set alone: a BLAS may split it otherwise on
 * another number of cores, and keeps threads spinning. Every function that can fail returns NULL, or a static
 * English sentence that says why it refused.
 */
#ifndef SAYWAVE_AFFINE_H
#define SAYWAVE_AFFINE_H

#include "wavenet.h"

typedef struct saywave_affine saywave_affine;

/* Packs a matrix for one instruction set. Shape: weight (n_out, n_in) row-major, bias (n_out,). */
SAYWAVE_API const char *saywave_affine_create(const char *isa, int64_t n_in, int64_t n_out, const float *weight,
                                               const float *bias, saywave_affine **affine);
SAYWAVE_API void saywave_affine_destroy(saywave_affine *affine);

/* W x + b of each row, which is the same bits whatever rows are with it.
 *
 * Shape: x (n_rows, n_in) -> y (n_rows, n_out). */
SAYWAVE_API const char *saywave_affine_apply(const saywave_affine *affine, int64_t n_rows, const float *x,
                                              float *y);

#endif
