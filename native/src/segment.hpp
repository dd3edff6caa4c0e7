// A journal's segments as bytes: names, headers, records (docs/formats.md, "Journal"). Shared by the journal's writer and
// reader, private to them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tvcore/event.hpp"
#include "tvcore/journal.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

constexpr size_t kSegmentHeaderSize = 64;
constexpr size_t kRecordHeaderSize = 16;
constexpr size_t kSmallestRecord = kRecordHeaderSize + kEventBodySize;
// Longer than any segment we write: what is longer is not one.
constexpr uint64_t kLargestSegment = 64u << 20;

std::string segment_name(uint64_t first_seq);
bool parse_segment_name(const std::string& name, uint64_t* first_seq);

std::array<uint8_t, kSegmentHeaderSize> segment_header(uint64_t id, uint64_t first_seq,
                                                       int64_t created_ms);

// The whole record, padded: header, body and what the event adds.
size_t record_size(const Event& event);
// Appends it to *out.
void encode_record(uint64_t id, uint64_t seq, const Event& event, std::vector<uint8_t>* out);

// Where the records of `records` up to `seq` end: whole records of our own, one after the other, not checked.
size_t end_of_records(const std::vector<uint8_t>& records, uint64_t seq);
// The number of the first of them, UINT64_MAX if there is none.
uint64_t first_of_records(const std::vector<uint8_t>& records);

// A record where it lies.
struct RecordView {
  uint8_t kind = 0;
  uint64_t seq = 0;
  const uint8_t* body = nullptr;
  size_t size = 0;
  size_t begin = 0, end = 0;  // in the segment, padding included
};

// Walks the records of a segment read whole, up to the first place where none fits.
class RecordWalk {
 public:
  RecordWalk(uint64_t id, uint64_t first_seq, const std::vector<uint8_t>& bytes);
  bool next(RecordView* out);
  size_t end() const { return at_; }          // where the last record ended
  uint64_t last_seq() const { return seq_; }  // first_seq - 1 before the first
  bool torn() const;                          // after the walk: something other than zeros follows
  // After the walk: the largest sequence number of a whole record behind the end, 0 if there is none. Such a record is
  // lost, but its number was given away.
  uint64_t lost_seq() const;

 private:
  bool fits(size_t at, RecordView* out) const;
  uint64_t id_;
  const std::vector<uint8_t>& bytes_;
  size_t at_;
  uint64_t seq_;
};

// A segment in a folder, by its header.
struct FoundSegment {
  std::string name;
  uint64_t first_seq = 0;
  int64_t created_ms = 0;
  uint64_t file_size = 0;
};

// A file that has a segment's name and cannot be used.
struct AsideSegment {
  std::string name;
  uint64_t first_seq = 0;
  uint64_t file_size = 0;
  // What the writer appends to its name: ".newer", ".foreign", ".damaged". Empty where the header is nothing but zeros:
  // the power went before the first sync of a new segment, and there is nothing to keep.
  std::string suffix;
  std::string why;
};

struct FoundJournal {
  uint64_t id = 0;                     // 0: none
  std::vector<FoundSegment> segments;  // ascending
  std::vector<AsideSegment> aside;
};

// The folder by its segments' headers. The journal's id is that of most segments, of the newer ones where two have as
// many. A folder that is missing is an empty one.
Status find_journal(const std::string& folder, FoundJournal* out);
std::string describe(const std::vector<AsideSegment>& aside);

// Reads a segment whole. *gone is true and the result kOk where the file no longer exists: the writer has deleted it.
Status read_segment(const std::string& path, std::vector<uint8_t>* bytes, bool* gone);

}  // namespace tvcore
