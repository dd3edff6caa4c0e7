// What is told by half of a vector.
#include "tvcore/hnsw_sieve.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "check.hpp"
#include "tvcore/hnsw_graph.hpp"
#include "vector_world.hpp"

namespace {

using namespace tvcore;

constexpr std::size_t kLong = 384;

struct Sifted {
  std::vector<std::uint32_t> rows;
  std::vector<std::int32_t> scores;
};

Sifted sifted(const VectorWorld& world, const QueryVector& query, std::int32_t threshold,
              std::vector<std::uint32_t> rows) {
  std::vector<std::int32_t> scores(rows.size());
  const HnswSieve sieve(query, kLong);
  const std::size_t kept =
      sieve.sift(world.table, threshold, rows.data(), rows.size(), scores.data());
  rows.resize(kept);
  scores.resize(kept);
  return {rows, scores};
}

}  // namespace

TEST("what a sieve leaves has the scores of a scan, and little that would have entered is lost") {
  check::Random random(1);
  const VectorWorld world(640, 6, 0.02, random, kLong);
  REQUIRE(HnswSieve::fits(world.table));
  std::size_t entering = 0, lost = 0, below = 0, left = 0;
  for (int round = 0; round < 400; ++round) {
    const QueryVector query = world.vector(random.below(640));
    std::vector<std::int32_t> all(640);
    scan_all(world.table, &query, 1, nullptr, all.data());
    std::vector<std::int32_t> order(all);
    std::nth_element(order.begin(), order.begin() + 60, order.end(), std::greater<>());
    const std::int32_t threshold = order[60];
    std::vector<std::uint32_t> rows(1 + random.below(kBlockRows));
    for (std::uint32_t& row : rows) row = static_cast<std::uint32_t>(random.below(640));
    const Sifted got = sifted(world, query, threshold, rows);
    std::size_t at = 0;
    for (const std::uint32_t row : rows) {
      const bool kept = at < got.rows.size() && got.rows[at] == row;
      if (kept) CHECK_EQ(got.scores[at++], all[row]);
      entering += all[row] >= threshold;
      lost += all[row] >= threshold && !kept;
      below += all[row] < threshold;
      left += all[row] < threshold && kept;
    }
    CHECK_EQ(at, got.rows.size());
  }
  CHECK(entering > 300);
  CHECK(lost * 50 <= entering);
  CHECK(left * 3 <= below * 2);
}

TEST("without a threshold nothing is lost") {
  check::Random random(2);
  const VectorWorld world(64, 3, 0, random, kLong);
  const std::vector<std::uint32_t> rows = world.every_row();
  CHECK(sifted(world, world.vector(5), INT32_MIN, rows).rows == rows);
  CHECK(sifted(world, world.vector(5), INT32_MAX, rows).rows.empty());
}

TEST("a search that sifts finds what one that scans finds") {
  check::Random random(3);
  const VectorWorld world(4000, 20, 0.02, random, kLong);
  HnswGraph graph({16, 100, 5});
  graph.add(world.table, world.every_row(), 2);
  HnswScratch scratch;
  std::size_t found = 0, of = 0;
  std::vector<Scored> wanted(20), got(20);
  for (int round = 0; round < 100; ++round) {
    const QueryVector query = world.vector(random.below(4000));
    TopK top(20);
    scan_top_k(world.table, &query, 1, nullptr, top);
    top.finish(wanted.data());
    REQUIRE(hnsw_search(graph.view(), world.table, query, nullptr, 60, SIZE_MAX, scratch));
    REQUIRE(scratch.beam.take(20, got.data()) == 20);
    for (const Scored& one : got) found += one.score >= wanted.back().score;
    of += 20;
    CHECK_EQ(got.front().score, wanted.front().score);
  }
  CHECK(found * 100 >= of * 97);
}

TEST("short rows, and those that do not halve into whole lines, are not sifted") {
  VectorTable table{};
  for (const auto& [dimension, fits] :
       {std::pair{64, false}, {256, false}, {384, true}, {416, false}, {768, true}}) {
    table.dimension = static_cast<std::size_t>(dimension);
    CHECK_EQ(HnswSieve::fits(table), fits);
  }
}
