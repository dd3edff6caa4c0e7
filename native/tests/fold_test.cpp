#include "tvcore/fold.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "check.hpp"
#include "histories.hpp"

using namespace tvcore;

namespace {

std::vector<uint8_t> bytes_of(const Fold& fold) {
  std::vector<uint8_t> out;
  fold.encode(&out);
  return out;
}

Fold fold_of(const std::vector<Event>& events) {
  Fold fold(1);
  for (const Event& event : events) fold.apply(event);
  return fold;
}

Fold reread(const Fold& fold) {
  const std::vector<uint8_t> bytes = bytes_of(fold);
  Fold out;
  size_t used = 0;
  const Status status = Fold::decode(bytes.data(), bytes.size(), &out, &used);
  if (!status.ok()) check::fail(__FILE__, __LINE__, status.text());
  REQUIRE(status.ok());
  CHECK_EQ(used, bytes.size());
  return out;
}

void check_bounds(const Fold& fold) {
  CHECK(fold.entries().size() <= kMaxEntries);
  CHECK(fold.kept().size() <= kMaxSet);
  CHECK(fold.listed() <= kMaxListed);
}

Event at(Kind kind, Key item, int64_t minute) {
  Event event = histories::event(kind, item);
  event.at_ms = histories::kStart + minute * 60000;
  return event;
}

}  // namespace

TEST("a played title is started with its resume point, and a completed one is finished") {
  Event play = at(Kind::kPlayStart, 7, 0);
  play.fields = kHasDuration;
  play.duration_s = 6000;
  Event pause = at(Kind::kPause, 7, 20);
  pause.fields = kHasPosition;
  pause.position_s = 1200;
  Fold fold = fold_of({play, pause});
  const Entry* entry = fold.find(7);
  REQUIRE(entry != nullptr);
  CHECK_EQ(entry->flags, kStarted);
  CHECK_EQ(entry->resume_s, 1200u);
  CHECK_EQ(entry->watched_e4, 2000);
  CHECK_EQ(entry->plays, 1);
  CHECK_EQ(strength_q12(*entry), 409);
  CHECK_EQ(fold.ordinal(), 0u);
  fold.apply(at(Kind::kComplete, 7, 100));
  entry = fold.find(7);
  CHECK_EQ(entry->flags, kFinished);
  CHECK_EQ(entry->resume_s, 0u);
  CHECK_EQ(strength_q12(*entry), 4096);
  CHECK_EQ(fold.ordinal(), 1u);
  CHECK_EQ(entry->ordinal, 1u);
}

TEST("leaving early speaks against a title, leaving late for it, and a slip says nothing") {
  const int32_t expected[][2] = {{0, 0},       {499, 0},     {500, -1024}, {1999, -1024}, {2000, 0},
                                 {4999, 1228}, {5000, 2048}, {9000, 3686}, {65535, 4096}};
  for (const auto& [w, strength] : expected) {
    CHECK_EQ(watch_strength_q12(static_cast<uint32_t>(w)), strength);
  }
  Event stop = at(Kind::kStop, 7, 1);
  stop.fields = kHasWatched;
  stop.watched_e4 = 1000;
  const Fold fold = fold_of({at(Kind::kPlayStart, 7, 0), stop});
  CHECK_EQ(strength_q12(*fold.find(7)), -1024);
}

TEST("an episode finishes without finishing its series, and the next one starts afresh") {
  Event play = at(Kind::kPlayStart, 7, 0);
  play.fields = kHasEpisode | kHasDuration;
  play.season = 1;
  play.episode = 2;
  play.duration_s = 1800;
  Event stop = at(Kind::kStop, 7, 28);
  stop.fields = kHasPosition;
  stop.position_s = 1700;  // less than three minutes are left
  Fold fold = fold_of({play, stop});
  CHECK_EQ(fold.find(7)->flags, 0);
  CHECK_EQ(fold.find(7)->done_season, 1);
  CHECK_EQ(fold.find(7)->done_episode, 2);
  play.episode = 3;
  play.fields = kHasEpisode;
  fold.apply(play);
  CHECK_EQ(fold.find(7)->duration_s, 0u);
  CHECK_EQ(fold.find(7)->episode, 3);
  CHECK_EQ(fold.find(7)->done_episode, 2);
}

