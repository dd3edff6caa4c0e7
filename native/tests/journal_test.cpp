#include "tvcore/journal.hpp"

#include <fcntl.h>

#include <cstring>

#include "journals.hpp"
#include "tvcore/hash.hpp"

using namespace journals;

namespace {

// A header with its checksum made right again.
std::vector<uint8_t> with(std::vector<uint8_t> segment, size_t at, uint8_t value) {
  segment[at] = value;
  const uint32_t crc = crc32c(segment.data(), 60);
  std::memcpy(segment.data() + 60, &crc, sizeof crc);
  return segment;
}

// Where each record of a journal of one segment begins and ends, without padding.
struct Extent {
  size_t begin, end;
};
std::vector<Extent> extents(const std::vector<Event>& events) {
  std::vector<Extent> all;
  size_t at = 64;
  for (const Event& event : events) {
    const size_t size = 16 + kEventBodySize + event.added.size() + event.values.size();
    all.push_back({at, at + size});
    at += (size + 7) / 8 * 8;
  }
  return all;
}

}  // namespace

TEST("what was appended is read back in order, numbered from 1") {
  const check::TempDir dir;
  const std::string folder = dir / "journal";
  std::vector<Event> events = sample(1, 200);
  JournalWriter writer;
  REQUIRE_OK(writer.open(folder, options(), nullptr));
  append_all(&writer, &events);
  for (size_t i = 0; i < events.size(); ++i) CHECK_EQ(events[i].seq, i + 1);
  CHECK(same(read(folder), events));
  CHECK(writer.segments() > 3);
  CHECK_EQ(writer.bytes(), uint64_t{writer.segments()} * kSmall);
  CHECK_EQ(writer.last_seq(), events.size());
  JournalInfo info;
  CHECK(same(read(folder, 150, &info), {events.begin() + 150, events.end()}));
  CHECK_EQ(info.id, kId);
  CHECK_EQ(info.last_seq, events.size());
  CHECK_EQ(info.segments.size(), writer.segments());
  CHECK(read(folder, 200).empty());
  CHECK(read(folder, UINT64_MAX).empty());
}

TEST("a visitor that has enough ends the reading") {
  const check::TempDir dir;
  std::vector<Event> events = sample(2, 100);
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  append_all(&writer, &events);
  int seen = 0;
  JournalInfo info;
  REQUIRE_OK(read_journal(
      dir.path(), 10, [&](const Event&) { return ++seen == 5 ? Visit::kStop : Visit::kNext; },
      &info));
  CHECK_EQ(seen, 5);
  CHECK_EQ(info.last_seq, 15u);
}

TEST("a folder that is missing or empty is a journal without records") {
  const check::TempDir dir;
  JournalInfo info;
  CHECK(read(dir / "nothing", 0, &info).empty());
  CHECK_EQ(info.id, 0u);
  CHECK(read(dir.path(), 0, &info).empty());
  CHECK_EQ(info.id, 0u);
  CHECK_EQ(info.last_seq, 0u);
}

TEST("options that cannot work, events that do not fit and a closed journal are refused") {
  const check::TempDir dir;
  JournalWriter writer;
  JournalWriter::Options wrong = options();
  wrong.new_id = 0;
  CHECK_EQ(writer.open(dir.path(), wrong, nullptr).code(), Code::kInvalid);
  CHECK_EQ(writer.open(dir.path(), options(4096), nullptr).code(), Code::kInvalid);
  CHECK_EQ(writer.open(dir.path(), options(10000), nullptr).code(), Code::kInvalid);
  Event event;
  CHECK_EQ(writer.append(&event, kNow).code(), Code::kInvalid);
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  CHECK_EQ(writer.open(dir.path(), options(), nullptr).code(), Code::kInvalid);
  event.added.resize(kMaxAdded + 1);
  CHECK_EQ(writer.append(&event, kNow).code(), Code::kInvalid);
  event.added.resize(kMaxAdded);
  CHECK_OK(writer.append(&event, kNow));
  event.kind = static_cast<Kind>(0);
  CHECK_EQ(writer.append(&event, kNow).code(), Code::kInvalid);
  CHECK_OK(writer.close());
  CHECK_OK(writer.close());
  event.kind = Kind::kSelect;
  CHECK_EQ(writer.append(&event, kNow).code(), Code::kInvalid);
  CHECK_EQ(read(dir.path()).size(), 1u);
}

