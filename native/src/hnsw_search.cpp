#include <algorithm>

#include "tvcore/bitmap.hpp"
#include "tvcore/hnsw.hpp"
#include "tvcore/splitmix.hpp"

namespace tvcore {
namespace {

constexpr std::size_t kLine = 64;

// The row's vector on its way while the others of the same place are looked up.
void ask_for(const VectorTable& table, std::uint32_t row) {
  const std::int8_t* const vector = table.rows + row * table.stride;
  for (std::size_t at = 0; at < table.stride; at += kLine) __builtin_prefetch(vector + at);
  __builtin_prefetch(table.scale_q30 + row);
  __builtin_prefetch(table.bias_q20 + row);
}

// Of the links from `from` on those not seen yet, up to kBlockRows of them, which are seen then.
std::size_t unseen(const VectorTable& table, const std::uint32_t** from, const std::uint32_t* end,
                   std::uint32_t rows, std::uint64_t* seen, std::uint32_t* out) {
  std::size_t count = 0;
  for (; *from != end && count < kBlockRows; ++*from) {
    const std::uint32_t row = **from;
    if (row >= rows || bitmap_test(seen, row)) continue;
    bitmap_set(seen, row);
    ask_for(table, row);
    out[count++] = row;
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
    hnsw_walk(graph, table, query, at, nullptr, 1, SIZE_MAX, scratch);
  }
}

bool hnsw_walk(const HnswView& graph, const VectorTable& table, const PreparedQueries& query,
               std::uint32_t level, const std::uint64_t* eligible, std::size_t ef,
               std::size_t most_visits, HnswScratch& scratch) {
  std::uint32_t fresh[kBlockRows];
  alignas(64) std::int32_t scores[kBlockRows];
  std::uint32_t from = 0;
  scratch.seen.assign(bitmap_words(graph.rows), 0);
  scratch.beam.restart(ef, eligible, scratch.seen.data());
  while (scratch.beam.next(&from)) {
    RowRange links = graph.at(level, from);
    while (links.begin != links.end) {
      const std::size_t count =
          unseen(table, &links.begin, links.end, graph.rows, scratch.seen.data(), fresh);
      if (count == 0) continue;
      scratch.visits += count;
      if (scratch.visits > most_visits) return false;
      score_rows(table, query, fresh, count, scores);
      std::uint64_t left = active_kernel().at_least(scores, count, scratch.beam.threshold());
      for (; left != 0; left &= left - 1) {
        const unsigned i = lowest_bit(left);
        scratch.beam.offer(scores[i], fresh[i]);
      }
    }
  }
  return true;
}

bool hnsw_search(const HnswView& graph, const VectorTable& table, const PreparedQueries& query,
                 const std::uint64_t* eligible, std::size_t ef, std::size_t most_visits,
                 HnswScratch& scratch) {
  scratch.beam.begin(ef, eligible);
  if (graph.levels == 0 || graph.entry >= graph.rows) return true;
  hnsw_descend(graph, table, query, 0, scratch);
  return hnsw_walk(graph, table, query, 0, eligible, ef, most_visits, scratch);
}

}  // namespace tvcore
