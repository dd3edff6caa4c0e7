#include "tvcore/journal.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include "segment.hpp"
#include "tvcore/file.hpp"

namespace tvcore {

namespace {

constexpr size_t kMaxUnsynced = 1u << 20;
// The segment prepared ahead. Not a segment's name: readers do not look at it.
constexpr char kNext[] = "next";

std::string parent_of(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  const size_t slash = end == std::string::npos ? end : path.rfind('/', end);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::vector<uint8_t>::const_iterator at_byte(const std::vector<uint8_t>& bytes, size_t at) {
  return bytes.begin() + static_cast<std::ptrdiff_t>(at);
}

// What a rewrite left behind that the power or a signal ended.
Status remove_unfinished(const std::string& folder) {
  std::vector<std::string> names;
  if (Status status = list_folder(folder, &names); !status.ok()) return status;
  for (const std::string& name : names) {
    const size_t dot = name.rfind('.');
    uint64_t first_seq;
    if (dot == std::string::npos || name.compare(dot, name.npos, ".tmp") != 0) continue;
    if (parse_segment_name(name.substr(0, dot), &first_seq)) (void)remove_file(folder + "/" + name);
  }
  return {};
}

// One that is written, or that may hold records which are not synced, or that waits to be truncated.
struct Segment {
  std::string path;
  uint64_t first_seq = 0;
  uint64_t last_seq = 0;  // first_seq - 1 if it has none
  int64_t created_ms = 0;
  uint64_t size = 0;                 // of the file: records end before it
  std::shared_ptr<const File> file;  // open while it is written or not synced; null if it was found
  bool dirty = false;                // not synced since the last record
  bool failed = false;               // its fdatasync failed: only writing it anew helps
};

}  // namespace

// Two locks: `slow` keeps whatever waits for the disk one at a time, `fast` guards the fields below and is never held
// over more than one write to the page cache. `slow` is taken first.
struct JournalWriter::State {
  std::mutex slow;
  mutable std::mutex fast;

  bool open = false;
  std::string folder;
  uint64_t id = 0;
  uint32_t segment_size = 0;
  std::vector<std::shared_ptr<Segment>> segments;  // ascending
  std::shared_ptr<Segment> current;  // the last of them, or null: the next append starts one
  uint64_t offset = 0;               // where in it the next record goes
  File next;                         // prepared ahead
  uint64_t next_seq = 1, last_seq = 0, synced_seq = 0;
  std::vector<uint8_t>
      unsynced;  // the records after synced_seq that this process wrote, as in the file
  // Segments that came by renaming, counted, and how many of them the folder was synced for.
  uint64_t renames = 0, renames_synced = 0;
  uint64_t bytes = 0;  // of all segments