TEST("the event that was appended has the time that a replay will read") {
  const check::TempDir dir;
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  Event event;
  event.at_ms = 0;  // a set without a clock battery
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK_EQ(event.at_ms, kFirstMs);
  CHECK_EQ(read(dir.path())[0].at_ms, kFirstMs);
}

TEST("a reopened journal goes on in its last segment with its next number") {
  const check::TempDir dir;
  std::vector<Event> events = sample(3, 30, 20);
  for (Event& event : events) {
    JournalWriter writer;
    JournalInfo info;
    REQUIRE_OK(writer.open(dir.path(), options(), &info));
    CHECK_EQ(info.last_seq, static_cast<uint64_t>(&event - events.data()));
    CHECK_EQ(writer.last_seq(), info.last_seq);
    REQUIRE_OK(writer.append(&event, kNow));
  }
  CHECK(same(read(dir.path()), events));
  CHECK_EQ(names(dir.path()).size(), 1u);
}

TEST("numbers that a snapshot may know are not given again in an emptied folder") {
  const check::TempDir dir;
  JournalWriter::Options emptied = options();
  emptied.next_seq_at_least = 5001;
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), emptied, nullptr));
  Event event;
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK_EQ(event.seq, 5001u);
}

TEST("a gap in the numbers is legal") {
  const check::TempDir dir;
  std::vector<Event> first = sample(4, 5), second = sample(5, 5);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
    append_all(&writer, &first);
  }
  JournalWriter::Options later = options();
  later.next_seq_at_least = 100;
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), later, nullptr));
  append_all(&writer, &second);
  CHECK_EQ(second[0].seq, 100u);
  first.insert(first.end(), second.begin(), second.end());
  CHECK(same(read(dir.path()), first));
}

TEST("truncation deletes whole segments below the floor and never the one being written") {
  const check::TempDir dir;
  std::vector<Event> events = sample(6, 200);
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  append_all(&writer, &events);
  const uint32_t before = writer.segments();
  REQUIRE_OK(writer.truncate(0));
  CHECK_EQ(writer.segments(), before);
  REQUIRE_OK(writer.truncate(100));
  CHECK(writer.segments() < before);
  const std::vector<Event> left = read(dir.path());
  REQUIRE(!left.empty() && left[0].seq <= 101);
  CHECK(same(left, {events.begin() + static_cast<std::ptrdiff_t>(left[0].seq - 1), events.end()}));
  REQUIRE_OK(writer.truncate(UINT64_MAX));
  CHECK_EQ(writer.segments(), 1u);
  CHECK_EQ(writer.bytes(), kSmall);
  Event next;
  REQUIRE_OK(writer.append(&next, kNow));
  CHECK_EQ(next.seq, 201u);
  REQUIRE_OK(writer.close());
  JournalWriter again;
  REQUIRE_OK(again.open(dir.path(), options(), nullptr));
  REQUIRE_OK(again.append(&next, kNow));
  CHECK_EQ(next.seq, 202u);
}

TEST("a sync covers what was appended before it") {
  const check::TempDir dir;
  std::vector<Event> events = sample(7, 60);
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  append_all(&writer, &events);
  CHECK_EQ(writer.synced_seq(), 0u);
  REQUIRE_OK(writer.sync());
  CHECK_EQ(writer.synced_seq(), 60u);
  const uint64_t syncs = file_counts().syncs;
  REQUIRE_OK(writer.sync());
  CHECK_EQ(file_counts().syncs, syncs);  // nothing new, nothing to wait for
  Event event;
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK_EQ(writer.synced_seq(), 60u);
  REQUIRE_OK(writer.sync());
  CHECK_EQ(file_counts().syncs, syncs + 1);
  CHECK_EQ(writer.synced_seq(), 61u);
  JournalWriter again;
  REQUIRE_OK(again.open(dir.path(), options(), nullptr));
  CHECK_EQ(again.synced_seq(), 0u);  // whether the earlier process synced is not known
  REQUIRE_OK(again.sync());
  CHECK_EQ(again.synced_seq(), 61u);
}

