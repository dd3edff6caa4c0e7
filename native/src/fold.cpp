#include "tvcore/fold.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>

namespace tvcore {

namespace {

constexpr int64_t kMsPerMinute = 60000;
constexpr uint32_t kWhole = 10000;  // a share of 1.0
constexpr uint32_t kDone = 9500;    // a share that counts as finished
constexpr uint32_t kLongEnough = 600, kCredits = 180;
constexpr size_t kShownSize = 16, kEraseSize = 16;

constexpr int32_t q12(int32_t e4) { return e4 * 4096 / 10000; }
constexpr int32_t kSelected = q12(500), kStartedStrength = q12(1000), kHalf = q12(5000);
constexpr int32_t kListedFloor = q12(2000), kPickedFloor = q12(6000), kAbandoned = -q12(2500);

template <typename T>
void grow(T* counter) {
  if (*counter < std::numeric_limits<T>::max()) ++*counter;
}

void raise(int16_t* strength, int32_t to) {
  if (*strength < to) *strength = static_cast<int16_t>(to);
}

bool counts(Kind kind) { return kind >= Kind::kImpression && kind <= Kind::kStandby; }
bool concerns_item(Kind kind) { return kind >= Kind::kSelect && kind <= Kind::kUndo; }
bool is_playback(Kind kind) { return kind >= Kind::kPlayStart && kind <= Kind::kComplete; }
bool takes_rating(Kind kind) {
  return kind == Kind::kRate || kind == Kind::kComplete || kind == Kind::kStop ||
         kind == Kind::kPick;
}
bool is_bare(const Entry& entry) {
  // One test, not three: `evict` asks this of a thousand entries in no order.
  return (entry.ordinal | entry.flags | static_cast<uint16_t>(entry.implicit_q12)) == 0;
}

// Order in which keys leave a full compact set.
bool goes_before(const Kept& a, const Kept& b) {
  return std::make_tuple(a.flags != kFinished, a.touch, a.key) <
         std::make_tuple(b.flags != kFinished, b.touch, b.key);
}

template <typename T>
auto place_of(std::vector<T>& sorted, Key key) {
  return std::lower_bound(sorted.begin(), sorted.end(), key,
                          [](const T& one, Key wanted) { return one.key < wanted; });
}

template <typename T>
auto place_of(const std::vector<T>& sorted, Key key) {
  return std::lower_bound(sorted.begin(), sorted.end(), key,
                          [](const T& one, Key wanted) { return one.key < wanted; });
}

template <typename T>
bool contains(const std::vector<T>& sorted, Key key) {
  const auto at = place_of(sorted, key);
  return at != sorted.end() && at->key == key;
}

}  // namespace

int32_t strength_q12(const Entry& entry) {
  if (entry.flags & kDisliked) return -4096;
  if (entry.flags & kRated) return entry.explicit_q12;
  int32_t strength = entry.implicit_q12;
  if (entry.flags & kListed) strength = std::max(strength, kListedFloor);
  if (entry.flags & kPicked) strength = std::max(strength, kPickedFloor);
  return strength;
}

bool rated_down(const Entry& entry) {
  return (entry.flags & kRated) != 0 && entry.explicit_q12 <= -kHalf;
}

int32_t watch_strength_q12(uint32_t w_e4) {
  const int32_t w = static_cast<int32_t>(std::min(w_e4, kWhole));
  if (w < 500) return 0;
  if (w < 2000) return kAbandoned;
  return w < 5000 ? q12(w - 2000) : q12(w);
}

Fold::Fold(uint32_t profile) : profile_(profile) {}

const Entry* Fold::find(Key key) const {
  const auto at = place_of(entries_, key);
  return at != entries_.end() && at->key == key ? &*at : nullptr;
}

uint32_t Fold::listed() const {
  return static_cast<uint32_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const Entry& e) { return (e.flags & kListed) != 0; }));
}

void Fold::apply(const Event& event) {
  if (!counts(event.kind)) return;
  grow(&touch_);
  const int64_t at_ms = time_of(event);
  if (event.session != 0 && event.session != session_) {
    session_ = event.session;
    session_start_ms_ = at_ms;
  }
  if (event.kind == Kind::kImpression) {
    show(event, at_ms);
  } else if (concerns_item(event.kind) && event.item != 0) {
    Entry& entry = entry_of(event.item);
    entry.last_ms = at_ms;
    entry.touch = touch_;
    entry.impressions = 0;
    react(event, at_ms, &entry);
  }
  evict();
}

