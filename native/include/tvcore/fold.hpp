// The fold: one profile's history, as a function of its journal records and of nothing else (no
// clock, no pack).
//
// fold(fold(state, a), b) == fold(state, a + b), byte for byte, for every split: that is how a
// snapshot and the journal's tail give the same live state as the whole history.
//
// Rules of `apply`. Numbers saturate at the ends of their field, never wrap. Strengths are Q12
// (4,096 is 1.0): q12(x) of a number x in 1/10,000 is x * 4096 / 10000, cut towards zero; 0.05,
// 0.10 and so on below mean q12 of them.
//
// Which records count
// - Kinds 1 to 21 (what a host observes) fold into their profile. profile_create, profile_update,
//   consent, hint and kinds that this version does not know change nothing. profile_delete and
//   erase: by FoldSet below.
// - Each record that counts adds 1 to `touch`, before anything else.
// - Time: a trusted `at` is cut to 1990 to 2199 and is the record's time; it moves last_ms if it is
//   later. The time of a record with an untrusted clock is last_ms, 0 while nothing trusted has
//   come.
// - A session key that is neither 0 nor the current one starts a session at the record's time.
// - Kinds 2 to 17 with an item concern its entry; an impression concerns its places' entries;
//   search, channel_change, wake and standby concern none.
// - The concerned entry is made if needed: out of the compact set, with its flags, if the key is
//   there. Kinds 2 to 17 set its last time and touch and zero its impressions.
//
// Evidence
// - evidence(positive): the profile's ordinal grows by 1 if it is 0, or if this is positive and the
//   entry's ordinal is another; then the entry's ordinal becomes the profile's.
//
// Playback: play_start, progress, pause, seek, stop, complete
// - The record's episode is the one it names (not 0, 0); of progress, pause, seek and stop that
//   name none, and of a complete that names none while the entry is STARTED, it is the entry's. A
//   named episode other than the entry's zeroes resume point and duration and becomes the entry's.
// - Position and duration, where given (a duration of 0 is none), become the entry's; `complete`
//   gives its duration only.
// - The share w is known if watched is given, cut to 10,000; or else if the position is given and
//   the entry's duration is known: position * 10000 / duration, cut down and at 10,000.
// - play_start: plays + 1, STARTED on, NO_CONTINUE off, implicit = max(implicit, 0.10). FINISHED
//   stays.
// - progress, pause, seek: STARTED on. stop: STARTED on if w is known or the position is given.
// - progress, pause and stop: watched = max(watched, w), if known. They finish the title if w >=
//   0.95, or if the position is given, the entry's duration is at least 600 s and at most 180 s of
//   it are left. A record that finishes does what complete does, and nothing else below.
// - stop with a known w: s = watch_strength(w); implicit = max(implicit, s) if implicit > 0.10,
//   else s; evidence(s > 0) where s is not 0.
// - complete: w is 1 if not known; watched = max(watched, w); implicit = max(implicit, max(w,
//   0.5)); evidence(true); STARTED off, resume point 0. With an episode: it becomes the last
//   finished one. Without: FINISHED on.
//
// Reactions
// - select: implicit = max(implicit, 0.05).
// - rate, complete, stop and pick with a rating: after all else, explicit = q12(rating cut to -1 to
//   1) and RATED on; evidence(rating > 0) where it is not 0; a rating above 0 takes DISLIKED off. A
//   rate without a rating says nothing.
// - not_interested: DISLIKED on, evidence(false). hide: HIDDEN on. unhide: HIDDEN off.
// - rate with a rating, not_interested of what is not DISLIKED, hide of what is not HIDDEN: before
//   the change the entry remembers the kind, its flags and its explicit strength. undo: explicit,
//   RATED, DISLIKED and HIDDEN become as remembered and the memory is emptied; nothing if it is
//   empty.
// - list_add, if not LISTED and fewer than kMaxListed are: LISTED on and the time of it.
//   list_remove: LISTED off and that time 0. remove_from_continue: NO_CONTINUE on. pick: PICKED on,
//   evidence(true).
//
// Impressions
// - The places are those of the record, or its item if it has none; key 0 is none. A place whose
//   key is in the compact set does nothing. Others: impressions + 1, last impression = the record's
//   time in whole minutes.
// - An entry is bare while it has no flags, no ordinal and no implicit strength: an impression sets
//   the touch of a bare entry too.
//
// Bounds, restored at the end of each record
// - While there are more than kMaxEntries the first in this order goes: bare ones before others,
//   smaller touch, smaller key; LISTED ones never. One with FINISHED, DISLIKED or HIDDEN leaves
//   these flags and its touch in the compact set; one that is rated down leaves DISLIKED.
// - While the compact set is over kMaxSet the first in this order leaves it: FINISHED alone before
//   others, smaller touch, smaller key.
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
// What the compact set keeps of an entry.
constexpr uint16_t kKeptFlags = kFinished | kDisliked | kHidden;

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

