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

// Links, on their way.
RowRange asked_for(const RowRange& links) {
  const auto count = static_cast<std::size_t>(links.end - links.begin);
  const std::size_t most = std::min<std::size_t>(count, 2 * std::size_t{kMaxHnswM});
  for (std::size_t at = 0; at < most; at += kLine / sizeof(std::uint32_t)) {
    __builtin_prefetch(links.begin + at);
  }
  return links;
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

// The rows of a beam to be looked around from next, with where their links lie on its way: one until it is full, for
// those that are in it then are not yet the best.
std::size_t best_open(const HnswView& graph, std::uint32_t level, std::size_t most, HnswBeam* beam,
                      std::uint32_t* out) {
  if (!beam->is_full()) most = 1;
  std::size_t count = 0;
  for (; count < most && beam->next(&out[count]); ++count) {
    if (level == 0 && most > 1) __builtin_prefetch(graph.ground.begins + out[count]);
  }
  return count;
}

// Rows met for the first time, which are scored together.
struct Met {
  std::uint32_t rows[kHnswTogether * kBlockRows];
  std::size_t count = 0;

  bool has_room() const { return count + kBlockRows <= sizeof rows / sizeof *rows; }

  // Up to kBlockRows more of the links, on their way.
  void meet(RowRange* links, std::uint32_t limit, std::uint64_t* seen, const VectorTable& table,
            const HnswSieve* sieve) {
    const std::size_t before = count;
    count += unseen(&links->begin, links->end, limit, seen, rows + count);
    const std::size_t bytes = sieve != nullptr ? sieve->half() : table.stride;
    for (std::size_t i = before; i < count; ++i) ask_for(table, rows[i], bytes);
  }

  void offer_to(HnswBeam* beam, const VectorTable& table, const PreparedQueries& query,
                const HnswSieve* sieve) {
    alignas(64) std::int32_t scores[kBlockRows];
    for (std::size_t first = 0; first < count; first += kBlockRows) {
      std::uint32_t* const block = rows + first;
      std::size_t many = std::min(kBlockRows, count - first);
      if (sieve != nullptr) {
        many = sieve->sift(table, beam->threshold(), block, many, scores);
      } else {
        score_rows(table, query, block, many, scores);
      }
      std::uint64_t left = active_kernel().at_least(scores, many, beam->threshold());
      for (; left != 0; left &= left - 1) {
        const unsigned i = lowest_bit(left);
        beam->offer(scores[i], block[i]);
      }
    }
  }
};

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
    hnsw_walk(graph, table, query, nullptr, at, nullptr, 1, SIZE_MAX, 1, scratch);
  }
}

bool hnsw_walk(const HnswView& graph, const VectorTable& table, const PreparedQueries& query,
               const HnswSieve* sieve, std::uint32_t level, const std::uint64_t* eligible,
               std::size_t ef, std::size_t most_visits, std::size_t together,
               HnswScratch& scratch) {
  HnswBeam& beam = scratch.beam;
  scratch.seen.assign(bitmap_words(graph.rows), 0);
  beam.restart(ef, eligible, scratch.seen.data());
  std::uint32_t from[kHnswTogether];
  RowRange links[kHnswTogether];
  while (const std::size_t many = best_open(graph, level, together, &beam, from)) {
    for (std::size_t i = 0; i < many; ++i) links[i] = asked_for(graph.at(level, from[i]));
    for (std::size_t i = 0; i < many;) {
      const bool sifts = sieve != nullptr && beam.is_full();
      Met met;
      while (i < many && met.has_room()) {
        met.meet(&links[i], graph.rows, scratch.seen.data(), table, sifts ? sieve : nullptr);
        if (links[i].begin == links[i].end) ++i;
      }
      scratch.visits += met.count;
      if (scratch.visits > most_visits) return false;
      met.offer_to(&beam, table, query, sifts ? sieve : nullptr);
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
    return hnsw_walk(graph, table, prepared, nullptr, 0, eligible, ef, most_visits, kHnswTogether,
                     scratch);
  }
  const HnswSieve sieve(query, table.dimension);
  return hnsw_walk(graph, table, prepared, &sieve, 0, eligible, ef, most_visits, kHnswTogether,
                   scratch);
}

}  // namespace tvcore
