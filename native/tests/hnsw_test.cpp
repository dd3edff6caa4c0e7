// The graph against the exact scan.
#include "tvcore/hnsw.hpp"

#include <algorithm>
#include <vector>

#include "check.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/hnsw_graph.hpp"
#include "vector_world.hpp"

namespace {

using namespace tvcore;
using Rows = std::vector<std::uint32_t>;

const HnswOptions kSmall{16, 100, 5};

std::vector<Scored> exact(const VectorTable& table, const QueryVector& query,
                          const std::uint64_t* eligible, std::size_t k) {
  TopK top(k);
  scan_top_k(table, &query, 1, eligible, top);
  std::vector<Scored> out(k);
  out.resize(top.finish(out.data()));
  return out;
}

std::vector<Scored> searched(const HnswView& graph, const VectorTable& table,
                             const QueryVector& query, const std::uint64_t* eligible, std::size_t k,
                             std::size_t ef) {
  HnswScratch scratch;
  std::vector<Scored> out(k);
  CHECK(hnsw_search(graph, table, query, eligible, ef, SIZE_MAX, scratch));
  out.resize(scratch.beam.take(k, out.data()));
  return out;
}

// How many of `wanted` are in `got`, by score: of equal vectors any will do.
std::size_t hits(const std::vector<Scored>& got, const std::vector<Scored>& wanted) {
  std::size_t count = 0;
  for (const Scored& one : got) count += !wanted.empty() && one.score >= wanted.back().score;
  return count;
}

Rows links_of(const HnswGraph& graph) {
  const HnswView view = graph.view();
  Rows all{view.levels, view.entry, graph.size()};
  for (std::uint32_t row = 0; row < view.rows; ++row) {
    for (std::uint32_t level = 0; graph.has(row) && level <= hnsw_level(row, graph.options());
         ++level) {
      const RowRange range = view.at(level, row);
      all.push_back(kNoRow);
      all.insert(all.end(), range.begin, range.end);
    }
  }
  return all;
}

double recall(const HnswGraph& graph, const VectorWorld& world, std::size_t ef,
              const std::uint64_t* eligible, check::Random& random) {
  std::size_t found = 0, of = 0;
  for (int i = 0; i < 400; ++i) {
    const QueryVector query = world.vector(random.below(world.table.count));
    const auto wanted = exact(world.table, query, eligible, 10);
    found += hits(searched(graph.view(), world.table, query, eligible, 10, ef), wanted);
    of += wanted.size();
  }
  return static_cast<double>(found) / static_cast<double>(of);
}

}  // namespace

TEST("a search finds nearly what a scan finds, with the scan's scores and order") {
  check::Random random(1);
  std::size_t found = 0, of = 0;
  for (int round = 0; round < check::scaled(200); ++round) {
    const VectorWorld world(1 + random.below(1500), 1 + random.below(20), 0.02, random);
    HnswGraph graph(kSmall);
    graph.add(world.table, world.every_row(), 2);
    for (int i = 0; i < 20; ++i) {
      const QueryVector query = world.vector(random.below(world.table.count));
      const auto wanted = exact(world.table, query, nullptr, 10);
      const auto got = searched(graph.view(), world.table, query, nullptr, 10, 40);
      found += hits(got, wanted);
      of += wanted.size();
      for (std::size_t j = 0; j < got.size(); ++j) {
        CHECK_EQ(got[j].score, score_row(world.table, &query, 1, got[j].row).score);
        if (j == 0) continue;
        const Scored& before = got[j - 1];
        CHECK(before.score > got[j].score ||
              (before.score == got[j].score && before.row < got[j].row));
      }
    }
  }
  CHECK(static_cast<double>(found) > 0.98 * static_cast<double>(of));
}

TEST("the graph is the same on one thread, two and three") {
  check::Random random(2);
  for (int round = 0; round < check::scaled(30); ++round) {
    const VectorWorld world(200 + random.below(1500), 7, 0.1, random);
    Rows order = world.every_row();
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    const Rows gone(order.begin(), order.begin() + static_cast<long>(order.size() / 3));
    Rows first;
    for (const unsigned threads : {1u, 2u, 3u}) {
      HnswGraph graph(kSmall);
      graph.add(world.table, order, threads);
      Rows all = links_of(graph);
      graph.remove(world.table, gone, threads);
      graph.add(world.table, gone, threads);
      const Rows again = links_of(graph);
      all.insert(all.end(), again.begin(), again.end());
      if (threads == 1) first = all;
      CHECK(all == first);
    }
  }
}

