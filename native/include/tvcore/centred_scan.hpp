// Products without any bias, of just those rows that are wanted: sets of queries, each with its own rows, in one pass
// over memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tvcore/scan.hpp"

namespace tvcore {

// What one set of queries is asked: scores[r] becomes the greatest over the queries of similarity(dot, the row's scale,
// the query's scale) for each row r of a table whose bit first_bit + r is set in `wanted`; no other place is written.
struct QuerySet {
  const QueryVector* queries;
  std::size_t count;  // 0 (nothing is written) to kMaxQueries
  const std::uint64_t* wanted;
  std::size_t first_bit;
  std::int32_t* scores;
};

constexpr std::size_t kQuerySets = 3;
void scan_centred(const VectorTable& table, const QuerySet (&sets)[kQuerySets]);

}  // namespace tvcore