TEST("undo takes back the last reaction once") {
  Event like = at(Kind::kRate, 7, 0);
  like.fields = kHasRating;
  like.rating_e4 = 5000;
  Fold fold = fold_of({like, at(Kind::kNotInterested, 7, 1)});
  CHECK_EQ(strength_q12(*fold.find(7)), -4096);
  fold.apply(at(Kind::kUndo, 7, 2));
  CHECK_EQ(strength_q12(*fold.find(7)), 2048);
  CHECK_EQ(fold.find(7)->flags, kRated);
  fold.apply(at(Kind::kUndo, 7, 3));
  CHECK_EQ(strength_q12(*fold.find(7)), 2048);
}

TEST("hiding twice and taking it back once shows the title again") {
  Fold fold = fold_of({at(Kind::kHide, 7, 0), at(Kind::kHide, 7, 1), at(Kind::kUndo, 7, 2)});
  CHECK_EQ(fold.find(7)->flags, 0);
}

TEST("a record with an untrusted clock happens at the latest trusted time") {
  Event wrong = at(Kind::kSelect, 8, 0);
  wrong.fields = kClockUntrusted;
  wrong.at_ms = 0;
  Fold fold = fold_of({wrong});
  CHECK_EQ(fold.find(8)->last_ms, 0);
  fold.apply(at(Kind::kSelect, 7, 5));
  fold.apply(wrong);
  CHECK_EQ(fold.find(8)->last_ms, histories::kStart + 5 * 60000);
  CHECK_EQ(fold.last_ms(), histories::kStart + 5 * 60000);
}

TEST("My list holds 512 titles, none of which is ever evicted") {
  Fold fold(1);
  for (Key key = 1; key <= kMaxListed + 1; ++key) fold.apply(at(Kind::kListAdd, key, 0));
  CHECK_EQ(fold.listed(), kMaxListed);
  for (Key key = 10000; key < 13000; ++key) fold.apply(at(Kind::kComplete, key, 1));
  check_bounds(fold);
  for (Key key = 1; key <= kMaxListed; ++key) {
    REQUIRE(fold.find(key) != nullptr);
    CHECK(fold.find(key)->flags & kListed);
  }
}

TEST("impressions never push out a title that says something of taste") {
  Fold fold(1);
  for (Key key = 1; key <= kMaxEntries; ++key) fold.apply(at(Kind::kSelect, key, 0));
  const std::vector<uint8_t> before = bytes_of(fold);
  for (Key key = 5000; key < 6000; ++key) {
    Event shown = at(Kind::kImpression, 0, 1);
    shown.added = histories::places({key, key + 1000});
    fold.apply(shown);
  }
  CHECK_EQ(fold.entries().size(), kMaxEntries);
  for (Key key = 1; key <= kMaxEntries; ++key) CHECK(fold.find(key) != nullptr);
}

TEST("an evicted title keeps its flags in the compact set and comes back with them") {
  Fold fold(1);
  fold.apply(at(Kind::kComplete, 1, 0));
  fold.apply(at(Kind::kHide, 2, 0));
  fold.apply(at(Kind::kNotInterested, 3, 0));
  for (Key key = 10000; key < 10000 + kMaxEntries; ++key) fold.apply(at(Kind::kSelect, key, 1));
  CHECK(fold.find(1) == nullptr);
  REQUIRE(fold.kept().size() == 3);
  CHECK_EQ(fold.kept()[0].flags, uint32_t{kFinished});
  CHECK_EQ(fold.kept()[1].flags, uint32_t{kHidden});
  CHECK_EQ(fold.kept()[2].flags, uint32_t{kDisliked});
  const uint32_t version = fold.kept_version();
  fold.apply(at(Kind::kSelect, 1, 2));
  REQUIRE(fold.find(1) != nullptr);
  CHECK_EQ(fold.find(1)->flags, kFinished);
  CHECK_EQ(fold.kept().size(), 2u);
  CHECK(fold.kept_version() > version);
  fold.apply(at(Kind::kUnhide, 2, 3));  // which leaves nothing to remember of it
  CHECK(fold.find(2) == nullptr);
  CHECK_EQ(fold.kept().size(), 1u);
}

