#include "hnsw_select.hpp"

#include <algorithm>

namespace tvcore {
namespace {

QueryVector vector_of(const VectorTable& table, std::uint32_t row) {
  return {table.rows + row * table.stride, table.scale_q30[row], table.bias_q20[row]};
}

}  // namespace

bool nearer(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

void score_near(const VectorTable& table, std::uint32_t query, std::vector<std::uint32_t>* rows,
                std::vector<Scored>* out) {
  std::sort(rows->begin(), rows->end());
  rows->erase(std::unique(rows->begin(), rows->end()), rows->end());
  const QueryVector vector = vector_of(table, query);
  PreparedQueries prepared;
  prepare_queries(&vector, 1, table.dimension, prepared);
  std::int32_t scores[kBlockRows];
  out->clear();
  for (std::size_t first = 0; first < rows->size(); first += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, rows->size() - first);
    score_rows(table, prepared, rows->data() + first, count, scores);
    for (std::size_t i = 0; i < count; ++i) out->push_back({scores[i], (*rows)[first + i], 0});
  }
  std::sort(out->begin(), out->end(), nearer);
}

void select_near(const VectorTable& table, const std::vector<Scored>& near, std::size_t most,
                 std::vector<std::uint32_t>* out) {
  PreparedQueries prepared;
  std::int32_t scores[kBlockRows];
  out->clear();
  for (const Scored& one : near) {
    if (out->size() == most) return;
    const QueryVector vector = vector_of(table, one.row);
    prepare_queries(&vector, 1, table.dimension, prepared);
    bool apart = true;
    for (std::size_t first = 0; apart && first < out->size(); first += kBlockRows) {
      const std::size_t count = std::min(kBlockRows, out->size() - first);
      score_rows(table, prepared, out->data() + first, count, scores);
      apart = std::all_of(scores, scores + count,
                          [&](std::int32_t score) { return score <= one.score; });
    }
    if (apart) out->push_back(one.row);
  }
}

}  // namespace tvcore
