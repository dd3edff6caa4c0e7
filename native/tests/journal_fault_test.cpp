// The journal on a disk that fails, fills up, and loses what was not synced.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "journals.hpp"

using namespace journals;

namespace {

Code code_of(int error) { return error == ENOSPC ? Code::kNoSpace : Code::kIo; }

struct Script {
  std::vector<Event> kept;    // acknowledged
  std::vector<Event> denied;  // an error was returned
  std::vector<Status> statuses;
  uint64_t floor = 0;
};

// Open, append over several segments, sync, prepare, truncate; ends as a crash would.
Script run(const std::string& folder) {
  Script script;
  JournalWriter writer;
  script.statuses.push_back(writer.open(folder, options(), nullptr));
  if (!script.statuses.back().ok()) return script;
  std::vector<Event> events = sample(31, 90);
  for (size_t i = 0; i < events.size(); ++i) {
    script.statuses.push_back(writer.append(&events[i], kNow));
    (script.statuses.back().ok() ? script.kept : script.denied).push_back(events[i]);
    if (i % 8 == 3) script.statuses.push_back(writer.sync());
    if (i % 5 == 2) script.statuses.push_back(writer.prepare());
    if (i == 60) {
      script.floor = script.kept.empty() ? 0 : std::min<uint64_t>(30, script.kept.back().seq);
      script.statuses.push_back(writer.truncate(script.floor));
    }
  }
  script.statuses.push_back(writer.sync());
  return script;
}

// What must hold in `folder` after a script, and that the journal goes on there.
void check_kept(const std::string& folder, const Script& script) {
  JournalWriter writer;
  REQUIRE_OK(writer.open(folder, options(), nullptr));
  std::vector<Event> got = read(folder), wanted = script.kept;
  const auto below = [&script](const Event& event) { return event.seq <= script.floor; };
  got.erase(std::remove_if(got.begin(), got.end(), below), got.end());
  wanted.erase(std::remove_if(wanted.begin(), wanted.end(), below), wanted.end());
  CHECK(same(got, wanted));
  Event event = sample(32, 1)[0];
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK(wanted.empty() || event.seq > wanted.back().seq);
  REQUIRE_OK(writer.sync());
  wanted.push_back(event);
  got = read(folder);
  got.erase(std::remove_if(got.begin(), got.end(), below), got.end());
  CHECK(same(got, wanted));
}

// A disk that forgets: what of each file, and which names, would be there after a power cut. A failed sync makes the
// kernel take the file's pages for clean, so that later syncs skip them.
class Disk {
 public:
  Disk(const std::string& folder, check::Random* random, double failing)
      : folder_(folder), random_(random), failing_(failing) {
    for (const std::string& name : names(folder, "")) {
      const std::string path = folder + "/" + name;
      std::shared_ptr<Inode> inode = inode_of(path);
      inode->durable = inode->clean = contents(path);
      names_[name] = inode;
    }
  }

  FileFault operator()(const FileCall& call) {
    if (call.path.compare(0, folder_.size(), folder_) != 0) return {};
    if (call.op == FileOp::kRemove) live_.erase(number_of(call.path));
    if (call.op == FileOp::kRename) live_.erase(number_of(call.to));
    if (call.op != FileOp::kSync && call.op != FileOp::kSyncData) return {};
    const bool fails = random_->chance(failing_);
    if (call.path == folder_) {
      if (!fails) names_ = current();
    } else {
      Inode& inode = *inode_of(call.path);
      const std::vector<uint8_t> now = contents(call.path);
      if (!fails) write(now, inode, [](size_t) { return true; });
      inode.clean = now;
    }
    return {fails ? EIO : 0, 0};
  }

  // The folder after a power cut now. Each sector that was not synced may have been written all the same.
  void cut(const std::string& to) {
    std::filesystem::create_directories(to);
    for (const auto& [name, inode] : random_->chance(0.5) ? names_ : current()) {
      Inode after = *inode;
      const std::string path = folder_ + "/" + name;
      if (inode_now(path) == inode) {
        const std::vector<uint8_t> now = contents(path);
        const double share = random_->unit();
        write(now, after, [&](size_t) { return random_->chance(share); });
      }
      put(to + "/" + name, after.durable);
    }
  }

 private:
  static constexpr size_t kSector = 512;
  struct Inode {
    std::vector<uint8_t> durable, clean;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  template <typename Wanted>
  static void write(const std::vector<uint8_t>& now, Inode& inode, Wanted&& wanted) {
    inode.durable.resize(now.size(), 0);
    for (size_t at = 0; at < now.size(); at += kSector) {
      const size_t end = std::min(at + kSector, now.size());
      const auto begin = static_cast<std::ptrdiff_t>(at), stop = static_cast<std::ptrdiff_t>(end);
      const bool dirty =
          end > inode.clean.size() ||
          !std::equal(now.begin() + begin, now.begin() + stop, inode.clean.begin() + begin);
      if (dirty && wanted(at)) {
        std::copy(now.begin() + begin, now.begin() + stop, inode.durable.begin() + begin);
      }
    }
  }

