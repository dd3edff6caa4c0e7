#include "reasons.hpp"

#include <algorithm>

#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr std::array<Reason, kTerms> kReasonOf = {
    Reason::kWatched, Reason::kSimilar, Reason::kPattern, Reason::kPopular,
    Reason::kNew,     Reason::kDaypart, Reason::kNone,    Reason::kExplore,
    Reason::kEra,     Reason::kGenre,   Reason::kSimilar, Reason::kNone,
};

Reason largest(const Terms& terms) {
  const auto at = std::max_element(terms.begin(), terms.end());
  return *at > 0 ? kReasonOf[static_cast<size_t>(at - terms.begin())] : Reason::kNone;
}

// The least that any of the picks' speakers adds: what adds less can speak for none. 0 while one has no speaker.
int32_t least_said(const Scratch& scratch, const Pick* picks, size_t count) {
  int32_t least = INT32_MAX;
  for (size_t i = 0; i < count; ++i) {
    if (picks[i].reason == Reason::kWatched) least = std::min(least, scratch.speakers[i].addend);
  }
  return least;
}

// One pass over the weights of what was watched, the newest first, because history fades, names the speakers of all
// picks. It passes over most of what is old.
void name_watched(const Scoring& scoring, Pick* picks, size_t count) {
  Scratch& scratch = scoring.scratch();
  scratch.speakers.assign(count, {0, nullptr});
  bool any = false;
  for (size_t i = 0; i < count; ++i) {
    if (picks[i].reason != Reason::kWatched) continue;
    scratch.mark[picks[i].slot] = static_cast<uint8_t>(i + 1);
    any = true;
  }
  if (!any) return;
  const std::vector<Title>& titles = scoring.view().titles();
  const uint8_t* const mark = scratch.mark.data();
  Scratch::Speaker* const speakers = scratch.speakers.data();
  for (const uint32_t place : scoring.view().touched()) {
    const Title& title = titles[place];
    if (title.h_q12 == 0) continue;
    const CoWatch::Row row = scoring.state().cowatch.row(title.slot, title.h_q12);
    if (row.most() < least_said(scratch, picks, count) || !may_speak(scoring, place)) continue;
    row.for_each([&](uint32_t slot, int32_t addend) {
      if (mark[slot] == 0 || addend <= 0) return;
      Scratch::Speaker& best = speakers[mark[slot] - 1u];
      if (best.title == nullptr || speaks_before(addend, title, best.addend, *best.title)) {
        best = {addend, &title};
      }
    });
  }
  for (size_t i = 0; i < count; ++i) {
    if (picks[i].reason != Reason::kWatched) continue;
    scratch.mark[picks[i].slot] = 0;
    const Title* title = scratch.speakers[i].title;
    if (title == nullptr) continue;
    picks[i].reason_slot = title->slot;
    if (!title->watched) picks[i].reason = Reason::kChosen;
  }
}

uint32_t nearest_watched(const Scoring& scoring, uint32_t slot) {
  const Nearness& nearness = scoring.state().nearness;
  const QueryVector own = nearness.vector(slot);
  if (own.row == nullptr) return kNone;
  uint32_t best = kNone;
  int32_t best_sim = 0;
  size_t seen = 0;
  for (uint32_t place : scoring.view().recent()) {
    if (seen++ == kSimilarAmong) break;
    const uint32_t other = scoring.view().titles()[place].slot;
    const QueryVector query = nearness.vector(other);
    if (other == slot || query.row == nullptr || !may_speak(scoring, place)) continue;
    const int32_t sim = nearness.sim_q20(query, own);
    if (best == kNone || sim > best_sim) {
      best = other;
      best_sim = sim;
    }
  }
  return best;
}

}  // namespace

bool speaks_before(int32_t addend_a, const Title& a, int32_t addend_b, const Title& b) {
  if (addend_a != addend_b) return addend_a > addend_b;
  return a.ordinal != b.ordinal ? a.ordinal > b.ordinal : a.key < b.key;
}

bool may_be_named(const Scoring& scoring, uint32_t slot) {
  return !bitmap_test(scoring.view().hidden(), slot) &&
         scoring.state().eligibility.admits(scoring.request().rules, slot);
}

bool may_speak(const Scoring& scoring, uint32_t place) {
  uint8_t& known = scoring.scratch().speaks[place];
  if (known == 0) {
    const uint32_t slot = scoring.view().titles()[place].slot;
    known = may_be_named(scoring, slot) ? 1 : 2;
  }
  return known == 1;
}

void give_reasons(const Scoring& scoring, Pick* picks, size_t count) {
  for (size_t i = 0; i < count; ++i) picks[i].reason = largest(picks[i].terms_q20);
  name_watched(scoring, picks, count);
  for (size_t i = 0; i < count; ++i) {
    Pick& pick = picks[i];
    if (pick.reason == Reason::kSimilar) pick.reason_slot = nearest_watched(scoring, pick.slot);
    if (pick.reason == Reason::kNew && !scoring.is_new(pick.slot)) pick.reason = Reason::kNone;
    if (pick.reason == Reason::kGenre) pick.reason_genre = scoring.watched_genre(pick.slot);
    if (pick.reason == Reason::kDaypart) pick.reason_genre = scoring.daypart_genre(pick.slot);
    const bool names = pick.reason == Reason::kWatched || pick.reason == Reason::kSimilar;
    if (names && pick.reason_slot == kNone) pick.reason = Reason::kTaste;
  }
}

}  // namespace tvcore