TEST("a segment prepared ahead saves the append at a roll every write but its own two") {
  const check::TempDir dir;
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  REQUIRE_OK(writer.prepare());
  CHECK(names(dir.path(), "next").empty());  // not before the current one is three quarters full
  Event event;
  while (writer.segments() == 1) {
    REQUIRE_OK(writer.prepare());
    const FileCounts before = file_counts();
    REQUIRE_OK(writer.append(&event, kNow));
    const FileCounts after = file_counts();
    CHECK(after.writes - before.writes <= 2);  // the header and the record
    CHECK(after.renames - before.renames <= 1);
    CHECK_EQ(after.syncs, before.syncs);
    CHECK_EQ(after.opens, before.opens);
  }
  // What is prepared and not used is found by the next process.
  while (names(dir.path(), "next").empty()) {
    REQUIRE_OK(writer.append(&event, kNow));
    REQUIRE_OK(writer.prepare());
  }
  REQUIRE_OK(writer.close());
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  const uint64_t written = file_counts().bytes_written;
  REQUIRE_OK(writer.prepare());
  CHECK_EQ(file_counts().bytes_written, written);
}

TEST("segments of another journal, a newer version or a damaged header are set aside and named") {
  const check::TempDir dir;
  const std::string folder = dir / "journal";
  std::vector<Event> events = sample(8, 300);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(folder, options(), nullptr));
    append_all(&writer, &events);
    REQUIRE(writer.segments() >= 6);
  }
  const std::vector<std::string> all = names(folder);
  const std::string foreign = all[1], newer = all[2], damaged = all[3], unborn = all[4];
  put(folder + "/" + foreign, with(contents(folder + "/" + foreign), 16, 0x77));
  put(folder + "/" + newer, with(contents(folder + "/" + newer), 8, 2));
  std::vector<uint8_t> bytes = contents(folder + "/" + damaged);
  bytes[8] = 2;  // the checksum is wrong: damage, not a newer version
  put(folder + "/" + damaged, bytes);
  put(folder + "/" + unborn, std::vector<uint8_t>(kSmall, 0));

  JournalInfo info;
  const std::vector<Event> left = read(folder, 0, &info);
  CHECK_EQ(info.segments.size(), all.size() - 4);
  for (const std::string& name : {foreign, newer, damaged}) {
    CHECK(info.set_aside.find(name) != std::string::npos);
  }
  CHECK_EQ(names(folder).size(), all.size());  // a reader renames nothing
  CHECK_EQ(left.back().seq, 300u);

  JournalWriter writer;
  REQUIRE_OK(writer.open(folder, options(), &info));
  CHECK(info.set_aside.find(newer + ": format 2.1 is newer than 1.1") != std::string::npos);
  CHECK_EQ(names(folder, ".newer").size(), 1u);
  CHECK_EQ(names(folder, ".foreign").size(), 1u);
  CHECK_EQ(names(folder, ".damaged").size(), 1u);
  CHECK_EQ(names(folder).size(), all.size() - 4);
  CHECK_EQ(writer.id(), kId);
  Event event;
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK(event.seq > 300);
}

TEST("a journal of nothing but newer segments makes way for a new one above its numbers") {
  const check::TempDir dir;
  std::vector<Event> events = sample(9, 20);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
    append_all(&writer, &events);
  }
  const std::string path = dir / names(dir.path())[0];
  put(path, with(contents(path), 8, 2));
  JournalWriter writer;
  JournalWriter::Options other = options();
  other.new_id = 99;
  REQUIRE_OK(writer.open(dir.path(), other, nullptr));
  CHECK_EQ(writer.id(), 99u);
  Event event;
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK(event.seq > 20);
  CHECK(std::filesystem::exists(path + ".newer"));
}

