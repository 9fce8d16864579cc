/* A vector of outputs, and what one instruction set does with it: the only file that knows intrinsics.
 *
 * A vector of weights has 32 bits for each output, whatever the precision: one float32, a pair of bfloat16 for
 * two inputs, or a quad of int8 for four. The inputs that meet it are a word, broadcast to all lanes.
 */
#ifndef SAYWAVE_VECTOR_H
#define SAYWAVE_VECTOR_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX2__)
#define LANES 8
#else
#define LANES 4
#endif
#define VECTOR_BYTES (4 * LANES)

/* Every width is padded to this, on every instruction set. */
#define PAD 16
#define PADDED(n) (((int64_t)(n) + PAD - 1) / PAD * PAD)

#define INLINE static inline __attribute__((always_inline))
/* Accumulators are arrays; only in loops that are unrolled do they become registers. */
#define UNROLL _Pragma("GCC unroll 8")

typedef float vec __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef int32_t ivec __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef uint32_t uvec __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef int8_t bytes __attribute__((vector_size(LANES), may_alias));
typedef uint16_t halves __attribute__((vector_size(2 * LANES), may_alias));

INLINE vec load(const float *from) {
    return *(const vec *)from;
}

INLINE void store(float *to, vec value) {
    *(vec *)to = value;
}

INLINE vec splat(float value) {
    return (vec){0} + value;
}

INLINE vec maximum(vec a, vec b) {
#if defined(__AVX512F__)
    return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
    return (vec)_mm_max_ps((__m128)a, (__m128)b);
#else
    const ivec larger = a > b;
    return (vec)(((ivec)a & larger) | ((ivec)b & ~larger));
#endif
}

INLINE vec minimum(vec a, vec b) {
#if defined(__AVX512F__)
    return (vec)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (vec)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
    return (vec)_mm_min_ps((__m128)a, (__m128)b);
#else
    const ivec smaller = a < b;
    return (vec)(((ivec)a & smaller) | ((ivec)b & ~smaller));
#endif
}

INLINE vec magnitude(vec a) {
    return (vec)((ivec)a & 0x7fffffff);
}

/* The largest lane. */
INLINE float largest(vec a) {
#if defined(__AVX512F__)
    return _mm512_reduce_max_ps((__m512)a);
#elif defined(__SSE2__)
#if defined(__AVX2__)
    __m128 half = _mm_max_ps(_mm256_castps256_ps128((__m256)a), _mm256_extractf128_ps((__m256)a, 1));
#else
    __m128 half = (__m128)a;
#endif
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_shuffle_ps(half, half, 1)));
#else
    float top = a[0];
    for (int i = 1; i < LANES; ++i)
        top = a[i] > top ? a[i] : top;
    return top;
#endif
}

/* -- bfloat16: the upper half of a float32, rounded to the nearest, ties to even ---------------------------- */

INLINE uvec rounded_bf16(uvec bits) {
    return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

INLINE void store_bf16(uint16_t *to, vec value) {
    const halves narrow = __builtin_convertvector(rounded_bf16((uvec)value), halves);
    memcpy(to, &narrow, sizeof narrow);
}

struct pair {
#if defined(__AVX512BF16__)
    __m512bh both;
#else
    vec first, second;
#endif
};

INLINE struct pair broadcast_pair(const void *x) {
    uint32_t word;
    memcpy(&word, x, sizeof word);
#if defined(__AVX512BF16__)
    return (struct pair){(__m512bh)_mm512_set1_epi32((int32_t)word)};
#else
    const uvec words = (uvec){0} + word;
    return (struct pair){(vec)(words << 16), (vec)(words & 0xffff0000u)};
#endif
}

INLINE vec add_pair_product(vec sum, uvec weights, struct pair x) {
#if defined(__AVX512BF16__)
    return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)weights, x.both);
#else
    sum += (vec)(weights << 16) * x.first;
    return sum + (vec)(weights & 0xffff0000u) * x.second;
#endif
}

/* -- int8: from -127 to 127 --------------------------------------------------------------------------------- */

/* VNNI multiplies unsigned by signed bytes, so that its inputs are stored with 128 added to them, which the sum
 * starts with being taken off. */
