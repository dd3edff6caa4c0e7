#include "tvcore/rows.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "reasons.hpp"
#include "screen_maker.hpp"

namespace tvcore {
namespace {

constexpr int32_t kLiked = 2048;  // the strength that "Because you watched" asks for
constexpr size_t kBecauseRows = 2;

// Places that a row rises by which everything is opened out of.
constexpr int32_t kMostPlaces = 8;
constexpr int32_t kWholeUse = 4096;

// What a screen shows from the top, as far as nothing is known of the profile's use of rows.
constexpr std::array kPriorOrder = {
    RowKind::kContinue,     RowKind::kNextEpisode, RowKind::kMyList,  RowKind::kMoreLikeThis,
    RowKind::kLiveNow,      RowKind::kTopPicks,    RowKind::kBecause, RowKind::kNew,
    RowKind::kStartingSoon, RowKind::kTrending,    RowKind::kKids,    RowKind::kPopular,
};

using Order = std::array<RowKind, kPriorOrder.size()>;

// A row rises by its use; one of which nothing is known keeps its place among the others.
Order row_order(const HistoryView& view, const Request& request) {
  const HistoryView::RowUses& use =
      view.row_use(daypart_of(request.rules.at_ms, request.utc_offset_min));
  const auto place = [&](RowKind kind) {
    const auto at = std::find(kPriorOrder.begin(), kPriorOrder.end(), kind) - kPriorOrder.begin();
    return static_cast<int32_t>(at) * (kWholeUse / kMostPlaces) - use[static_cast<size_t>(kind)];
  };
  Order order = kPriorOrder;
  // By insertion, which is stable and allocates nothing.
  for (size_t i = 1; i < order.size(); ++i) {
    for (size_t j = i; j > 0 && place(order[j]) < place(order[j - 1]); --j) {
      std::swap(order[j], order[j - 1]);
    }
  }
  return order;
}

// Of the recent titles from place `from` on the next that a row "Because you watched" may be of; the end if there is none.
size_t next_liked(const Scoring& scoring, size_t from) {
  const Ranker::State& state = scoring.state();
  const std::vector<uint32_t>& recent = scoring.view().recent();
  for (; from < recent.size(); ++from) {
    const Title& title = scoring.view().titles()[recent[from]];
    const bool says =
        state.cowatch.has_weights(title.slot) || state.nearness.has_vector(title.slot);
    if (title.strength_q12 >= kLiked && title.watched && says && may_speak(scoring, recent[from]))
      break;
  }
  return from;
}

uint32_t recent_slot(const Scoring& scoring, size_t at) {
  return scoring.view().titles()[scoring.view().recent()[at]].slot;
}

void because_rows(const Scoring& scoring, ScreenMaker* screen) {
  size_t rows = 0;
  for (size_t at = 0; !screen->full() && rows < kBecauseRows; ++at) {
    at = next_liked(scoring, at);
    if (at == scoring.view().recent().size()) break;
    if (screen->because(recent_slot(scoring, at))) ++rows;
  }
}

// The titles that rows are likely to be made of, if the screen has room for them where each row above has titles.
void expect_titles(Scoring* scoring, const Order& order, size_t row_capacity) {
  for (size_t row = 0; row < std::min(row_capacity, order.size()); ++row) {
    if (order[row] == RowKind::kMoreLikeThis && scoring->request().like != kNone) {
      scoring->expect_title(scoring->request().like);
    }
    if (order[row] != RowKind::kBecause) continue;
    for (size_t at = 0, rows = 0; rows < kBecauseRows; ++at, ++rows) {
      at = next_liked(*scoring, at);
      if (at == scoring->view().recent().size()) break;
      scoring->expect_title(recent_slot(*scoring, at));
    }
  }
}

void add_rows(const Scoring& scoring, RowKind kind, ScreenMaker* screen) {
  const uint32_t like = scoring.request().like;
  switch (kind) {
    case RowKind::kContinue:
      screen->continue_watching();
      break;
    case RowKind::kNextEpisode:
      screen->next_episode();
      break;
    case RowKind::kMyList:
      screen->my_list();
      break;
    case RowKind::kMoreLikeThis:
      if (like != kNone) screen->more_like(like);
      break;
    case RowKind::kTopPicks:
      screen->top_picks();
      break;
    case RowKind::kBecause:
      because_rows(scoring, screen);
      break;
    case RowKind::kNew:
      screen->new_for_you();
      break;
    case RowKind::kKids:
      screen->kids();
      break;
    case RowKind::kPopular:
      screen->popular();
      break;
    case RowKind::kTrending:
      screen->trending();
      break;
    case RowKind::kLiveNow:
      screen->live_now();
      break;
    case RowKind::kStartingSoon:
      screen->starting_soon();
      break;
  }
}

}  // namespace

void rows(const Ranker& ranker, const HistoryView& view, const Request& request,
          uint32_t row_capacity, Scratch& scratch, Screen* out) {
  Scoring scoring(ranker.state(), view, request, scratch);
  scoring.filter(true);
  scratch.usable = scratch.eligible;
  scratch.groups.clear();
  out->rows.clear();
  out->picks.clear();
  ScreenMaker screen(scoring, row_capacity, out);
  const auto order = row_order(view, request);
  out->rows.reserve(order.size() + 1);  // Because you watched stands twice
  expect_titles(&scoring, order, row_capacity);
  for (const RowKind kind : order) {
    if (screen.full()) break;
    add_rows(scoring, kind, &screen);
  }
}

}  // namespace tvcore
