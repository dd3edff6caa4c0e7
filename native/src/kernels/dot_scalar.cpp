#include "kernels.hpp"

namespace tvcore::kernels {
namespace {

std::int32_t product(const PreparedQueries& queries, std::size_t q, const std::int8_t* row) {
  std::int32_t sum = 0;
  for (std::size_t d = 0; d < queries.length; d += kRowAlign) {
    // A constant count: compilers use what vectors the baseline has without being asked to optimise harder.
    for (std::size_t j = 0; j < kRowAlign; ++j) sum += queries.words[q][d + j] * row[d + j];
  }
  return sum;
}

void dot(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
         const std::uint8_t* pick, std::size_t count, std::int32_t* dots) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int8_t* row = rows + (pick != nullptr ? pick[i] : i) * stride;
    for (std::size_t q = 0; q < queries.count; ++q) {
      dots[q * kBlockRows + i] = product(queries, q, row);
    }
  }
}

void dot_at(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
            const std::uint32_t* at, std::size_t count, std::int32_t* dots) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t q = 0; q < queries.count; ++q) {
      dots[q * kBlockRows + i] = product(queries, q, rows + at[i] * stride);
    }
  }
}

std::int32_t pair(const std::int8_t* a, const std::int8_t* b, std::size_t dimension) {
  std::int32_t sum = 0;
  for (std::size_t d = 0; d < dimension; d += 32) {
    for (std::size_t j = 0; j < 32; ++j) sum += a[d + j] * b[d + j];
  }
  return sum;
}

// Sums of scores are taken modulo 2^32, like a vector unit's (damaged files only; see
// `similarity`).
std::int32_t wrapping_sum(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

void combine(const QueryScales& queries, const std::int32_t* dots, const std::uint32_t* scale_q30,
             const std::int32_t* bias_q20, std::size_t count, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t best = INT32_MIN;
    for (std::size_t q = 0; q < queries.count; ++q) {
      const std::int32_t sim =
          wrapping_sum(similarity(dots[q * kBlockRows + i], scale_q30[i], queries.scale_q30[q]),
                       queries.bias_q20[q]);
      if (sim > best) best = sim;
    }
    out[i] = wrapping_sum(best, bias_q20[i]);
  }
}

std::uint64_t at_least(const std::int32_t* scores, std::size_t count, std::int32_t threshold) {
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < count; ++i) {
    mask |= static_cast<std::uint64_t>(scores[i] >= threshold) << i;
  }
  return mask;
}

}  // namespace

const Kernel kScalar{"scalar", dot, dot_at, pair, combine, at_least};

}  // namespace tvcore::kernels