int64_t Fold::time_of(const Event& event) {
  if (event.fields & kClockUntrusted) return last_ms_;
  const int64_t at_ms = clamp_at_ms(event.at_ms);
  last_ms_ = std::max(last_ms_, at_ms);
  return at_ms;
}

Entry& Fold::entry_of(Key key) {
  const auto at = place_of(entries_, key);
  if (at != entries_.end() && at->key == key) return *at;
  Entry fresh{};
  fresh.key = key;
  const auto kept = place_of(kept_, key);
  if (kept != kept_.end() && kept->key == key) {
    fresh.flags = static_cast<uint16_t>(kept->flags);
    kept_.erase(kept);
    ++kept_version_;
  }
  return *entries_.insert(at, fresh);
}

void Fold::evidence(Entry* entry, bool positive) {
  if (ordinal_ == 0 || (positive && entry->ordinal != ordinal_)) grow(&ordinal_);
  entry->ordinal = ordinal_;
}

void Fold::react(const Event& event, int64_t at_ms, Entry* entry) {
  const bool rated = takes_rating(event.kind) && (event.fields & kHasRating) != 0;
  const bool remembered = (event.kind == Kind::kRate && rated) ||
                          (event.kind == Kind::kNotInterested && !(entry->flags & kDisliked)) ||
                          (event.kind == Kind::kHide && !(entry->flags & kHidden));
  if (remembered) {
    entry->undo_kind = static_cast<uint8_t>(event.kind);
    entry->undo_flags = entry->flags;
    entry->undo_explicit_q12 = entry->explicit_q12;
  }
  const auto on = [entry](uint16_t flag) {
    entry->flags = static_cast<uint16_t>(entry->flags | flag);
  };
  const auto off = [entry](uint16_t flag) {
    entry->flags = static_cast<uint16_t>(entry->flags & ~flag);
  };
  if (is_playback(event.kind)) play(event, entry);
  switch (event.kind) {
    case Kind::kSelect:
      raise(&entry->implicit_q12, kSelected);
      break;
    case Kind::kNotInterested:
      on(kDisliked);
      evidence(entry, false);
      break;
    case Kind::kHide:
      on(kHidden);
      break;
    case Kind::kUnhide:
      off(kHidden);
      break;
    case Kind::kUndo:
      if (entry->undo_kind != 0) {
        constexpr uint16_t kReverted = kRated | kDisliked | kHidden;
        off(kReverted);
        on(entry->undo_flags & kReverted);
        entry->explicit_q12 = entry->undo_explicit_q12;
        entry->undo_kind = 0;
        entry->undo_flags = 0;
        entry->undo_explicit_q12 = 0;
      }
      break;
    case Kind::kListAdd:
      if (!(entry->flags & kListed) && listed() < kMaxListed) {
        on(kListed);
        entry->listed_ms = at_ms;
      }
      break;
    case Kind::kListRemove:
      off(kListed);
      entry->listed_ms = 0;
      break;
    case Kind::kRemoveFromContinue:
      on(kNoContinue);
      break;
    case Kind::kPick:
      on(kPicked);
      evidence(entry, true);
      break;
    default:
      break;
  }
  if (rated) {
    const int32_t rating = std::clamp<int32_t>(event.rating_e4, -10000, 10000);
    entry->explicit_q12 = static_cast<int16_t>(q12(rating));
    on(kRated);
    if (rating != 0) evidence(entry, rating > 0);
    if (rating > 0) off(kDisliked);
  }
}

