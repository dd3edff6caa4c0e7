// Forgetting, the serving plane's part: what is left in the files, whatever ends it in the middle.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host.hpp"
#include "tvcore/engine.hpp"
#include "tvcore/erasure.hpp"
#include "tvcore/snapshot.hpp"

namespace {

using namespace tvcore;
namespace fs = std::filesystem;

constexpr char kCanary[] = "a:heat", kOther[] = "b:toys", kName[] = "canary of a name";

struct Place {
  check::TempDir folder;
  std::string data = folder / "data", pack = folder / "base.tvpack";
  Place() { host::write_file(pack, host::catalogue().bytes()); }

  std::unique_ptr<Engine> open() const {
    EngineOptions options;
    options.own_thread = false;
    options.seed = 7;
    std::unique_ptr<Engine> engine;
    REQUIRE_OK(Engine::open(data, pack, options, &engine));
    return engine;
  }

  // How many files hold these bytes.
  int holding(const std::string& text) const {
    int found = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data)) {
      if (!entry.is_regular_file()) continue;
      const std::vector<uint8_t> bytes = host::read_file(entry.path().string());
      const std::vector<uint8_t> needle(text.begin(), text.end());
      found += std::search(bytes.begin(), bytes.end(), needle.begin(), needle.end()) != bytes.end();
    }
    return found;
  }

  // The learning plane's part: both generations know what the journal says, and nothing of what it erased.
  void learn(uint64_t generation) const {
    Snapshot snapshot;
    JournalInfo info;
    const auto visit = [&](const Event& event) {
      snapshot.folds.apply(event);
      snapshot.learned_seq = event.seq;
      if (event.kind == Kind::kErase) {
        std::memcpy(&snapshot.erasure_epoch, event.added.data() + 8, sizeof(uint64_t));
      }
      return Visit::kNext;
    };
    REQUIRE_OK(read_journal(data + "/journal", 0, visit, &info));
    snapshot.journal_id = info.id;
    for (uint64_t more = 0; more < 2; ++more) {
      snapshot.generation = generation + more;
      REQUIRE_OK(publish_snapshot(data + "/snapshot", snapshot));
    }
    REQUIRE_OK(write_erased(data + "/" + kErasedByLearning,
                            {info.id, snapshot.learned_seq, snapshot.erasure_epoch}));
  }
};

std::string bytes_of(Key key) {
  return std::string(reinterpret_cast<const char*>(&key), sizeof key);
}

void watch(Engine* engine, const char* item, uint32_t profile, Kind kind = Kind::kComplete) {
  Event event;
  event.kind = kind;
  event.profile = profile;
  event.item = key_of(item);
  event.at_ms = host::kNow;
  event.watched_e4 = 9000;
  event.fields = kHasWatched;
  REQUIRE_OK(engine->observe(event));
}

void show(Engine* engine, uint32_t profile) {
  Event event;
  event.kind = Kind::kImpression;
  event.profile = profile;
  event.at_ms = host::kNow;
  event.added = encode_shown({{key_of(kCanary), 9}, {key_of(kOther), 9}});
  event.values = encode_values({1, 2, 3, 4}, 2);
  REQUIRE_OK(engine->observe(event));
}

// Two people with the same history; in the journal's old and new segments.
void live(Engine* engine) {
  Profile someone;
  someone.name = kName;
  REQUIRE_OK(engine->create_profile(&someone));
  for (const uint32_t profile : {kHousehold, someone.id}) {
    watch(engine, kCanary, profile);
    show(engine, profile);
    watch(engine, kOther, profile);
    watch(engine, kCanary, profile, Kind::kHide);
  }
}

void pump(Engine* engine) {
  int64_t next = 0;
  (void)engine->pump(&next);
}

bool complete(const Engine& engine) {
  const EngineHealth health = engine.health();
  return health.erasure_epoch != 0 && health.erased_epoch == health.erasure_epoch;
}

}  // namespace

