// Every file operation of an evening failing in turn: the cause is named, what was acknowledged is kept, and once the
// storage works again so does the brain.
#include <cerrno>
#include <set>

#include "host.hpp"
#include "tvcore/file.hpp"

namespace {

using host::Host;

struct Clear {
  ~Clear() { tvcore::set_file_fault(nullptr); }
};

bool names_cause(int32_t result, int error) {
  switch (error) {
    case ENOSPC:
      return result == TVB_E_NO_SPACE;
    case EACCES:
      return result == TVB_E_PERMISSION;
    default:
      return result == TVB_E_IO;
  }
}

// What must be true of the history: `watched` were acknowledged.
struct Evening {
  std::set<std::string> watched;
  bool child = false;
  int calls = 0;
};

// One evening in which operation number `at` (and, if `stays`, all after it) fails. True if one did.
bool evening(Host& host, int at, int error, bool stays, Evening* kept) {
  int seen = 0;
  bool hit = false;
  std::string where;
  tvcore::set_file_fault([&](const tvcore::FileCall& call) {
    const int number = seen++;
    if (number < at || (!stays && number > at)) return tvcore::FileFault{};
    if (!hit) where = std::to_string(static_cast<int>(call.op)) + " " + call.path;
    hit = true;
    return tvcore::FileFault{error, call.size / 2};
  });
  const Clear clear;
  const auto judge = [&](const char* what, int32_t result) {
    if (result >= 0) return true;
    if (!names_cause(result, error)) {
      check::fail(what, result, std::string(tvb_last_error()) + " after " + where);
    }
    return false;
  };
  tvb_brain* brain = nullptr;
  if (!judge("open", host.try_open(TVB_OPEN_NO_THREAD, &brain))) return hit;
  const auto health = [&] {
    tvb_health_info info;
    info.struct_size = sizeof info;
    host::must(tvb_health(brain, &info));
    return info;
  };
  if ((health().faults & TVB_FAULT_PROFILES_LOST) == 0) {
    for (const char* item : {"a:heat", "b:ants", "a:both"}) {
      const tvb_event event = host.event(TVB_EVENT_COMPLETE, item);
      if (judge("observe", tvb_observe(brain, &event))) kept->watched.insert(item);
    }
    const tvb_event hide = host.event(TVB_EVENT_HIDE, "a:ronin");
    if (judge("hide", tvb_observe(brain, &hide))) kept->watched.insert("a:ronin");
    tvb_profile child;
    std::memset(&child, 0, sizeof child);
    child.struct_size = sizeof child;
    std::strcpy(child.name, "child");
    child.max_age = 18;
    if (tvb_profile_find(brain, "child", &child) < 0) {
      std::strcpy(child.name, "child");
      child.max_age = 18;
      (void)judge("create", tvb_profile_create(brain, &child));
    }
    if (tvb_profile_find(brain, "child", &child) == TVB_OK) {
      child.max_age = 5;
      if (judge("update", tvb_profile_update(brain, &child))) kept->child = true;
    }
    const int32_t forgotten = tvb_forget(brain, TVB_FORGET_ITEM, 1, "b:alps");
    (void)judge("forget", forgotten);
  }
  int64_t next = 0;
  (void)judge("pump", tvb_pump(brain, &next));
  (void)judge("flush", tvb_flush(brain));
  const auto context = host.context();
  tvb_slate slate = TVB_SLATE_INIT;
  host::must(tvb_recommend(brain, &context, &slate, host.items, 20));  // whatever the storage does
  (void)judge("close", tvb_close(brain));
  ++kept->calls;
  return hit;
}

void check_kept(Host& host, const Evening& kept, const std::string& what) {
  host.open();
  const uint32_t faults = host.health().faults;
  if ((faults & TVB_FAULT_PROFILES_LOST) != 0) check::fail(what.c_str(), 0, "profiles lost");
  for (const std::string& id : host.ids()) {
    if (kept.watched.count(id) != 0) check::fail(what.c_str(), 0, id + " was acknowledged");
  }
  if (kept.child) {
    tvb_profile child;
    child.struct_size = sizeof child;
    host::must(tvb_profile_find(host.brain, "child", &child));
    if (child.max_age != 5) check::fail(what.c_str(), 0, "the age limit has come back");
  }
  host.observe(TVB_EVENT_COMPLETE, "a:collateral");
  CHECK(!host.shows("a:collateral"));
  host.close();
}

}  // namespace

TEST(
    "whatever file operation fails, the cause is named, the acknowledged kept, and it works "
    "again") {
  int runs = 0;
  for (const int error : {ENOSPC, EIO, EACCES}) {
    for (const bool stays : {false, true}) {
      const int step = check::scale() >= 1 ? 1 : 3;
      for (int at = 0;; at += step) {
        Host host;
        host.close();
        Evening kept;
        const bool hit = evening(host, at, error, stays, &kept);
        check_kept(host, kept,
                   "error " + std::to_string(error) + " at " + std::to_string(at) +
                       (stays ? " and after" : ""));
        host.open();
        ++runs;
        if (!hit) break;
      }
    }
  }
  std::printf("  %d evenings\n", runs);
}

TEST("the journal is not shortened while the profiles' file lacks what it says") {
  Host host(1 << 20);
  const uint32_t child = host.create("child", 18);
  {
    const Clear clear;
    tvcore::set_file_fault([](const tvcore::FileCall& call) {
      const bool profiles = call.path.find("profiles.tvp") != std::string::npos;
      return tvcore::FileFault{profiles ? ENOSPC : 0, 0};
    });
    tvb_profile profile;
    std::memset(&profile, 0, sizeof profile);
    profile.struct_size = sizeof profile;
    host::must(tvb_profile_get(host.brain, child, &profile));
    profile.max_age = 5;
    host::must(tvb_profile_update(host.brain, &profile));
    for (int i = 0; i < 30000; ++i) host.observe(TVB_EVENT_PROGRESS, "a:ronin");
    host.pump();
    host.close();  // as after a loss of power: the file was never written
  }
  host.open();
  tvb_profile profile;
  profile.struct_size = sizeof profile;
  host::must(tvb_profile_get(host.brain, child, &profile));
  CHECK_EQ(profile.max_age, 5u);
  for (const std::string& id : host.ids(child)) CHECK_EQ(id, "b:toys");
}

TEST("health stops saying read-only once the storage works again, though nobody observes") {
  Host host;
  {
    const Clear clear;
    tvcore::set_file_fault([](const tvcore::FileCall& call) {
      return tvcore::FileFault{call.op == tvcore::FileOp::kWrite ? EIO : 0, 0};
    });
    const tvb_event event = host.event(TVB_EVENT_COMPLETE, "a:heat");
    CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_IO);
    CHECK_EQ(host.health().mode, TVB_MODE_READ_ONLY);
    int64_t next = -1;
    (void)tvb_pump(host.brain, &next);
    CHECK(next >= 0 && next <= 5000);
  }
  host.pump();
  CHECK(host.health().mode != TVB_MODE_READ_ONLY);
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  CHECK(!host.shows("a:heat"));
}
