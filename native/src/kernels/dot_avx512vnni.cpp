#include "kernels.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12's own header, GCC bug 105593
#pragma GCC diagnostic ignored "-Wuninitialized"        // the same
#endif
#include <immintrin.h>

#define TVCORE_INLINE inline __attribute__((always_inline))

namespace tvcore::kernels {
namespace {

// Element e (0 to 3) is the sum over the four lanes of u's element e; element 4 + e the same for v.
TVCORE_INLINE __m256i sum_lanes(__m512i u, __m512i v) {
  const __m512i pairs =
      _mm512_add_epi32(_mm512_shuffle_i32x4(u, v, 0x44), _mm512_shuffle_i32x4(u, v, 0xee));
  return _mm512_castsi512_si256(_mm512_add_epi32(_mm512_shuffle_i32x4(pairs, pairs, 0x88),
                                                 _mm512_shuffle_i32x4(pairs, pairs, 0xdd)));
}

// In each lane, the lane's sums of a, b, c and d.
TVCORE_INLINE __m512i sum_within_lanes(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

// How far ahead rows are asked for: with one query a scan waits for memory, most of all between two blocks. Past the
// last row nothing is read; asking for an address does no harm.
constexpr std::size_t kAhead = 6144;

// R rows a step with Q queries: R * Q accumulators in registers. dpbusd takes unsigned times signed
// bytes: flipping a row's top bits adds 128 to each of its bytes, which adds 128 * (sum of the
// query) to the dot, taken off at the end.
template <int Q, int R, class Rows>
TVCORE_INLINE void dot_step(const PreparedQueries& queries, const Rows& rows, std::size_t first,
                            std::size_t last, std::int32_t* dots) {
  static_assert(R == 4 || R == 8);
  const __m512i flip = _mm512_set1_epi8(-128);
  const std::int8_t* row[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    const std::size_t i = first + static_cast<std::size_t>(r);
    row[r] = rows[i < last ? i : last];
  }
  __m512i sum[Q][R];
#pragma GCC unroll 8
  for (int q = 0; q < Q; ++q) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) sum[q][r] = _mm512_setzero_si512();
  }
  for (std::size_t d = 0; d < queries.length; d += 64) {
    __m512i query[Q];
#pragma GCC unroll 8
    for (int q = 0; q < Q; ++q) query[q] = _mm512_load_si512(queries.bytes[q] + d);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      if constexpr (Q == 1 && Rows::kInOrder) {
        _mm_prefetch(reinterpret_cast<const char*>(row[r] + d + kAhead), _MM_HINT_T0);
      }
      const __m512i bytes = _mm512_xor_si512(_mm512_load_si512(row[r] + d), flip);
#pragma GCC unroll 8
      for (int q = 0; q < Q; ++q) sum[q][r] = _mm512_dpbusd_epi32(sum[q][r], bytes, query[q]);
    }
  }
#pragma GCC unroll 8
  for (int q = 0; q < Q; ++q) {
    std::int32_t* const out = dots + static_cast<std::size_t>(q) * kBlockRows + first;
    const __m512i low = sum_within_lanes(sum[q][0], sum[q][1], sum[q][2], sum[q][3]);
    if constexpr (R == 4) {
      const __m256i half =
          _mm256_add_epi32(_mm512_castsi512_si256(low), _mm512_extracti64x4_epi64(low, 1));
      const __m128i total =
          _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                       _mm_sub_epi32(total, _mm_set1_epi32(queries.offset[q])));
    } else {
      const __m512i high = sum_within_lanes(sum[q][4], sum[q][5], sum[q][6], sum[q][7]);
      _mm256_storeu_si256(
          reinterpret_cast<__m256i*>(out),
          _mm256_sub_epi32(sum_lanes(low, high), _mm256_set1_epi32(queries.offset[q])));
    }
  }
}

template <int Q, int R, class Rows>
void dot_block(const PreparedQueries& queries, const Rows& rows, std::size_t count,
               std::int32_t* dots) {
  for (std::size_t i = 0; i < count; i += R) dot_step<Q, R>(queries, rows, i, count - 1, dots);
}

