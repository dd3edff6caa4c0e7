#include <algorithm>

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

}  // namespace

Status read_journal(const std::string& folder, uint64_t after, const Visitor& visit,
                    JournalInfo* info) {
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
