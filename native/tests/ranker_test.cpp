// What must hold of every slate, over random catalogues, people and requests. That the slates are the right ones is
// tests/oracle/ranking's to say.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <new>
#include <set>

#include "check.hpp"
#include "ranking_world.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/normal.hpp"
#include "tvcore/rows.hpp"

namespace {
size_t allocations = 0;
}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which count for themselves
// Never inlined: the compiler would see new beside free and warn.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif

using namespace tvcore;
using check::Person;
using check::World;
using check::WorldMaker;

namespace {

struct Case {
  World world;
  Person person;
  Request request;
  std::shared_ptr<const Ranker> ranker;
  std::shared_ptr<const HistoryView> view;
  Scratch scratch;

  explicit Case(uint64_t seed, size_t titles = 40, size_t events = 40) {
    WorldMaker maker(seed);
    world = maker.world(titles);
    person = maker.person(world, events);
    request = maker.request(world, person);
    ranker = Ranker::build(world.stack);
    look();
  }
  void look() {
    view =
        HistoryView::build(world.stack, person.fold, &person.learned, person.space_id, view.get());
  }
  Slate recommend() {
    Slate slate;
    ranker->recommend(*view, request, scratch, &slate);
    return slate;
  }
  Screen screen() {
    Screen out;
    rows(*ranker, *view, request, 12, scratch, &out);
    return out;
  }
  const Stack& stack() const { return *world.stack; }

  // The filter, read from the pack's own rows, offer by offer.
  bool admitted(uint32_t slot) const {
    const Pack& pack = *stack().packs()[stack().pack_of(slot)];
    const PackItem& item = pack.item(stack().row_of(slot));
    if (item.age > request.rules.max_age) return false;
    const auto& entitled = person.profile.entitlements;
    for (uint32_t i = 0; i < item.offer_count; ++i) {
      const PackOffer& offer = pack.offer(item.first_offer + i);
      const std::string provider(pack.providers()[offer.provider]);
      const std::vector<uint16_t> regions = pack.list16("REGN", offer.regions);
      const bool here =
          regions.empty() || std::count(regions.begin(), regions.end(), request.rules.region) != 0;
      const bool allowed =
          entitled.empty() || std::count(entitled.begin(), entitled.end(), provider) != 0;
      if (here && allowed && offer.start_ms <= request.rules.at_ms &&
          request.rules.at_ms < offer.end_ms) {
        return true;
      }
    }
    return false;
  }
  bool eligible(uint32_t slot) const {
    return !bitmap_test(view->blocked(), slot) && may_be_asked_for(slot);
  }
  // On the list, and kept there though rated down.
  bool is_kept(uint32_t slot) const {
    const std::vector<uint32_t>& kept = view->listed_down();
    return std::count(kept.begin(), kept.end(), slot) != 0 && may_be_asked_for(slot);
  }
  // Watched to its end, and under way once more.
  bool goes_on(uint32_t slot) const {
    const Title* title = view->find(slot);
    return title != nullptr && (title->flags & kStarted) != 0 && title->duration_s != 0 &&
           title->resume_s >= 120 && !bitmap_test(view->hidden(), slot) && may_be_asked_for(slot);
  }
  bool may_be_asked_for(uint32_t slot) const {
    if (!bitmap_test(stack().live_bits(), slot) || !admitted(slot)) return false;
    const int32_t genre = request.rules.genre;
    return genre == kAnyGenre ||
           (genre != kUnknownGenre && (stack().genres()[slot] >> genre & 1) != 0);
  }
  uint64_t group(uint32_t slot) const {
    const uint64_t group = stack().groups()[slot];
    return group != 0 ? group : stack().keys()[slot];
  }
};

void check_pick(const Case& one, const Pick& pick) {
  const bool listed = pick.reason == Reason::kListed && one.is_kept(pick.slot);
  const bool again = pick.reason == Reason::kContinue && one.goes_on(pick.slot);
  CHECK(listed || again || one.eligible(pick.slot));
  CHECK(pick.offer != kNone);
  int64_t sum = 0;
  for (const int32_t term : pick.terms_q20) sum += term;
  CHECK_EQ(sum, int64_t{pick.score_q20});
  if (pick.reason_slot == kNone) return;
  CHECK(one.admitted(pick.reason_slot));
  CHECK(!bitmap_test(one.view->hidden(), pick.reason_slot));
}

std::vector<Key> keys_of(const Case& one, const std::vector<Pick>& picks) {
  std::vector<Key> keys;
  for (const Pick& pick : picks) keys.push_back(one.stack().keys()[pick.slot]);
  return keys;
}

Event event(Kind kind, Key item) {
  Event out = histories::event(kind, item);
  out.at_ms = check::kWorldNow;
  return out;
}

}  // namespace

