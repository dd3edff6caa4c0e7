// Graph or scan: docs/adr/0010 says how the numbers here were measured.
#include <algorithm>

#include "tvcore/bitmap.hpp"
#include "tvcore/hnsw.hpp"

namespace tvcore {
namespace {

// Rows that a scan scores in the time of one that a search scores, and rows that a search without filter scores for each
// place of its beam.
constexpr std::size_t kScannedAVisit = 6, kVisitsAPlace = 24;

}  // namespace

bool graph_is_cheaper(std::size_t eligible, std::size_t rows, std::size_t ef) {
  // Of every rows / eligible rows that are scored one may be returned.
  const auto square = static_cast<std::uint64_t>(eligible) * eligible;
  return square > std::uint64_t{kScannedAVisit} * kVisitsAPlace * ef * rows;
}

Nearest nearest_top_k(const NearestSpace& space, const QueryVector& query,
                      const std::uint64_t* eligible, std::size_t k, std::size_t ef, NearestBy by,
                      HnswScratch& scratch, Scored* out) {
  const VectorTable& table = space.table;
  const std::size_t may = eligible != nullptr ? bitmap_count(eligible, table.count) : table.count;
  ef = std::max(ef, k);
  if (space.graph != nullptr && k > 0 && by != NearestBy::kScan &&
      (by == NearestBy::kGraph || graph_is_cheaper(may, table.count, ef))) {
    const std::size_t most = by == NearestBy::kGraph ? table.count : may / kScannedAVisit;
    if (hnsw_search(*space.graph, table, query, eligible, ef, most, scratch)) {
      const std::size_t count = scratch.beam.take(k, out);
      if (count == std::min(k, may)) return {count, false};
    }
  }
  TopK top(k);
  scan_top_k(table, &query, 1, eligible, top);
  return {top.finish(out), true};
}

}  // namespace tvcore
