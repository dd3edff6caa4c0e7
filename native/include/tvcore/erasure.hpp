// Forgetting: what the erase records of a journal take out of it, and how far either plane's files are free of it
// (docs/erasure.md).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "tvcore/event.hpp"
#include "tvcore/journal.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

// The files of one plane know nothing of what the journal's records up to `seq` erased, nor of any epoch up to `epoch`.
struct Erased {
  uint64_t journal_id = 0, seq = 0, epoch = 0;
};

constexpr char kErasedByServing[] = "journal/erased", kErasedByLearning[] = "snapshot/erased";

// kOk with zeros if there is no file. kCorrupt, kVersion.
Status read_erased(const std::string& path, Erased* out);
Status write_erased(const std::string& path, const Erased& value);  // durable on return

inline bool erases(Kind kind) { return kind == Kind::kErase || kind == Kind::kProfileDelete; }

// What is to go, collected from the records up to `upto`.
class Erasures {
 public:
  explicit Erasures(uint64_t upto) : upto_(upto) {}
  void note(const Event& record);
  // What becomes of a record. kChange: *record no longer says what is forgotten; its number stays.
  Edit edit(Event* record) const;

 private:
  bool gone(uint64_t seq, uint32_t profile, Key item) const;
  Edit edit_impression(Event* record) const;
  Edit edit_profile(Event* record) const;

  uint64_t upto_;
  // Records before this number: of everybody, of a profile, of a title of a profile; and profiles that are deleted.
  uint64_t all_ = 0;
  std::map<uint32_t, uint64_t> profiles_, deleted_;
  std::map<std::pair<uint32_t, Key>, uint64_t> items_;
};

}  // namespace tvcore
