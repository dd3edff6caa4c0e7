// What single terms must hold to, whoever asks, and that the reasons made from them are true. That their values are the
// right ones is tests/oracle/ranking's to say.
#include <algorithm>

#include "check.hpp"
#include "ranking_world.hpp"
#include "tvcore/bitmap.hpp"

using namespace tvcore;

namespace {

struct Case {
  check::World world;
  check::Person person;
  Request request;
  std::shared_ptr<const Ranker> ranker;
  std::shared_ptr<const HistoryView> view;
  Scratch scratch;

  explicit Case(uint64_t seed) {
    check::WorldMaker maker(seed);
    world = maker.world(40);
    person = maker.person(world, 40);
    request = maker.request(world, person);
    request.weights_q12 = kDefaultWeights;
    ranker = Ranker::build(world.stack);
    view = HistoryView::build(world.stack, person.fold, &person.learned, person.space_id);
  }
  // One of `titles`, watched by nobody yet, and everything open.
  explicit Case(const std::vector<check::TestTitle>& titles) {
    check::PackBuilder base;
    base.titles = titles;
    world.stack = check::WorldMaker::stack_of({base.pack()});
    request.rules = make_rules(person.profile, *world.stack, "", "", check::kWorldNow);
    ranker = Ranker::build(world.stack);
    look();
  }
  void look() { view = HistoryView::build(world.stack, person.fold, nullptr, 0); }
  void complete(uint32_t slot) {
    Event event = histories::event(Kind::kComplete, world.stack->keys()[slot]);
    event.at_ms = check::kWorldNow;
    person.fold.apply(event);
    look();
  }
  Slate recommend() {
    Slate slate;
    ranker->recommend(*view, request, scratch, &slate);
    return slate;
  }
  Explanation explain(uint32_t slot) {
    Explanation why;
    ranker->explain(*view, slot, request, scratch, &why);
    return why;
  }
};

std::vector<check::TestTitle> titles(size_t count) {
  std::vector<check::TestTitle> out;
  for (size_t i = 0; i < count; ++i) {
    check::TestTitle one{"aa:" + std::to_string(i), "Title " + std::to_string(i)};
    one.popularity = 100;
    one.year = 1980;
    one.genres = {"Drama"};
    out.push_back(one);
  }
  return out;
}

}  // namespace

TEST("either co-watching or nearness speaks for a title, never both") {
  int by_weights = 0, by_nearness = 0;
  for (int seed = 0; seed < check::scaled(500); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 30000);
    for (const Pick& pick : one.recommend().picks) {
      CHECK(pick.terms_q20[kTermCf] == 0 || pick.terms_q20[kTermNearest] == 0);
      by_weights += pick.terms_q20[kTermCf] != 0 ? 1 : 0;
      by_nearness += pick.terms_q20[kTermNearest] != 0 ? 1 : 0;
    }
  }
  CHECK(by_weights > 0 && by_nearness > 0);
}

TEST("a genre is named only if the title has it and something watched has it") {
  int named = 0;
  for (int seed = 0; seed < check::scaled(500); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 31000);
    one.request.weights_q12[kTermGenre] = 4096;
    for (const Pick& pick : one.recommend().picks) {
      if (pick.reason != Reason::kGenre) continue;
      ++named;
      REQUIRE(pick.reason_genre >= 0);
      const uint64_t bit = uint64_t{1} << pick.reason_genre;
      const Stack& stack = *one.world.stack;
      CHECK((stack.genres()[pick.slot] & bit) != 0);
      const std::vector<uint32_t>& recent = one.view->recent();
      CHECK(std::any_of(recent.begin(), recent.end(), [&](uint32_t place) {
        return (stack.genres()[one.view->titles()[place].slot] & bit) != 0;
      }));
    }
  }
  CHECK(named > 0);
}

TEST(
    "who is new sees what is watched in the region and at the daypart, as far as many are counted "
    "there") {
  std::vector<check::TestTitle> all = titles(3);
  all[0].popularity = 1000;
  all[1].counts = {{"DE", 255, 0, 5000}};
  all[2].counts = {{"", 3, 0, 5000}, {"FR", 255, 0, 3}};
  Case one(all);
  const auto first = [&](const char* region, uint32_t daypart) {
    // Tuesday, 14 November 2023, in the middle of a quarter of the day.
    const int64_t at =
        check::kWorldNow - check::kWorldNow % check::kDay + (6 * daypart + 3) * 3600000;
    one.request.rules = make_rules(one.person.profile, *one.world.stack, region, "", at);
    const Slate slate = one.recommend();
    CHECK_EQ(slate.picks[0].terms_q20[kTermPopularity],
             one.explain(slate.picks[0].slot).pick.terms_q20[kTermPopularity]);
    return slate.picks[0].slot;
  };
  CHECK_EQ(first("", 1), 0u);
  CHECK_EQ(first("DE", 1), 1u);
  CHECK_EQ(first("", 3), 2u);
  CHECK_EQ(first("US", 3), 2u);
  CHECK_EQ(first("FR", 1), 0u);
}

