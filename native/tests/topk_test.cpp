// The top-k against a full sort.
#include "tvcore/topk.hpp"

#include <algorithm>
#include <vector>

#include "check.hpp"
#include "tvcore/bitmap.hpp"

namespace {

using namespace tvcore;

std::vector<Scored> best_by_sorting(std::vector<Scored> all, std::size_t k) {
  std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.row < b.row;
  });
  all.resize(std::min(all.size(), k));
  return all;
}

std::vector<Scored> finish(TopK& top) {
  std::vector<Scored> out(kMaxTopK);
  out.resize(top.finish(out.data()));
  return out;
}

void check_same(const std::vector<Scored>& got, const std::vector<Scored>& expected) {
  CHECK_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    CHECK_EQ(got[i].score, expected[i].score);
    CHECK_EQ(got[i].row, expected[i].row);
    CHECK_EQ(got[i].tag, expected[i].tag);
  }
}

// Scores of three kinds: nearly all different, nearly all tied, and the ends of the range.
std::int32_t random_score(int kind, check::Random& random) {
  if (kind == 0) return static_cast<std::int32_t>(random.between(INT32_MIN, INT32_MAX));
  if (kind == 1) return static_cast<std::int32_t>(random.between(-2, 2));
  return random.chance(0.5) ? INT32_MIN : INT32_MAX;
}

}  // namespace

TEST("the best k equal a full sort, ties by row, in any order of arrival") {
  check::Random random(1);
  TopK top;
  for (int round = 0; round < check::scaled(3000); ++round) {
    const std::size_t rows = random.below(4000);
    const std::size_t k = random.chance(0.1) ? kMaxTopK : random.below(120);
    std::vector<Scored> all(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      all[i] = {random_score(round % 3, random), static_cast<std::uint32_t>(i),
                static_cast<std::uint32_t>(random.below(4))};
    }
    const std::vector<Scored> expected = best_by_sorting(all, k);
    if (random.chance(0.5)) {
      for (std::size_t i = rows; i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
    }
    top.reset(k);
    for (const Scored& one : all) top.push(one.score, one.row, one.tag);
    check_same(finish(top), expected);
  }
}

TEST("the greatest row number survives the packing") {
  TopK top(2);
  top.push(5, kMaxTopKRows - 1, 3);
  top.push(5, 0, 1);
  check_same(finish(top), {{5, 0, 1}, {5, kMaxTopKRows - 1, 3}});
}

TEST("more than the largest k is cut to it") {
  TopK top(kMaxTopK + 500);
  for (std::uint32_t row = 0; row < 3000; ++row) top.push(static_cast<std::int32_t>(row), row);
  const std::vector<Scored> best = finish(top);
  CHECK_EQ(best.size(), kMaxTopK);
  CHECK_EQ(best.front().row, 2999u);
}

TEST("pushing scores under a bitmap equals sorting the eligible rows") {
  check::Random random(2);
  TopK top;
  for (int round = 0; round < check::scaled(2000); ++round) {
    const std::size_t rows = random.below(1500);
    const double density = round % 4 == 0 ? 0.02 : random.unit();
    std::vector<std::int32_t> scores(rows);
    std::vector<std::uint64_t> eligible(bitmap_words(rows));
    std::vector<Scored> all;
    for (std::size_t i = 0; i < rows; ++i) {
      scores[i] = random_score(round % 3, random);
      if (!random.chance(density)) continue;
      bitmap_set(eligible.data(), i);
      all.push_back({scores[i], static_cast<std::uint32_t>(i), 0});
    }
    const std::size_t k = 1 + random.below(60);
    top.reset(k);
    push_scores(scores.data(), rows, eligible.data(), top);
    check_same(finish(top), best_by_sorting(all, k));
  }
}
