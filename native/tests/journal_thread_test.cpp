// One writer, its maintenance and a reader at the same time.
#include <atomic>
#include <thread>

#include "journals.hpp"

using namespace journals;

TEST("a reader beside the writer sees every record once, whole and in order") {
  const check::TempDir dir;
  const uint64_t count = static_cast<uint64_t>(check::scaled(200000));
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(65536), nullptr));
  std::atomic<uint64_t> written{0}, seen{0};
  std::atomic<bool> good{true};
  const auto alive = [&] { return good && seen < count; };

  std::thread appending([&] {
    check::Random random(41);
    for (uint64_t seq = 1; seq <= count && good; ++seq) {
      Event event;
      event.item = seq * 2654435761u;
      event.added.resize(static_cast<size_t>(random.below(400)), static_cast<uint8_t>(seq));
      if (!writer.append(&event, kNow).ok() || event.seq != seq) good = false;
      written = seq;
    }
  });
  std::thread maintaining([&] {
    while (alive()) {
      const uint64_t before = writer.last_seq();
      if (!writer.sync().ok() || writer.synced_seq() < before || !writer.prepare().ok())
        good = false;
      if (!writer.truncate(seen).ok()) good = false;
    }
  });
  while (alive()) {
    const uint64_t acknowledged = written;
    uint64_t last = seen;
    JournalInfo info;
    const Status status = read_journal(
        dir.path(), last,
        [&](const Event& event) {
          if (event.seq != last + 1 || event.item != event.seq * 2654435761u) good = false;
          for (const uint8_t byte : event.added) {
            if (byte != static_cast<uint8_t>(event.seq)) good = false;
          }
          last = event.seq;
          return good ? Visit::kNext : Visit::kStop;
        },
        &info);
    if (!status.ok() || last < acknowledged || !info.set_aside.empty()) good = false;
    for (const SegmentInfo& segment : info.segments) {
      if (segment.torn) good = false;
    }
    seen = last;
  }
  appending.join();
  maintaining.join();
  CHECK(good);
  CHECK_EQ(seen.load(), count);
  REQUIRE_OK(writer.truncate(count));
  CHECK_EQ(writer.segments(), 1u);
}
