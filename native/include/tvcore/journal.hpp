// The journal: what happened, in order, kept through kill -9 at once and through power cuts by its durability class.
//
// One writer (the serving side); any number of readers in any process, which see every record whose write has returned.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tvcore/event.hpp"
#include "tvcore/file.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

constexpr uint32_t kSegmentSize = 1u << 20;

struct SegmentInfo {
  std::string path;
  uint64_t first_seq = 0;
  uint64_t last_seq = 0;  // of its last valid record, first_seq - 1 if it has none
  uint64_t bytes = 0;     // valid bytes, header included
  uint64_t file_size = 0;
  bool torn = false;  // something other than zeros follows the last valid record
};

struct JournalInfo {
  uint64_t id = 0;
  uint64_t last_seq = 0;              // 0: no event yet
  std::vector<SegmentInfo> segments;  // ascending
  std::string set_aside;              // segments that could not be used: names and why, one a line
};

// What a visitor wants next.
enum class Visit { kNext, kStop };
using Visitor = std::function<Visit(const Event& event)>;

// Read-only scan of a journal folder. Reads each segment with pread into memory, never mmap. A folder that is missing
// or empty is kOk with id 0. A segment with a foreign journal id, a bad header or a newer version is left out and named
// in set_aside; a gap in the sequence is legal.
Status read_journal_info(const std::string& folder, JournalInfo* out);
// Every valid record with a sequence number above `after`, in order. Unknown kinds are visited too.
Status read_journal(const std::string& folder, uint64_t after, const Visitor& visit,
                    JournalInfo* info);

class JournalWriter {
 public:
  struct Options {
    uint64_t new_id = 0;                   // id of a journal that does not exist yet: must not be 0
    uint32_t segment_size = kSegmentSize;  // tests use small ones; a multiple of 4,096
    int64_t now_ms = 0;                    // for segment headers
    uint64_t next_seq_at_least =
        1;  // so that an emptied folder never reuses the sequence of a snapshot
  };
  JournalWriter();
  ~JournalWriter();
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  // Open the folder for appending: cut a torn tail, report it in info->segments[..].torn, start a new journal if there
  // is none.
  Status open(const std::string& folder, const Options& options, JournalInfo* info);
  // Write one record and give it the next sequence number. On an error nothing is visible to readers and the next
  // append tries a new place. Not thread safe: the engine serialises appends.
  Status append(Event* event, int64_t now_ms);
  // fdatasync everything appended so far. Thread safe beside append.
  Status sync();
  // Delete whole segments whose every record is <= floor; never the segment being written.
  Status truncate(uint64_t floor);
  uint64_t id() const;
  uint64_t last_seq() const;
  uint64_t synced_seq() const;
  uint64_t bytes() const;  // of all segments on the disk
  uint32_t segments() const;
  Status close();

 private:
  struct State;
  State* state_;
};

}  // namespace tvcore