  std::string path_of_next() const { return folder + "/" + kNext; }
  Status make_next();                                                  // holds slow
  Status start_segment(int64_t now_ms);                                // holds fast, has next
  Status rewrite(Segment* segment);                                    // holds slow
  Status leave_segment(int64_t now_ms);                                // holds slow
  Status edit(Segment* segment, uint64_t upto, const Editor& editor);  // holds slow
  Status sync_holding_slow();
  void count_bytes();  // holds fast
};

JournalWriter::JournalWriter() : state_(new State) {}

JournalWriter::~JournalWriter() { delete state_; }

// ---- open ----

Status JournalWriter::open(const std::string& folder, const Options& options, JournalInfo* info) {
  if (options.new_id == 0) return Status(Code::kInvalid, "new_id must not be 0");
  if (options.segment_size < 8192 || options.segment_size % 4096 != 0) {
    return Status(Code::kInvalid, "segment_size must be a multiple of 4,096 from 8,192");
  }
  if (state_->open) return Status(Code::kInvalid, folder + ": the journal is already open");
  auto fresh = std::make_unique<State>();
  State& state = *fresh;
  JournalInfo seen;
  state.folder = folder;
  state.segment_size = options.segment_size;
  if (Status status = make_folder(folder, 0700); !status.ok()) return status;
  FoundJournal found;
  if (Status status = find_journal(folder, &found); !status.ok()) return status;

  state.next_seq = std::max<uint64_t>(options.next_seq_at_least, 1);
  seen.set_aside = describe(found.aside);
  for (const AsideSegment& aside : found.aside) {
    // Its numbers were given away. A name that says more than any journal reaches says nothing.
    if (aside.first_seq < uint64_t{1} << 62) {
      const uint64_t records = aside.file_size / kSmallestRecord + 1;
      state.next_seq = std::max(state.next_seq, aside.first_seq + records);
    }
    const std::string path = folder + "/" + aside.name;
    // Left where it is, it is only left out again: no reason not to open.
    (void)(aside.suffix.empty() ? remove_file(path) : rename_file(path, path + aside.suffix));
  }
  state.id = found.segments.empty() ? options.new_id : found.id;
  if (found.segments.empty()) {
    if (Status status = fsync_folder(parent_of(folder)); !status.ok()) return status;
  }

  for (const FoundSegment& one : found.segments) {
    auto segment = std::make_shared<Segment>();
    segment->path = folder + "/" + one.name;
    segment->first_seq = one.first_seq;
    segment->created_ms = one.created_ms;
    segment->size = one.file_size;
    if (!state.segments.empty()) state.segments.back()->last_seq = one.first_seq - 1;
    state.segments.push_back(std::move(segment));
  }
  state.renames = 1;  // of an earlier process: whether it synced the folder is not known
  // What an earlier process left unsynced is no more than kMaxUnsynced and lies at the end.
  uint64_t behind = 0;
  for (auto one = state.segments.rbegin(); one != state.segments.rend(); ++one) {
    (*one)->dirty = behind < 2 * kMaxUnsynced;
    behind += (*one)->size;
  }
  for (const auto& segment : state.segments) {
    seen.segments.push_back({segment->path, segment->first_seq, segment->last_seq, segment->size,
                             segment->size, false});
  }
  if (Status status = remove_unfinished(folder); !status.ok()) return status;
  // The end of the last segment; and the newest record, which may lie before it.
  std::vector<uint8_t> bytes;
  for (size_t i = state.segments.size(); i-- > 0 && state.last_seq == 0;) {
    Segment& segment = *state.segments[i];
    SegmentInfo& one = seen.segments[i];
    if (Status status = read_all(segment.path, &bytes, kLargestSegment); !status.ok()) {
      return status;
    }
    RecordWalk walk(state.id, segment.first_seq, bytes);
    for (RecordView record; walk.next(&record);) {
    }
    one.last_seq = segment.last_seq = walk.last_seq();
    one.bytes = walk.end();
    one.torn = walk.torn();
    if (walk.last_seq() >= segment.first_seq) state.last_seq = walk.last_seq();
    if (i + 1 < state.segments.size()) continue;
    state.next_seq = std::max(state.next_seq, walk.last_seq() + 1);
    File file;
    if (Status status = open_file(segment.path, O_RDWR, 0, &file); !status.ok()) return status;
    if (!one.torn) {
      state.current = state.segments.back();
      state.offset = walk.end();
      segment.file = std::make_shared<const File>(std::move(file));
      continue;
    }
    // Cut, and synced before anything new is written: what lies behind the tear can never come back. New records go to
    // a new segment, with numbers that no lost record can have had.
    const uint64_t lost = (bytes.size() - walk.end()) / kSmallestRecord + 1;
    state.next_seq = std::max({state.next_seq, walk.last_seq() + 1 + lost, walk.lost_seq() + 1});
    Status status = truncate_file(file, segment.path, walk.end());
    if (status.ok()) status = fsync_file(file, segment.path);
    if (!status.ok()) return status;
    segment.size = walk.end();
  }
  seen.id = found.id;
  seen.last_seq = state.last_seq;
  state.unsynced.reserve(kMaxUnsynced);  // so that no append copies it; pages not used cost nothing

  if (state.current == nullptr) {
    Status status = state.make_next();
    if (status.ok()) status = state.start_segment(options.now_ms);
    if (!status.ok() && status.code() != Code::kNoSpace) return status;
  }
  state.count_bytes();
  state.open = true;
  if (info != nullptr) *info = std::move(seen);
  delete state_;
  state_ = fresh.release();
  return {};
}

// ---- append ----

Status JournalWriter::append(Event* event, int64_t now_ms) {
  State& state = *state_;
  if (event->added.size() > kMaxAdded) {
    return Status(Code::kInvalid,
                  "an event adds at most " + std::to_string(kMaxAdded) + " bytes to its record");
  }
  if (event->values.size() > kMaxValues) {
    return Status(Code::kInvalid,
                  "an impression's values are at most " + std::to_string(kMaxValues) + " bytes");
  }
  if (static_cast<uint8_t>(event->kind) == 0) return Status(Code::kInvalid, "kind must not be 0");
  event->at_ms = clamp_at_ms(event->at_ms);
  std::unique_lock<std::mutex> fast(state.fast);
  if (!state.open) return Status(Code::kInvalid, "the journal is not open");
  const size_t size = record_size(*event);
  for (;;) {
    if (state.unsynced.size() + size > kMaxUnsynced) {
      fast.unlock();
      if (Status status = sync(); !status.ok()) return status;
      fast.lock();
    } else if (state.current != nullptr && state.offset + size <= state.current->size) {
      break;
    } else if (state.next.is_open()) {
      if (Status status = state.start_segment(now_ms); !status.ok()) return status;
    } else {
      fast.unlock();
      {
        const std::lock_guard<std::mutex> slow(state.slow);
        if (Status status = state.make_next(); !status.ok()) return status;
      }
      fast.lock();
    }
  }
  const uint64_t seq = state.next_seq++;
  const size_t begin = state.unsynced.size();
  encode_record(state.id, seq, *event, &state.unsynced);
  Segment& segment = *state.current;
  Status status =
      pwrite_all(*segment.file, segment.path, state.unsynced.data() + begin, size, state.offset);
  if (!status.ok()) {
    state.unsynced.resize(begin);
    // A part of it may stand there: wipe it, or leave this segment.
    const std::vector<uint8_t> zeros(size, 0);
    if (!pwrite_all(*segment.file, segment.path, zeros.data(), zeros.size(), state.offset).ok()) {
      state.current = nullptr;
    }
    return status;
  }
  state.offset += size;
  segment.last_seq = seq;
  segment.dirty = true;
  state.last_seq = seq;
  event->seq = seq;
  return {};
}

Status JournalWriter::State::start_segment(int64_t now_ms) {
  // One that was left before it had a record has this name, and may just be written anew.
  if (!segments.empty()) next_seq = std::max(next_seq, segments.back()->first_seq + 1);
  const std::string from = path_of_next(), to = folder + "/" + segment_name(next_seq);
  const auto header = segment_header(id, next_seq, now_ms);
  File file = std::move(next);  // whatever happens below, it is no spare any more
  Status status = pwrite_all(file, from, header.data(), header.size(), 0);
  if (status.ok()) status = rename_file(from, to);
  if (!status.ok()) return status;
  ++renames;
  auto segment = std::make_shared<Segment>();
  segment->path = to;
  segment->first_seq = next_seq;
  segment->last_seq = next_seq - 1;
  segment->created_ms = now_ms;
  segment->size = segment_size;
  segment->file = std::make_shared<const File>(std::move(file));
  segment->dirty = true;
  if (!segments.empty() && !segments.back()->dirty) segments.back()->file = nullptr;
  segments.push_back(segment);
  current = std::move(segment);
  offset = kSegmentHeaderSize;
  count_bytes();
  return {};
}

// ---- what waits for the disk ----

Status JournalWriter::State::make_next() {
  {
    const std::lock_guard<std::mutex> lock(fast);
    if (next.is_open()) return {};
  }
  const std::string path = path_of_next();
  // Zeros that an earlier process prepared and did not use save writing them again.
  std::vector<uint8_t> bytes;
  const bool usable = read_all(path, &bytes, segment_size).ok() && bytes.size() == segment_size &&
                      std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
  File file;
  Status status = open_file(path, O_RDWR | O_CREAT | (usable ? 0 : O_TRUNC), 0600, &file);
  if (!status.ok()) return status;
  // Real zeros, not only reserved room: later records then overwrite blocks that exist, and their fdatasync moves no
  // metadata.
  // A page at a time: the kernel keeps a file in pieces as large as it was written in, and every later write walks all
  // blocks of its piece.
  const std::vector<uint8_t> zeros(4096, 0);
  for (uint64_t at = 0; status.ok() && !usable && at < segment_size; at += zeros.size()) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(zeros.size(), segment_size - at));
    status = pwrite_all(file, path, zeros.data(), size, at);
  }
  if (status.ok()) status = fsync_file(file, path);
  if (!status.ok()) {
    (void)remove_file(
        path);  // gives a full disk its room back; the next try truncates what is left
    return status;
  }
  const std::lock_guard<std::mutex> lock(fast);
  next = std::move(file);
  return {};
}

