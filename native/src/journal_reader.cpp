#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "segment.hpp"
#include "tvcore/file.hpp"
#include "tvcore/journal.hpp"

namespace tvcore {

namespace {

// Decodes what it can: of a kind that this version does not know, number and kind are enough.
bool decode(const RecordView& record, Event* event) {
  if (decode_body(record.kind, record.seq, record.body, record.size, event).ok()) return true;
  *event = Event();
  event->seq = record.seq;
  event->kind = static_cast<Kind>(record.kind);
  return find_kind(record.kind) == nullptr;
}

// A walk from some record on has that record behind a header's room, as a segment has its first.
constexpr size_t kFirstRead = 16u << 10;
constexpr size_t kLargestRecord = kRecordHeaderSize + kEventBodySize + kMaxAdded + kMaxValues + 8;

// What lies in the file from `begin` on, at most `size` bytes, behind kSegmentHeaderSize zeros.
Status read_from(const File& file, const std::string& path, uint64_t begin, size_t size,
                 std::vector<uint8_t>* bytes) {
  bytes->assign(kSegmentHeaderSize + size, 0);
  ssize_t got;
  do {
    got = ::pread(file.fd(), bytes->data() + kSegmentHeaderSize, size, static_cast<off_t>(begin));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno_status("read", path);
  bytes->resize(kSegmentHeaderSize + static_cast<size_t>(got));
  return {};
}

// The rest of the segment that `place` is in. *found is false, and nothing was visited, if its record is not there.
Status follow_segment(const std::string& folder, const Visitor& visit, JournalPlace* place,
                      bool* found, bool* stopped) {
  const std::string path = folder + "/" + segment_name(place->segment);
  File file;
  *found = *stopped = false;
  Status status = open_file(path, O_RDONLY, 0, &file);
  if (status.code() == Code::kNoFile) return {};
  std::vector<uint8_t> bytes;
  Event event;
  RecordView record;
  for (size_t size = kFirstRead; status.ok() && !*stopped; size = kSegmentSize) {
    const uint64_t begin = place->begin, seq = place->seq;
    status = read_from(file, path, begin, size, &bytes);
    if (!status.ok()) break;
    RecordWalk walk(place->id, seq, bytes);
    if (!walk.next(&record) || record.seq != seq) break;
    *found = true;
    while (!*stopped && walk.next(&record)) {
      if (decode(record, &event)) *stopped = visit(event) == Visit::kStop;
      if (!*stopped) {
        place->seq = record.seq;
        place->begin = begin + record.begin - kSegmentHeaderSize;
      }
    }
    const bool whole = bytes.size() < kSegmentHeaderSize + size;
    if (whole || bytes.size() - walk.end() >= kLargestRecord) break;
  }
  return status;
}

// Whether a segment begins after record `seq`.
Status goes_on(const std::string& folder, uint64_t seq, bool* later) {
  std::vector<std::string> names;
  *later = false;
  if (Status status = list_folder(folder, &names); !status.ok()) return status;
  for (const std::string& name : names) {
    uint64_t first_seq = 0;
    if (parse_segment_name(name, &first_seq) && first_seq > seq) *later = true;
  }
  return {};
}

Status read_all_of(const std::string& folder, uint64_t after, const Visitor& visit,
                   JournalInfo* info, JournalPlace* place);

}  // namespace

Status follow_journal(const std::string& folder, uint64_t after, const Visitor& visit,
                      JournalPlace* place, uint64_t* id) {
  bool found = false, stopped = false, later = false;
  if (place->seq != 0 && place->seq == after) {
    Status status = follow_segment(folder, visit, place, &found, &stopped);
    if (!status.ok()) return status;
  }
  *id = place->id;
  if (stopped) return {};
  if (found) {
    if (Status status = goes_on(folder, place->seq, &later); !status.ok()) return status;
    if (!later) return {};
  }
  JournalInfo info;
  Status status = read_all_of(folder, found ? place->seq : after, visit, &info, place);
  if (status.ok()) *id = info.id;
  return status;
}

Status read_journal(const std::string& folder, uint64_t after, const Visitor& visit,
                    JournalInfo* info) {
  return read_all_of(folder, after, visit, info, nullptr);
}

namespace {

Status read_all_of(const std::string& folder, uint64_t after, const Visitor& visit,
                   JournalInfo* info, JournalPlace* place) {
  FoundJournal journal;
  if (Status status = find_journal(folder, &journal); !status.ok()) return status;
  JournalInfo seen;
  seen.id = journal.id;
  seen.set_aside = describe(journal.aside);
  std::vector<uint8_t> bytes;
  Event event;
  bool stopped = false;
  for (size_t i = 0; i < journal.segments.size() && !stopped; ++i) {
    const FoundSegment& segment = journal.segments[i];
    const bool last = i + 1 == journal.segments.size();
    SegmentInfo one;
    one.path = folder + "/" + segment.name;
    one.first_seq = segment.first_seq;
    one.file_size = segment.file_size;
    if (!last && journal.segments[i + 1].first_seq - 1 <= after) {  // nothing new in it
      one.last_seq = journal.segments[i + 1].first_seq - 1;
      one.bytes = one.file_size;
      seen.segments.push_back(one);
      continue;
    }
    bool gone = false;
    if (Status status = read_segment(one.path, &bytes, &gone); !status.ok()) return status;
    if (gone) {
      seen.cut_short = visit && seen.last_seq > after;
      if (seen.cut_short) break;
      continue;
    }
    RecordWalk walk(journal.id, segment.first_seq, bytes);
    RecordView record;
    while (!stopped && walk.next(&record)) {
      if (record.seq <= std::max(after, seen.last_seq)) continue;
      seen.last_seq = record.seq;
      if (visit && decode(record, &event)) stopped = visit(event) == Visit::kStop;
      if (place != nullptr && !stopped) {
        *place = {journal.id, record.seq, segment.first_seq, record.begin};
      }
    }
    one.last_seq = walk.last_seq();
    one.bytes = walk.end();
    // Behind the last record of the last segment the writer may be at work.
    one.torn = !last && !stopped && walk.torn();
    if (one.last_seq >= one.first_seq) seen.last_seq = std::max(seen.last_seq, one.last_seq);
    seen.segments.push_back(one);
  }
  if (info != nullptr) *info = std::move(seen);
  return {};
}

}  // namespace

Status sync_journal(const std::string& folder, uint64_t id, uint64_t after, uint64_t upto) {
  FoundJournal journal;
  if (Status status = find_journal(folder, &journal); !status.ok()) return status;
  if (journal.id != id) return Status(Code::kCorrupt, folder + ": the journal's id has changed");
  for (size_t i = 0; i < journal.segments.size(); ++i) {
    const bool last = i + 1 == journal.segments.size();
    if (journal.segments[i].first_seq > upto) break;
    if (!last && journal.segments[i + 1].first_seq - 1 <= after) continue;
    const Status status = sync_path(folder + "/" + journal.segments[i].name);
    if (!status.ok() && status.code() != Code::kNoFile) return status;
  }
  return fsync_folder(folder);
}

Status read_journal_info(const std::string& folder, JournalInfo* out) {
  return read_journal(folder, 0, nullptr, out);
}

}  // namespace tvcore