TEST("a slate holds only eligible titles, each group once, and k whenever k groups are eligible") {
  for (int seed = 0; seed < check::scaled(2000); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 1);
    const Slate slate = one.recommend();
    std::set<uint64_t> groups, taken;
    uint32_t eligible = 0;
    for (uint32_t slot = 0; slot < one.stack().slots(); ++slot) {
      if (!one.eligible(slot)) continue;
      ++eligible;
      groups.insert(one.group(slot));
    }
    CHECK_EQ(slate.eligible, eligible);
    CHECK_EQ(slate.picks.size(), std::min<size_t>(one.request.k, groups.size()));
    for (const Pick& pick : slate.picks) {
      check_pick(one, pick);
      CHECK(taken.insert(one.group(pick.slot)).second);
    }
  }
}

TEST("a screen shows no title and no series twice, and only what passes the filter") {
  for (int seed = 0; seed < check::scaled(2000); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 5000);
    const Screen screen = one.screen();
    std::set<uint64_t> taken;
    uint32_t next = 0;
    for (const Row& row : screen.rows) {
      CHECK_EQ(row.first, next);
      CHECK(row.count > 0 && row.count <= one.request.k);
      next += row.count;
      if (row.reason_slot != kNone) CHECK(one.admitted(row.reason_slot));
    }
    CHECK_EQ(size_t{next}, screen.picks.size());
    for (const Pick& pick : screen.picks) {
      check_pick(one, pick);
      CHECK(taken.insert(one.group(pick.slot)).second);
    }
  }
}

TEST("similar and search pass the same filter") {
  for (int seed = 0; seed < check::scaled(1000); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 9000);
    Slate slate;
    one.ranker->similar(*one.view, one.stack().current(0) == kNone ? 1 : one.stack().current(0),
                        one.request, one.scratch, &slate);
    for (const Pick& pick : slate.picks) check_pick(one, pick);
    one.ranker->search(*one.view, "s", nullptr, one.request, one.scratch, &slate);
    for (const Pick& pick : slate.picks) CHECK(one.admitted(pick.slot));
  }
}

TEST("explain gives every title of a slate the score and the reason that the slate gave") {
  for (int seed = 0; seed < check::scaled(1000); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 13000);
    const Slate slate = one.recommend();
    for (const Pick& pick : slate.picks) {
      Explanation why;
      one.ranker->explain(*one.view, pick.slot, one.request, one.scratch, &why);
      CHECK(why.eligible);
      CHECK_EQ(why.pick.score_q20, pick.score_q20);
      CHECK(why.pick.terms_q20 == pick.terms_q20);
      CHECK_EQ(why.pick.reason, pick.reason);
      CHECK_EQ(why.pick.reason_slot, pick.reason_slot);
      for (uint32_t i = 0; i < why.witness_count; ++i) {
        CHECK(one.admitted(why.witnesses[i].slot));
      }
    }
  }
}