Status JournalWriter::prepare() {
  State& state = *state_;
  const std::lock_guard<std::mutex> slow(state.slow);
  {
    const std::lock_guard<std::mutex> fast(state.fast);
    if (!state.open || (state.current != nullptr && state.offset * 4 < state.current->size * 3)) {
      return {};
    }
  }
  return state.make_next();
}

Status JournalWriter::sync() {
  const std::lock_guard<std::mutex> slow(state_->slow);
  return state_->sync_holding_slow();
}

Status JournalWriter::State::sync_holding_slow() {
  struct Dirty {
    std::shared_ptr<Segment> segment;
    std::shared_ptr<const File> file;
  };
  std::vector<Dirty> dirty;
  uint64_t upto, renamed;
  {
    const std::lock_guard<std::mutex> lock(fast);
    if (!open) return {};
    upto = last_seq;
    renamed = renames;
    for (const auto& segment : segments) {
      if (segment->dirty) dirty.push_back({segment, segment->file});
    }
  }
  for (const Dirty& one : dirty) {
    Segment& segment = *one.segment;
    Status status;
    if (!segment.failed) {
      status =
          one.file != nullptr ? fdatasync_file(*one.file, segment.path) : sync_path(segment.path);
      if (one.file == nullptr && status.code() == Code::kNoFile) continue;  // deleted by hand
      segment.failed = !status.ok();
    }
    if (!segment.failed) continue;
    if (const Status rewritten = rewrite(&segment); !rewritten.ok()) {
      return status.ok() ? rewritten
                         : Status(status.code(), status.text() + "; then " + rewritten.text());
    }
  }
  if (renamed != renames_synced) {
    if (Status status = fsync_folder(folder); !status.ok()) return status;
  }
  const std::lock_guard<std::mutex> lock(fast);
  renames_synced = renamed;
  synced_seq = std::max(synced_seq, upto);
  unsynced.erase(unsynced.begin(), at_byte(unsynced, end_of_records(unsynced, upto)));
  for (const Dirty& one : dirty) {
    if (one.segment->last_seq > upto) continue;
    one.segment->dirty = false;
    if (one.segment != current) one.segment->file = nullptr;
  }
  return {};
}