  static uint64_t number_of(const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
  }
  std::shared_ptr<Inode> inode_now(const std::string& path) {
    const auto found = live_.find(number_of(path));
    return found == live_.end() ? nullptr : found->second;
  }
  std::shared_ptr<Inode> inode_of(const std::string& path) {
    std::shared_ptr<Inode>& inode = live_[number_of(path)];
    if (inode == nullptr) inode = std::make_shared<Inode>();
    return inode;
  }
  Names current() {
    Names all;
    for (const std::string& name : names(folder_, "")) all[name] = inode_of(folder_ + "/" + name);
    return all;
  }

  std::string folder_;
  check::Random* random_;
  double failing_;
  std::map<uint64_t, std::shared_ptr<Inode>> live_;  // by number, while a name leads there
  Names names_;                                      // durable
};

}  // namespace

TEST("whichever single operation fails, what was acknowledged is kept and errors name causes") {
  uint64_t operations = 0;
  {
    const check::TempDir dir;
    const Faulty faulty([&](const FileCall&) -> FileFault {
      ++operations;
      return {};
    });
    const Script script = run(dir / "journal");
    CHECK_EQ(script.kept.size(), 90u);
  }
  CHECK(operations > 120);
  for (const int error : {ENOSPC, EIO}) {
    for (const bool stays : {false, true}) {
      for (uint64_t failing = 0; failing < operations; ++failing) {
        const check::TempDir dir;
        const std::string folder = dir / "journal";
        Script script;
        uint64_t at = 0;
        {
          const Faulty faulty([&](const FileCall&) -> FileFault {
            const bool fails = stays ? at >= failing : at == failing;
            ++at;
            // Less than the shortest record: what an append could not write in full must never be seen.
            return {fails ? error : 0, failing * 7 % 80};
          });
          script = run(folder);
        }
        for (const Status& status : script.statuses) {
          if (!status.ok()) CHECK_EQ(status.code(), code_of(error));
        }
        if (!stays && script.statuses[0].ok()) CHECK(script.denied.size() <= 1);
        check_kept(folder, script);
      }
    }
  }
}

TEST("when the disk has room again, the same writer goes on") {
  const check::TempDir dir;
  JournalWriter writer;
  bool full = true;
  std::vector<Event> kept;
  {
    const Faulty faulty([&](const FileCall& call) -> FileFault {
      return {full && call.op == FileOp::kWrite ? ENOSPC : 0, 3};
    });
    REQUIRE_OK(writer.open(dir.path(), options(), nullptr));  // on a full disk
    for (int i = 0; i < 200; ++i) {
      full = i / 20 % 2 == 0;
      Event event = sample(40 + static_cast<uint64_t>(i), 1)[0];
      const Status status = writer.append(&event, kNow);
      if (full) {
        CHECK_EQ(status.code(), Code::kNoSpace);
      } else {
        REQUIRE_OK(status);
        kept.push_back(event);
      }
      CHECK(same(read(dir.path()), kept));
    }
  }
  CHECK_EQ(kept.size(), 100u);
}

TEST("after a failed fdatasync the records are written again, elsewhere") {
  const check::TempDir dir;
  std::vector<Event> events = sample(33, 10);
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  append_all(&writer, &events);
  const std::string path = dir / names(dir.path())[0];
  struct stat before{}, after{};
  REQUIRE(::stat(path.c_str(), &before) == 0);
  {
    bool failed = false;
    const Faulty faulty([&](const FileCall& call) -> FileFault {
      if (call.op != FileOp::kSyncData || failed) return {};
      failed = true;
      // The kernel dropped the pages that it could not write.
      std::vector<uint8_t> bytes = contents(path);
      std::fill(bytes.begin() + 64, bytes.end(), uint8_t{0});
      put(path, bytes);
      return {EIO, 0};
    });
    REQUIRE_OK(writer.sync());
  }
  CHECK_EQ(writer.synced_seq(), 10u);
  REQUIRE(::stat(path.c_str(), &after) == 0);
  CHECK(before.st_ino != after.st_ino);
  CHECK(same(read(dir.path()), events));
  REQUIRE_OK(writer.append(&events[0], kNow));
  CHECK_EQ(writer.segments(), 2u);
}

TEST("while a segment whose fdatasync failed is not written anew, no sync succeeds") {
  const check::TempDir dir;
  std::vector<Event> events = sample(34, 10);
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  append_all(&writer, &events);
  const std::string path = dir / names(dir.path())[0];
  {
    const Faulty faulty([&](const FileCall& call) -> FileFault {
      if (call.path == path && call.op == FileOp::kSyncData) return {EIO, 0};
      return {call.path == path + ".tmp" ? ENOSPC : 0, 0};
    });
    CHECK_EQ(writer.sync().code(), Code::kIo);
    CHECK_EQ(writer.sync().code(), Code::kNoSpace);  // not a second fdatasync, which would succeed
    CHECK_EQ(writer.synced_seq(), 0u);
    Event event = events[0];
    REQUIRE_OK(writer.append(&event, kNow));  // kept through kill -9 all the same
    events.push_back(event);
    CHECK(same(read(dir.path()), events));
  }
  REQUIRE_OK(writer.sync());
  CHECK_EQ(writer.synced_seq(), 11u);
  CHECK(same(read(dir.path()), events));
}

TEST("an append that finds a megabyte unsynced syncs, and is refused where that fails") {
  const check::TempDir dir;
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(kSegmentSize), nullptr));
  Event event = sample(35, 1)[0];
  event.added.assign(kMaxAdded, 7);
  uint64_t kept = 0;
  const Faulty faulty([&](const FileCall& call) -> FileFault {
    const bool folder = call.path == dir.path();
    return {call.op == FileOp::kSyncData || (call.op == FileOp::kSync && folder) ? EIO : 0, 0};
  });
  while (kept < 1000 && writer.append(&event, kNow).ok()) ++kept;
  CHECK(kept > 240 && kept < 260);
  CHECK_EQ(writer.append(&event, kNow).code(), Code::kIo);
  set_file_fault(nullptr);
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK_EQ(writer.synced_seq(), kept);
  CHECK_EQ(read(dir.path()).size(), kept + 1);
}