TEST("one title of one profile goes from every record, the other's stay") {
  Place place;
  std::unique_ptr<Engine> engine = place.open();
  live(engine.get());
  const std::string key = bytes_of(key_of(kCanary));
  CHECK_EQ(engine->forget(1, 2, key_of(kCanary)).code(), Code::kPending);
  CHECK_EQ(engine->forget(1, kHousehold, key_of(kCanary)).code(), Code::kPending);
  const std::vector<uint8_t> folds = engine->encode_folds();
  pump(engine.get());
  CHECK(!complete(*engine));  // nobody has learned it
  CHECK(place.holding(key) > 0);
  place.learn(1);
  pump(engine.get());
  CHECK(complete(*engine));
  CHECK_EQ(place.holding(key), 0);
  CHECK(place.holding(bytes_of(key_of(kOther))) > 0);
  CHECK(engine->encode_folds() == folds);
  engine = nullptr;  // as a crash would
  engine = place.open();
  CHECK(complete(*engine));
  CHECK(engine->encode_folds() == folds);
}

TEST("a deleted profile's name goes too") {
  Place place;
  std::unique_ptr<Engine> engine = place.open();
  live(engine.get());
  CHECK(place.holding(kName) > 0);
  REQUIRE_OK(engine->delete_profile(2));
  place.learn(1);
  pump(engine.get());
  CHECK(complete(*engine));
  CHECK_EQ(place.holding(kName), 0);
  engine = nullptr;
  engine = place.open();
  CHECK_EQ(engine->profiles()->all.size(), 1u);
  CHECK_EQ(engine->health().faults & kFaultProfilesLost, 0u);
}

TEST("events that come while it is being forgotten are kept") {
  Place place;
  std::unique_ptr<Engine> engine = place.open();
  live(engine.get());
  CHECK_EQ(engine->forget(3, 0, 0).code(), Code::kPending);
  place.learn(1);
  watch(engine.get(), kOther, kHousehold);
  const std::vector<uint8_t> folds = engine->encode_folds();
  pump(engine.get());
  CHECK(complete(*engine));
  watch(engine.get(), "a:ronin", kHousehold);
  engine = nullptr;
  engine = place.open();
  CHECK(engine->encode_folds() != folds);
  CHECK_EQ(place.holding(bytes_of(key_of(kCanary))), 0);
  CHECK(place.holding(bytes_of(key_of(kOther))) > 0);
}

TEST("whatever operation is the last before the power goes, the next opening completes it") {
  int cuts = 0;
  for (int last = 0;; ++last) {
    Place place;
    std::unique_ptr<Engine> engine = place.open();
    live(engine.get());
    CHECK_EQ(engine->forget(1, 2, key_of(kCanary)).code(), Code::kPending);
    CHECK_EQ(engine->forget(3, 0, 0).code(), Code::kPending);
    place.learn(1);
    watch(engine.get(), kOther, kHousehold);
    const std::vector<uint8_t> folds = engine->encode_folds();
    int operations = 0;
    set_file_fault([&](const FileCall& call) {
      const bool changes =
          call.op != FileOp::kOpen || (call.size & static_cast<uint64_t>(O_CREAT | O_TRUNC)) != 0;
      if (changes && operations++ >= last) return FileFault{EIO, 0};
      return FileFault{};
    });
    pump(engine.get());
    set_file_fault({});
    const bool done = complete(*engine);
    engine = nullptr;  // as a crash would
    engine = place.open();
    CHECK(engine->encode_folds() == folds);
    if (complete(*engine)) CHECK_EQ(place.holding(bytes_of(key_of(kCanary))), 0);
    pump(engine.get());
    CHECK(complete(*engine));
    CHECK_EQ(place.holding(bytes_of(key_of(kCanary))), 0);
    CHECK(engine->encode_folds() == folds);
    if (done) break;
    ++cuts;
  }
  CHECK(cuts > 10);
}

TEST("a snapshot of before a complete erasure is refused") {
  Place place;
  std::unique_ptr<Engine> engine = place.open();
  live(engine.get());
  place.learn(1);
  const std::vector<uint8_t> old = host::read_file(snapshot_path(place.data + "/snapshot", 2));
  CHECK_EQ(engine->forget(3, 0, 0).code(), Code::kPending);
  place.learn(3);
  pump(engine.get());
  CHECK(complete(*engine));
  const std::vector<uint8_t> folds = engine->encode_folds();
  engine = nullptr;
  for (uint64_t generation = 3; generation <= 4; ++generation) {
    fs::remove(snapshot_path(place.data + "/snapshot", generation));
  }
  host::write_file(snapshot_path(place.data + "/snapshot", 2), old);
  engine = place.open();
  CHECK(engine->encode_folds() == folds);
  CHECK_EQ(engine->health().snapshot_generation, 0u);
  CHECK(engine->health().faults & kFaultSnapshot);
}
