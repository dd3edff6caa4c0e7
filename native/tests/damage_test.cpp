// Every byte of a small data directory flipped, every file cut and deleted: a child never sees a title above its age,
// a failed open has a documented code, and nothing crashes.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "host.hpp"
#include "tvcore/prior.hpp"
#include "tvcore/snapshot.hpp"

namespace {

using host::Host;
namespace fs = std::filesystem;

constexpr uint32_t kChild = 2;

// A directory with all that one can hold: profiles, a journal, a snapshot, a checkpoint, an installed base and a side
// pack that raises a title's age and takes another away.
void fill(Host* host) {
  REQUIRE(host->create("child", 6) == kChild);
  host->observe(TVB_EVENT_COMPLETE, "a:heat", kChild);
  host->observe(TVB_EVENT_COMPLETE, "b:toys", 1);
  host->observe(TVB_EVENT_LIST_ADD, "a:saga", kChild);
  tvb_profile child;
  std::memset(&child, 0, sizeof child);
  child.struct_size = sizeof child;
  host::must(tvb_profile_get(host->brain, kChild, &child));
  child.max_age = 5;  // lowered: an older file would bring 6 back, and b:ants with it
  host::must(tvb_profile_update(host->brain, &child));

  tvcore::Snapshot snapshot;
  snapshot.generation = 1;
  snapshot.journal_id = host->health().journal_id;
  snapshot.learned_seq = 1;
  const tvcore::Status published = tvcore::publish_snapshot(host->data("snapshot"), snapshot);
  if (!published.ok()) check::fail("publish", 0, published.text());

  auto base = host::catalogue();
  base.built_at += 1;
  base.prior = {{tvcore::kTermCf, 2048, 4.0}};
  for (check::TestTitle& title : base.titles) {
    title.airings = {{"One", host::kNow - 1000, host::kNow + 1000}, {"Two", 0, 1000}};
    title.counts = {{"CH", 255, 1, 5}};
  }
  host::write_file(host->data("packs/base.tvpack"), base.bytes());
  auto side = check::PackBuilder::side_of(*base.pack(), 1);
  check::TestTitle strict;
  strict.id = "b:alps";  // was 0
  strict.title = "The Alps, uncut";
  strict.age = 16;
  side.titles.push_back(strict);
  side.removed = {"b:toys"};
  host::write_file(host->data("packs/side-01.tvpack"), side.bytes());
  host->pump();
}

struct Outcome {
  int opens = 0, refusals = 0;
  std::map<int32_t, int> codes;
};

// The base's titles for age 5, and none with the side pack, which removes one and raises the other. A damaged text is no
// other title: those are told apart by their ages, which have checksums of their own.
bool allowed(const std::string& id, bool side_in_use) {
  if (!side_in_use && (id == "b:toys" || id == "b:alps")) return true;
  for (const check::TestTitle& title : host::catalogue().titles) {
    if (title.id == id) return false;
  }
  return !side_in_use;
}

// Open what lies in `data` and ask for the child by every way there is.
void try_one(const Host& host, const std::string& data, const std::string& what, Outcome* out) {
  tvb_open_options options;
  std::memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = TVB_OPEN_NO_THREAD;
  tvb_brain* brain = nullptr;
  const int32_t opened = tvb_open(data.c_str(), host.pack().c_str(), &options, &brain);
  if (opened < 0) {
    ++out->refusals;
    ++out->codes[opened];
    if (opened != TVB_E_CORRUPT && opened != TVB_E_VERSION && opened != TVB_E_NO_FILE) {
      check::fail(what.c_str(), opened, tvb_last_error());
    }
    return;
  }
  ++out->opens;
  bool side = false;
  tvb_context context = TVB_CONTEXT_INIT;
  context.profile = kChild;
  context.at = host::kNow;
  std::strcpy(context.region, "CH");
  tvb_slate slate = TVB_SLATE_INIT;
  tvb_slate_item items[40];
  const auto judge = [&](int32_t result, uint32_t count) {
    if (result == TVB_E_NO_PROFILE || result == TVB_E_NO_ITEM) return;
    if (result < 0) check::fail(what.c_str(), result, tvb_last_error());
    for (uint32_t i = 0; result >= 0 && i < count; ++i) {
      if (!allowed(items[i].item, side)) {
        check::fail(what.c_str(), side ? 2 : 1, std::string("title '") + items[i].item + "'");
      }
      if (items[i].reason_item[0] != '\0' && !allowed(items[i].reason_item, side)) {
        check::fail(what.c_str(), 1, items[i].reason_item);
      }
    }
  };
  for (int round = 0; round < 2; ++round) {
    tvb_health_info health;
    health.struct_size = sizeof health;
    host::must(tvb_health(brain, &health));
    side = health.packs == 2;
    int32_t result = tvb_recommend(brain, &context, &slate, items, 20);
    judge(result, slate.count);
    result = tvb_search(brain, "a", &context, &slate, items, 20);
    judge(result, slate.count);
    result = tvb_similar(brain, "a:heat", &context, &slate, items, 20);
    judge(result, slate.count);
    tvb_screen screen = TVB_SCREEN_INIT;
    tvb_row rows[2];
    result = tvb_rows(brain, &context, &screen, rows, 2, items, 40);
    judge(result, screen.item_count);
    int64_t next = 0;
    (void)tvb_pump(brain, &next);  // verifies packs, sets damaged ones aside
  }
  (void)tvb_close(brain);
}

std::vector<std::string> files_of(const std::string& data) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    if (entry.is_regular_file() && entry.path().filename() != "next") {
      files.push_back(fs::relative(entry.path(), data).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The file without the zeros that a segment ends with.
size_t interesting(const std::vector<uint8_t>& bytes) {
  size_t size = bytes.size();
  while (size > 0 && bytes[size - 1] == 0) --size;
  return std::min(bytes.size(), size + 16);
}

class Copies {
 public:
  explicit Copies(Host* host) : host_(host) {
    fill(host);
    host->close();
    fs::copy(host->data(), original_ / "data", fs::copy_options::recursive);
    // The zeros that wait for records would be copied again and again.
    fs::remove(original_ / "data/journal/next");
    host->open();
  }
  std::vector<std::string> files() const { return files_of(original_ / "data"); }
  std::vector<uint8_t> bytes(const std::string& file) const {
    return host::read_file(original_ / ("data/" + file));
  }
  // Open a copy of the directory in which `file` has these bytes, or is missing.
  void with(const std::string& file, const std::vector<uint8_t>* bytes, const std::string& what) {
    const check::TempDir copy;
    fs::copy(original_ / "data", copy / "data", fs::copy_options::recursive);
    const std::string path = copy / ("data/" + file);
    if (bytes == nullptr) {
      fs::remove(path);
    } else {
      host::write_file(path, *bytes);
    }
    try_one(*host_, copy / "data", file + " " + what, &outcome);
  }
  Outcome outcome;

 private:
  Host* host_;
  check::TempDir original_;
};

}  // namespace

TEST("no flipped byte of any file shows a child a title above its age") {
  Host host;
  Copies copies(&host);
  // Every byte at full size; a random part of them otherwise.
  check::Random random(1);
  for (const std::string& file : copies.files()) {
    const auto bytes = copies.bytes(file);
    for (size_t at = 0; at < interesting(bytes); ++at) {
      if (!random.chance(check::scale())) continue;
      auto damaged = bytes;
      damaged[at] ^= static_cast<uint8_t>(1u << random.below(8));
      copies.with(file, &damaged, "byte " + std::to_string(at));
    }
  }
  std::printf("  %d opened, %d refused\n", copies.outcome.opens, copies.outcome.refusals);
  CHECK_EQ(copies.outcome.refusals, 0);
}

TEST("no file cut at any length shows a child a title above its age") {
  Host host;
  Copies copies(&host);
  check::Random random(2);
  for (const std::string& file : copies.files()) {
    const auto bytes = copies.bytes(file);
    for (size_t size = 0; size < interesting(bytes); ++size) {
      if (size != 0 && !random.chance(check::scale() / 2)) continue;
      const std::vector<uint8_t> cut(bytes.begin(),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(size));
      copies.with(file, &cut, "cut at " + std::to_string(size));
    }
  }
  CHECK_EQ(copies.outcome.refusals, 0);
}

TEST("no deleted file shows a child a title above its age") {
  Host host;
  Copies copies(&host);
  for (const std::string& file : copies.files()) copies.with(file, nullptr, "deleted");
  CHECK_EQ(copies.outcome.refusals, 0);
}

TEST("a flipped byte of the factory pack is refused or shows a child nothing above its age") {
  Host host;
  host.create("child", 5);
  host.close();
  const auto bytes = host::read_file(host.pack());
  Outcome outcome;
  for (size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= static_cast<uint8_t>(1u << (at % 8));
    host::write_file(host.pack(), damaged);
    try_one(host, host.data(), "pack byte " + std::to_string(at), &outcome);
  }
  host::write_file(host.pack(), bytes);
  host.open();
  CHECK(outcome.refusals > 0 && outcome.opens > 0);
}
