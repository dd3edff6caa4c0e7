// The second look: what a scan or a graph found by int8 rows, scored again with what those leave out (docs/formats.md,
// "Residuals"), so that the best are in the order that float32 gives them but for about one part in 2^19.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tvcore/quantise.hpp"
#include "tvcore/scan.hpp"

namespace tvcore {

// The residuals of a VectorTable's rows, with its stride, alignment and count.
struct ResidualTable {
  const std::int8_t* rows;
  const std::uint32_t* scale_q40;
};

struct Rescored {
  std::int64_t score_q48;
  std::uint32_t row;
};

// How many to find for the best k: 4 k, at least 64, at most kMaxTopK.
std::size_t rerank_depth(std::size_t k);

// Scores what was found again: out[0..count) best first, of equal ones the lower row. Integers, the same on every kernel.
// Preconditions: the rows' scales are below kScaleLimitQ30 and kResidualLimitQ40; count <= kMaxTopK.
void rescore(const VectorTable& table, const ResidualTable& residuals, const QueryVector& query,
             const Residual& query_residual, const Scored* found, std::size_t count, Rescored* out);

}  // namespace tvcore