TEST("a full compact set lets the longest finished title go, and hidden ones stay") {
  Fold fold(1);
  for (Key key = 1; key <= 10; ++key) fold.apply(at(Kind::kHide, key, 0));
  for (Key key = 100; key < 100 + kMaxEntries + kMaxSet; ++key) {
    fold.apply(at(Kind::kComplete, key, 1));
  }
  CHECK_EQ(fold.kept().size(), kMaxSet);
  CHECK_EQ(fold.entries().size(), kMaxEntries);
  for (size_t i = 0; i < 10; ++i) CHECK_EQ(fold.kept()[i].key, Key{i + 1});
  CHECK_EQ(fold.kept()[10].key, Key{110});  // ten finished ones made room
}

TEST("every split of a history into snapshot and tail gives the same state") {
  check::Random random(11);
  for (int round = 0; round < check::scaled(200); ++round) {
    const uint64_t keys = round % 2 == 0 ? 5 : 4000;
    const std::vector<Event> all = histories::random(&random, keys, round % 10 == 0 ? 400 : 60);
    Fold live(1);
    std::vector<std::vector<uint8_t>> states;
    for (const Event& event : all) {
      states.push_back(bytes_of(live));
      live.apply(event);
    }
    const std::vector<uint8_t> wanted = bytes_of(live);
    check_bounds(live);
    for (size_t split = 0; split < all.size(); ++split) {
      Fold tail;
      size_t used = 0;
      REQUIRE(Fold::decode(states[split].data(), states[split].size(), &tail, &used).ok());
      for (size_t i = split; i < all.size(); ++i) tail.apply(all[i]);
      REQUIRE(bytes_of(tail) == wanted);
    }
  }
}

TEST("the split property and the bounds hold through evictions") {
  check::Random random(12);
  for (int round = 0; round < check::scaled(30); ++round) {
    const std::vector<Event> all = histories::random(&random, 30000, 6000);
    Fold live(1), other(1);
    for (const Event& event : all) {
      live.apply(event);
      other.apply(event);
      if (random.chance(0.01)) {
        other = reread(other);
        check_bounds(other);
      }
    }
    CHECK_EQ(live.entries().size(), kMaxEntries);
    CHECK(bytes_of(live) == bytes_of(other));
  }
}

TEST("the order of the places in one impression does not matter") {
  check::Random random(13);
  for (int round = 0; round < check::scaled(300); ++round) {
    Fold fold = fold_of(histories::random(&random, 2000, 1500));
    std::vector<Key> keys;
    for (uint64_t i = random.below(200); i > 0; --i) keys.push_back(random.below(2500));
    Event shown = at(Kind::kImpression, 0, 100);
    shown.added = histories::places(keys);
    Fold other = fold;
    fold.apply(shown);
    for (size_t i = keys.size(); i > 1; --i) std::swap(keys[i - 1], keys[random.below(i)]);
    shown.added = histories::places(keys);
    other.apply(shown);
    REQUIRE(bytes_of(fold) == bytes_of(other));
  }
}