Status JournalWriter::State::rewrite(Segment* segment) {
  std::vector<uint8_t> copies;
  {
    const std::lock_guard<std::mutex> lock(fast);
    if (current.get() == segment) current = nullptr;
    const size_t begin = end_of_records(unsynced, segment->first_seq - 1);
    copies.assign(at_byte(unsynced, begin),
                  at_byte(unsynced, end_of_records(unsynced, segment->last_seq)));
  }
  std::vector<uint8_t> bytes;
  if (Status status = read_all(segment->path, &bytes, kLargestSegment); !status.ok()) return status;
  const auto header = segment_header(id, segment->first_seq, segment->created_ms);
  std::vector<uint8_t> whole(header.begin(), header.end());
  // Before the first copy the file is synced, or was written by an earlier process and has no better source.
  RecordWalk walk(id, segment->first_seq, bytes);
  const size_t begin = walk.end();
  size_t end = begin;
  for (RecordView record; walk.next(&record) && record.seq < first_of_records(copies);) {
    end = record.end;
  }
  whole.insert(whole.end(), at_byte(bytes, begin), at_byte(bytes, end));
  whole.insert(whole.end(), copies.begin(), copies.end());
  if (Status status = replace_file(segment->path, whole.data(), whole.size()); !status.ok()) {
    return status;
  }
  const std::lock_guard<std::mutex> lock(fast);
  segment->failed = false;
  segment->file = nullptr;
  segment->size = whole.size();
  count_bytes();
  return {};
}