void Fold::play(const Event& event, Entry* entry) {
  const auto on = [entry](uint16_t flag) {
    entry->flags = static_cast<uint16_t>(entry->flags | flag);
  };
  const auto off = [entry](uint16_t flag) {
    entry->flags = static_cast<uint16_t>(entry->flags & ~flag);
  };
  const Kind kind = event.kind;

  const bool named = (event.fields & kHasEpisode) && (event.season != 0 || event.episode != 0);
  const bool inherits =
      kind == Kind::kComplete ? (entry->flags & kStarted) != 0 : kind != Kind::kPlayStart;
  if (named && (event.season != entry->season || event.episode != entry->episode)) {
    entry->season = event.season;
    entry->episode = event.episode;
    entry->resume_s = 0;
    entry->duration_s = 0;
  }
  const bool has_episode = named || (inherits && (entry->season != 0 || entry->episode != 0));

  const bool has_position = (event.fields & kHasPosition) != 0;
  if (has_position && kind != Kind::kComplete) entry->resume_s = event.position_s;
  if ((event.fields & kHasDuration) && event.duration_s != 0) entry->duration_s = event.duration_s;

  bool known = true;
  uint32_t w = 0;
  if (event.fields & kHasWatched) {
    w = std::min<uint32_t>(event.watched_e4, kWhole);
  } else if (has_position && entry->duration_s != 0) {
    const uint64_t share = uint64_t{event.position_s} * kWhole / entry->duration_s;
    w = static_cast<uint32_t>(std::min<uint64_t>(share, kWhole));
  } else {
    known = false;
  }

  if (kind == Kind::kPlayStart) {
    grow(&entry->plays);
    off(kNoContinue);
    raise(&entry->implicit_q12, kStartedStrength);
  }
  if (kind != Kind::kComplete && (kind != Kind::kStop || known || has_position)) on(kStarted);
  if (kind == Kind::kPlayStart || kind == Kind::kSeek) return;

  const bool near_end = has_position && entry->duration_s >= kLongEnough &&
                        uint64_t{event.position_s} + kCredits >= entry->duration_s;
  const bool finishes = kind == Kind::kComplete || (known && w >= kDone) || near_end;
  if (!known && kind == Kind::kComplete) {
    w = kWhole;
    known = true;
  }
  if (known) entry->watched_e4 = static_cast<uint16_t>(std::max<uint32_t>(entry->watched_e4, w));
  if (finishes) {
    // Here w is known: near_end has both a position and a duration.
    raise(&entry->implicit_q12, std::max(q12(static_cast<int32_t>(w)), kHalf));
    evidence(entry, true);
    off(kStarted);
    entry->resume_s = 0;
    if (has_episode) {
      entry->done_season = entry->season;
      entry->done_episode = entry->episode;
    } else {
      on(kFinished);
    }
  } else if (kind == Kind::kStop && known) {
    const int32_t s = watch_strength_q12(w);
    if (entry->implicit_q12 <= kStartedStrength || entry->implicit_q12 < s) {
      entry->implicit_q12 = static_cast<int16_t>(s);
    }
    if (s != 0) evidence(entry, s > 0);
  }
}

void Fold::show(const Event& event, int64_t at_ms) {
  const auto minute = static_cast<uint32_t>(at_ms / kMsPerMinute);
  const auto count = [&](Entry* entry) {
    if (is_bare(*entry)) entry->touch = touch_;
    grow(&entry->impressions);
    entry->impression_min = minute;
  };
  std::vector<Entry> fresh;  // merged in at once: one move of the entries, not one a place
  const auto place = [&](Key key) {
    if (key == 0) return;
    const auto at = place_of(entries_, key);
    if (at != entries_.end() && at->key == key) {
      count(&*at);
    } else if (!contains(kept_, key)) {
      const auto in = place_of(fresh, key);
      if (in == fresh.end() || in->key != key) {
        Entry one{};
        one.key = key;
        count(&*fresh.insert(in, one));
      } else {
        count(&*in);
      }
    }
  };
  const size_t places = event.added.size() / kShownSize;
  for (size_t i = 0; i < places; ++i) {
    Key key;
    std::memcpy(&key, event.added.data() + i * kShownSize, sizeof key);
    place(key);
  }
  if (places == 0) place(event.item);
  if (fresh.empty()) return;
  const auto middle = static_cast<std::ptrdiff_t>(entries_.size());
  entries_.insert(entries_.end(), fresh.begin(), fresh.end());
  std::inplace_merge(entries_.begin(), entries_.begin() + middle, entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.key < b.key; });
}

