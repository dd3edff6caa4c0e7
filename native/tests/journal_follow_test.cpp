// A reader that goes on where it stopped sees what a reader that begins anew sees.
#include <algorithm>
#include <filesystem>

#include "journals.hpp"

using namespace journals;

namespace {

// What follow_journal gives after `after`, at most `most` records.
std::vector<Event> follow(const std::string& folder, uint64_t after, JournalPlace* place,
                          size_t most = SIZE_MAX) {
  std::vector<Event> events;
  uint64_t id = 0;
  REQUIRE_OK(follow_journal(
      folder, after,
      [&](const Event& event) {
        if (events.size() == most) return Visit::kStop;
        events.push_back(event);
        return Visit::kNext;
      },
      place, &id));
  return events;
}

}  // namespace

TEST(
    "a reader that follows a growing, rolling, truncated journal misses nothing and sees nothing "
    "twice") {
  for (int seed = 1; seed <= check::scaled(50); ++seed) {
    const check::TempDir dir;
    const std::string folder = dir / "journal";
    check::Random random(static_cast<uint64_t>(seed));
    std::vector<Event> events =
                           sample(static_cast<uint64_t>(seed), 400, seed % 2 == 0 ? 4000 : 300),
                       seen;
    JournalWriter writer;
    REQUIRE_OK(writer.open(folder, options(random.below(2) == 0 ? kSmall : 1u << 20), nullptr));
    JournalPlace place;
    for (size_t at = 0; at < events.size() || seen.size() < events.size();) {
      for (size_t n = random.below(30); n > 0 && at < events.size(); --n) {
        REQUIRE_OK(writer.append(&events[at++], kNow));
      }
      const uint64_t after = seen.empty() ? 0 : seen.back().seq;
      for (const Event& event : follow(folder, after, &place, 1 + random.below(20))) {
        seen.push_back(event);
      }
      if (!seen.empty()) REQUIRE_OK(writer.truncate(seen.back().seq));
    }
    CHECK(same(seen, events));
  }
}

TEST("a place in a segment that was written anew without some records is found out") {
  const check::TempDir dir;
  const std::string folder = dir / "journal", other = dir / "other";
  std::vector<Event> events = sample(3, 20);
  JournalPlace place;
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(folder, options(1u << 20), nullptr));
    append_all(&writer, &events);
    REQUIRE_OK(writer.close());
  }
  CHECK_EQ(follow(folder, 0, &place, 10).size(), size_t{10});
  // The same journal, of other records from number 5 on, as after an erasure.
  std::vector<Event> rewritten = sample(4, 20, 40);
  std::copy(events.begin(), events.begin() + 4, rewritten.begin());
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(other, options(1u << 20), nullptr));
    append_all(&writer, &rewritten);
    REQUIRE_OK(writer.close());
  }
  std::filesystem::remove_all(folder);
  std::filesystem::rename(other, folder);
  CHECK(same(follow(folder, 10, &place), {rewritten.begin() + 10, rewritten.end()}));
}

TEST("a journal that was replaced by another is told by its id") {
  const check::TempDir dir;
  const std::string folder = dir / "journal";
  std::vector<Event> events = sample(5, 5);
  JournalPlace place;
  uint64_t id = 0;
  const Visitor all = [](const Event&) { return Visit::kNext; };
  for (const uint64_t wanted : {kId, kId + 1}) {
    std::filesystem::remove_all(folder);
    JournalWriter writer;
    JournalWriter::Options fresh = options();
    fresh.new_id = wanted;
    REQUIRE_OK(writer.open(folder, fresh, nullptr));
    append_all(&writer, &events);
    REQUIRE_OK(follow_journal(folder, place.seq, all, &place, &id));
    CHECK_EQ(id, wanted);
  }
}