Status JournalWriter::truncate(uint64_t floor) {
  State& state = *state_;
  const std::lock_guard<std::mutex> slow(state.slow);
  for (;;) {
    std::string path;
    {
      const std::lock_guard<std::mutex> fast(state.fast);
      // The last one stays in any case: its name keeps the sequence.
      if (state.segments.size() < 2 || state.segments.front()->last_seq > floor) return {};
      path = state.segments.front()->path;
    }
    if (Status status = remove_file(path); !status.ok() && status.code() != Code::kNoFile) {
      return status;
    }
    const std::lock_guard<std::mutex> fast(state.fast);
    state.segments.erase(state.segments.begin());
    state.count_bytes();
  }
}

// ---- forgetting ----

Status JournalWriter::State::leave_segment(int64_t now_ms) {
  if (Status status = make_next(); !status.ok()) return status;
  {
    const std::lock_guard<std::mutex> lock(fast);
    if (current == nullptr || offset > kSegmentHeaderSize) {
      if (Status status = start_segment(now_ms); !status.ok()) return status;
    }
  }
  return sync_holding_slow();
}

// Nobody writes to it any more, and it is synced.
Status JournalWriter::State::edit(Segment* segment, uint64_t upto, const Editor& editor) {
  std::vector<uint8_t> bytes;
  if (Status status = read_all(segment->path, &bytes, kLargestSegment); !status.ok()) {
    return status.code() == Code::kNoFile ? Status() : status;
  }
  const auto header = segment_header(id, segment->first_seq, segment->created_ms);
  std::vector<uint8_t> whole(header.begin(), header.end());
  RecordWalk walk(id, segment->first_seq, bytes);
  bool changed = false;
  Event event;
  for (RecordView record; walk.next(&record);) {
    Edit what = Edit::kKeep;
    if (record.seq <= upto &&
        decode_body(record.kind, record.seq, record.body, record.size, &event).ok()) {
      what = editor(&event);
    }
    changed = changed || what != Edit::kKeep;
    if (what == Edit::kKeep) {
      whole.insert(whole.end(), at_byte(bytes, record.begin), at_byte(bytes, record.end));
    } else if (what == Edit::kChange) {
      encode_record(id, record.seq, event, &whole);
    }
  }
  // What lies behind a tear may be anything.
  if (!changed && !walk.torn()) return {};
  if (Status status = replace_file(segment->path, whole.data(), whole.size()); !status.ok()) {
    return status;
  }
  const std::lock_guard<std::mutex> lock(fast);
  segment->file = nullptr;
  segment->size = whole.size();
  count_bytes();
  return {};
}

Status JournalWriter::edit(uint64_t upto, int64_t now_ms, const Editor& editor) {
  State& state = *state_;
  const std::lock_guard<std::mutex> slow(state.slow);
  if (Status status = state.leave_segment(now_ms); !status.ok()) return status;
  std::vector<std::shared_ptr<Segment>> left;
  {
    const std::lock_guard<std::mutex> fast(state.fast);
    for (const auto& segment : state.segments) {
      if (segment != state.current && segment->first_seq <= upto) left.push_back(segment);
    }
  }
  for (const auto& segment : left) {
    if (Status status = state.edit(segment.get(), upto, editor); !status.ok()) return status;
  }
  return {};
}

Status JournalWriter::close() {
  Status status = sync();
  const std::lock_guard<std::mutex> slow(state_->slow);
  const std::lock_guard<std::mutex> fast(state_->fast);
  state_->open = false;
  state_->current = nullptr;
  state_->segments.clear();
  state_->count_bytes();
  state_->next = File();
  return status;
}

// ---- what is known ----

uint64_t JournalWriter::id() const {
  const std::lock_guard<std::mutex> lock(state_->fast);
  return state_->id;
}

uint64_t JournalWriter::last_seq() const {
  const std::lock_guard<std::mutex> lock(state_->fast);
  return state_->last_seq;
}

uint64_t JournalWriter::synced_seq() const {
  const std::lock_guard<std::mutex> lock(state_->fast);
  return state_->synced_seq;
}

uint64_t JournalWriter::bytes() const {
  const std::lock_guard<std::mutex> lock(state_->fast);
  return state_->bytes;
}

void JournalWriter::State::count_bytes() {
  bytes = 0;
  for (const auto& segment : segments) bytes += segment->size;
}

uint32_t JournalWriter::segments() const {
  const std::lock_guard<std::mutex> lock(state_->fast);
  return static_cast<uint32_t>(state_->segments.size());
}

}  // namespace tvcore