TEST("only what is new is called new") {
  int called = 0;
  for (int seed = 0; seed < check::scaled(500); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 32000);
    one.request.weights_q12[kTermFresh] = 16384;
    const Freshness freshness(one.request.rules.at_ms);
    for (const Pick& pick : one.recommend().picks) {
      if (pick.reason != Reason::kNew) continue;
      ++called;
      const PackItem& item = one.world.stack->item(pick.slot);
      CHECK(freshness.newness_q20(Freshness::encode(item.added_day, item.year)) > 0);
    }
  }
  CHECK(called > 0);
}

TEST("who has watched nothing sees what is popular, and who knows ten titles does not") {
  std::vector<check::TestTitle> all = titles(30);
  for (uint32_t i = 0; i < 30; ++i) all[i].popularity = 1000 - i;
  Case one(all);
  one.request.k = 5;
  const Slate first = one.recommend();
  for (uint32_t i = 0; i < 5; ++i) {
    CHECK_EQ(first.picks[i].slot, i);
    CHECK_EQ(first.picks[i].reason, Reason::kPopular);
  }
  int32_t before = first.picks[0].terms_q20[kTermPopularity];
  for (uint32_t watched = 1; watched <= 10; ++watched) {
    one.complete(30 - watched);
    const int32_t now = one.explain(0).pick.terms_q20[kTermPopularity];
    CHECK(now < before);
    before = now;
  }
  CHECK_EQ(before, 0);
}

TEST(
    "a genre watched more than by others raises its titles, and one watched as by all does not "
    "lead") {
  std::vector<check::TestTitle> all = titles(40);
  for (size_t i = 20; i < 40; ++i) all[i].genres = {i < 25 ? "Western" : "Drama"};
  Case one(all);
  one.complete(20);
  one.complete(21);
  const int32_t western = one.explain(22).pick.terms_q20[kTermGenre];
  CHECK_EQ(one.explain(30).pick.terms_q20[kTermGenre], 0);
  CHECK(western > 0);
  one.complete(0);
  CHECK(one.explain(30).pick.terms_q20[kTermGenre] > 0);
  // Watched less than the Westerns were, and by everybody.
  CHECK(one.explain(30).pick.terms_q20[kTermGenre] < one.explain(22).pick.terms_q20[kTermGenre]);
}

TEST("the years of what was watched draw titles of their time, the nearer the more") {
  std::vector<check::TestTitle> all = titles(6);
  const int years[] = {1972, 1972, 1975, 1990, 2005, 0};
  for (size_t i = 0; i < all.size(); ++i) all[i].year = years[i];
  Case one(all);
  CHECK_EQ(one.explain(1).pick.terms_q20[kTermEra], 0);
  one.complete(0);
  int32_t before = kDefaultWeights[kTermEra] << 8;  // the whole of it
  CHECK_EQ(one.explain(1).pick.terms_q20[kTermEra], before);
  for (uint32_t slot = 2; slot < 5; ++slot) {
    const int32_t now = one.explain(slot).pick.terms_q20[kTermEra];
    CHECK(now > 0 && now < before);
    before = now;
  }
  CHECK_EQ(one.explain(5).pick.terms_q20[kTermEra], 0);
}

TEST("an older release counts less, one that is not out yet nothing, one just added most") {
  std::vector<check::TestTitle> all = titles(6);
  const int years[] = {2023, 2022, 2015, 1900, 2024, 1980};
  for (size_t i = 0; i < all.size(); ++i) all[i].year = years[i];
  all[5].added_day = static_cast<int32_t>(check::kWorldNow / check::kDay);
  Case one(all);
  const auto fresh = [&one](uint32_t slot) { return one.explain(slot).pick.terms_q20[kTermFresh]; };
  CHECK(fresh(0) > fresh(1) && fresh(1) > fresh(2) && fresh(2) > fresh(3));
  CHECK_EQ(fresh(3), 0);
  CHECK_EQ(fresh(4), 0);
  CHECK_EQ(fresh(5), fresh(0));
}

TEST("what was left early speaks against its like, and a dislike more than that") {
  std::vector<check::TestTitle> all = titles(4);
  all[0].weights = {{1, 127}};
  all[2].weights = {{3, 127}};
  check::PackBuilder base;
  base.with_weights = true;
  base.titles = all;
  Case one(all);
  one.world.stack = check::WorldMaker::stack_of({base.pack()});
  one.request.rules = make_rules(one.person.profile, *one.world.stack, "", "", check::kWorldNow);
  one.ranker = Ranker::build(one.world.stack);
  Event left = histories::event(Kind::kStop, one.world.stack->keys()[0]);
  left.fields = kHasWatched;
  left.watched_e4 = 1000;
  one.person.fold.apply(left);
  one.person.fold.apply(histories::event(Kind::kNotInterested, one.world.stack->keys()[2]));
  one.look();
  const int32_t abandoned = one.explain(1).pick.terms_q20[kTermCf];
  const int32_t disliked = one.explain(3).pick.terms_q20[kTermCf];
  CHECK(abandoned < 0);
  CHECK(disliked < 3 * abandoned);
}
