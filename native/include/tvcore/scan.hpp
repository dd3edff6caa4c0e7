// The exact scan: every eligible row of a table of int8 vectors against up to four queries in one
// pass over memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tvcore/dot.hpp"
#include "tvcore/topk.hpp"

namespace tvcore {

// A pack's vectors where they lie in the mapping; owns nothing. `rows` is 64-byte aligned; `stride`
// is a multiple of kRowAlign and at least the dimension; what lies between dimension and stride is
// 0.
struct VectorTable {
  const std::int8_t* rows;
  const std::uint32_t* scale_q30;
  const std::int32_t* bias_q20;
  std::size_t stride;
  std::size_t dimension;  // a multiple of 32, at most kMaxDimension
  std::size_t count;      // below kMaxTopKRows
};

// The score of a row is the greatest over the queries of
//   similarity(dot, the row's scale, the query's scale) + the query's bias + the row's bias   (Q20,
//   see dot.hpp)
// A table's row as a query is {rows + r * stride, scale_q30[r], bias_q20[r]}.

// Pushes eligible rows with their scores; the tag is the index of the query that won, the lowest
// where several do. `eligible` is a bitmap over the table's rows, null for all. Preconditions: 1 to
// kMaxQueries queries.
void scan_top_k(const VectorTable& table, const QueryVector* queries, std::size_t query_count,
                const std::uint64_t* eligible, TopK& top);

// Writes the scores of all rows to `scores` (room for count). Words of the bitmap without an
// eligible row are skipped and get 0; within other words rows that are not eligible hold their
// score or 0.
void scan_all(const VectorTable& table, const QueryVector* queries, std::size_t query_count,
              const std::uint64_t* eligible, std::int32_t* scores);

// Scores of rows anywhere in the table for one query: scores[i] is that of rows[i]. Preconditions: one query prepared,
// count <= kBlockRows.
void score_rows(const VectorTable& table, const PreparedQueries& query, const std::uint32_t* rows,
                std::size_t count, std::int32_t* scores);

// One row's score, and in the tag the query that won.
Scored score_row(const VectorTable& table, const QueryVector* queries, std::size_t query_count,
                 std::size_t row);

}  // namespace tvcore
