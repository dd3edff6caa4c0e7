// The live state of profiles: each one's fold and the view of it that the ranker reads, behind one short lock each.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "tvcore/fold.hpp"
#include "tvcore/history_view.hpp"
#include "tvcore/ranker.hpp"
#include "tvcore/snapshot.hpp"
#include "tvcore/stack.hpp"

namespace tvcore {

// Everything that is swapped as a whole behind one pointer.
struct World {
  std::shared_ptr<const Stack> stack;
  std::shared_ptr<const Ranker> ranker;  // of this stack
  std::shared_ptr<const Snapshot>
      snapshot;  // null: nothing learned yet, or nothing that may be used
  // Where the history is lost: last good slates of a damaged snapshot, or null.
  std::shared_ptr<const Snapshot> salvaged;
  // What was learned of this profile, or of all; null where nothing was.
  const Learned* learned(uint32_t profile) const;
  // The last slate of the profile that was made of its whole history; null where none is known.
  const std::vector<Key>* last_good(uint32_t profile) const;
};

class LiveProfile {
 public:
  explicit LiveProfile(Fold fold) : fold_(std::move(fold)) {}
  // Takes the record; it is folded when the history is next asked for, so that observing costs little more than its
  // write. Where kMostWaiting wait, the oldest is folded first.
  void apply(Event event);
  // The view of the history on this world, built anew if an event or another world has come since.
  std::shared_ptr<const HistoryView> view(const std::shared_ptr<const World>& world);
  bool list_is_full(Key key);
  // Whether anything was liked, and whether the packs know any of it.
  struct Known {
    bool liked, resolved;
  };
  Known known(const std::shared_ptr<const World>& world);
  // The keys in the history that name the same title as `key`: a title may have been watched by one offer's id and is
  // hidden by another's. Empty if the history does not know the title.
  std::vector<Key> keys_of(const Stack& stack, Key key);
  Fold copy();

 private:
  static constexpr size_t kMostWaiting = 64;
  const Fold& settled();  // with everything folded; the caller holds the mutex
  std::mutex mutex_;
  Fold fold_;
  void fold_oldest();
  std::vector<Event> waiting_;  // a ring of kMostWaiting, once there has been one
  size_t oldest_ = 0, count_ = 0;
  std::shared_ptr<const World> world_;
  std::shared_ptr<const HistoryView> view_;
  bool stale_ = true;
};

class LiveSet {
 public:
  void reset(FoldSet folds);
  // Fold one record: into its profile, or, for deletions and erasures, into all that it names.
  void apply(Event event);
  std::shared_ptr<LiveProfile> get(uint32_t profile);         // created if missing
  std::shared_ptr<LiveProfile> find(uint32_t profile) const;  // null if missing
  FoldSet copy() const;
  // Whether anybody liked something, and whether the packs know anything of all that.
  LiveProfile::Known known(const std::shared_ptr<const World>& world) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<uint32_t, std::shared_ptr<LiveProfile>> profiles_;
};

}  // namespace tvcore