void Fold::evict() {
  if (entries_.size() <= kMaxEntries) return;
  const size_t surplus = entries_.size() - kMaxEntries;
  // One number an entry that sorts as the rules say: bare first, then touch, then key (the index's
  // order).
  const auto rank = [this](size_t i) {
    return uint64_t{!is_bare(entries_[i])} << 56 | uint64_t{entries_[i].touch} << 24 | i;
  };
  std::vector<uint64_t> going;  // a heap of the few that go, the last of them on top
  going.reserve(surplus);
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].flags & kListed) continue;
    const uint64_t one = rank(i);
    if (going.size() < surplus) {
      going.push_back(one);
      std::push_heap(going.begin(), going.end());
    } else if (one < going.front()) {
      std::pop_heap(going.begin(), going.end());
      going.back() = one;
      std::push_heap(going.begin(), going.end());
    }
  }
  for (uint64_t& one : going) one &= 0xffffff;  // from here on the places of those that go
  std::sort(going.begin(), going.end());
  for (const uint64_t i : going) keep(entries_[i]);
  size_t to = going.front();
  for (size_t next = 0; next < going.size(); ++next) {
    const size_t begin = going[next] + 1;
    const size_t end = next + 1 < going.size() ? going[next + 1] : entries_.size();
    std::copy(entries_.data() + begin, entries_.data() + end, entries_.data() + to);
    to += end - begin;
  }
  entries_.resize(to);
}

void Fold::keep(const Entry& entry) {
  const uint32_t flags = (entry.flags & kKeptFlags) | (rated_down(entry) ? kDisliked : 0u);
  if (flags == 0) return;
  const Kept kept{entry.key, entry.touch, flags};
  const auto in = place_of(kept_, kept.key);
  if (kept_.size() < kMaxSet) {
    kept_.insert(in, kept);
  } else {
    const auto out = oldest_kept();
    if (goes_before(kept, *out)) return;  // it is the first to leave itself
    // Close the gap and open the new one in a single move.
    if (out < in) {
      std::copy(out + 1, in, out);
      *(in - 1) = kept;
    } else {
      std::copy_backward(in, out, out + 1);
      *in = kept;
    }
  }
  if (!oldest_.empty() && goes_before(kept, oldest_.front())) oldest_.clear();
  ++kept_version_;
}

// The one that leaves a full compact set first. A scan finds a whole batch of them, which later
// calls use up: an entry of the batch that has changed or gone in the meantime is skipped, and one
// that would go before the batch's last ends it.
std::vector<Kept>::iterator Fold::oldest_kept() {
  constexpr std::ptrdiff_t kBatch = 512;
  while (true) {
    if (oldest_.empty()) {
      oldest_ = kept_;
      std::nth_element(oldest_.begin(), oldest_.begin() + kBatch, oldest_.end(), goes_before);
      oldest_.resize(kBatch);
      oldest_.shrink_to_fit();
      std::sort(oldest_.begin(), oldest_.end(),
                [](const Kept& a, const Kept& b) { return goes_before(b, a); });
    }
    const Kept first = oldest_.back();
    const auto at = place_of(kept_, first.key);
    if (at != kept_.end() && at->key == first.key && at->touch == first.touch &&
        at->flags == first.flags)
      return at;
    oldest_.pop_back();
  }
}

void Fold::erase_item(Key key) {
  const auto at = place_of(entries_, key);
  if (at != entries_.end() && at->key == key) entries_.erase(at);
  const auto kept = place_of(kept_, key);
  if (kept != kept_.end() && kept->key == key) {
    kept_.erase(kept);
    ++kept_version_;
  }
}

void FoldSet::apply(const Event& event) {
  if (event.kind == Kind::kErase) {
    if (event.added.size() < kEraseSize) return;
    uint32_t scope;
    std::memcpy(&scope, event.added.data(), sizeof scope);
    if (scope == 1) {
      if (Fold* fold = find(event.profile)) fold->erase_item(event.item);
    } else if (scope == 2) {
      remove(event.profile);
    } else if (scope == 3) {
      clear();
    }
  } else if (event.kind == Kind::kProfileDelete) {
    remove(event.profile);
  } else if (counts(event.kind) && event.profile != 0) {
    Fold* fold = find(event.profile);
    if (fold == nullptr && folds_.size() < kMaxProfiles) fold = &get(event.profile);
    if (fold != nullptr) fold->apply(event);
  }
}

Fold* FoldSet::find(uint32_t profile) {
  const auto at = folds_.find(profile);
  return at == folds_.end() ? nullptr : &at->second;
}

const Fold* FoldSet::find(uint32_t profile) const {
  const auto at = folds_.find(profile);
  return at == folds_.end() ? nullptr : &at->second;
}

Fold& FoldSet::get(uint32_t profile) { return folds_.try_emplace(profile, profile).first->second; }

void FoldSet::remove(uint32_t profile) { folds_.erase(profile); }

void FoldSet::clear() { folds_.clear(); }

}  // namespace tvcore
