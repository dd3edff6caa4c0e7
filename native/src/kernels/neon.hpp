// What the two NEON kernels share: all but how sixteen products are added up.
#pragma once

#include <arm_neon.h>

#include "kernels.hpp"

namespace tvcore::kernels {
namespace {

inline int32x4_t pairwise_sum(int32x4_t a, int32x4_t b) {
#if defined(__aarch64__)
  return vpaddq_s32(a, b);
#else
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                      vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
#endif
}

// Four rows a step with Q queries.
template <class Multiply, int Q, class Rows>
void dot_block(const PreparedQueries& queries, const Rows& rows, std::size_t count,
               std::int32_t* dots) {
  const std::size_t last = count - 1;
  for (std::size_t first = 0; first < count; first += 4) {
    const std::int8_t* row[4];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < 4; ++r) row[r] = rows[first + r < last ? first + r : last];
    int32x4_t sum[Q][4];
#pragma GCC unroll 8
    for (int q = 0; q < Q; ++q) {
#pragma GCC unroll 8
      for (int r = 0; r < 4; ++r) sum[q][r] = vdupq_n_s32(0);
    }
    for (std::size_t d = 0; d < queries.length; d += 16) {
      int8x16_t bytes[4];
#pragma GCC unroll 8
      for (int r = 0; r < 4; ++r) bytes[r] = vld1q_s8(row[r] + d);
#pragma GCC unroll 8
      for (int q = 0; q < Q; ++q) {
        const int8x16_t query = vld1q_s8(queries.bytes[q] + d);
#pragma GCC unroll 8
        for (int r = 0; r < 4; ++r) sum[q][r] = Multiply::accumulate(sum[q][r], bytes[r], query);
      }
    }
#pragma GCC unroll 8
    for (int q = 0; q < Q; ++q) {
      vst1q_s32(
          dots + static_cast<std::size_t>(q) * kBlockRows + first,
          pairwise_sum(pairwise_sum(sum[q][0], sum[q][1]), pairwise_sum(sum[q][2], sum[q][3])));
    }
  }
}

template <class Multiply, class Rows>
void dot_rows(const PreparedQueries& queries, const Rows& rows, std::size_t count,
              std::int32_t* dots) {
  switch (queries.count) {
    case 1:
      return dot_block<Multiply, 1>(queries, rows, count, dots);
    case 2:
      return dot_block<Multiply, 2>(queries, rows, count, dots);
    case 3:
      return dot_block<Multiply, 3>(queries, rows, count, dots);
    default:
      return dot_block<Multiply, 4>(queries, rows, count, dots);
  }
}

template <class Multiply>
void dot_picked(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
                const std::uint8_t* pick, std::size_t count, std::int32_t* dots) {
  if (count == 0) return;
  if (pick == nullptr) return dot_rows<Multiply>(queries, EveryRow{rows, stride}, count, dots);
  dot_rows<Multiply>(queries, PickedRow{rows, stride, pick}, count, dots);
}

template <class Multiply>
void dot_anywhere(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
                  const std::uint32_t* at, std::size_t count, std::int32_t* dots) {
  if (count != 0) dot_rows<Multiply>(queries, RowAnywhere{rows, stride, at}, count, dots);
}

template <class Multiply>
std::int32_t pair_of(const std::int8_t* a, const std::int8_t* b, std::size_t dimension) {
  int32x4_t low = vdupq_n_s32(0), high = low;
  for (std::size_t d = 0; d < dimension; d += 32) {
    low = Multiply::accumulate(low, vld1q_s8(a + d), vld1q_s8(b + d));
    high = Multiply::accumulate(high, vld1q_s8(a + d + 16), vld1q_s8(b + d + 16));
  }
  const int32x4_t sum = vaddq_s32(low, high);
  const int32x4_t twos = pairwise_sum(sum, sum);
  return vgetq_lane_s32(twos, 0) + vgetq_lane_s32(twos, 1);
}

// The low 32 bits of (a * b) >> shift for all four.
template <int shift>
inline int32x4_t multiply_shift(int32x4_t a, int32x4_t b) {
  return vcombine_s32(vshrn_n_s64(vmull_s32(vget_low_s32(a), vget_low_s32(b)), shift),
                      vshrn_n_s64(vmull_s32(vget_high_s32(a), vget_high_s32(b)), shift));
}

inline void neon_combine(const QueryScales& queries, const std::int32_t* dots,
                         const std::uint32_t* scale_q30, const std::int32_t* bias_q20,
                         std::size_t count, std::int32_t* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const int32x4_t scale = vreinterpretq_s32_u32(vld1q_u32(scale_q30 + i));
    int32x4_t best = vdupq_n_s32(INT32_MIN);
    for (std::size_t q = 0; q < queries.count; ++q) {
      const int32x4_t first = multiply_shift<18>(vld1q_s32(dots + q * kBlockRows + i), scale);
      const int32x4_t sim =
          multiply_shift<22>(first, vdupq_n_s32(static_cast<std::int32_t>(queries.scale_q30[q])));
      best = vmaxq_s32(best, vaddq_s32(sim, vdupq_n_s32(queries.bias_q20[q])));
    }
    vst1q_s32(out + i, vaddq_s32(best, vld1q_s32(bias_q20 + i)));
  }
  if (i < count) {
    kScalar.combine(queries, dots + i, scale_q30 + i, bias_q20 + i, count - i, out + i);
  }
}

inline std::uint64_t neon_at_least(const std::int32_t* scores, std::size_t count,
                                   std::int32_t threshold) {
  const int32x4_t limit = vdupq_n_s32(threshold);
  const std::uint16_t weights[4] = {1, 2, 4, 8};
  const uint16x4_t weight = vld1_u16(weights);
  std::uint64_t mask = 0;
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const uint16x4_t passed = vmovn_u32(vcgeq_s32(vld1q_s32(scores + i), limit));
    const uint16x4_t bits = vand_u16(passed, weight);
    const uint16x4_t pairs = vpadd_u16(bits, bits);
    mask |= static_cast<std::uint64_t>(vget_lane_u16(vpadd_u16(pairs, pairs), 0)) << i;
  }
  if (i < count) mask |= kScalar.at_least(scores + i, count - i, threshold) << i;
  return mask;
}

}  // namespace
}  // namespace tvcore::kernels
