// The C interface as a host sees it: what an evening changes, what survives, who sees what.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "host.hpp"

namespace {

using host::Host;

bool before(const std::vector<std::string>& ids, const char* a, const char* b) {
  return std::find(ids.begin(), ids.end(), a) < std::find(ids.begin(), ids.end(), b);
}

}  // namespace

TEST("a completed title leaves the slate and what goes with it rises") {
  Host host;
  const auto first = host.ids();
  CHECK_EQ(first.front(), "b:toys");  // nothing watched: the most popular
  CHECK_EQ(first.size(), 7u);         // all but the one bound to a region
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  const auto then = host.ids();
  CHECK(!host.shows("a:heat"));
  CHECK_EQ(then.front(), "a:ronin");
  CHECK_EQ(host.items[0].reason, TVB_REASON_WATCHED);
  CHECK_EQ(std::string(host.items[0].reason_item), "a:heat");
  CHECK(before(then, "a:collateral", "b:toys"));
}

TEST("not interested takes a title away and lowers what goes with it, undo brings both back") {
  Host host;
  host.observe(TVB_EVENT_COMPLETE, "a:collateral");
  const auto as_it_was = host.ids();
  host.observe(TVB_EVENT_NOT_INTERESTED, "a:heat");
  const auto without = host.ids();
  CHECK(!host.shows("a:heat"));
  CHECK_EQ(without.back(), "a:ronin");
  host.observe(TVB_EVENT_UNDO, "a:heat");
  CHECK(host.ids() == as_it_was);
}

TEST("hide takes a title away and says nothing of taste, unhide brings it back") {
  Host host;
  auto as_it_was = host.ids();
  host.observe(TVB_EVENT_HIDE, "a:heat");
  auto hidden = host.ids();
  as_it_was.erase(std::find(as_it_was.begin(), as_it_was.end(), "a:heat"));
  CHECK(hidden == as_it_was);
  host.observe(TVB_EVENT_UNHIDE, "a:heat");
  CHECK(host.shows("a:heat"));
}

TEST("a title hidden by one offer's id comes back by the other's") {
  Host host;
  host.observe(TVB_EVENT_HIDE, "b:two");
  CHECK(!host.shows("a:both"));
  host.observe(TVB_EVENT_UNHIDE, "a:both");
  CHECK(host.shows("a:both"));
}

TEST("a child's profile sees no title above its age and an entitled one only its providers") {
  Host host;
  const uint32_t child = host.create("child", 6);
  host.observe(TVB_EVENT_COMPLETE, "a:heat", child);  // however it came to be watched
  for (const std::string& id : host.ids(child)) CHECK(id == "b:toys" || id == "b:ants");
  for (uint32_t i = 0; i < host.slate.count; ++i)
    CHECK_EQ(std::string(host.items[i].reason_item), "");
  const uint32_t b_only = host.create("b only", 18, {"b"});
  CHECK_EQ(host.ids(b_only).size(), 3u);
  CHECK(host.shows("a:both", b_only));
}

TEST("a title bound to a region shows only there") {
  Host host;
  auto context = host.context();
  std::strcpy(context.region, "CH");
  CHECK_EQ(host.ids(context).size(), 8u);
  std::strcpy(context.region, "DE");
  CHECK_EQ(host.ids(context).size(), 7u);
}

TEST("opening again knows everything, with or without a close") {
  Host host;
  const uint32_t child = host.create("child", 6);
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  host.observe(TVB_EVENT_COMPLETE, "b:toys", child);
  const auto slate = host.ids();
  const auto childs = host.ids(child);

  // What a killed process leaves behind: the files as they are now.
  const check::TempDir copy;
  std::filesystem::copy(host.data(), copy / "data", std::filesystem::copy_options::recursive);
  tvb_brain* other = nullptr;
  host::must(tvb_open((copy / "data").c_str(), host.pack().c_str(), nullptr, &other));
  std::swap(other, host.brain);
  CHECK(host.ids() == slate);
  CHECK(host.ids(child) == childs);
  std::swap(other, host.brain);
  host::must(tvb_close(other));

  host.reopen();
  CHECK(host.ids() == slate);
  CHECK(host.ids(child) == childs);
}

TEST("a host that named its files from its working folder may go to another") {
  Host host;
  host.close();
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::path(host.data()).parent_path());
  host::must(tvb_open("data", "factory.tvpack", nullptr, &host.brain));
  std::filesystem::current_path("/");
  const uint32_t child = host.create("child", 6);
  host.observe(TVB_EVENT_COMPLETE, "b:toys", child);
  host::must(tvb_flush(host.brain));
  int64_t next_ms = 0;
  host::must(tvb_pump(host.brain, &next_ms));
  std::filesystem::current_path(here);
  CHECK_EQ(host.health().faults, 0u);
  host.reopen();
  CHECK(!host.shows("b:toys", child));
}

