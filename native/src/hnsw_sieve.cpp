#include "tvcore/hnsw_sieve.hpp"

#include <algorithm>

#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr std::size_t kLine = 64;

}  // namespace

HnswSieve::HnswSieve(const QueryVector& query, std::size_t dimension) : half_(dimension / 2) {
  const QueryVector rest{query.row + half_, query.scale_q30, query.bias_q20};
  prepare_queries(&query, 1, half_, first_);
  prepare_queries(&rest, 1, half_, second_);
}

std::size_t HnswSieve::sift(const VectorTable& table, std::int32_t threshold, std::uint32_t* rows,
                            std::size_t count, std::int32_t* scores) const {
  alignas(64) std::int32_t dots[kBlockRows], others[kBlockRows];
  std::uint32_t scale[kBlockRows];
  std::int32_t bias[kBlockRows];
  const Kernel& kernel = active_kernel();
  for (std::size_t i = 0; i < count; ++i) {
    scale[i] = table.scale_q30[rows[i]];
    bias[i] = table.bias_q20[rows[i]];
  }
  kernel.dot_at(first_, table.rows, table.stride, rows, count, dots);
  for (std::size_t i = 0; i < count; ++i) others[i] = 2 * dots[i];
  kernel.combine(first_, others, scale, bias, count, scores);
  const std::int32_t least = std::max(threshold, INT32_MIN + kSieveMarginQ20) - kSieveMarginQ20;
  std::size_t kept = 0;
  for (std::uint64_t left = kernel.at_least(scores, count, least); left != 0; left &= left - 1) {
    const unsigned i = lowest_bit(left);
    const std::int8_t* const rest = table.rows + rows[i] * table.stride + half_;
    for (std::size_t at = 0; at < half_; at += kLine) __builtin_prefetch(rest + at);
    rows[kept] = rows[i];
    scale[kept] = scale[i];
    bias[kept] = bias[i];
    dots[kept++] = dots[i];
  }
  if (kept == 0) return 0;
  kernel.dot_at(second_, table.rows + half_, table.stride, rows, kept, others);
  for (std::size_t i = 0; i < kept; ++i) dots[i] += others[i];
  kernel.combine(first_, dots, scale, bias, kept, scores);
  return kept;
}

}  // namespace tvcore
