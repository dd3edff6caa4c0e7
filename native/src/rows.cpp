#include "tvcore/rows.hpp"

#include <algorithm>

#include "choice.hpp"
#include "picks.hpp"
#include "reasons.hpp"
#include "scoring.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr uint32_t kBegunSeconds = 120;  // a resume point from which a title counts as begun
constexpr uint16_t kBegunShare = 300;    // or a share watched, x 10,000
constexpr int32_t kLiked = 2048;         // the strength that "Because you watched" asks for
constexpr size_t kBecauseRows = 2;

class ScreenMaker {
 public:
  ScreenMaker(const Scoring& scoring, uint32_t capacity, Screen* out)
      : scoring_(scoring), scratch_(scoring.scratch()), capacity_(capacity), out_(*out) {
    k_ = std::min(scoring.request().k, kMaxK);
  }

  bool full() const { return out_.rows.size() >= capacity_; }

  // What the history says is under way; scores are those of the whole history.
  void continue_watching() {
    begin();
    const HistoryView& view = scoring_.view();
    for (uint32_t place : view.touched()) {
      if (count() == k_) break;
      const Title& title = view.titles()[place];
      if (!bitmap_test(scratch_.usable.data(), title.slot) || taken(title.slot)) continue;
      Pick pick = pick_of(scoring_, title.slot);
      if (!under_way(title, &pick)) continue;
      set_terms(scoring_.terms(title.slot), &pick);
      out_.picks.push_back(pick);
      leave_out(scoring_, title.slot);
    }
    end(RowKind::kContinue, kNone);
  }

  void top_picks() {
    begin();
    choose(scoring_.state(), scoring_.request().screen_token, k_, true, scratch_);
    take_chosen(scoring_, &out_.picks);
    for (uint32_t chosen : scratch_.chosen) bitmap_reset(scratch_.usable.data(), chosen);
    give_reasons(scoring_, out_.picks.data() + first_, count());
    end(RowKind::kTopPicks, kNone);
  }

  // Scores must be those of `slot` alone.
  bool because(uint32_t slot) {
    begin();
    const Stack& stack = *scoring_.state().stack;
    scratch_.saved = scratch_.usable;
    const size_t groups = scratch_.groups.size();
    leave_out(scoring_, slot);
    bitmap_for_each(scratch_.saved.data(), stack.slots(), [this](size_t other) {
      if (scratch_.cf[other] <= 0 && scratch_.text[other] <= 0) {
        bitmap_reset(scratch_.usable.data(), other);
      }
    });
    choose(scoring_.state(), scoring_.request().screen_token, k_, false, scratch_);
    take_chosen(scoring_, &out_.picks);
    // The title itself and its series stay free for the rows that follow.
    scratch_.usable = scratch_.saved;
    for (uint32_t chosen : scratch_.chosen) bitmap_reset(scratch_.usable.data(), chosen);
    if (stack.groups()[slot] != 0) {
      scratch_.groups.erase(scratch_.groups.begin() + static_cast<std::ptrdiff_t>(groups));
    }
    for (size_t i = first_; i < out_.picks.size(); ++i) {
      Pick& pick = out_.picks[i];
      const Terms& terms = pick.terms_q20;
      const bool watched = terms[kTermCf] >= terms[kTermText];
      pick.reason = watched ? Reason::kWatched : Reason::kSimilar;
      pick.reason_slot = slot;
    }
    return end(RowKind::kBecause, slot);
  }

  void popular() {
    begin();
    const Stack& stack = *scoring_.state().stack;
    const int32_t* popularity = stack.popularity_q20();
    for (uint32_t slot = 0; slot < stack.slots(); ++slot) {
      scratch_.score[slot] = popularity[slot];
      if (popularity[slot] == 0) bitmap_reset(scratch_.usable.data(), slot);
    }
    choose(scoring_.state(), scoring_.request().screen_token, k_, false, scratch_);
    for (uint32_t slot : scratch_.chosen) {
      Pick pick = pick_of(scoring_, slot);
      Terms terms{};
      terms[kTermPopularity] = popularity[slot];
      set_terms(terms, &pick);
      pick.reason = Reason::kPopular;
      out_.picks.push_back(pick);
    }
    end(RowKind::kPopular, kNone);
  }

 private:
  size_t count() const { return out_.picks.size() - first_; }
  void begin() { first_ = out_.picks.size(); }

  bool taken(uint32_t slot) const {
    const uint64_t group = scoring_.state().stack->groups()[slot];
    return group != 0 && std::find(scratch_.groups.begin(), scratch_.groups.end(), group) !=
                             scratch_.groups.end();
  }

  bool under_way(const Title& title, Pick* pick) const {
    if ((title.flags & kNoContinue) != 0) return false;
    if ((title.flags & kStarted) != 0 &&
        (title.resume_s >= kBegunSeconds || title.watched_e4 >= kBegunShare)) {
      pick->reason = Reason::kContinue;
      pick->position_s = title.resume_s;
      pick->season = title.season;
      pick->episode = title.episode;
      return true;
    }
    if (!title.next.exists) return false;
    pick->reason = Reason::kNextEpisode;
    pick->season = title.next.season;
    pick->episode = title.next.episode;
    return true;
  }

  bool end(RowKind kind, uint32_t reason_slot) {
    if (count() == 0) return false;
    out_.rows.push_back(
        {kind, static_cast<uint32_t>(first_), static_cast<uint32_t>(count()), reason_slot});
    return true;
  }

  const Scoring& scoring_;
  Scratch& scratch_;
  size_t capacity_;
  Screen& out_;
  uint32_t k_;
  size_t first_ = 0;
};

}  // namespace

void rows(const Ranker& ranker, const HistoryView& view, const Request& request,
          uint32_t row_capacity, Scratch& scratch, Screen* out) {
  const Ranker::State& state = ranker.state();
  Scoring scoring(state, view, request, scratch);
  scoring.filter(true);
  scoring.score_history();
  scratch.usable = scratch.eligible;
  scratch.groups.clear();
  out->rows.clear();
  out->picks.clear();
  ScreenMaker screen(scoring, row_capacity, out);
  if (!screen.full()) screen.continue_watching();
  if (!screen.full()) screen.top_picks();
  size_t because = 0;
  for (uint32_t place : view.recent()) {
    if (screen.full() || because == kBecauseRows) break;
    const Title& title = view.titles()[place];
    const bool says =
        state.cowatch.has_weights(title.slot) || state.nearness.has_vector(title.slot);
    if (title.strength_q12 < kLiked || !says || !may_speak(scoring, place)) continue;
    scoring.score_title(title.slot);
    if (screen.because(title.slot)) ++because;
  }
  if (!screen.full()) screen.popular();
}

}  // namespace tvcore
