#include "tvcore/live.hpp"

namespace tvcore {

const Learned* World::learned(uint32_t profile) const {
  if (snapshot == nullptr) return nullptr;
  const auto found = snapshot->learned.find(profile);
  return found == snapshot->learned.end() ? nullptr : &found->second;
}

const std::vector<Key>* World::last_good(uint32_t profile) const {
  for (const Snapshot* one : {snapshot.get(), salvaged.get()}) {
    if (one == nullptr) continue;
    const auto found = one->learned.find(profile);
    if (found != one->learned.end() && !found->second.last_good.empty()) {
      return &found->second.last_good;
    }
  }
  return nullptr;
}

void LiveProfile::apply(Event event) {
  const std::lock_guard<std::mutex> hold(mutex_);
  stale_ = true;
  if (waiting_.empty()) waiting_.resize(kMostWaiting);
  if (count_ == kMostWaiting) fold_oldest();
  waiting_[(oldest_ + count_) % kMostWaiting] = std::move(event);
  ++count_;
}

void LiveProfile::fold_oldest() {
  fold_.apply(waiting_[oldest_]);
  waiting_[oldest_] = Event();
  oldest_ = (oldest_ + 1) % kMostWaiting;
  --count_;
}

const Fold& LiveProfile::settled() {
  while (count_ != 0) fold_oldest();
  oldest_ = 0;  // the place that the last event has just been in, and which the caches know
  return fold_;
}

std::shared_ptr<const HistoryView> LiveProfile::view(const std::shared_ptr<const World>& world) {
  const std::lock_guard<std::mutex> hold(mutex_);
  if (stale_ || world_ != world) {
    const uint64_t space = world->snapshot == nullptr ? 0 : world->snapshot->space_id;
    const auto* patterns = world->snapshot == nullptr ? nullptr : &world->snapshot->patterns;
    view_ = HistoryView::build(world->stack, settled(), world->learned(fold_.profile()), space,
                               view_.get(), patterns);
    world_ = world;
    stale_ = false;
  }
  return view_;
}

LiveProfile::Known LiveProfile::known(const std::shared_ptr<const World>& world) {
  const std::shared_ptr<const HistoryView> seen = view(world);
  const std::lock_guard<std::mutex> hold(mutex_);
  return {settled().ordinal() != 0, !seen->recent().empty()};
}

bool LiveProfile::list_is_full(Key key) {
  const std::lock_guard<std::mutex> hold(mutex_);
  const Entry* entry = settled().find(key);
  if (entry != nullptr && (entry->flags & kListed) != 0) return false;
  return fold_.listed() >= kMaxListed;
}

std::vector<Key> LiveProfile::keys_of(const Stack& stack, Key key) {
  const uint32_t slot = stack.find(key);
  std::vector<Key> keys;
  const std::lock_guard<std::mutex> hold(mutex_);
  const auto same = [&](Key known) {
    return known == key || (slot != kNone && stack.find(known) == slot);
  };
  for (const Entry& entry : settled().entries()) {
    if (same(entry.key)) keys.push_back(entry.key);
  }
  for (const Kept& kept : fold_.kept()) {
    if (same(kept.key)) keys.push_back(kept.key);
  }
  return keys;
}

Fold LiveProfile::copy() {
  const std::lock_guard<std::mutex> hold(mutex_);
  return settled();
}

void LiveSet::reset(FoldSet folds) {
  const std::unique_lock<std::shared_mutex> hold(mutex_);
  profiles_.clear();
  for (const auto& [id, fold] : folds.all()) profiles_[id] = std::make_shared<LiveProfile>(fold);
}

std::shared_ptr<LiveProfile> LiveSet::find(uint32_t profile) const {
  const std::shared_lock<std::shared_mutex> hold(mutex_);
  const auto found = profiles_.find(profile);
  return found == profiles_.end() ? nullptr : found->second;
}

std::shared_ptr<LiveProfile> LiveSet::get(uint32_t profile) {
  if (std::shared_ptr<LiveProfile> known = find(profile); known != nullptr) return known;
  const std::unique_lock<std::shared_mutex> hold(mutex_);
  std::shared_ptr<LiveProfile>& slot = profiles_[profile];
  if (slot == nullptr) slot = std::make_shared<LiveProfile>(Fold(profile));
  return slot;
}

void LiveSet::apply(Event event) {
  if (event.kind != Kind::kProfileDelete && event.kind != Kind::kErase) {
    if (event.profile != 0) get(event.profile)->apply(std::move(event));
    return;
  }
  // Rare and far-reaching: the same code as the learner's, on a copy.
  FoldSet folds = copy();
  folds.apply(event);
  reset(std::move(folds));
}

LiveProfile::Known LiveSet::known(const std::shared_ptr<const World>& world) const {
  const std::shared_lock<std::shared_mutex> hold(mutex_);
  LiveProfile::Known all{false, false};
  for (const auto& [id, live] : profiles_) {
    const LiveProfile::Known one = live->known(world);
    all.liked = all.liked || one.liked;
    all.resolved = all.resolved || one.resolved;
  }
  return all;
}

FoldSet LiveSet::copy() const {
  const std::shared_lock<std::shared_mutex> hold(mutex_);
  FoldSet folds;
  for (const auto& [id, live] : profiles_) {
    Fold fold = live->copy();
    // A profile that has only been asked about has no history.
    if (fold.touch() != 0) folds.get(id) = std::move(fold);
  }
  return folds;
}

}  // namespace tvcore