TEST("another seed puts other rows on the levels above, and each level holds the next share") {
  std::size_t above = 0, differ = 0;
  for (std::uint32_t row = 0; row < 20000; ++row) {
    above += hnsw_level(row, {16, 1, 1}) > 0;
    differ += hnsw_level(row, {16, 1, 1}) != hnsw_level(row, {16, 1, 2});
  }
  CHECK(above > 1000 && above < 1500);
  CHECK(differ > 1000);
}

TEST("graphs of no row, one and two") {
  check::Random random(3);
  for (const std::size_t count : {0, 1, 2}) {
    const VectorWorld world(count + 1, 1, 0, random);
    HnswGraph graph(kSmall);
    Rows rows = world.every_row();
    rows.pop_back();
    graph.add(world.table, rows, 2);
    CHECK_EQ(graph.size(), count);
    CHECK_EQ(searched(graph.view(), world.table, world.vector(0), nullptr, 10, 10).size(), count);
  }
}

TEST("rows that are all alike are all found") {
  check::Random random(4);
  const VectorWorld world(300, 1, 1.0, random);
  HnswGraph graph(kSmall);
  graph.add(world.table, world.every_row(), 2);
  const NearestSpace space{world.table, nullptr};
  HnswScratch scratch;
  std::vector<Scored> out(50);
  CHECK_EQ(
      nearest_top_k(space, world.vector(0), nullptr, 50, 100, NearestBy::kPlan, scratch, out.data())
          .count,
      50u);
  for (std::uint32_t i = 0; i < 50; ++i) CHECK_EQ(out[i].row, i);
}

TEST("under a filter only eligible rows come, and with a wide beam nearly all of the best") {
  check::Random random(5);
  const VectorWorld world(2000, 9, 0.05, random);
  HnswGraph graph(kSmall);
  graph.add(world.table, world.every_row(), 2);
  for (const double share : {0.05, 0.3, 0.9}) {
    std::vector<std::uint64_t> bits(bitmap_words(world.table.count));
    for (std::size_t row = 0; row < world.table.count; ++row) {
      if (random.chance(share)) bitmap_set(bits.data(), row);
    }
    const auto got = searched(graph.view(), world.table, world.vector(7), bits.data(), 10, 40);
    CHECK_EQ(got.size(), 10u);
    for (const Scored& one : got) CHECK(bitmap_test(bits.data(), one.row));
    CHECK(recall(graph, world, 40, bits.data(), random) > 0.97);
  }
}

TEST("after half is taken out and put back, as much is found as in a fresh graph") {
  check::Random random(6);
  const VectorWorld world(4000, 30, 0.02, random);
  HnswGraph graph(kSmall);
  graph.add(world.table, world.every_row(), 2);
  check::Random same(66), as_before(66);
  const double fresh = recall(graph, world, 40, nullptr, same);
  Rows half;
  for (const std::uint32_t row : world.every_row()) {
    if (random.chance(0.5)) half.push_back(row);
  }
  graph.remove(world.table, half, 2);
  for (const std::uint32_t row : half) CHECK(!graph.has(row));
  std::vector<std::uint64_t> left(bitmap_words(world.table.count));
  for (const std::uint32_t row : world.every_row()) {
    if (graph.has(row)) bitmap_set(left.data(), row);
  }
  for (int i = 0; i < 20; ++i) {
    const QueryVector query = world.vector(random.below(world.table.count));
    for (const Scored& one : searched(graph.view(), world.table, query, nullptr, 10, 40)) {
      CHECK(bitmap_test(left.data(), one.row));
    }
  }
  CHECK(recall(graph, world, 40, left.data(), random) > 0.97);
  graph.add(world.table, half, 2);
  CHECK_EQ(graph.size(), world.table.count);
  const double now = recall(graph, world, 40, nullptr, as_before);
  CHECK(now > fresh - 0.01);
}

TEST("a graph whose rows were all taken out one by one is empty, and grows again") {
  check::Random random(7);
  const VectorWorld world(150, 3, 0.1, random);
  HnswGraph graph(kSmall);
  graph.add(world.table, world.every_row(), 1);
  for (const std::uint32_t row : world.every_row()) {
    graph.remove(world.table, {row}, 1);
    const QueryVector query = world.vector(row);
    CHECK_EQ(searched(graph.view(), world.table, query, nullptr, 200, 200).size(), graph.size());
  }
  CHECK_EQ(graph.size(), 0u);
  CHECK_EQ(graph.view().levels, 0u);
  for (const std::uint32_t row : world.every_row()) graph.add(world.table, {row}, 1);
  CHECK_EQ(searched(graph.view(), world.table, world.vector(3), nullptr, 200, 200).size(), 150u);
}

