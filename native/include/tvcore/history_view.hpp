// One profile's history as the ranker reads it: the fold's keys resolved to the slots of one stack, with what was
// learned about the profile in the stack's terms. Immutable; made anew after an event, a new pack or a new snapshot.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "tvcore/dot.hpp"
#include "tvcore/fold.hpp"
#include "tvcore/snapshot.hpp"
#include "tvcore/stack.hpp"

namespace tvcore {

struct Successor {
  bool exists;
  uint16_t season, episode;
};
// The episode after (season, episode) by a title's season list: a season whose length is unknown is taken to go on, and
// so is a series without a list.
Successor next_episode(const std::vector<uint16_t>& seasons, uint16_t season, uint16_t episode);

// What all entries whose keys name one live title say together.
struct Title {
  uint32_t slot;
  Key key;               // canonical
  int32_t strength_q12;  // of the entry with the largest |strength|, among equals the newest
  int32_t h_q12;         // that strength, decayed
  uint32_t ordinal;      // of that entry
  uint32_t touch;        // of the newest entry
  int64_t last_ms;       // of the newest entry
  int64_t listed_ms;     // when it was last put on the list, of any entry; 0 not on it or unknown
  uint16_t flags;   // kFinished, kDisliked, kHidden, kListed of any entry; the others of the newest
  bool finished;    // and not to be shown again: FINISHED, or the last episode that the pack knows
  bool rated_down;  // by the newest of its entries that are RATED
  bool watched;     // some of it, by any entry; not only picked, listed, rated or opened
  // Of the newest entry:
  uint32_t resume_s, duration_s;
  uint16_t watched_e4, season, episode;
  // Of the newest entry with a finished episode, 0 if there is none:
  uint16_t done_season, done_episode;
  Successor next;  // of that episode; none without one
  // Impressions since the title's last event, of the entry shown last:
  uint16_t impressions;
  uint32_t impression_min;
};

class HistoryView {
 public:
  // `learned` may be null; its interests count only if `space_id` is the stack's. `previous` (may be null) is an
  // earlier view of any profile, from which work is taken over where it still holds. About 20 us after one event.
  // `patterns` (may be null) are those of all profiles: what is of this one or of all counts, by the rule of interests.
  static std::shared_ptr<const HistoryView> build(
      std::shared_ptr<const Stack> stack, const Fold& fold, const Learned* learned,
      uint64_t space_id, const HistoryView* previous = nullptr,
      const std::vector<PatternRow>* patterns = nullptr);

  const Stack& stack() const { return *stack_; }
  uint32_t profile() const { return profile_; }
  const std::vector<Title>& titles() const { return titles_; }  // ascending by slot
  const Title* find(uint32_t slot) const;
  // Places in titles(): those with strength above 0, the newest ordinal first, then the newest touch, then the key.
  const std::vector<uint32_t>& recent() const { return recent_; }
  // Places in titles(): all, the newest touch first, then the key.
  const std::vector<uint32_t>& touched() const { return touched_; }
  // Places in titles(): those on the list, the latest put there first, then the key.
  const std::vector<uint32_t>& listed() const { return listed_; }
  // Slots of those on the list that are rated down, and neither finished nor unwanted for another reason.
  const std::vector<uint32_t>& listed_down() const { return listed_down_; }
  // Slots of those that are finished and STARTED again, of a known duration, and not unwanted. (Of an unknown one nobody
  // can tell a new beginning from what a host says after the end.)
  const std::vector<uint32_t>& begun_again() const { return begun_again_; }

  // Bitmaps over slots: finished; hidden, disliked or rated down; either of them.
  const uint64_t* finished() const { return finished_.data(); }
  const uint64_t* hidden() const { return hidden_.data(); }
  const uint64_t* blocked() const { return blocked_.data(); }

  const std::vector<QueryVector>& interests() const { return interests_; }  // at most kMaxQueries

  // What is watched at some time of the week, the largest weight first, then the smaller id. The scale of its query has
  // the weight in it already.
  struct Pattern {
    QueryVector query;
    uint16_t dayparts, weekdays;
    bool holds(uint32_t daypart, uint32_t weekday) const {
      return (dayparts >> daypart & 1) != 0 && (weekdays == 0 || (weekdays >> weekday & 1) != 0);
    }
  };
  const std::vector<Pattern>& patterns() const { return patterns_; }

  struct Affinities {
    uint64_t genres = 0;  // those that have one
    std::array<int16_t, kMaxGenres> q12{};
  };
  const Affinities& affinities(uint32_t daypart) const { return affinities_[daypart & 7]; }

  // The profile's affinity to a channel (XXH64 of its name) at a daypart, Q12 in +-4,096; 0 where nothing is known.
  int32_t channel_q12(uint32_t daypart, uint64_t channel_hash) const;

  // How much the profile uses rows of each kind (TVB_ROW_*) at a daypart, Q12 up to 4,096; 0 where nothing is known.
  static constexpr size_t kRowKindsKept = 16;
  using RowUses = std::array<uint16_t, kRowKindsKept>;
  const RowUses& row_use(uint32_t daypart) const { return row_use_[daypart & 7]; }

 private:
  struct Resolved {
    Key key;
    uint32_t slot;
  };
  struct KeptSlots {  // the compact set of a fold, resolved
    uint64_t content = 0;
    std::vector<uint32_t> finished, hidden;
  };
  HistoryView() = default;
  void resolve(const Fold& fold, const HistoryView* previous);
  void combine(const Fold& fold);
  Title title_of(uint32_t slot, const Entry* const* entries, size_t count, uint32_t ordinal) const;
  void keep(const Fold& fold, const HistoryView* previous);
  void order();
  void learn(const Learned& learned, uint64_t space_id);
  void expect(const std::vector<PatternRow>& patterns, uint64_t space_id);

  std::shared_ptr<const Stack> stack_;
  uint32_t profile_ = 0;
  std::vector<Resolved> resolved_;  // the fold's keys, ascending; kNone where no pack knows one
  std::vector<Title> titles_;
  std::vector<uint32_t> recent_, touched_, listed_, listed_down_, begun_again_;
  std::vector<uint64_t> finished_, hidden_, blocked_;
  std::shared_ptr<const KeptSlots> kept_;
  std::vector<std::vector<int8_t>> interest_rows_;
  std::vector<QueryVector> interests_;
  std::vector<std::vector<int8_t>> pattern_rows_;
  std::vector<Pattern> patterns_;
  std::array<Affinities, 8> affinities_;
  std::array<RowUses, 8> row_use_{};
  std::vector<ChannelAffinity> channels_;  // ascending by daypart, channel
};

}  // namespace tvcore