// What the entry says of taste now, Q12 in [-4096, 4096]: DISLIKED is -1; RATED its rating; else
// the implicit strength with a floor of 0.2 for LISTED and 0.6 for PICKED.
int32_t strength_q12(const Entry& entry);
// RATED with -0.5 or less: a thumb down, one or two stars of five.
bool rated_down(const Entry& entry);
// Strength of having watched the share w_e4 (x 10,000, cut at it) and left, Q12: 0 below 0.05 (it
// may have been a slip), -0.25 from 0.05 to below 0.20 (abandoned), w - 0.2 from 0.20 to below 0.5,
// w from 0.5 on.
int32_t watch_strength_q12(uint32_t w_e4);

// One profile's folded history.
class Fold {
 public:
  explicit Fold(uint32_t profile = 0);
  // Fold one record of this profile (the caller's duty). Never fails: an odd record changes what it
  // can.
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
  // Grows when the compact set changes; not persisted.
  uint32_t kept_version() const { return kept_version_; }

  // The bytes of docs/formats.md: equal states give equal bytes.
  void encode(std::vector<uint8_t>* out) const;
  // Reads one folded history at `data`; *used is its length. kCorrupt, naming the field, if a
  // bound, an order or a size is wrong: what it accepts keeps every bound under `apply`. Reserved
  // bytes are not read.
  static Status decode(const uint8_t* data, size_t size, Fold* out, size_t* used);

 private:
  int64_t time_of(const Event& event);
  Entry& entry_of(Key key);
  void react(const Event& event, int64_t at_ms, Entry* entry);
  void play(const Event& event, Entry* entry);
  void evidence(Entry* entry, bool positive);
  void show(const Event& event, int64_t at_ms);
  void evict();
  void keep(const Entry& entry);
  std::vector<Kept>::iterator oldest_kept();
  uint32_t profile_ = 0, ordinal_ = 0, touch_ = 0, kept_version_ = 0;
  int64_t last_ms_ = 0, session_start_ms_ = 0;
  uint64_t session_ = 0;
  std::vector<Entry> entries_;
  std::vector<Kept> kept_;
  std::vector<Kept> oldest_;  // derived: those of kept_ that leave it first, the first one last
};

// All profiles' histories.
//
// A record of kinds 1 to 21 creates the history of its profile if it is missing; one of profile 0,
// or of a new profile when there are kMaxProfiles, changes nothing. profile_delete drops its
// profile's history. erase drops what its scope says (1: the item from its profile's entries and
// compact set, 2: its profile's history, 3: all); one with another scope or fewer than 16 bytes
// added changes nothing. Neither counts in `touch`.
class FoldSet {
 public:
  void apply(const Event& event);
  Fold* find(uint32_t profile);
  const Fold* find(uint32_t profile) const;
  Fold& get(uint32_t profile);  // created if missing; the caller keeps to kMaxProfiles
  void remove(uint32_t profile);
  void clear();
  const std::map<uint32_t, Fold>& all() const { return folds_; }
  std::vector<uint8_t> encode() const;  // section FOLD
  static Status decode(const uint8_t* data, size_t size, FoldSet* out);

 private:
  std::map<uint32_t, Fold> folds_;
};

}  // namespace tvcore
