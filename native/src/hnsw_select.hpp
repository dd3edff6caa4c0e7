// Which of many near rows a row is linked with.
#pragma once

#include <cstdint>
#include <vector>

#include "tvcore/hnsw.hpp"

namespace tvcore {

// Best first: the higher score, then the lower row.
bool nearer(const Scored& a, const Scored& b);

// Scores of rows for one row as the query, best first, each row once.
void score_near(const VectorTable& table, std::uint32_t query, std::vector<std::uint32_t>* rows,
                std::vector<Scored>* out);

// The heuristic of Malkov and Yashunin (algorithm 4): of `near`, best first, those that are no nearer to one taken before
// than to the row itself, at most `most`; so that links lead into every direction and not into the nearest heap alone.
void select_near(const VectorTable& table, const std::vector<Scored>& near, std::size_t most,
                 std::vector<std::uint32_t>* out);

}  // namespace tvcore
