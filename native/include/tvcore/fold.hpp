// The fold: one profile's history, as a function of its journal records and of nothing else (no clock, no pack).
//
// fold(fold(state, a), b) == fold(state, a + b), byte for byte, for every split: that is how a snapshot and the
// journal's tail give the same live state as the whole history.
//
// Rules of `apply` (strengths are Q12: 4,096 is 1.0; w is the share watched):
// - Every record of the profile adds 1 to `touch`. A record with a trusted clock moves last_ms to its time if later; the
//   effective time of an untrusted one is last_ms. A session key other than the current one starts a session.
// - A record with an item creates its entry if needed (out of the compact set, with its flags, if it is there), except
//   impressions of keys in the compact set. Any kind but impression sets the entry's last time and touch, and zeroes its
//   impressions.
// - evidence(positive): if the entry is not already the one with the newest ordinal, positive adds 1 to the profile's
//   ordinal; the entry's ordinal becomes the profile's.
// - select: implicit = max(implicit, 0.05). play_start: plays + 1, STARTED, NO_CONTINUE off, implicit = max(., 0.10),
//   FINISHED stays. progress, pause, seek: resume point and duration where given, STARTED.
//   stop: the same, and with a known share (given, or position/duration): s(w) = -0.25 below 0.05..0.20, see
//   watch_strength(); implicit = max(implicit, s) if implicit > 0.10 else s; evidence(s > 0) where s is not 0.
//   progress, pause and stop finish the title like complete when w >= 0.95, or duration >= 600 s and at most 180 s are
//   left.
//   complete: implicit = max(implicit, max(w, 0.5)) (w = 1 if not given), evidence(true); STARTED off, resume 0; with an
//   episode: it becomes the last finished episode; without: FINISHED on.
// - An event of kind rate, complete, stop or pick with a rating sets explicit = rating and RATED; evidence(rating > 0)
//   where it is not 0. `rate` is remembered for undo.
// - not_interested: DISLIKED, evidence(false); hide: HIDDEN; both remembered for undo. unhide: HIDDEN off.
//   undo: explicit, RATED, DISLIKED and HIDDEN as before the remembered reaction; nothing if none is remembered.
// - list_add: LISTED and its time (ignored beyond kMaxListed); list_remove; remove_from_continue: NO_CONTINUE.
// - pick: PICKED, evidence(true).
// - impression: each place's entry counts one more impression and its time.
// - profile_delete and erase: by FoldSet below.
// - Over kMaxEntries an entry is evicted: first those without flags and evidence (never touched but by impressions),
//   then the others, each by the smallest touch (impressions' touch for the first), then key; LISTED ones never. One
//   with FINISHED, HIDDEN or DISLIKED leaves these flags in the compact set. Over kMaxSet the finished-only key with the
//   smallest touch leaves it, or if there is none the smallest touch of all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "tvcore/event.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

constexpr size_t kMaxEntries = 1024, kMaxSet = 16384, kMaxListed = 512, kMaxProfiles = 32;

constexpr uint16_t kFinished = 1, kDisliked = 2, kHidden = 4, kListed = 8, kRated = 16,
                   kStarted = 32, kNoContinue = 64, kPicked = 128;

struct Entry {  // the 72 bytes of docs/formats.md, in this order
  Key key;
  int64_t last_ms;
  int64_t listed_ms;
  uint32_t touch;
  uint32_t ordinal;
  uint32_t resume_s;
  uint32_t duration_s;
  uint32_t impression_min;
  uint16_t impressions;
  uint16_t plays;
  int16_t implicit_q12;
  int16_t explicit_q12;
  uint16_t flags;
  uint16_t watched_e4;
  uint16_t season, episode;
  uint16_t done_season, done_episode;
  uint8_t undo_kind;
  uint8_t reserved0;
  uint16_t undo_flags;
  int16_t undo_explicit_q12;
  uint16_t reserved1;
};
static_assert(sizeof(Entry) == 72, "docs/formats.md");

struct Kept {  // of the compact set
  Key key;
  uint32_t touch;
  uint32_t flags;
};
static_assert(sizeof(Kept) == 16, "docs/formats.md");

// What the entry says of taste now, Q12 in [-4096, 4096]: DISLIKED is -1; RATED its rating; else the implicit strength
// with a floor of 0.2 for LISTED and 0.6 for PICKED.
int32_t strength_q12(const Entry& entry);
// Strength of having watched the share w_e4 (x 10,000) and left, Q12: 0 below 0.05 (it may have been a slip), -0.25
// from 0.05 to below 0.20 (abandoned), w - 0.2 from 0.20 to below 0.5, w from 0.5 on.
int32_t watch_strength_q12(uint32_t w_e4);

// One profile's folded history.
class Fold {
 public:
  explicit Fold(uint32_t profile = 0);
  // Fold one record of this profile. Never fails: an odd record changes what it can.
  void apply(const Event& event);
  void erase_item(Key key);

  uint32_t profile() const { return profile_; }
  uint32_t ordinal() const { return ordinal_; }
  uint32_t touch() const { return touch_; }
  int64_t last_ms() const { return last_ms_; }
  uint64_t session() const { return session_; }
  int64_t session_start_ms() const { return session_start_ms_; }
  const std::vector<Entry>& entries() const { return entries_; }  // ascending by key
  const std::vector<Kept>& kept() const { return kept_; }         // ascending by key
  const Entry* find(Key key) const;
  uint32_t listed() const;
  uint32_t kept_version() const {
    return kept_version_;
  }  // grows when the compact set changes; not persisted

  // The bytes of docs/formats.md: equal states give equal bytes.
  void encode(std::vector<uint8_t>* out) const;
  // Reads one folded history at `data`; *used is its length. kCorrupt if a bound, an order or a size is wrong.
  static Status decode(const uint8_t* data, size_t size, Fold* out, size_t* used);

 private:
  Entry* touch_entry(Key key);
  void evict();
  uint32_t profile_ = 0, ordinal_ = 0, touch_ = 0, kept_version_ = 0;
  int64_t last_ms_ = 0, session_start_ms_ = 0;
  uint64_t session_ = 0;
  std::vector<Entry> entries_;
  std::vector<Kept> kept_;
};

// All profiles' histories. Records of profiles it does not know create them, save that profile_delete and erase drop
// what they name.
class FoldSet {
 public:
  void apply(const Event& event);
  Fold* find(uint32_t profile);
  const Fold* find(uint32_t profile) const;
  Fold& get(uint32_t profile);  // created if missing
  void remove(uint32_t profile);
  void clear();
  const std::map<uint32_t, Fold>& all() const { return folds_; }
  std::vector<uint8_t> encode() const;  // section FOLD
  static Status decode(const uint8_t* data, size_t size, FoldSet* out);

 private:
  std::map<uint32_t, Fold> folds_;
};

}  // namespace tvcore
