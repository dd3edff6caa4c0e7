// Rows are added in batches. All rows of a batch look for their neighbours in the graph as it was before the batch and
// among each other; then each link gets its way back, place by place in a fixed order. So nothing depends on threads.
#include <algorithm>
#include <tuple>

#include "hnsw_select.hpp"
#include "hnsw_worker.hpp"
#include "tvcore/parallel.hpp"

namespace tvcore {
namespace {

// A batch compares all its rows with each other: at this size that is far less than what searching costs.
constexpr std::size_t kLargestBatch = 256;

}  // namespace

void HnswGraph::add(const VectorTable& table, const std::vector<std::uint32_t>& rows,
                    unsigned threads) {
  make_room(table.count);
  std::vector<Worker> workers(std::max(threads, 1u));
  add_all(table, rows, workers);
}

void HnswGraph::add_all(const VectorTable& table, const std::vector<std::uint32_t>& rows,
                        std::vector<Worker>& workers) {
  for (std::size_t first = 0; first < rows.size();) {
    // No larger than the graph: a row shall find most of its neighbours by searching.
    const std::size_t most = std::min<std::size_t>(kLargestBatch, std::max(size_, 1u));
    const std::size_t count = std::min(most, rows.size() - first);
    add_batch(table, rows.data() + first, count, workers);
    first += count;
  }
}

void HnswGraph::add_batch(const VectorTable& table, const std::uint32_t* rows, std::size_t count,
                          std::vector<Worker>& workers) {
  for (std::size_t i = 0; i < count; ++i) take_in(rows[i]);
  const auto threads = static_cast<unsigned>(workers.size());
  std::vector<std::vector<Link>> made(count);
  parallel_for(threads, count, [&](unsigned thread, std::size_t i) {
    made[i] = link_new(table, rows, count, i, workers[thread]);
  });
  link_all_back(table, made, workers);
  for (std::size_t i = 0; i < count; ++i) {
    if (levels_of(rows[i]) <= levels_) continue;
    levels_ = levels_of(rows[i]);
    entry_ = rows[i];
  }
}

void HnswGraph::link_all_back(const VectorTable& table, const std::vector<std::vector<Link>>& made,
                              std::vector<Worker>& workers) {
  std::vector<Link> links;
  for (const std::vector<Link>& some : made) links.insert(links.end(), some.begin(), some.end());
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return std::tie(a.level, a.to, a.from) < std::tie(b.level, b.to, b.from);
  });
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (i == 0 || links[i].level != links[i - 1].level || links[i].to != links[i - 1].to) {
      starts.push_back(i);
    }
  }
  starts.push_back(links.size());
  parallel_for(static_cast<unsigned>(workers.size()), starts.size() - 1,
               [&](unsigned thread, std::size_t i) {
                 link_back(table, links.data() + starts[i], links.data() + starts[i + 1],
                           workers[thread]);
               });
}

// Links rows[i] with the nearest of the graph and of its batch, at each of its levels; what it linked.
std::vector<HnswGraph::Link> HnswGraph::link_new(const VectorTable& table,
                                                 const std::uint32_t* rows, std::size_t count,
                                                 std::size_t i, Worker& worker) {
  const std::uint32_t row = rows[i];
  const QueryVector vector{table.rows + row * table.stride, table.scale_q30[row],
                           table.bias_q20[row]};
  prepare_queries(&vector, 1, table.dimension, worker.query);
  worker.rows.assign(rows, rows + count);
  worker.rows.erase(worker.rows.begin() + static_cast<std::ptrdiff_t>(i));
  score_near(table, row, &worker.rows, &worker.peers);

  const HnswView graph = view();
  const std::size_t ef = options_.ef_construction;
  std::uint32_t level = levels_of(row);
  if (levels_ > 0 && level <= levels_)
    hnsw_descend(graph, table, worker.query, level - 1, worker.scratch);
  if (levels_ > 0 && level > levels_)
    hnsw_descend(graph, table, worker.query, levels_ - 1, worker.scratch);
  std::vector<Link> links;
  while (level-- > 0) {
    worker.near.clear();
    if (level < levels_) {
      hnsw_walk(graph, table, worker.query, nullptr, level, nullptr, ef, SIZE_MAX, 1,
                worker.scratch);
      worker.near.resize(ef);
      worker.near.resize(worker.scratch.beam.take(ef, worker.near.data()));
    }
    const std::size_t found = worker.near.size();
    for (const Scored& peer : worker.peers) {
      if (levels_of(peer.row) > level) worker.near.push_back(peer);
    }
    std::inplace_merge(worker.near.begin(),
                       worker.near.begin() + static_cast<std::ptrdiff_t>(found), worker.near.end(),
                       nearer);
    if (worker.near.size() > ef) worker.near.resize(ef);
    select_near(table, worker.near, options_.m, &worker.chosen);
    layer(level).set(place(level, row), worker.chosen);
    for (const std::uint32_t to : worker.chosen) links.push_back({level, row, to});
  }
  return links;
}

// The way back of links to one row at one level.
void HnswGraph::link_back(const VectorTable& table, const Link* first, const Link* last,
                          Worker& worker) {
  Layer& part = layer(first->level);
  const std::size_t at = place(first->level, first->to);
  const RowRange now = part.get(at);
  worker.rows.assign(now.begin, now.end);
  for (const Link* link = first; link != last; ++link) {
    if (std::find(now.begin, now.end, link->from) == now.end) worker.rows.push_back(link->from);
  }
  if (worker.rows.size() > part.capacity) {
    score_near(table, first->to, &worker.rows, &worker.near);
    select_near(table, worker.near, part.capacity, &worker.rows);
  }
  part.set(at, worker.rows);
}

}  // namespace tvcore
