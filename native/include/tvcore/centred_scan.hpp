// Products without any bias, of just those rows that are wanted: sets of queries, each with its own rows, in one pass
// over memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tvcore/scan.hpp"

namespace tvcore {

// What one set of queries is asked of each row r of a table whose bit first_bit + r is set in `wanted`, where
// similarity is that of a query's dot product with the row, the row's scale and the query's. No other place is written.
struct QuerySet {
  const QueryVector* queries;
  std::size_t count;  // 0 (nothing is written) to kMaxQueries
  const std::uint64_t* wanted;
  std::size_t first_bit;
  // scores[0][r] becomes the greatest similarity; with `each`, scores[q][r] that of query q.
  std::array<std::int32_t*, kMaxQueries> scores;
  bool each;
};

constexpr std::size_t kQuerySets = 3;
// Rows that several sets want are read once where these sets follow one another and have the same bitmap.
void scan_centred(const VectorTable& table, const QuerySet (&sets)[kQuerySets]);

}  // namespace tvcore
