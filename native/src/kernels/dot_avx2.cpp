#include "kernels.hpp"

#include <immintrin.h>

#define TVCORE_INLINE inline __attribute__((always_inline))

namespace tvcore::kernels {
namespace {

// How far ahead rows are asked for, as in dot_avx512vnni.cpp.
constexpr std::size_t kAhead = 6144;

// Products of 32 bytes of a row and of a query, summed by fours. pmaddubsw takes unsigned times signed bytes and adds
// pairs in 16 bits: the row's sign goes over to the query, whose bytes are at least -127, so a pair is at most
// 2 * 128 * 127 = 32512.
TVCORE_INLINE __m256i by_fours(const std::int8_t* row, const std::int8_t* query) {
  const __m256i bytes = _mm256_load_si256(reinterpret_cast<const __m256i*>(row));
  const __m256i other = _mm256_load_si256(reinterpret_cast<const __m256i*>(query));
  const __m256i pairs =
      _mm256_maddubs_epi16(_mm256_abs_epi8(bytes), _mm256_sign_epi8(other, bytes));
  return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

// The same for any query: bytes are widened to 16 bits first.
TVCORE_INLINE __m256i widened(const std::int8_t* row, const std::int16_t* query) {
  const auto half = [row, query](std::size_t at) {
    return _mm256_madd_epi16(
        _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(row + at))),
        _mm256_load_si256(reinterpret_cast<const __m256i*>(query + at)));
  };
  return _mm256_add_epi32(half(0), half(16));
}

// R rows a step with Q queries.
template <int Q, int R, bool kAny, class Rows>
TVCORE_INLINE void dot_step(const PreparedQueries& queries, const Rows& rows, std::size_t first,
                            std::size_t last, std::int32_t* dots) {
  static_assert(R == 2 || R == 4 || R == 8);
  const std::int8_t* row[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    const std::size_t i = first + static_cast<std::size_t>(r);
    row[r] = rows[i < last ? i : last];
  }
  __m256i sum[Q][R];
#pragma GCC unroll 8
  for (int q = 0; q < Q; ++q) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) sum[q][r] = _mm256_setzero_si256();
  }
  for (std::size_t d = 0; d < queries.length; d += 32) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      if constexpr (Q == 1 && Rows::kInOrder) {
        _mm_prefetch(reinterpret_cast<const char*>(row[r] + d + kAhead), _MM_HINT_T0);
      }
#pragma GCC unroll 8
      for (int q = 0; q < Q; ++q) {
        sum[q][r] = _mm256_add_epi32(sum[q][r], kAny ? widened(row[r] + d, queries.words[q] + d)
                                                     : by_fours(row[r] + d, queries.bytes[q] + d));
      }
    }
  }
#pragma GCC unroll 8
  for (int q = 0; q < Q; ++q) {
    std::int32_t* const out = dots + static_cast<std::size_t>(q) * kBlockRows + first;
    if constexpr (R == 2) {
      const __m256i pairs = _mm256_hadd_epi32(sum[q][0], sum[q][1]);
      const __m256i two = _mm256_hadd_epi32(pairs, pairs);
      _mm_storel_epi64(
          reinterpret_cast<__m128i*>(out),
          _mm_add_epi32(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1)));
    } else {
#pragma GCC unroll 8
      for (int g = 0; g < R; g += 4) {
        const __m256i four = _mm256_hadd_epi32(_mm256_hadd_epi32(sum[q][g], sum[q][g + 1]),
                                               _mm256_hadd_epi32(sum[q][g + 2], sum[q][g + 3]));
        _mm_storeu_si128(
            reinterpret_cast<__m128i*>(out + g),
            _mm_add_epi32(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1)));
      }
    }
  }
}

template <int Q, int R, bool kAny, class Rows>
void dot_block(const PreparedQueries& queries, const Rows& rows, std::size_t count,
               std::int32_t* dots) {
  for (std::size_t i = 0; i < count; i += R) {
    dot_step<Q, R, kAny>(queries, rows, i, count - 1, dots);
  }
}

template <bool kAny, class Rows>
void dot_rows_of(const PreparedQueries& queries, const Rows& rows, std::size_t count,
                 std::int32_t* dots) {
  switch (queries.count) {
    case 1:
      return dot_block<1, 8, kAny>(queries, rows, count, dots);
    case 2:
      return dot_block<2, 4, kAny>(queries, rows, count, dots);
    case 3:
      return dot_block<3, 2, kAny>(queries, rows, count, dots);
    default:
      return dot_block<4, 2, kAny>(queries, rows, count, dots);
  }
}

template <class Rows>
void dot_rows(const PreparedQueries& queries, const Rows& rows, std::size_t count,
              std::int32_t* dots) {
  if (queries.has_minimum) return dot_rows_of<true>(queries, rows, count, dots);
  dot_rows_of<false>(queries, rows, count, dots);
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

std::int32_t pair(const std::int8_t* a, const std::int8_t* b, std::size_t dimension) {
  const auto words = [](const std::int8_t* from) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  };
  __m256i low = _mm256_setzero_si256(), high = low;
  for (std::size_t d = 0; d < dimension; d += 32) {
    low = _mm256_add_epi32(low, _mm256_madd_epi16(words(a + d), words(b + d)));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(words(a + d + 16), words(b + d + 16)));
  }
  const __m256i sum = _mm256_add_epi32(low, high);
  const __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  const __m128i quarter = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
  return _mm_cvtsi128_si32(quarter) + _mm_extract_epi32(quarter, 1);
}

// The low 32 bits of (a * b) >> shift for all eight.
template <int shift>
TVCORE_INLINE __m256i multiply_shift(__m256i a, __m256i b) {
  const __m256i even = _mm256_srli_epi64(_mm256_mul_epi32(a, b), shift);
  const __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32));
  return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32 - shift), 0xaa);
}

TVCORE_INLINE __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

void combine(const QueryScales& queries, const std::int32_t* dots, const std::uint32_t* scale_q30,
             const std::int32_t* bias_q20, std::size_t count, std::int32_t* out) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256i scale = load(scale_q30 + i);
    __m256i best = _mm256_set1_epi32(INT32_MIN);
    for (std::size_t q = 0; q < queries.count; ++q) {
      const __m256i first = multiply_shift<18>(load(dots + q * kBlockRows + i), scale);
      const __m256i sim = multiply_shift<22>(
          first, _mm256_set1_epi32(static_cast<std::int32_t>(queries.scale_q30[q])));
      best = _mm256_max_epi32(best, _mm256_add_epi32(sim, _mm256_set1_epi32(queries.bias_q20[q])));
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i),
                        _mm256_add_epi32(best, load(bias_q20 + i)));
  }
  if (i < count) {
    kScalar.combine(queries, dots + i, scale_q30 + i, bias_q20 + i, count - i, out + i);
  }
}

std::uint64_t at_least(const std::int32_t* scores, std::size_t count, std::int32_t threshold) {
  const __m256i limit = _mm256_set1_epi32(threshold);
  std::uint64_t mask = 0;
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256i below = _mm256_cmpgt_epi32(limit, load(scores + i));
    const auto bits = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(below)));
    mask |= static_cast<std::uint64_t>(~bits & 0xffu) << i;
  }
  if (i < count) mask |= kScalar.at_least(scores + i, count - i, threshold) << i;
  return mask;
}

}  // namespace

const Kernel kAvx2{"avx2", dot, dot_at, pair, combine, at_least};

}  // namespace tvcore::kernels