TEST("counters stop at the end of their field") {
  Fold fold = fold_of({at(Kind::kSelect, 7, 0)});
  std::vector<uint8_t> bytes = bytes_of(fold);
  const uint32_t full = 0xffffffff;
  std::memcpy(&bytes[12], &full, 4);       // ordinal
  std::memcpy(&bytes[16], &full, 4);       // touch
  std::memcpy(&bytes[64 + 44], &full, 4);  // impressions and plays
  size_t used = 0;
  REQUIRE(Fold::decode(bytes.data(), bytes.size(), &fold, &used).ok());
  Event shown = at(Kind::kImpression, 7, 1);
  fold.apply(shown);
  CHECK_EQ(fold.find(7)->impressions, 0xffff);
  fold.apply(at(Kind::kPlayStart, 7, 2));
  fold.apply(at(Kind::kComplete, 7, 2));
  CHECK_EQ(fold.find(7)->plays, 0xffff);
  CHECK_EQ(fold.touch(), full);
  CHECK_EQ(fold.ordinal(), full);
  CHECK_EQ(fold.find(7)->ordinal, full);
}

TEST("a flipped byte or a cut gives an error or a state that keeps every bound") {
  check::Random random(14);
  Fold fold = fold_of(histories::random(&random, 6, 80));
  for (Key key = 100; key < 100 + kMaxEntries; ++key) fold.apply(at(Kind::kComplete, key, 1));
  for (Key key = 2; key < 100 + kMaxEntries - 6; ++key) fold.erase_item(key);
  const std::vector<uint8_t> good = bytes_of(fold);
  REQUIRE(good.size() < 1000);
  const std::vector<Event> more = histories::random(&random, 8, 30);
  int read = 0;
  for (size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<uint8_t> bytes = good;
      bytes[i] = static_cast<uint8_t>(bytes[i] ^ (1u << bit));
      Fold out;
      size_t used = 0;
      if (!Fold::decode(bytes.data(), bytes.size(), &out, &used).ok()) continue;
      ++read;
      for (const Event& event : more) out.apply(event);
      check_bounds(out);
      (void)reread(out);
    }
  }
  CHECK(read > 0);
  for (size_t size = 0; size < good.size(); ++size) {
    Fold out;
    size_t used = 0;
    const std::vector<uint8_t> cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_EQ(Fold::decode(cut.data(), cut.size(), &out, &used).code(), Code::kCorrupt);
  }
}

TEST("a set keeps profiles apart, and deletion and erasure drop what they name") {
  FoldSet set;
  for (uint32_t profile = 0; profile <= kMaxProfiles + 1; ++profile) {
    Event event = at(Kind::kComplete, 7, 0);
    event.profile = profile;
    set.apply(event);
  }
  CHECK_EQ(set.all().size(), kMaxProfiles);
  CHECK(set.find(0) == nullptr);
  Event gone = at(Kind::kProfileDelete, 0, 1);
  gone.profile = 3;
  set.apply(gone);
  CHECK(set.find(3) == nullptr);
  Event erase = at(Kind::kErase, 7, 1);
  erase.profile = 4;
  erase.added.resize(16);
  erase.added[0] = 1;
  set.apply(erase);
  REQUIRE(set.find(4) != nullptr);
  CHECK(set.find(4)->find(7) == nullptr);
  CHECK(set.find(5)->find(7) != nullptr);
  const std::vector<uint8_t> bytes = set.encode();
  FoldSet again;
  REQUIRE(FoldSet::decode(bytes.data(), bytes.size(), &again).ok());
  CHECK(again.encode() == bytes);
  erase.added[0] = 2;
  set.apply(erase);
  CHECK(set.find(4) == nullptr);
  erase.added[0] = 9;
  set.apply(erase);
  CHECK_EQ(set.all().size(), kMaxProfiles - 2);
  erase.added[0] = 3;
  set.apply(erase);
  CHECK(set.all().empty());
}

TEST("kinds of the brain itself and unknown ones leave a history as it is") {
  Fold fold = fold_of({at(Kind::kSelect, 7, 0)});
  const std::vector<uint8_t> before = bytes_of(fold);
  for (const int kind : {0, 22, 31, 32, 33, 35, 36, 38, 255}) {
    fold.apply(at(static_cast<Kind>(kind), 7, 9));
    CHECK(bytes_of(fold) == before);
  }
}
