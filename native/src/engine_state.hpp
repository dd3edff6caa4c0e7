// What an open engine holds, for the files that implement it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fork_mark.hpp"
#include "tvcore/engine.hpp"
#include "tvcore/erasure.hpp"
#include "tvcore/journal.hpp"
#include "tvcore/live.hpp"
#include "tvcore/maintenance.hpp"
#include "tvcore/pack_folder.hpp"
#include "tvcore/slates.hpp"

namespace tvcore {

// A value that is replaced as a whole while others read it.
template <typename T>
class Swap {
 public:
  std::shared_ptr<const T> load() const {
    const std::lock_guard<std::mutex> hold(mutex_);
    return value_;
  }
  void store(std::shared_ptr<const T> value) {
    const std::lock_guard<std::mutex> hold(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

// Working memory of the ranker, one for each call under way, kept for the next.
class ScratchPool {
 public:
  ScratchPool() { free_.reserve(kKept); }
  std::unique_ptr<Scratch> take();
  void give(std::unique_ptr<Scratch> scratch);  // never fails
  void clear();

 private:
  static constexpr size_t kKept = 4;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> free_;
};

// The snapshot without the folded histories, which live on in LiveSet: up to 10 MB less.
std::shared_ptr<const Snapshot> learned_of(const Snapshot& snapshot);

struct Engine::State {
  // Fixed at open.
  std::string dir, factory;
  EngineOptions options;
  ForkMark made_by;
  Lock lock;

  // Swapped as wholes. Whoever makes a new world of the old one holds `world_change`.
  Swap<World> world;
  std::mutex world_change;
  Swap<Profiles> profiles;
  std::mutex profile_change;
  std::atomic<bool> profiles_lost{false};
  std::atomic<bool> profiles_unsaved{false};

  // Writing: `write` makes the order of the journal and of the folds one.
  std::mutex write;
  JournalWriter journal;
  LiveSet live;
  std::atomic<bool> clock_trusted{false};
  std::atomic<bool> cap_reached{false};

  std::unique_ptr<SlateMemory> slates;
  ScratchPool scratch;
  Maintenance maintenance;
  std::mutex pumping;

  // What maintenance knows.
  std::string packs_print;
  // The folded history is gone with the files that had it, and what is left is the journal's tail.
  std::atomic<bool> history_lost{false};
  // A pack in use is damaged, and there is none to take its place.
  std::atomic<bool> pack_damaged{false};
  uint64_t snapshot_seen = 0;           // the newest generation that was looked at
  std::vector<std::string> unverified;  // packs whose payload is still to be verified
  std::atomic<uint64_t> floor{0}, checkpoint{0};

  // Forgetting: the newest record that erases, and how far the files of both planes are free of what such records name.
  std::atomic<uint64_t> erase_seq{0}, erased_seq{0}, erased_epoch{0};

  // Health.
  std::atomic<uint32_t> faults{0};
  mutable std::mutex detail_mutex;
  std::string detail;
  std::atomic<uint64_t> observes{0}, recommends{0};

  // Whether slates of nobody can be made of the history.
  bool nothing_known() const;
  int64_t now_ms() const;
  int64_t now_or_later_ms(const World& of) const;  // now, for filters, while the clock may be wrong
  void log(LogLevel level, const std::string& message) const;
  // Note a fault for health and the log.
  void fault(uint32_t bit, const std::string& message);
  void clear_fault(uint32_t bit) { faults.fetch_and(~bit); }

  std::string path(const char* name) const { return dir + "/" + name; }
  Status writable() const;

  // Append, fold, and ask for the sync that the kind needs; a "now" kind is synced before it returns.
  Status record(Event* event) {
    const Key key = event->item;
    return record_each(&key, 1, event);
  }
  // One record a key, and one sync for all of them. event->seq is 0 if none was recorded. What a host's event added
  // has been moved on afterwards.
  Status record_each(const Key* keys, size_t count, Event* event);
  // The same for profile changes, under profile_change.
  Status change_profiles(Kind kind, const Profile& profile);
  Status save_profiles_now(const Profiles& value);

  void load_packs(const PackChoice& choice);
  Status checkpoint_now();
};

}  // namespace tvcore
