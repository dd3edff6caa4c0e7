// Rows of the titles that the profile itself began or listed.
#include <algorithm>

#include "screen_maker.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr uint8_t kSeriesType = 2;       // PackItem::type
constexpr uint32_t kBegunSeconds = 120;  // a resume point from which a title counts as begun
constexpr uint16_t kBegunShare = 300;    // or, of a film, a share watched, x 10,000

// Of a film that is finished the share watched is that of another time.
bool begun(const Title& title, const PackItem& item, bool finished) {
  if ((title.flags & kStarted) == 0) return false;
  if (finished) return title.resume_s >= kBegunSeconds;
  const bool episodic = item.type == kSeriesType || title.season != 0 || title.episode != 0;
  return title.resume_s >= kBegunSeconds || (!episodic && title.watched_e4 >= kBegunShare);
}

}  // namespace

ScreenMaker::ScreenMaker(Scoring& scoring, size_t capacity, Screen* out)
    : scoring_(scoring),
      scratch_(scoring.scratch()),
      capacity_(capacity),
      out_(*out),
      k_(std::min(scoring.request().k, kMaxK)) {}

bool ScreenMaker::end(RowKind kind, uint32_t reason_slot) {
  if (count() == 0) return false;
  out_.rows.push_back(
      {kind, static_cast<uint32_t>(first_), static_cast<uint32_t>(count()), reason_slot});
  return true;
}

bool ScreenMaker::free(uint32_t slot) const {
  if (!bitmap_test(scratch_.usable.data(), slot)) return false;
  const uint64_t group = stack().groups()[slot];
  const auto& taken = scratch_.groups;
  return group == 0 || std::find(taken.begin(), taken.end(), group) == taken.end();
}

bool ScreenMaker::is_begun(const Title& title) const {
  const bool finished = bitmap_test(scoring_.view().finished(), title.slot);
  return begun(title, stack().item(title.slot), finished);
}

template <class Says>
bool ScreenMaker::own_row(RowKind kind, const std::vector<uint32_t>& places, const Says& says) {
  begin();
  scoring_.score_history();
  for (uint32_t place : places) {
    if (count() == k_) break;
    const Title& title = scoring_.view().titles()[place];
    if (!free(title.slot)) continue;
    Pick pick = pick_of(scoring_, title.slot);
    if (!says(title, &pick)) continue;
    const bool scored = bitmap_test(scratch_.eligible.data(), title.slot);
    set_terms(scored ? scoring_.terms(title.slot) : scoring_.terms_beside(title.slot), &pick);
    out_.picks.push_back(pick);
    leave_out(scoring_, title.slot);
  }
  return end(kind);
}

template <class Row>
bool ScreenMaker::with_blocked(const std::vector<uint32_t>& slots, const Row& row) {
  for (uint32_t slot : slots) {
    const bool admitted = state().eligibility.why_not(scoring_.request().rules, slot) == 0;
    if (admitted) bitmap_set(scratch_.usable.data(), slot);
  }
  const bool added = row();
  for (uint32_t slot : slots) bitmap_reset(scratch_.usable.data(), slot);
  return added;
}

// What was watched to its end and begun again is under way, though no other row offers it.
bool ScreenMaker::continue_watching() {
  const auto says = [this](const Title& title, Pick* pick) {
    if ((title.flags & kNoContinue) != 0 || !is_begun(title)) return false;
    pick->reason = Reason::kContinue;
    pick->position_s = title.resume_s;
    pick->season = title.season;
    pick->episode = title.episode;
    return true;
  };
  const HistoryView& view = scoring_.view();
  return with_blocked(view.begun_again(),
                      [&] { return own_row(RowKind::kContinue, view.touched(), says); });
}

bool ScreenMaker::next_episode() {
  const auto says = [this](const Title& title, Pick* pick) {
    if ((title.flags & kNoContinue) != 0 || !title.next.exists) return false;
    if (is_begun(title)) return false;
    pick->reason = Reason::kNextEpisode;
    pick->season = title.next.season;
    pick->episode = title.next.episode;
    return true;
  };
  return own_row(RowKind::kNextEpisode, scoring_.view().touched(), says);
}

// What one put on the list stays there, though it was rated down: who does not want it takes it off.
bool ScreenMaker::my_list() {
  const auto says = [](const Title&, Pick* pick) {
    pick->reason = Reason::kListed;
    return true;
  };
  const HistoryView& view = scoring_.view();
  return with_blocked(view.listed_down(),
                      [&] { return own_row(RowKind::kMyList, view.listed(), says); });
}

}  // namespace tvcore
