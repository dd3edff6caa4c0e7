#include "tvcore/rerank.hpp"

#include <algorithm>

namespace tvcore {
namespace {

// <the query's row, the item> in Q40, below 2^60: of the item's row and of its residual.
std::int64_t with_item(std::int32_t row, std::uint32_t scale_q30, std::int32_t rest,
                       std::uint32_t scale_q40) {
  return std::int64_t{row} * std::int64_t{scale_q30} * 1024 + std::int64_t{rest} * scale_q40;
}

}  // namespace

std::size_t rerank_depth(std::size_t k) {
  return k == 0 ? 0 : std::min(kMaxTopK, std::max<std::size_t>(64, 4 * k));
}

void rescore(const VectorTable& table, const ResidualTable& residuals, const QueryVector& query,
             const Residual& query_residual, const Scored* found, std::size_t count,
             Rescored* out) {
  const QueryVector both[] = {query, {query_residual.row, 0, 0}};
  PreparedQueries prepared;
  prepare_queries(both, 2, table.dimension, prepared);
  const Kernel& kernel = active_kernel();
  alignas(64) std::int32_t dots[kMaxQueries * kBlockRows], rests[kMaxQueries * kBlockRows];
  for (std::size_t first = 0; first < count; first += kBlockRows) {
    const std::size_t many = std::min(kBlockRows, count - first);
    std::uint32_t rows[kBlockRows];
    for (std::size_t i = 0; i < many; ++i) rows[i] = found[first + i].row;
    kernel.dot_at(prepared, table.rows, table.stride, rows, many, dots);
    kernel.dot_at(prepared, residuals.rows, table.stride, rows, many, rests);
    for (std::size_t i = 0; i < many; ++i) {
      const std::uint32_t row = rows[i];
      const std::uint32_t scale = table.scale_q30[row], rest = residuals.scale_q40[row];
      const std::int64_t near = with_item(dots[i], scale, rests[i], rest);
      const std::int64_t far = with_item(dots[kBlockRows + i], scale, rests[kBlockRows + i], rest);
      const std::int64_t bias = std::int64_t{query.bias_q20} + table.bias_q20[row];
      out[first + i] = {(near >> 22) * std::int64_t{query.scale_q30} +
                            ((far >> 26) * std::int64_t{query_residual.scale_q40} >> 6) +
                            bias * (std::int64_t{1} << 28),
                        row};
    }
  }
  std::sort(out, out + count, [](const Rescored& a, const Rescored& b) {
    return a.score_q48 != b.score_q48 ? a.score_q48 > b.score_q48 : a.row < b.row;
  });
}

}  // namespace tvcore
