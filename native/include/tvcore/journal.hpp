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
  // Something other than zeros follows the last valid record. Readers never say so of the last segment: there the
  // writer may be at work.
  bool torn = false;
};

struct JournalInfo {
  uint64_t id = 0;
  uint64_t last_seq = 0;              // 0: no event yet
  std::vector<SegmentInfo> segments;  // ascending
  std::string set_aside;              // segments that could not be used: names and why, one a line
  // The writer deleted a segment after earlier ones had been visited: what comes after the hole was not.
  bool cut_short = false;
};

// What a visitor wants next.
enum class Visit { kNext, kStop };
using Visitor = std::function<Visit(const Event& event)>;

// What becomes of a record that is looked at to be forgotten. kChange: it was changed, its number was not.
enum class Edit { kKeep, kChange, kDrop };
using Editor = std::function<Edit(Event* record)>;

// Read-only scan of a journal folder. Reads each segment with pread into memory, never mmap. A folder that is missing
// or empty is kOk with id 0. A segment with a foreign journal id, a bad header or a newer version is left out and named
// in set_aside; a gap in the sequence is legal. A segment that the writer deletes meanwhile is left out; reading
// ends before it if records have been visited already, so that no visitor mistakes the hole for a gap.
Status read_journal_info(const std::string& folder, JournalInfo* out);
// Every valid record with a sequence number above `after`, in order. Unknown kinds are visited too. Segments that end at
// or before `after` are not read: `info`, which may be null, then has their end from the next segment's name.
Status read_journal(const std::string& folder, uint64_t after, const Visitor& visit,
                    JournalInfo* info);

// Where a reader stopped: at record `seq` (0: nowhere yet), which begins at byte `begin` of the segment that starts
// with record `segment`.
struct JournalPlace {
  uint64_t id = 0, seq = 0, segment = 0, begin = 0;
};
// As read_journal, at the cost of what is new: goes on behind `place` if `after` is its record and that record still
// lies there, whatever has happened to the files since; else it reads as read_journal does. *place is then the last record
// that was visited without stopping; *id is the journal's, 0 if there is none.
Status follow_journal(const std::string& folder, uint64_t after, const Visitor& visit,
                      JournalPlace* place, uint64_t* id);
// fdatasync the segments that hold the records above `after` up to `upto`, and sync the folder: what a reader does
// before it stores that it has read them. kCorrupt if the journal's id is not `id`.
Status sync_journal(const std::string& folder, uint64_t id, uint64_t after, uint64_t upto);

// Appends are kept through kill -9 as soon as they return; a sync keeps them through a power cut.
//
// After a failed fdatasync the kernel takes the pages that it could not write for clean, and a second fdatasync would
// succeed without having written them. So the writer keeps a copy of every record that is not synced yet; a segment
// whose fdatasync failed is sealed, its successor takes the next records, and it is written anew from its synced part
// and the copies, under the same name. Until that has succeeded every sync fails. The copies are bounded: an append that
// finds 1 MiB unsynced syncs first.
class JournalWriter {
 public:
  struct Options {
    uint64_t new_id = 0;                   // id of a journal that does not exist yet: must not be 0
    uint32_t segment_size = kSegmentSize;  // tests use small ones; a multiple of 4,096 from 8,192
    int64_t now_ms = 0;                    // for segment headers
    // So that an emptied folder never reuses the sequence of a snapshot.
    uint64_t next_seq_at_least = 1;
  };
  JournalWriter();
  ~JournalWriter();  // without a sync, as a crash would
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  // Open the folder for appending: cut a torn tail, report it in info->segments[..].torn, start a new journal if there
  // is none, rename what cannot be used (info->set_aside). `info` may be null; it has what was found before anything was
  // mended, and of the segments before the last only what their headers tell. On a full disk a journal opens all the
  // same, and its appends return kNoSpace until there is room.
  Status open(const std::string& folder, const Options& options, JournalInfo* info);
  // Write one record and give it the next sequence number; event->at_ms is clamped. On an error nothing is visible to
  // readers, the number is not used again, and the next append tries a new place. Not thread safe: the engine serialises
  // appends. kInvalid if the event adds more than kMaxAdded bytes.
  Status append(Event* event, int64_t now_ms);
  // fdatasync everything appended so far, and at first what an earlier process may have left unsynced. Thread safe
  // beside append.
  Status sync();
  // Have the next segment ready (1 MiB of zeros, synced) once the current one is three quarters full, so that no append
  // has to wait for it: to be called where waiting does not matter, after sync() on the maintenance thread. Thread safe.
  Status prepare();
  // Delete whole segments whose every record is <= floor; never the segment being written. Thread safe.
  Status truncate(uint64_t floor);
  // Offer every record up to `upto` to `editor`, and write the segments anew of which it changes any: each by renaming, so
  // that whatever ends this leaves every segment as it was or as it is to be. The segment being written is left for a
  // new one first. Records that cannot be decoded stay. Thread safe beside append.
  Status edit(uint64_t upto, int64_t now_ms, const Editor& editor);
  uint64_t id() const;
  uint64_t last_seq() const;    // of the newest record, 0 if there is none
  uint64_t synced_seq() const;  // 0 until the first sync since open
  uint64_t bytes() const;       // of all segments on the disk
  uint32_t segments() const;
  Status close();  // with a sync; its result

 private:
  struct State;
  State* state_;
};

}  // namespace tvcore