#if defined(__AVX512VNNI__)
#define OFFSET 128
#else
#define OFFSET 0
#endif

/* Added to a float below 2^22 it leaves the nearest whole number, ties to even, in the last bits. */
#define ROUNDING 12582912.0f /* 1.5 * 2^23 */

/* Stores value * inverse, rounded. */
INLINE void store_int8(int8_t *to, vec value, float inverse) {
    const ivec bits = (ivec)(value * inverse + ROUNDING);
    const bytes narrow = __builtin_convertvector(bits ^ OFFSET, bytes);
    memcpy(to, &narrow, sizeof narrow);
}

struct quad {
    ivec values;
#if !defined(__AVX512VNNI__)
    ivec other; /* AVX2: the magnitudes, beside masks of the signs; SSE2: the odd ones, beside the even ones */
#endif
};

INLINE struct quad broadcast_quad(const void *x) {
    int32_t word;
    memcpy(&word, x, sizeof word);
    const ivec words = (ivec){0} + word;
#if defined(__AVX512VNNI__)
    return (struct quad){words};
#elif defined(__AVX2__)
    return (struct quad){(ivec)_mm256_cmpgt_epi8(_mm256_setzero_si256(), (__m256i)words),
                         (ivec)_mm256_abs_epi8((__m256i)words)};
#elif defined(__SSE2__)
    return (struct quad){(ivec)_mm_srai_epi16(_mm_slli_epi16((__m128i)words, 8), 8),
                         (ivec)_mm_srai_epi16((__m128i)words, 8)};
#else
    return (struct quad){words, words};
#endif
}

/* AVX2 also multiplies unsigned by signed, and adds pairs to 16 bits, where a byte of 255 would saturate. So it
 * takes the magnitudes of the inputs, and of the weights that meet a negative one the complement, -w - 1: pairs
 * reach -2 * 127 * 128 at most. What the 1 takes from the sum is the same for all outputs: `rest_of` gives it back. */
INLINE ivec add_quad_product(ivec sum, ivec weights, struct quad x) {
#if defined(__AVX512VNNI__)
    return (ivec)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)x.values, (__m512i)weights);
#elif defined(__AVX2__)
    const __m256i turned = _mm256_xor_si256((__m256i)weights, (__m256i)x.values);
    const __m256i pairs = _mm256_maddubs_epi16((__m256i)x.other, turned);
    return sum + (ivec)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
#elif defined(__SSE2__)
    const __m128i even = _mm_srai_epi16(_mm_slli_epi16((__m128i)weights, 8), 8);
    const __m128i odd = _mm_srai_epi16((__m128i)weights, 8);
    sum += (ivec)_mm_madd_epi16(even, (__m128i)x.values);
    return sum + (ivec)_mm_madd_epi16(odd, (__m128i)x.other);
#elif defined(__ARM_FEATURE_DOTPROD)
    return (ivec)vdotq_s32((int32x4_t)sum, (int8x16_t)weights, (int8x16_t)x.values);
#else
    UNROLL
    for (int j = 0; j < 4; ++j) /* on machines whose first byte is the lowest */
        sum += ((weights << (24 - 8 * j)) >> 24) * ((x.values << (24 - 8 * j)) >> 24);
    return sum;
#endif
}

/* What is to be added to all sums of `n` inputs, a multiple of 16. */
INLINE int32_t rest_of(const void *x, int64_t n) {
#if defined(__AVX2__) && !defined(__AVX512VNNI__)
    __m128i sums = _mm_setzero_si128();
    for (int64_t i = 0; i < n; i += 16) {
        const __m128i values = _mm_loadu_si128((const __m128i *)((const char *)x + i));
        const __m128i negative = _mm_abs_epi8(_mm_min_epi8(values, _mm_setzero_si128()));
        sums = _mm_add_epi64(sums, _mm_sad_epu8(negative, _mm_setzero_si128()));
    }
    return _mm_cvtsi128_si32(sums) + _mm_extract_epi32(sums, 2);
#else
    (void)x, (void)n;
    return 0;
#endif
}

#endif