TEST("a second opener is told who holds the directory, a reader is let in") {
  Host host;
  tvb_brain* second = nullptr;
  const pid_t child = fork();
  if (child == 0) {
    const bool busy = host.try_open(TVB_OPEN_NO_THREAD, &second) == TVB_E_BUSY &&
                      std::strstr(tvb_last_error(), std::to_string(getppid()).c_str()) != nullptr;
    _exit(busy ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  host::must(host.try_open(TVB_OPEN_READ_ONLY, &second));
  std::swap(second, host.brain);
  CHECK(!host.shows("a:heat"));
  const tvb_event event = host.event(TVB_EVENT_COMPLETE, "a:ronin");
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_READ_ONLY);
  std::swap(second, host.brain);
  host::must(tvb_close(second));
  struct stat info{};
  REQUIRE(stat(host.data().c_str(), &info) == 0);
  CHECK_EQ(info.st_mode & 0777u, 0700u);
}

TEST("in a child of the process every call is refused and nothing is freed") {
  Host host;
  const pid_t child = fork();
  if (child == 0) {
    const tvb_event event = host.event(TVB_EVENT_COMPLETE, "a:heat");
    const bool refused = tvb_observe(host.brain, &event) == TVB_E_FORKED &&
                         tvb_close(host.brain) == TVB_E_FORKED &&
                         tvb_flush(host.brain) == TVB_E_FORKED;
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(host.shows("a:heat"));
}

TEST("forgetting hides at once, by any offer's id, and stays so") {
  Host host;
  host.observe(TVB_EVENT_COMPLETE, "b:two");
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  CHECK(!host.shows("a:both"));
  CHECK_EQ(tvb_forget(host.brain, TVB_FORGET_ITEM, 1, "a:both"), TVB_PENDING);
  CHECK(host.shows("a:both"));
  CHECK(!host.shows("a:heat"));
  host.reopen();
  CHECK(host.shows("a:both"));
  CHECK_EQ(host.health().erasure_epoch, 1u);
  CHECK_EQ(tvb_forget(host.brain, TVB_FORGET_ALL, 0, nullptr), TVB_PENDING);
  CHECK(host.shows("a:heat"));
  host.reopen();
  CHECK(host.shows("a:heat"));
}

TEST("a deleted profile is gone with its history, and its id is not used again") {
  Host host;
  const uint32_t guest = host.create("guest", 18);
  host.observe(TVB_EVENT_COMPLETE, "a:heat", guest);
  host::must(tvb_profile_delete(host.brain, guest));
  const auto context = host.context(guest);
  tvb_slate slate = TVB_SLATE_INIT;
  CHECK_EQ(tvb_recommend(host.brain, &context, &slate, host.items, 20), TVB_E_NO_PROFILE);
  CHECK(host.create("guest", 18) > guest);
  CHECK_EQ(tvb_profile_delete(host.brain, 1), TVB_E_INVALID);
}

TEST("a damaged profiles file is healed from its predecessor and the journal") {
  Host host;
  host.create("one", 6);
  const uint32_t second = host.create("two", 12);
  host.close();
  host::write_file(host.data("profiles.tvp"), {1, 2, 3});
  host.open();
  tvb_profile profile;
  profile.struct_size = sizeof profile;
  host::must(tvb_profile_find(host.brain, "two", &profile));
  CHECK_EQ(profile.id, second);
  CHECK_EQ(profile.max_age, 12u);
  CHECK((host.health().faults & TVB_FAULT_PROFILES_OLD) != 0);
}

TEST("with both profile files damaged everybody is age 0 and nothing may be written") {
  Host host;
  host.create("one", 18);
  host.close();
  host::write_file(host.data("profiles.tvp"), {1, 2, 3});
  host::write_file(host.data("profiles.tvp.1"), {});
  host.open();
  for (const std::string& id : host.ids()) CHECK_EQ(id, "b:toys");
  const tvb_event event = host.event(TVB_EVENT_COMPLETE, "a:heat");
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_READ_ONLY);
  CHECK((host.health().faults & TVB_FAULT_PROFILES_LOST) != 0);
  CHECK_EQ(host.health().mode, TVB_MODE_READ_ONLY);
}

TEST("at its cap and without a learner the journal is folded into a checkpoint that opening uses") {
  Host host(1 << 20);
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  for (int i = 0; i < 30000; ++i) host.observe(TVB_EVENT_PROGRESS, "a:ronin");
  host.pump();
  CHECK(host.health().checkpoint_seq > 20000);
  CHECK((host.health().faults & TVB_FAULT_GAP) != 0);
  CHECK(host.health().journal_bytes <= 2u << 20);
  const auto slate = host.ids();
  const uint64_t last = host.health().last_seq;
  host.reopen();
  CHECK(host.ids() == slate);
  host.observe(TVB_EVENT_COMPLETE, "a:ronin");
  CHECK(host.health().last_seq > last);
}

TEST("a rotten checkpoint is replaced by its copy") {
  Host host(1 << 20);
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  for (int i = 0; i < 30000; ++i) host.observe(TVB_EVENT_PROGRESS, "a:ronin");
  host.pump();
  const auto slate = host.ids();
  host.close();
  auto bytes = host::read_file(host.data("journal/checkpoint.tvs"));
  bytes[bytes.size() / 2] ^= 1;
  host::write_file(host.data("journal/checkpoint.tvs"), bytes);
  host.open();
  CHECK(host.ids() == slate);
  CHECK((host.health().faults & TVB_FAULT_SNAPSHOT) != 0);
}

TEST("a clock that is not trusted is taken to be no earlier than the packs") {
  Host host;
  host.close();
  auto pack = host::catalogue();
  pack.built_at = host::kNow / 1000;
  pack.titles[0].offers = {{"a:heat", 16, {}, host::kNow - 1000, host::kNow + 1000}};
  host::write_file(host.pack(), pack.bytes());
  tvb_open_options options;
  std::memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = TVB_OPEN_NO_THREAD;
  options.clock = [](void*) -> int64_t { return 5000; };  // 1970
  host::must(tvb_open(host.data().c_str(), host.pack().c_str(), &options, &host.brain));
  auto context = host.context();
  context.at = 0;
  const auto ids = host.ids(context);
  CHECK(std::find(ids.begin(), ids.end(), "a:heat") != ids.end());
  host::must(tvb_hint(host.brain, TVB_HINT_TIME_TRUSTED, 1));
  const auto later = host.ids(context);
  CHECK(std::find(later.begin(), later.end(), "a:heat") == later.end());
}

TEST("an impression finds its titles by slate, row and slot") {
  Host host;
  const auto shown = host.ids();
  tvb_event event = host.event(TVB_EVENT_IMPRESSION, "");
  event.slate_id = host.slate.slate_id;
  event.slot_count = 3;
  for (int i = 0; i < 8; ++i) host::must(tvb_observe(host.brain, &event));
  const auto then = host.ids();
  CHECK(before(then, shown[3].c_str(), shown[0].c_str()));  // shown eight times and passed over
  event.slate_id = 12345;
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
}

TEST("a screen names no title twice and continues what was started") {
  Host host;
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  tvb_event event = host.event(TVB_EVENT_STOP, "a:ronin");
  event.fields = TVB_HAS_POSITION | TVB_HAS_DURATION;
  event.position_s = 1200;
  event.duration_s = 7200;
  host::must(tvb_observe(host.brain, &event));
  event = host.event(TVB_EVENT_COMPLETE, "a:saga");
  event.fields = TVB_HAS_EPISODE;
  event.season = 1;
  event.episode = 2;
  host::must(tvb_observe(host.brain, &event));

  tvb_screen screen = TVB_SCREEN_INIT;
  tvb_row rows[6];
  tvb_slate_item items[6 * 5];
  auto context = host.context();
  context.k = 5;
  host::must(tvb_rows(host.brain, &context, &screen, rows, 6, items, 30));
  REQUIRE(screen.row_count > 2 && rows[0].kind == TVB_ROW_CONTINUE && rows[0].count == 1);
  CHECK_EQ(std::string(items[0].item), "a:ronin");
  CHECK_EQ(items[0].position_s, 1200u);
  REQUIRE(rows[1].kind == TVB_ROW_NEXT_EPISODE && rows[1].count == 1);
  CHECK_EQ(std::string(items[1].item), "a:saga");
  CHECK_EQ(items[1].reason, TVB_REASON_NEXT_EPISODE);
  CHECK_EQ(items[1].season, 2);
  CHECK_EQ(items[1].episode, 1);
  std::vector<std::string> seen;
  for (uint32_t i = 0; i < screen.item_count; ++i) seen.emplace_back(items[i].item);
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  CHECK_EQ(tvb_rows(host.brain, &context, &screen, rows, 6, items, 29), TVB_E_BUFFER);
}

TEST("a side pack and a new base are taken up while open, a damaged one is set aside") {
  Host host;
  const auto base = check::PackBuilder(host::catalogue()).pack();
  auto side = check::PackBuilder::side_of(*base, 1);
  check::TestTitle fresh;
  fresh.id = "a:fresh";
  fresh.title = "Fresh";
  fresh.popularity = 1000;
  side.titles.push_back(fresh);
  side.removed = {"a:heat"};
  host::write_file(host.data("packs/side-01.tvpack"), side.bytes());
  host.pump();
  CHECK(host.shows("a:fresh"));
  CHECK(!host.shows("a:heat"));
  CHECK_EQ(host.health().packs, 2u);

  auto bytes = host::catalogue().bytes();
  bytes[bytes.size() - 3] ^= 1;  // the payload: found by verification alone
  host::write_file(host.data("packs/base.tvpack"), bytes);
  for (int i = 0; i < 6; ++i) host.pump();
  CHECK((host.health().faults & TVB_FAULT_PACK) != 0);
  CHECK(access(host.data("packs/base.tvpack.bad").c_str(), F_OK) == 0);
  CHECK(host.shows("a:fresh"));
}

TEST("what cannot be used is refused by name") {
  Host host;
  tvb_event event = host.event(TVB_EVENT_COMPLETE, "");
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
  CHECK(std::strstr(tvb_last_error(), "item") != nullptr);
  event = host.event(99, "a:heat");
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
  event = host.event(TVB_EVENT_RATE, "a:heat");
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
  event = host.event(TVB_EVENT_COMPLETE, "a:heat", 77);
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_NO_PROFILE);
  event = host.event(TVB_EVENT_COMPLETE, "a:heat");
  std::memset(event.item, 'x', sizeof event.item);
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
  event = host.event(TVB_EVENT_COMPLETE, "\xff\xfe");
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
  event.struct_size = 12;
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
  CHECK_EQ(tvb_observe(nullptr, &event), TVB_E_INVALID);
  CHECK_EQ(tvb_observe(host.brain, nullptr), TVB_E_INVALID);

  auto context = host.context();
  context.k = 201;
  CHECK_EQ(tvb_recommend(host.brain, &context, &host.slate, host.items, 20), TVB_E_INVALID);
  context.k = 20;
  CHECK_EQ(tvb_recommend(host.brain, &context, &host.slate, host.items, 19), TVB_E_BUFFER);
  CHECK_EQ(tvb_similar(host.brain, "a:none", &context, &host.slate, host.items, 20), TVB_E_NO_ITEM);
  CHECK_EQ(tvb_search(host.brain, "", &context, &host.slate, host.items, 20), TVB_E_INVALID);
  tvb_brain* other = nullptr;
  CHECK_EQ(tvb_open(host.data().c_str(), "/nonexistent.tvpack", nullptr, &other), TVB_E_NO_FILE);
  CHECK(other == nullptr);
  host::write_file(host.data("no.tvpack"), {1, 2, 3});
  CHECK_EQ(tvb_open(host.data("new").c_str(), host.data("no.tvpack").c_str(), nullptr, &other),
           TVB_E_CORRUPT);
  CHECK(access(host.data("new").c_str(), F_OK) != 0);
}

