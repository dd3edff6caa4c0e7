// The ranker: every eligible title scored exactly, the best made into a slate, each with a true reason. docs/ranking.md
// defines every number; tests/oracle/ranking computes the same slates by brute force.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tvcore/eligible.hpp"
#include "tvcore/history_view.hpp"
#include "tvcore/scratch.hpp"
#include "tvcore/terms.hpp"

namespace tvcore {

constexpr uint32_t kMaxK = 200;  // TVB_MAX_K

constexpr uint32_t kCertain = 1u << 16;  // a propensity, Q16

// Equal to TVB_REASON_* of the header.
enum class Reason : int32_t {
  kNone,
  kWatched,
  kSimilar,
  kPattern,
  kPopular,
  kNew,
  kDaypart,
  kExplore,
  kContinue,
  kNextEpisode,
  kQuery,
  kTaste,
  kListed,
  kGenre,
  kEra,
  kTrending,
  kLive,
  kSoon,
  kChosen,
};

struct Request {
  Rules rules;
  int32_t utc_offset_min = 0;
  uint32_t k = 20;  // 1 to kMaxK
  uint64_t screen_token = 0;
  uint32_t like = kNone;  // rows: the live slot of "More like this"
  Weights weights_q12 = kDefaultWeights;
  // What a title loses for being wholly like one chosen before it.
  int32_t diversity_q12 = kDefaultDiversity;
  const Exploration* exploration =
      nullptr;  // null: the weights as they are; lives as long as the call
  // What comes first, as far as it may be shown, where the history cannot be used; lives as long as the call.
  const std::vector<Key>* first = nullptr;
  bool plain = false;  // by popularity alone: what the pack says of the history cannot be trusted
};

// One title of a slate.
struct Pick {
  uint32_t slot = kNone;
  int32_t score_q20 = 0;  // the sum of terms
  Terms terms_q20{};
  bool by_history = false;  // scored by the whole history: the values are known
  std::array<int16_t, kTerms> values_q12{};
  uint32_t propensity_q16 = kCertain;  // how likely a slate of this request has it
  Reason reason = Reason::kNone;
  uint32_t reason_slot = kNone;
  int32_t reason_genre = -1;  // bit over Stack::genre_names()
  uint32_t offer = kNone;     // index of the first offer open
  uint32_t position_s = 0;    // kContinue
  uint16_t season = 0, episode = 0;
  // kLive and kSoon: what is on, as long as the stack lives.
  std::string_view channel;
  int64_t start_ms = 0, end_ms = 0;
};

// What told a search's meaning.
enum class Meaning : uint8_t { kNone, kEncoder, kModel };

struct Slate {
  std::vector<Pick> picks;           // best first
  Meaning meaning = Meaning::kNone;  // of a search
  uint32_t eligible = 0;             // titles that passed every filter
};

struct Witness {
  uint32_t slot;
  int32_t cf_q20;  // its addend to terms[kTermCf]
};

struct Explanation {
  bool eligible = false;
  uint32_t why_not = 0;  // kNot*
  Pick pick;             // score, terms, reason
  std::array<Witness, 8> witnesses{};
  uint32_t witness_count = 0;
};

// Everything that depends on the stack alone. Immutable and shared by all threads; each brings its Scratch. The view
// must be of the same stack. Nothing here fails: what cannot be had is an empty slate.
class Ranker {
 public:
  static std::shared_ptr<const Ranker> build(std::shared_ptr<const Stack> stack);
  ~Ranker();
  const Stack& stack() const;

  void recommend(const HistoryView& view, const Request& request, Scratch& scratch,
                 Slate* out) const;
  // "More like this" of a live slot.
  void similar(const HistoryView& view, uint32_t slot, const Request& request, Scratch& scratch,
               Slate* out) const;
  // `normal` is the normal form of what was typed; empty finds nothing. `meaning` is its vector by the model, null to
  // have the pack's encoder make one.
  void search(const HistoryView& view, std::string_view normal, const QueryVector* meaning,
              const Request& request, Scratch& scratch, Slate* out) const;
  // One live slot's score taken apart, as recommend() would give it, eligible or not.
  void explain(const HistoryView& view, uint32_t slot, const Request& request, Scratch& scratch,
               Explanation* out) const;

  // Whether the filters without genre and history admit a live slot: what item_get and reasons ask.
  bool admits(const Rules& rules, uint32_t slot) const;
  uint32_t first_open_offer(const Rules& rules, uint32_t slot) const;

  struct State;
  const State& state() const { return *state_; }  // for rows.cpp

 private:
  Ranker();
  std::unique_ptr<State> state_;
};

}  // namespace tvcore
