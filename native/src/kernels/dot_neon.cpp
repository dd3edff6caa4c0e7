#include "neon.hpp"

namespace tvcore::kernels {
namespace {

// The products of 16 bytes with the query's, added up in pairs. A pair of 16-bit products fits 16
// bits unless both are
// (-128)^2: queries that hold -128 take the longer way.
struct Widening {
  static int32x4_t accumulate(int32x4_t sum, int8x16_t row, int8x16_t query) {
    int16x8_t pairs = vmull_s8(vget_low_s8(row), vget_low_s8(query));
    pairs = vmlal_s8(pairs, vget_high_s8(row), vget_high_s8(query));
    return vpadalq_s16(sum, pairs);
  }
};

struct WideningExtremes {
  static int32x4_t accumulate(int32x4_t sum, int8x16_t row, int8x16_t query) {
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(row), vget_low_s8(query)));
    return vpadalq_s16(sum, vmull_s8(vget_high_s8(row), vget_high_s8(query)));
  }
};

void dot(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
         const std::uint8_t* pick, std::size_t count, std::int32_t* dots) {
  if (queries.has_minimum) {
    dot_picked<WideningExtremes>(queries, rows, stride, pick, count, dots);
  } else {
    dot_picked<Widening>(queries, rows, stride, pick, count, dots);
  }
}

void dot_at(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
            const std::uint32_t* at, std::size_t count, std::int32_t* dots) {
  if (queries.has_minimum) {
    dot_anywhere<WideningExtremes>(queries, rows, stride, at, count, dots);
  } else {
    dot_anywhere<Widening>(queries, rows, stride, at, count, dots);
  }
}

// Either row may hold -128.
std::int32_t pair(const std::int8_t* a, const std::int8_t* b, std::size_t dimension) {
  return pair_of<WideningExtremes>(a, b, dimension);
}

}  // namespace

const Kernel kNeon{"neon", dot, dot_at, pair, neon_combine, neon_at_least};

}  // namespace tvcore::kernels
