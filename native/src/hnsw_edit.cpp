// Taking rows out, so that the rest stays one graph.
#include <algorithm>

#include "hnsw_select.hpp"
#include "hnsw_worker.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/parallel.hpp"

namespace tvcore {

void HnswGraph::remove(const VectorTable& table, const std::vector<std::uint32_t>& rows,
                       unsigned threads) {
  std::vector<std::uint64_t> gone(bitmap_words(upper_at_.size()));
  for (const std::uint32_t row : rows) bitmap_set(gone.data(), row);
  const auto stays = [&](std::uint32_t row) { return !bitmap_test(gone.data(), row); };
  std::vector<Link> torn;  // places that led to a row that went: level and row
  for (std::uint32_t row = 0; row < upper_at_.size(); ++row) {
    if (!has(row) || !stays(row)) continue;
    for (std::uint32_t level = 0; level < levels_of(row); ++level) {
      const RowRange links = layer(level).get(place(level, row));
      if (!std::all_of(links.begin, links.end, stays)) torn.push_back({level, row, row});
    }
  }
  std::vector<Worker> workers(std::max(threads, 1u));
  std::vector<std::vector<Link>> mended(torn.size());
  parallel_for(threads, torn.size(), [&](unsigned thread, std::size_t i) {
    mended[i] = mend(table, torn[i], gone.data(), workers[thread]);
  });
  for (std::size_t i = 0; i < torn.size(); ++i) {
    workers[0].rows.clear();
    for (const Link& link : mended[i]) workers[0].rows.push_back(link.to);
    layer(torn[i].level).set(place(torn[i].level, torn[i].from), workers[0].rows);
  }
  link_all_back(table, mended, workers);
  for (const std::uint32_t row : rows) take_out(row);
  choose_entry();
  bring_back_the_lost(table, workers);
}

// What a place links to without the rows that went: the best of what is left and of where those led.
std::vector<HnswGraph::Link> HnswGraph::mend(const VectorTable& table, const Link& torn,
                                             const std::uint64_t* gone, Worker& worker) {
  const Layer& part = layer(torn.level);
  worker.rows.clear();
  const auto keep = [&](std::uint32_t row) {
    if (!bitmap_test(gone, row) && row != torn.from) worker.rows.push_back(row);
  };
  const RowRange links = part.get(place(torn.level, torn.from));
  for (const std::uint32_t* to = links.begin; to != links.end; ++to) {
    keep(*to);
    if (!bitmap_test(gone, *to)) continue;
    const RowRange beyond = part.get(place(torn.level, *to));
    std::for_each(beyond.begin, beyond.end, keep);
  }
  score_near(table, torn.from, &worker.rows, &worker.near);
  select_near(table, worker.near, part.capacity, &worker.chosen);
  std::vector<Link> made;
  for (const std::uint32_t to : worker.chosen) made.push_back({torn.level, torn.from, to});
  return made;
}

// Rows that no way leads to any more are linked anew.
void HnswGraph::bring_back_the_lost(const VectorTable& table, std::vector<Worker>& workers) {
  std::vector<std::uint64_t> reached(bitmap_words(upper_at_.size()));
  std::vector<std::uint32_t> ahead;
  const auto reach = [&](std::uint32_t row) {
    if (bitmap_test(reached.data(), row)) return;
    bitmap_set(reached.data(), row);
    ahead.push_back(row);
  };
  if (entry_ != kNoRow) reach(entry_);
  while (!ahead.empty()) {
    const std::uint32_t row = ahead.back();
    ahead.pop_back();
    for (std::uint32_t level = 0; level < levels_of(row); ++level) {
      const RowRange links = layer(level).get(place(level, row));
      std::for_each(links.begin, links.end, reach);
    }
  }
  std::vector<std::uint32_t> lost;
  for (std::uint32_t row = 0; row < upper_at_.size(); ++row) {
    if (has(row) && !bitmap_test(reached.data(), row)) lost.push_back(row);
  }
  for (const std::uint32_t row : lost) take_out(row);
  add_all(table, lost, workers);
}

}  // namespace tvcore
