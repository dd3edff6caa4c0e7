#include "neon.hpp"

namespace tvcore::kernels {
namespace {

struct DotProduct {
  static int32x4_t accumulate(int32x4_t sum, int8x16_t row, int8x16_t query) {
    return vdotq_s32(sum, row, query);
  }
};

void dot(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
         const std::uint8_t* pick, std::size_t count, std::int32_t* dots) {
  dot_picked<DotProduct>(queries, rows, stride, pick, count, dots);
}

void dot_at(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
            const std::uint32_t* at, std::size_t count, std::int32_t* dots) {
  dot_anywhere<DotProduct>(queries, rows, stride, at, count, dots);
}

std::int32_t pair(const std::int8_t* a, const std::int8_t* b, std::size_t dimension) {
  return pair_of<DotProduct>(a, b, dimension);
}

}  // namespace

const Kernel kNeonDot{"neondot", dot, dot_at, pair, neon_combine, neon_at_least};

}  // namespace tvcore::kernels
