// What a call allocates, and what happens when there is nothing to allocate: every operator new of the process is
// counted here, and can be made to fail.
#include <atomic>
#include <new>

#include "host.hpp"

namespace {

std::atomic<uint64_t> news{0}, bytes_asked{0};
thread_local int64_t fail_after = -1;  // the news of this thread that still succeed; -1: all do
thread_local bool fail_once =
    false;  // of this thread only the next one fails, else all from there on
thread_local bool was_hit = false;

void* counted(size_t size, size_t alignment) {
  if (fail_after == 0) {
    if (fail_once) fail_after = -1;
    was_hit = true;
    throw std::bad_alloc();
  }
  if (fail_after > 0) --fail_after;
  news.fetch_add(1, std::memory_order_relaxed);
  bytes_asked.fetch_add(size, std::memory_order_relaxed);
  void* memory = nullptr;
  if (posix_memalign(&memory, std::max(alignment, sizeof(void*)), size == 0 ? 1 : size) != 0) {
    throw std::bad_alloc();
  }
  return memory;
}

// Not inlined, where gcc 12 would see free() beside new and call it a mistake.
[[gnu::noinline]] void give_back(void* memory) noexcept { std::free(memory); }

}  // namespace

void* operator new(size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new[](size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(size_t size, std::align_val_t at) {
  return counted(size, static_cast<size_t>(at));
}
void* operator new[](size_t size, std::align_val_t at) {
  return counted(size, static_cast<size_t>(at));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  try {
    return counted(size, alignof(std::max_align_t));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { give_back(memory); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { give_back(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { give_back(memory); }

namespace {

using host::Host;

struct Cost {
  double news, bytes;
};

template <typename Call>
Cost cost_of(int calls, Call&& call) {
  const uint64_t news_before = news, bytes_before = bytes_asked;
  for (int i = 0; i < calls; ++i) call(i);
  return {static_cast<double>(news - news_before) / calls,
          static_cast<double>(bytes_asked - bytes_before) / calls};
}

void show(const char* what, const Cost& cost) {
  std::printf("  %-28s %6.2f allocations, %8.0f bytes a call\n", what, cost.news, cost.bytes);
}

// A catalogue of `count` titles and a brain over it.
class Large {
 public:
  explicit Large(uint32_t count) {
    check::PackBuilder builder;
    builder.with_weights = true;
    for (uint32_t i = 0; i < count; ++i) {
      check::TestTitle one;
      one.id = "a:" + std::to_string(i);
      one.title = "Title " + std::to_string(i);
      one.genres = {i % 2 == 0 ? "Drama" : "Comedy"};
      one.popularity = i;
      one.age = static_cast<int>(i % 19);
      for (uint32_t j = 1; j <= 10; ++j) one.weights[(i + j * 7) % count] = 50;
      builder.titles.push_back(one);
    }
    host::write_file(folder_ / "pack.tvpack", builder.bytes());
    host::must(
        tvb_open((folder_ / "data").c_str(), (folder_ / "pack.tvpack").c_str(), nullptr, &brain));
  }
  ~Large() { host::must(tvb_close(brain)); }
  tvb_brain* brain = nullptr;

 private:
  check::TempDir folder_;
};

void watch(tvb_brain* brain, uint32_t kind, uint32_t number) {
  tvb_event event = TVB_EVENT_INIT;
  event.kind = kind;
  std::snprintf(event.item, sizeof event.item, "a:%u", number);
  std::strcpy(event.session, "a session with a name of more than fifteen bytes");
  host::must(tvb_observe(brain, &event));
}

}  // namespace

TEST("what a warm call allocates is small and does not grow with the catalogue or with time") {
  Cost last{};
  for (const uint32_t titles : {500u, 4000u}) {
    Large large(titles);
    for (uint32_t i = 0; i < 300; ++i) watch(large.brain, TVB_EVENT_COMPLETE, i);
    static tvb_slate_item items[TVB_MAX_K];
    tvb_context context = TVB_CONTEXT_INIT;
    context.k = 20;
    std::strcpy(context.genre, "Drama");
    tvb_slate slate = TVB_SLATE_INIT;
    const auto recommend = [&](int i) {
      context.screen_token = static_cast<uint64_t>(i);
      host::must(tvb_recommend(large.brain, &context, &slate, items, TVB_MAX_K));
    };
    (void)cost_of(200, recommend);
    const Cost asked = cost_of(200, recommend);
    show("recommend, k 20", asked);
    context.k = TVB_MAX_K;
    context.genre[0] = '\0';
    (void)cost_of(100, recommend);
    show("recommend, k 200", cost_of(100, recommend));
    context.k = 20;
    show("similar", cost_of(100, [&](int) {
           host::must(tvb_similar(large.brain, "a:7", &context, &slate, items, TVB_MAX_K));
         }));
    show("search", cost_of(100, [&](int) {
           host::must(tvb_search(large.brain, "title 4", &context, &slate, items, TVB_MAX_K));
         }));
    tvb_screen screen = TVB_SCREEN_INIT;
    tvb_row rows[6];
    show("rows, 6 x 20", cost_of(100, [&](int) {
           host::must(tvb_rows(large.brain, &context, &screen, rows, 6, items, TVB_MAX_K));
         }));
    const auto progress = [&](int i) {
      watch(large.brain, TVB_EVENT_PROGRESS, static_cast<uint32_t>(i % 300));
    };
    (void)cost_of(1000, progress);
    const Cost observed = cost_of(1000, progress);
    show("observe, progress", observed);
    tvb_event shown = TVB_EVENT_INIT;
    shown.kind = TVB_EVENT_IMPRESSION;
    recommend(0);
    shown.slate_id = slate.slate_id;
    shown.slot_count = static_cast<uint16_t>(slate.count);
    const auto show_slate = [&](int) { host::must(tvb_observe(large.brain, &shown)); };
    (void)cost_of(100, show_slate);
    const Cost impression = cost_of(1000, show_slate);
    show("observe, impression", impression);
    show("observe, then recommend", cost_of(100, [&](int i) {
           progress(i);
           recommend(i);
         }));
    tvb_item item;
    item.struct_size = sizeof item;
    show("item_get",
         cost_of(100, [&](int) { host::must(tvb_item_get(large.brain, "a:7", nullptr, &item)); }));
    CHECK(asked.news < 20 && asked.bytes < 16384);
    // Nothing for an event but what the thread's syncs take; two for what an impression adds to its record.
    CHECK(observed.news < 0.1);
    CHECK(impression.news < 2.1);
    if (titles != 500) CHECK(asked.bytes < 2 * last.bytes + 1024);
    last = asked;
  }
}

TEST("with the profiles lost, asking for any profile number keeps nothing") {
  Host host;
  host.create("one", 18);
  host.close();
  host::write_file(host.data("profiles.tvp"), {1});
  host::write_file(host.data("profiles.tvp.1"), {1});
  host.open();
  auto context = host.context();
  const auto ask = [&](int i) {
    context.profile = static_cast<uint32_t>(i) * 7919u + 5u;
    (void)host.ids(context);
  };
  (void)cost_of(200, ask);
  const Cost before = cost_of(200, ask);
  (void)cost_of(check::scaled(20000), ask);
  const Cost after = cost_of(200, ask);
  CHECK(after.news <= before.news + 1);
}

// An evening, whose every call may fail for want of memory and for nothing else. Returns whether one did.
bool evening(Host& host, const std::string& data, const std::string& pack) {
  bool failed = false;
  const auto may = [&](int32_t result) {
    if (result >= 0) return;
    if (result != TVB_E_NO_MEMORY) check::fail("evening", result, tvb_last_error());
    failed = true;
  };
  tvb_brain* brain = nullptr;
  tvb_open_options options;
  std::memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = TVB_OPEN_NO_THREAD;
  may(tvb_open(data.c_str(), pack.c_str(), &options, &brain));
  if (brain == nullptr) return failed;
  for (const char* item : {"a:heat", "b:toys", "a:saga"}) {
    const tvb_event event = host.event(TVB_EVENT_COMPLETE, item);
    may(tvb_observe(brain, &event));
  }
  const tvb_event list = host.event(TVB_EVENT_LIST_ADD, "a:both");
  may(tvb_observe(brain, &list));
  const auto context = host.context();
  tvb_slate slate = TVB_SLATE_INIT;
  may(tvb_recommend(brain, &context, &slate, host.items, 20));
  may(tvb_search(brain, "the", &context, &slate, host.items, 20));
  may(tvb_similar(brain, "a:heat", &context, &slate, host.items, 20));
  tvb_explanation why;
  why.struct_size = sizeof why;
  may(tvb_explain(brain, "a:ronin", &context, &why));
  tvb_profile profile;
  std::memset(&profile, 0, sizeof profile);
  profile.struct_size = sizeof profile;
  std::strcpy(profile.name, "a profile whose name is not short at all");
  const int32_t found = tvb_profile_find(brain, profile.name, &profile);
  may(found == TVB_E_NO_PROFILE ? tvb_profile_create(brain, &profile) : found);
  may(tvb_forget(brain, TVB_FORGET_ITEM, 1, "a:both"));
  int64_t next = 0;
  may(tvb_pump(brain, &next));
  may(tvb_close(brain));
  return failed;
}

TEST("when an allocation fails, the call says so, nothing breaks, and the next open works") {
  for (const bool once : {true, false}) {
    Host host;
    host.close();
    const std::string data = host.data(), pack = host.pack();
    int tried = 0;
    const int64_t step = check::scale() >= 1 ? 1 : 5;
    for (int64_t at = 0;; at += step) {
      was_hit = false;
      fail_once = once;
      fail_after = at;
      (void)evening(host, data, pack);
      fail_after = -1;
      if (!was_hit) break;
      ++tried;
      tvb_brain* brain = nullptr;
      if (host.try_open(TVB_OPEN_NO_THREAD, &brain) < 0) {
        check::fail("open again", static_cast<int>(at), tvb_last_error());
      }
      host::must(tvb_close(brain));
    }
    std::printf("  %d places, %s\n", tried, once ? "one failure" : "all from there on");
    CHECK(tried > 20);
    host.open();
  }
}