template <class Rows>
void dot_rows(const PreparedQueries& queries, const Rows& rows, std::size_t count,
              std::int32_t* dots) {
  switch (queries.count) {
    case 1:
      return dot_block<1, 8>(queries, rows, count, dots);
    case 2:
      return dot_block<2, 8>(queries, rows, count, dots);
    case 3:
      return dot_block<3, 4>(queries, rows, count, dots);
    default:
      return dot_block<4, 4>(queries, rows, count, dots);
  }
}

void dot(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
         const std::uint8_t* pick, std::size_t count, std::int32_t* dots) {
  if (count == 0) return;
  if (pick == nullptr) return dot_rows(queries, EveryRow{rows, stride}, count, dots);
  dot_rows(queries, PickedRow{rows, stride, pick}, count, dots);
}

void dot_at(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
            const std::uint32_t* at, std::size_t count, std::int32_t* dots) {
  if (count != 0) dot_rows(queries, RowAnywhere{rows, stride, at}, count, dots);
}

// As dot_step(), but what the flipped bits add is counted along the way: 128 times the sum of b.
std::int32_t pair(const std::int8_t* a, const std::int8_t* b, std::size_t dimension) {
  const __m512i flip = _mm512_set1_epi8(-128);
  const __m512i one = _mm512_set1_epi8(1);
  __m512i flipped = _mm512_setzero_si512(), sum = flipped;
  for (std::size_t d = 0; d < dimension; d += 64) {
    const __mmask64 there = dimension - d >= 64 ? ~__mmask64{0} : 0xffffffff;
    const __m512i left = _mm512_xor_si512(_mm512_maskz_loadu_epi8(there, a + d), flip);
    const __m512i right = _mm512_maskz_loadu_epi8(there, b + d);
    flipped = _mm512_dpbusd_epi32(flipped, left, right);
    sum = _mm512_dpbusd_epi32(sum, one, right);
  }
  return _mm512_reduce_add_epi32(_mm512_sub_epi32(flipped, _mm512_slli_epi32(sum, 7)));
}

// The low 32 bits of (a * b) >> shift for all sixteen.
template <int shift>
TVCORE_INLINE __m512i multiply_shift(__m512i a, __m512i b) {
  const __m512i even = _mm512_srli_epi64(_mm512_mul_epi32(a, b), shift);
  const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32));
  return _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32 - shift));
}

void combine(const QueryScales& queries, const std::int32_t* dots, const std::uint32_t* scale_q30,
             const std::int32_t* bias_q20, std::size_t count, std::int32_t* out) {
  for (std::size_t i = 0; i < count; i += 16) {
    const auto lanes = static_cast<__mmask16>(count - i >= 16 ? 0xffffu : (1u << (count - i)) - 1u);
    const __m512i scale = _mm512_maskz_loadu_epi32(lanes, scale_q30 + i);
    __m512i best = _mm512_set1_epi32(INT32_MIN);
    for (std::size_t q = 0; q < queries.count; ++q) {
      const __m512i first =
          multiply_shift<18>(_mm512_loadu_si512(dots + q * kBlockRows + i), scale);
      const __m512i sim = multiply_shift<22>(
          first, _mm512_set1_epi32(static_cast<std::int32_t>(queries.scale_q30[q])));
      best = _mm512_max_epi32(best, _mm512_add_epi32(sim, _mm512_set1_epi32(queries.bias_q20[q])));
    }
    const __m512i bias = _mm512_maskz_loadu_epi32(lanes, bias_q20 + i);
    _mm512_mask_storeu_epi32(out + i, lanes, _mm512_add_epi32(best, bias));
  }
}

std::uint64_t at_least(const std::int32_t* scores, std::size_t count, std::int32_t threshold) {
  const __m512i limit = _mm512_set1_epi32(threshold);
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < count; i += 16) {
    const auto lanes = static_cast<__mmask16>(count - i >= 16 ? 0xffffu : (1u << (count - i)) - 1u);
    const __m512i values = _mm512_maskz_loadu_epi32(lanes, scores + i);
    mask |= static_cast<std::uint64_t>(_mm512_mask_cmpge_epi32_mask(lanes, values, limit)) << i;
  }
  return mask;
}

}  // namespace

const Kernel kAvx512Vnni{"avx512vnni", dot, dot_at, pair, combine, at_least};

}  // namespace tvcore::kernels