TEST("records of a kind that this version does not know are visited") {
  const check::TempDir dir;
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  Event event = sample(10, 1)[0];
  event.kind = static_cast<Kind>(200);
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK(same(read(dir.path()), {event}));
}

TEST("cut at every byte, a journal keeps the records before the cut and goes on") {
  const check::TempDir dir;
  std::vector<Event> events = sample(11, 20);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(dir / "whole", options(), nullptr));
    append_all(&writer, &events);
    REQUIRE(writer.segments() == 1);
  }
  const std::string name = names(dir / "whole")[0];
  const std::vector<uint8_t> whole = contents(dir / "whole/" + name);
  const std::vector<Extent> where = extents(events);
  const size_t last = where.back().end + 32;
  REQUIRE(last < whole.size());
  for (size_t length = 0; length <= last; ++length) {
    const std::string folder = dir / std::to_string(length);
    put(folder + "/" + name, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    std::vector<Event> wanted;
    bool torn = false;
    for (size_t i = 0; i < events.size() && length >= 64; ++i) {
      if (where[i].end <= length) wanted.push_back(events[i]);
      if (where[i].begin < length && length < where[i].end) torn = true;
    }
    CHECK(same(read(folder), wanted));
    JournalWriter writer;
    JournalInfo info;
    REQUIRE_OK(writer.open(folder, options(), &info));
    if (length >= 64) CHECK_EQ(info.segments[0].torn, torn);
    Event event = events[length % events.size()];
    REQUIRE_OK(writer.append(&event, kNow));
    CHECK(event.seq > wanted.size());
    wanted.push_back(event);
    REQUIRE_OK(writer.append(&event, kNow));
    wanted.push_back(event);
    CHECK(same(read(folder), wanted));
    std::filesystem::remove_all(folder);
  }
}

TEST("with any byte flipped, the records before it survive, none is invented, and it goes on") {
  const check::TempDir dir;
  check::Random random(12);
  std::vector<Event> events = sample(12, 20);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(dir / "whole", options(), nullptr));
    append_all(&writer, &events);
  }
  const std::string name = names(dir / "whole")[0];
  const std::vector<uint8_t> whole = contents(dir / "whole/" + name);
  const std::vector<Extent> where = extents(events);
  for (size_t at = 0; at < whole.size(); ++at) {
    if (at > where.back().end + 64 && at % 97 != 0) continue;  // zeros, all alike
    for (const uint8_t flip : {uint8_t{0xff}, static_cast<uint8_t>(1u << random.below(8))}) {
      std::vector<uint8_t> bytes = whole;
      bytes[at] ^= flip;
      const std::string folder = dir / (std::to_string(at) + "." + std::to_string(flip));
      put(folder + "/" + name, bytes);
      std::vector<Event> wanted;
      bool hit = at < 64;
      for (size_t i = 0; i < events.size() && !hit; ++i) {
        hit = where[i].begin <= at && at < where[i].end;
        if (!hit) wanted.push_back(events[i]);
      }
      CHECK(same(read(folder), wanted));
      JournalWriter writer;
      JournalInfo info;
      REQUIRE_OK(writer.open(folder, options(), &info));
      CHECK_EQ(info.set_aside.empty(), at >= 64);
      Event event = events[at % events.size()];
      REQUIRE_OK(writer.append(&event, kNow));
      // Not even the numbers of the records that were lost, which a learner may have read, come again.
      CHECK(event.seq > events.size());
      wanted.push_back(event);
      CHECK(same(read(folder), wanted));
      JournalWriter again;
      REQUIRE_OK(again.open(folder, options(), &info));
      CHECK(same(read(folder), wanted));
      std::filesystem::remove_all(folder);
    }
  }
}

