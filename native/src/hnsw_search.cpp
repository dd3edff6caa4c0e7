#include <algorithm>

#include "tvcore/bitmap.hpp"
#include "tvcore/hnsw.hpp"
#include "tvcore/hnsw_sieve.hpp"
#include "tvcore/splitmix.hpp"

namespace tvcore {
namespace {

constexpr std::size_t kLine = 64;

// A row's first bytes, on their way while other rows are looked up.
void ask_for(const VectorTable& table, std::uint32_t row, std::size_t bytes) {
  const std::int8_t* const vector = table.rows + row * table.stride;
  for (std::size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(vector + at);
  __builtin_prefetch(table.scale_q30 + row);
  __builtin_prefetch(table.bias_q20 + row);
}

// Of the links from `from` on, at most kBlockRows, those not seen yet, which are seen then. Whether a row was seen is no
// branch: nothing could foretell it.
std::size_t unseen(const std::uint32_t** from, const std::uint32_t* end, std::uint32_t rows,
                   std::uint64_t* seen, std::uint32_t* out) {
  const std::uint32_t* const stop = *from + std::min<std::ptrdiff_t>(kBlockRows, end - *from);
  std::size_t count = 0;
  for (; *from != stop; ++*from) {
    const std::uint32_t row = **from;
    if (row >= rows) continue;
    out[count] = row;
    count += bitmap_test(seen, row) ? 0 : 1;
    bitmap_set(seen, row);
  }
  return count;
}

}  // namespace

std::uint32_t hnsw_level(std::uint32_t row, const HnswOptions& options) {
  const std::uint64_t drawn = splitmix64(options.seed ^ splitmix64(row));
  std::uint32_t level = 0;
  for (std::uint64_t below = UINT64_MAX / options.m; drawn < below && level + 1 < kMaxHnswLevels;
       below /= options.m) {
    ++level;
  }
  return level;
}

RowRange HnswView::at(std::uint32_t level, std::uint32_t row) const {
  const HnswLinks& part = level == 0 ? ground : upper;
  std::size_t place = row;
  if (level != 0) {
    if (upper_at[row] >= kNotInGraph) return {nullptr, nullptr};
    place = std::size_t{upper_at[row]} + level - 1;
  }
  if (place >= part.places) return {nullptr, nullptr};
  const std::size_t begin = part.begins[place], end = part.ends[place];
  if (begin > end || end > part.count) return {nullptr, nullptr};
  return {part.links + begin, part.links + end};
}

void hnsw_descend(const HnswView& graph, const VectorTable& table, const PreparedQueries& query,
                  std::uint32_t level, HnswScratch& scratch) {
  std::int32_t score = 0;
  score_rows(table, query, &graph.entry, 1, &score);
  scratch.visits = 1;
  scratch.beam.begin(1, nullptr);
  scratch.beam.offer(score, graph.entry);
  for (std::uint32_t at = graph.levels; at-- > level + 1;) {
    hnsw_walk(graph, table, query, nullptr, at, nullptr, 1, SIZE_MAX, scratch);
  }
}

bool hnsw_walk(const HnswView& graph, const VectorTable& table, const PreparedQueries& query,
               const HnswSieve* sieve, std::uint32_t level, const std::uint64_t* eligible,
               std::size_t ef, std::size_t most_visits, HnswScratch& scratch) {
  std::uint32_t fresh[kBlockRows];
  alignas(64) std::int32_t scores[kBlockRows];
  std::uint32_t from = 0;
  HnswBeam& beam = scratch.beam;
  scratch.seen.assign(bitmap_words(graph.rows), 0);
  beam.restart(ef, eligible, scratch.seen.data());
  while (beam.next(&from)) {
    RowRange links = graph.at(level, from);
    while (links.begin != links.end) {
      std::size_t count = unseen(&links.begin, links.end, graph.rows, scratch.seen.data(), fresh);
      if (count == 0) continue;
      scratch.visits += count;
      if (scratch.visits > most_visits) return false;
      const bool sifts = sieve != nullptr && beam.is_full();
      const std::size_t bytes = sifts ? sieve->half() : table.stride;
      for (std::size_t i = 0; i < count; ++i) ask_for(table, fresh[i], bytes);
      if (sifts) {
        count = sieve->sift(table, beam.threshold(), fresh, count, scores);
      } else {
        score_rows(table, query, fresh, count, scores);
      }
      std::uint64_t left = active_kernel().at_least(scores, count, beam.threshold());
      for (; left != 0; left &= left - 1) {
        const unsigned i = lowest_bit(left);
        beam.offer(scores[i], fresh[i]);
      }
    }
  }
  return true;
}

bool hnsw_search(const HnswView& graph, const VectorTable& table, const QueryVector& query,
                 const std::uint64_t* eligible, std::size_t ef, std::size_t most_visits,
                 HnswScratch& scratch) {
  scratch.beam.begin(ef, eligible);
  if (graph.levels == 0 || graph.entry >= graph.rows) return true;
  PreparedQueries prepared;
  prepare_queries(&query, 1, table.dimension, prepared);
  hnsw_descend(graph, table, prepared, 0, scratch);
  if (!HnswSieve::fits(table)) {
    return hnsw_walk(graph, table, prepared, nullptr, 0, eligible, ef, most_visits, scratch);
  }
  const HnswSieve sieve(query, table.dimension);
  return hnsw_walk(graph, table, prepared, &sieve, 0, eligible, ef, most_visits, scratch);
}

}  // namespace tvcore