TEST("search finds titles by whole and by beginning, finished ones too") {
  Host host;
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  auto context = host.context();
  host::must(tvb_search(host.brain, "HEAT", &context, &host.slate, host.items, 20));
  REQUIRE(host.slate.count >= 1);
  CHECK_EQ(std::string(host.items[0].item), "a:heat");
  host::must(tvb_search(host.brain, "sag", &context, &host.slate, host.items, 20));
  REQUIRE(host.slate.count == 1);
  CHECK_EQ(std::string(host.items[0].item), "a:saga");
  const uint32_t child = host.create("child", 6);
  context.profile = child;
  host::must(tvb_search(host.brain, "heat", &context, &host.slate, host.items, 20));
  CHECK_EQ(host.slate.count, 0u);
}

TEST("an explanation adds up to the score and says why a title is not shown") {
  Host host;
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  tvb_explanation why;
  why.struct_size = sizeof why;
  const auto context = host.context();
  host::must(tvb_explain(host.brain, "a:ronin", &context, &why));
  float sum = 0.0f;
  for (const float term : why.terms) sum += term;
  CHECK(sum == why.score);
  CHECK_EQ(why.eligible, 1u);
  REQUIRE(why.witness_count == 1);
  CHECK_EQ(std::string(why.witness[0].item), "a:heat");
  host::must(tvb_explain(host.brain, "a:heat", &context, &why));
  CHECK_EQ(why.eligible, 0u);
  CHECK_EQ(why.why_not, TVB_NOT_FINISHED);
}