TEST("what was begun or listed has the terms that explain gives it, whatever rows stand above") {
  size_t below_others = 0, beside = 0;
  for (int seed = 0; seed < check::scaled(2000); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 60000);
    const Screen screen = one.screen();
    bool others = false;
    for (const Row& row : screen.rows) {
      const bool own = row.kind == RowKind::kContinue || row.kind == RowKind::kNextEpisode ||
                       row.kind == RowKind::kMyList;
      others = others || row.kind == RowKind::kBecause || row.kind == RowKind::kMoreLikeThis;
      for (uint32_t i = row.first; own && i < row.first + row.count; ++i) {
        const Pick& pick = screen.picks[i];
        Explanation why;
        one.ranker->explain(*one.view, pick.slot, one.request, one.scratch, &why);
        CHECK(why.pick.terms_q20 == pick.terms_q20);
        below_others += others;
        beside += others && !why.eligible;
      }
    }
  }
  CHECK(below_others > 0 && beside > 0);
}

TEST("working memory that has served others gives the slates and screens that new memory gives") {
  for (int seed = 0; seed < check::scaled(300); ++seed) {
    WorldMaker maker(static_cast<uint64_t>(seed) + 80000);
    const World world = maker.world(60);
    const std::shared_ptr<const Ranker> rankers[] = {Ranker::build(world.stack),
                                                     Ranker::build(world.stack)};
    std::vector<Person> people;
    std::vector<std::shared_ptr<const HistoryView>> views;
    for (int i = 0; i < 2; ++i) {
      people.push_back(maker.person(world, 30));
      const Person& one = people.back();
      views.push_back(HistoryView::build(world.stack, one.fold, &one.learned, one.space_id, nullptr,
                                         &one.patterns));
    }
    Scratch used;
    for (int turn = 0; turn < 8; ++turn) {
      const size_t who = maker.random.below(2);
      const Ranker& ranker = *rankers[maker.random.below(2)];
      const Request request = maker.request(world, people[who]);
      Scratch fresh;
      Slate left, right;
      ranker.recommend(*views[who], request, used, &left);
      ranker.recommend(*views[who], request, fresh, &right);
      const auto same = [](const std::vector<Pick>& a, const std::vector<Pick>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Pick& x, const Pick& y) {
          return x.slot == y.slot && x.terms_q20 == y.terms_q20 && x.reason == y.reason &&
                 x.propensity_q16 == y.propensity_q16;
        });
      };
      CHECK(same(left.picks, right.picks));
      Screen up, down;
      rows(ranker, *views[who], request, 12, used, &up);
      rows(ranker, *views[who], request, 12, fresh, &down);
      CHECK(same(up.picks, down.picks));
    }
  }
}

TEST("the same titles in another order in the pack give the same slate") {
  for (int seed = 0; seed < check::scaled(1000); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 17000, 60);
    Case other(static_cast<uint64_t>(seed) + 17000, 60);
    check::PackBuilder base = one.world.builders[0];
    check::Random random(static_cast<uint64_t>(seed));
    std::vector<uint32_t> to(base.titles.size());
    for (uint32_t i = 0; i < to.size(); ++i) to[i] = i;
    for (size_t i = to.size(); i > 1; --i) std::swap(to[i - 1], to[random.below(i)]);
    check::PackBuilder shuffled = base;
    for (uint32_t row = 0; row < to.size(); ++row) {
      check::TestTitle& title = shuffled.titles[to[row]];
      title = base.titles[row];
      title.weights.clear();
      for (const auto& [column, value] : base.titles[row].weights)
        title.weights[to[column]] = value;
    }
    const uint32_t like = one.request.like;
    const Key liked = like == kNone ? 0 : one.stack().keys()[like];
    // Without side packs: they name the base by its hash.
    one.world.stack = WorldMaker::stack_of({base.pack()});
    other.world.stack = WorldMaker::stack_of({shuffled.pack()});
    for (Case* each : {&one, &other}) {
      each->view = nullptr;
      each->look();
      each->ranker = Ranker::build(each->world.stack);
      each->request.like = each->stack().find(liked);
      each->request.rules =
          make_rules(each->person.profile, *each->world.stack, "DE", "", each->request.rules.at_ms);
    }
    const Slate left = one.recommend(), right = other.recommend();
    CHECK(keys_of(one, left.picks) == keys_of(other, right.picks));
    for (size_t i = 0; i < std::min(left.picks.size(), right.picks.size()); ++i) {
      CHECK(left.picks[i].terms_q20 == right.picks[i].terms_q20);
      CHECK_EQ(left.picks[i].reason, right.picks[i].reason);
    }
    CHECK(keys_of(one, one.screen().picks) == keys_of(other, other.screen().picks));
  }
}