TEST("random histories of appends, syncs, truncations, kills and power cuts keep what they must") {
  for (uint64_t seed = 1; seed <= static_cast<uint64_t>(check::scaled(600)); ++seed) {
    check::Random random(seed);
    const int before = check::failures();
    const check::TempDir dir;
    const double failing = seed % 3 == 0 ? 0.2 : 0.0;
    int life = 0;
    std::string folder = dir / "0";
    std::filesystem::create_directories(folder);
    auto writer = std::make_unique<JournalWriter>();
    auto disk = std::make_unique<Disk>(folder, &random, failing);
    std::map<uint64_t, Event> kept;  // acknowledged, and not lost to a power cut
    uint64_t floor = 0, synced = 0;
    const auto hook = [&](const FileCall& call) { return (*disk)(call); };
    const auto open = [&] {
      for (int tries = 0; tries < 100; ++tries) {
        writer = std::make_unique<JournalWriter>();
        if (writer->open(folder, options(), nullptr).ok()) return;
      }
      REQUIRE(!"the journal opens");
    };
    const auto check_all = [&](uint64_t after) {
      std::vector<Event> wanted, got = read(folder, after);
      for (const auto& [seq, event] : kept) {
        if (seq > after && seq > floor) wanted.push_back(event);
      }
      // Truncation deletes whole segments: some records below the floor may still be there.
      const auto above = std::find_if(got.begin(), got.end(),
                                      [&](const Event& event) { return event.seq > floor; });
      for (auto event = got.begin(); event != above; ++event) {
        CHECK(check::same_event(*event, kept.at(event->seq)));
      }
      CHECK(same({above, got.end()}, wanted));
    };
    const Faulty faulty(hook);
    open();
    for (int step = 0; step < 150 && check::failures() == before; ++step) {
      const uint64_t choice = random.below(100);
      if (choice < 70) {
        Event event = check::random_event(&random, 1500);
        if (writer->append(&event, kNow).ok()) {
          CHECK(kept.empty() || event.seq > kept.rbegin()->first);
          kept[event.seq] = event;
        }
      } else if (choice < 80) {
        const uint64_t last = writer->last_seq();
        // A process that dies between a failed sync and the next good one is beyond what can be known.
        while (!writer->sync().ok()) {
        }
        CHECK_EQ(writer->synced_seq(), last);
        synced = std::max(synced, last);
      } else if (choice < 85) {
        (void)writer->prepare();
      } else if (choice < 88) {
        const uint64_t to = random.below(synced + 1);
        if (writer->truncate(to).ok()) floor = std::max(floor, to);
      } else if (choice < 94) {
        check_all(random.below(writer->last_seq() + 2));
      } else if (choice < 97) {  // kill -9: the kernel keeps what was written
        writer.reset();
        open();
        check_all(0);
      } else {  // the power goes
        writer.reset();
        const std::string next = dir / std::to_string(++life);
        disk->cut(next);
        folder = next;
        disk = std::make_unique<Disk>(folder, &random, failing);
        open();
        std::map<uint64_t, Event> left;
        for (const Event& event : read(folder)) {
          CHECK(kept.count(event.seq) == 1 && check::same_event(event, kept.at(event.seq)));
          left[event.seq] = event;
        }
        for (const auto& [seq, event] : kept) {
          if (seq > floor && seq <= synced) CHECK(left.count(seq) == 1);
        }
        kept = std::move(left);
        check_all(0);
      }
    }
    if (check::failures() != before) {
      std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(seed));
      break;
    }
  }
}