TEST("a search that may score few rows gives up, and the planner scans then") {
  check::Random random(8);
  const VectorWorld world(3000, 9, 0, random);
  HnswGraph graph(kSmall);
  graph.add(world.table, world.every_row(), 2);
  const QueryVector query = world.vector(0);
  HnswScratch scratch;
  CHECK(!hnsw_search(graph.view(), world.table, query, nullptr, 40, 30, scratch));
}

TEST("the planner gives k whenever k are eligible, exactly where it scans") {
  check::Random random(9);
  int by_graph = 0;
  const VectorWorld world(5000, 40, 0.05, random);
  HnswGraph graph(kSmall);
  graph.add(world.table, world.every_row(), 2);
  const HnswView view = graph.view();
  const NearestSpace space{world.table, &view};
  HnswScratch scratch;
  std::vector<Scored> out(kMaxTopK);
  for (int round = 0; round < check::scaled(1000); ++round) {
    const std::size_t k = 1 + random.below(20);
    const std::size_t few[] = {0, 1, k - 1, k, 250, 3000, 5000};
    std::size_t wanted_rows = few[random.below(7)];
    std::vector<std::uint64_t> bits(bitmap_words(world.table.count));
    if (wanted_rows == 5000) bitmap_fill(bits.data(), 5000);
    for (std::size_t set = 0; set < wanted_rows && wanted_rows < 5000;) {
      const std::size_t row = random.below(5000);
      if (bitmap_test(bits.data(), row)) continue;
      bitmap_set(bits.data(), row);
      ++set;
    }
    const QueryVector query = world.vector(random.below(5000));
    const auto wanted = exact(world.table, query, bits.data(), k);
    const Nearest got =
        nearest_top_k(space, query, bits.data(), k, 10, NearestBy::kPlan, scratch, out.data());
    REQUIRE(got.count == wanted.size());
    by_graph += !got.exact;
    for (std::size_t i = 0; i < got.count; ++i) {
      CHECK(bitmap_test(bits.data(), out[i].row));
      if (got.exact) CHECK_EQ(out[i].row, wanted[i].row);
    }
  }
  CHECK(by_graph > 0);
}

TEST("the fewer rows are eligible, the sooner they are scanned") {
  CHECK(graph_is_cheaper(100000, 100000, 100));
  CHECK(!graph_is_cheaper(5000, 100000, 100));
  CHECK(!graph_is_cheaper(5000, 5000, 100));
  for (std::size_t eligible = 0; eligible < 100000; eligible += 1000) {
    if (graph_is_cheaper(eligible, 100000, 100))
      CHECK(graph_is_cheaper(eligible + 1000, 100000, 100));
  }
}

TEST("looking around from several rows at a time finds what one at a time finds, of little more") {
  check::Random random(21);
  const VectorWorld world(3000, 20, 0.02, random);
  HnswGraph graph(kSmall);
  graph.add(world.table, world.every_row(), 2);
  std::size_t found[2] = {}, visits[2] = {};
  HnswScratch scratch;
  std::vector<Scored> got(10);
  for (int round = 0; round < 200; ++round) {
    const QueryVector query = world.vector(random.below(3000));
    const std::vector<Scored> wanted = exact(world.table, query, nullptr, 10);
    PreparedQueries prepared;
    prepare_queries(&query, 1, world.table.dimension, prepared);
    for (const std::size_t together : {std::size_t{1}, kHnswTogether}) {
      hnsw_descend(graph.view(), world.table, prepared, 0, scratch);
      REQUIRE(hnsw_walk(graph.view(), world.table, prepared, nullptr, 0, nullptr, 30, SIZE_MAX,
                        together, scratch));
      REQUIRE(scratch.beam.take(10, got.data()) == 10);
      found[together != 1] += hits(got, wanted);
      visits[together != 1] += scratch.visits;
    }
  }
  CHECK(found[1] * 1000 >= found[0] * 999);
  CHECK(found[0] > 1800);
  CHECK(visits[1] * 100 <= visits[0] * 115);
}