TEST("the same request gives the same slate, and another screen token another order of equals") {
  Case one(3, 400, 0);
  one.request.rules = make_rules(Profile{}, one.stack(), "DE", "", check::kWorldNow);
  one.request.rules.max_age = 18;
  one.request.k = 100;
  one.request.weights_q12 = Weights{};
  const std::vector<Key> first = keys_of(one, one.recommend().picks);
  CHECK(first == keys_of(one, one.recommend().picks));
  one.request.screen_token ^= 1;
  CHECK(first != keys_of(one, one.recommend().picks));
}

TEST("a view built from the one before is the one built anew") {
  for (int seed = 0; seed < check::scaled(500); ++seed) {
    Case one(static_cast<uint64_t>(seed) + 21000);
    WorldMaker maker(static_cast<uint64_t>(seed));
    for (int i = 0; i < 10; ++i) {
      one.person.fold.apply(maker.event(one.world, check::kWorldNow));
      one.look();
      const Slate stepwise = one.recommend();
      one.view = nullptr;
      one.look();
      CHECK(keys_of(one, stepwise.picks) == keys_of(one, one.recommend().picks));
    }
  }
}

TEST("completing, hiding, disliking and taking back change the next slate") {
  check::PackBuilder base;
  base.with_weights = true;
  for (int i = 0; i < 30; ++i) {
    check::TestTitle title{"aa:" + std::to_string(i), "Title " + std::to_string(i)};
    title.popularity = static_cast<uint32_t>(30 - i);
    base.titles.push_back(title);
  }
  base.titles[29].weights = {{28, 127}};
  Case one(1);
  one.world.stack = WorldMaker::stack_of({base.pack()});
  one.ranker = Ranker::build(one.world.stack);
  one.person = Person{};
  one.request = Request{};
  one.request.rules = make_rules(one.person.profile, one.stack(), "", "", check::kWorldNow);
  const auto best = [&] {
    one.view = nullptr;
    one.look();
    return one.recommend().picks[0].slot;
  };
  const auto observe = [&](Kind kind, uint32_t slot) {
    one.person.fold.apply(event(kind, one.stack().keys()[slot]));
    return best();
  };
  CHECK_EQ(best(), 0u);
  CHECK_EQ(observe(Kind::kComplete, 29), 28u);  // because 29 was watched
  const Pick pick = one.recommend().picks[0];
  CHECK_EQ(pick.reason, Reason::kWatched);
  CHECK_EQ(pick.reason_slot, 29u);
  CHECK_EQ(observe(Kind::kHide, 28), 0u);
  CHECK_EQ(observe(Kind::kNotInterested, 0), 1u);
  CHECK_EQ(observe(Kind::kUndo, 28), 28u);
  CHECK_EQ(observe(Kind::kComplete, 28), 1u);
  CHECK_EQ(observe(Kind::kUndo, 0), 0u);
}

TEST("serving allocates nothing once it is warm") {
  Case one(7, 3000, 300);
  one.request.rules = make_rules(Profile{}, one.stack(), "DE", "", check::kWorldNow);
  one.request.k = 50;
  Slate slate;
  Screen screen;
  Explanation why;
  const auto serve = [&] {
    one.ranker->recommend(*one.view, one.request, one.scratch, &slate);
    rows(*one.ranker, *one.view, one.request, 12, one.scratch, &screen);
    one.ranker->similar(*one.view, slate.picks[0].slot, one.request, one.scratch, &slate);
    one.ranker->search(*one.view, "s", nullptr, one.request, one.scratch, &slate);
    one.ranker->explain(*one.view, slate.picks[0].slot, one.request, one.scratch, &why);
  };
  serve();
  serve();
  const size_t before = allocations;
  for (int i = 0; i < 20; ++i) {
    one.request.screen_token = static_cast<uint64_t>(i);
    serve();
  }
  CHECK_EQ(allocations - before, size_t{0});
}
