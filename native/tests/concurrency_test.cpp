// Many threads on one brain: run under ThreadSanitizer too. Every call must succeed, and nothing may be lost.
#include <atomic>
#include <functional>
#include <thread>

#include <unistd.h>

#include "host.hpp"
#include "tvcore/snapshot.hpp"

namespace {

using host::Host;

int64_t now(void*) { return host::kNow; }

// A brain with its maintenance thread, on the host's files.
tvb_brain* open_with_thread(const Host& host) {
  tvb_open_options options;
  std::memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.clock = now;
  options.clock_trusted = 1;
  options.thread_nice = 10;
  std::strcpy(options.thread_name, "upkeep");
  tvb_brain* brain = nullptr;
  host::must(tvb_open(host.data().c_str(), host.pack().c_str(), &options, &brain));
  return brain;
}

void publish(const Host& host, uint64_t generation, uint64_t journal_id) {
  tvcore::Snapshot snapshot;
  snapshot.generation = generation;
  snapshot.journal_id = journal_id;
  snapshot.learned_seq = 1;
  snapshot.learned[1].has_weights = true;
  snapshot.learned[1].weights_q12 = {4096, 0, 0, 100 + static_cast<int32_t>(generation),
                                     0,    0, 0, 0};
  const tvcore::Status status = tvcore::publish_snapshot(host.data("snapshot"), snapshot);
  if (!status.ok()) check::fail("publish", 0, status.text());
}

}  // namespace

TEST("threads observe, ask, change profiles, swap packs and snapshots, and nothing is lost") {
  Host host;
  host.close();
  host.brain = open_with_thread(host);
  const uint64_t journal_id = host.health().journal_id;
  const int rounds = check::scaled(2000);
  std::atomic<uint64_t> observed{0};
  std::vector<std::thread> threads;
  const auto start = [&](std::function<void(int)> body) {
    threads.emplace_back([rounds, body = std::move(body)] {
      for (int i = 0; i < rounds; ++i) body(i);
    });
  };
  for (int t = 0; t < 2; ++t) {
    start([&](int i) {
      static const char* const ids[] = {"a:heat", "a:ronin", "b:toys", "a:both", "b:two"};
      tvb_event event = TVB_EVENT_INIT;
      event.kind = i % 7 == 0 ? TVB_EVENT_COMPLETE : TVB_EVENT_PROGRESS;
      event.fields = TVB_HAS_POSITION;
      event.position_s = static_cast<uint32_t>(i);
      std::strcpy(event.item, ids[i % 5]);
      host::must(tvb_observe(host.brain, &event));
      observed.fetch_add(1);
    });
    start([&](int i) {
      tvb_context context = TVB_CONTEXT_INIT;
      context.screen_token = static_cast<uint64_t>(i);
      tvb_slate slate = TVB_SLATE_INIT;
      tvb_slate_item items[20];
      host::must(tvb_recommend(host.brain, &context, &slate, items, 20));
      for (uint32_t place = 0; place < slate.count; ++place) {
        tvb_item facts;
        facts.struct_size = sizeof facts;
        host::must(tvb_item_get(host.brain, items[place].item, nullptr, &facts));
      }
    });
  }
  start([&](int i) {
    tvb_profile household;
    household.struct_size = sizeof household;
    host::must(tvb_profile_get(host.brain, 1, &household));
    household.max_age = static_cast<uint32_t>(i % 19);
    if (i % 20 == 0) host::must(tvb_profile_update(host.brain, &household));
    tvb_health_info health;
    health.struct_size = sizeof health;
    host::must(tvb_health(host.brain, &health));
  });
  threads.emplace_back([&] {
    auto pack = host::catalogue();
    for (uint64_t i = 1; i <= 10; ++i) {
      publish(host, i, journal_id);
      pack.built_at += 1;
      host::write_file(host.data("packs/base.tmp"), pack.bytes());
      std::filesystem::rename(host.data("packs/base.tmp"), host.data("packs/base.tvpack"));
      int64_t next = 0;
      host::must(tvb_pump(host.brain, &next));
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(host.health().observes, observed.load());
  CHECK_EQ(host.health().faults, 0u);
  CHECK_EQ(host.health().snapshot_generation, 10u);
  const uint64_t last = host.health().last_seq;
  host::must(tvb_close(host.brain));
  host.open();
  CHECK_EQ(host.health().last_seq, last);
}

TEST("the maintenance thread makes events durable without being asked") {
  Host host;
  host.close();
  host.brain = open_with_thread(host);
  host.observe(TVB_EVENT_SELECT, "a:heat");  // within a second
  const uint64_t seq = host.health().last_seq;
  // Bounded: a thread that never wakes fails the test, a slow machine does not.
  for (int i = 0; i < 2000 && host.health().synced_seq < seq; ++i) usleep(10000);
  CHECK_EQ(host.health().synced_seq, seq);
}