TEST("a tear inside the journal costs the rest of its segment alone") {
  const check::TempDir dir;
  std::vector<Event> events = sample(13, 250);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
    append_all(&writer, &events);
    REQUIRE(writer.segments() >= 4);
  }
  const std::string path = dir / names(dir.path())[1];
  std::vector<uint8_t> bytes = contents(path);
  bytes[64 + 20] ^= 1;
  put(path, bytes);
  JournalInfo info;
  const std::vector<Event> left = read(dir.path(), 0, &info);
  CHECK(info.segments[1].torn);
  CHECK_EQ(info.segments[1].last_seq, info.segments[1].first_seq - 1);
  std::vector<Event> wanted;
  for (const Event& event : events) {
    if (event.seq < info.segments[1].first_seq || event.seq >= info.segments[2].first_seq) {
      wanted.push_back(event);
    }
  }
  CHECK(same(left, wanted));
}

TEST("a record behind a tear that was cut never comes back") {
  // Records 1 to 3; the power went while 2 was not on the disk and 3 was.
  const check::TempDir dir;
  std::vector<Event> events = sample(14, 3, 0);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
    append_all(&writer, &events);
  }
  const std::string path = dir / names(dir.path())[0];
  std::vector<uint8_t> bytes = contents(path);
  const std::vector<Extent> where = extents(events);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(where[1].begin),
            bytes.begin() + static_cast<std::ptrdiff_t>(where[1].end), uint8_t{0});
  put(path, bytes);
  JournalWriter writer;
  JournalInfo info;
  REQUIRE_OK(writer.open(dir.path(), options(), &info));
  CHECK(info.segments[0].torn);
  CHECK_EQ(contents(path).size(),
           where[0].end);  // nothing is left of it, on the disk as in the folder
  Event event = events[1];
  REQUIRE_OK(writer.append(&event, kNow));
  CHECK(event.seq > 3);
  CHECK(same(read(dir.path()), {events[0], event}));
}

TEST("a reader that meets a record being written stops there and finds it later") {
  const check::TempDir dir;
  std::vector<Event> events = sample(15, 10);
  {
    JournalWriter writer;
    REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
    append_all(&writer, &events);
  }
  const std::string path = dir / names(dir.path())[0];
  const std::vector<uint8_t> whole = contents(path);
  const std::vector<Extent> where = extents(events);
  for (size_t written = where[8].end; written < where[9].end; ++written) {
    std::vector<uint8_t> bytes = whole;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(written), bytes.end(), uint8_t{0});
    put(path, bytes);
    JournalInfo info;
    // Zeros at the record's end look the same written or not.
    const std::vector<Event> got = read(dir.path(), 0, &info);
    CHECK(same(got, {events.begin(), events.end() - 1}) || bytes == whole);
    CHECK(!info.segments[0].torn);
    CHECK(info.set_aside.empty());
  }
  put(path, whole);
  CHECK(same(read(dir.path(), 9), {events.back()}));
}

TEST("syncing what was read syncs the segments that hold it and the folder") {
  const check::TempDir dir;
  std::vector<Event> events = sample(16, 200);
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir.path(), options(), nullptr));
  append_all(&writer, &events);
  JournalInfo info;
  REQUIRE_OK(read_journal_info(dir.path(), &info));
  std::vector<std::string> synced;
  {
    const Faulty faulty([&](const FileCall& call) -> FileFault {
      if (call.op == FileOp::kSyncData || call.op == FileOp::kSync) synced.push_back(call.path);
      return {};
    });
    REQUIRE_OK(
        sync_journal(dir.path(), kId, info.segments[1].last_seq, info.segments[2].first_seq));
  }
  REQUIRE(synced.size() == 2);
  CHECK_EQ(synced[0], info.segments[2].path);
  CHECK_EQ(synced[1], dir.path());
  CHECK_EQ(sync_journal(dir.path(), kId + 1, 0, 10).code(), Code::kCorrupt);
}
