// Search by meaning through a pack's graph, against the same catalogue without one, which compares every title.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "check.hpp"
#include "pack_builder.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/ranker.hpp"
#include "vector_world.hpp"

namespace {

using namespace tvcore;

constexpr uint32_t kTitles = 16000;

struct Catalogue {
  std::shared_ptr<const Ranker> ranker;
  std::shared_ptr<const HistoryView> view;

  explicit Catalogue(std::vector<std::shared_ptr<const Pack>> packs) {
    std::shared_ptr<const Stack> stack;
    REQUIRE_OK(Stack::build(std::move(packs), &stack));
    ranker = Ranker::build(stack);
    view = HistoryView::build(stack, Fold(), nullptr, 0, nullptr);
  }

  std::map<std::string, int32_t> search(const char* text, const QueryVector& meaning, uint32_t k,
                                        uint8_t max_age, uint32_t* eligible) {
    Request request;
    request.rules.max_age = max_age;
    request.rules.providers = ~uint64_t{0};
    request.k = k;
    Slate slate;
    ranker->search(*view, text, &meaning, request, scratch, &slate);
    *eligible = slate.eligible;
    std::map<std::string, int32_t> found;
    for (const Pick& pick : slate.picks) {
      found[std::string(ranker->stack().id(pick.slot))] = pick.score_q20;
    }
    CHECK_EQ(found.size(), slate.picks.size());
    return found;
  }

  Scratch scratch;
};

// The same base with and without a graph, and a side pack that takes titles away and has new ones.
struct Both {
  VectorWorld world;
  std::unique_ptr<Catalogue> with, without;

  explicit Both(check::Random& random) : world(kTitles + 100, 40, 0.01, random) {
    check::PackBuilder base;
    base.dimension = VectorWorld::kDimension;
    for (uint32_t i = 0; i < kTitles; ++i) base.titles.push_back(title(i));
    VectorTable rows = world.table;
    rows.count = kTitles;
    std::vector<uint32_t> all(kTitles);
    for (uint32_t i = 0; i < kTitles; ++i) all[i] = i;
    all.erase(all.begin() + 7);  // it has no vector
    HnswGraph graph({16, 100, 1});
    graph.add(rows, all, 2);
    without = std::make_unique<Catalogue>(stacked(base));
    base.graph = &graph;
    with = std::make_unique<Catalogue>(stacked(base));
  }

  check::TestTitle title(uint32_t i) const {
    check::TestTitle one;
    one.id = "a:" + std::to_string(i);
    one.title = i % 1000 == 3 ? "Red River " + std::to_string(i) : "Nothing " + std::to_string(i);
    one.age = i % 2 == 0 ? 16 : 6;
    if (i == 7) return one;
    const QueryVector vector = world.vector(i);
    one.vector.assign(vector.row, vector.row + VectorWorld::kDimension);
    one.scale_q30 = vector.scale_q30;
    return one;
  }

  std::vector<std::shared_ptr<const Pack>> stacked(const check::PackBuilder& base) const {
    const auto pack = base.pack();
    REQUIRE_OK(pack->verify());
    auto side = check::PackBuilder::side_of(*pack, 1);
    for (uint32_t i = kTitles; i < kTitles + 100; ++i) side.titles.push_back(title(i));
    for (uint32_t i = 100; i < 120; ++i) side.removed.push_back("a:" + std::to_string(i));
    return {pack, side.pack()};
  }
};

}  // namespace

TEST("by the graph as many are found as by comparing all, nearly the same, with the same scores") {
  check::Random random(1);
  Both both(random);
  size_t same = 0, of = 0, by_graph = 0;
  for (int i = 0; i < 60; ++i) {
    const QueryVector query = both.world.vector(random.below(kTitles + 100));
    const uint32_t k = 1 + static_cast<uint32_t>(random.below(50));
    const char* const text = i % 3 == 0 ? "red river" : "about";
    const uint8_t age = i % 4 == 0 ? 6 : 18;
    uint32_t eligible = 0, all = 0;
    const auto wanted = both.without->search(text, query, k, age, &all);
    const auto found = both.with->search(text, query, k, age, &eligible);
    CHECK_EQ(found.size(), wanted.size());
    CHECK_EQ(found.size(), std::min(k, all));
    by_graph += eligible != all;
    CHECK(age == 18 || eligible == all);  // half the titles: compared
    for (const auto& [id, score] : found) {
      const auto there = wanted.find(id);
      if (there == wanted.end()) continue;
      ++same;
      CHECK_EQ(there->second, score);
    }
    of += wanted.size();
  }
  CHECK(by_graph > 30);
  CHECK(same > of * 95 / 100);
}
