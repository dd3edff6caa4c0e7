#include "tvcore/ranker.hpp"

#include <algorithm>
#include <atomic>

#include "choice.hpp"
#include "exploration.hpp"
#include "picks.hpp"
#include "reasons.hpp"
#include "scoring.hpp"
#include "taste.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr uint8_t kChildsTitle = 7;  // the highest age of a title in the row for children
constexpr const char* kChildrensGenres[] = {"Children", "Family"};

uint64_t next_number() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Ranker::State::State(std::shared_ptr<const Stack> of)
    : number(next_number()),
      stack(std::move(of)),
      eligibility(stack),
      cowatch(stack),
      nearness(stack),
      titles(*stack),
      encoder(stack),
      schedule(*stack),
      crowd(*stack) {
  const uint32_t slots = stack->slots();
  fresh_codes.assign(slots, Freshness::none);
  sort_kinds();
  find_cold();
  find_for_children();
  genre_shares_q20 = tvcore::genre_shares_q20(*stack);
  for (uint32_t slot = 0; slot < slots; ++slot) {
    const PackItem& item = stack->item(slot);
    fresh_codes[slot] = Freshness::encode(item.added_day, item.year);
    if (fresh_codes[slot] != Freshness::none && bitmap_test(stack->live_bits(), slot)) {
      fresh.emplace_back(fresh_codes[slot], slot);
    }
  }
  std::sort(fresh.begin(), fresh.end());
  for (const std::string& name : stack->genre_names()) {
    genre_hashes.push_back(xxh64(name.data(), name.size()));
  }
}

void Ranker::State::sort_kinds() {
  const uint32_t slots = stack->slots();
  const auto place = [](const auto& all, const auto& one) {
    return static_cast<uint32_t>(std::lower_bound(all.begin(), all.end(), one) - all.begin());
  };
  const auto keep_different = [](auto* all) {
    std::sort(all->begin(), all->end());
    all->erase(std::unique(all->begin(), all->end()), all->end());
    all->shrink_to_fit();
  };
  genre_sets.assign(stack->genres(), stack->genres() + slots);
  keep_different(&genre_sets);
  for (uint32_t slot = 0; slot < slots; ++slot) years.push_back(stack->item(slot).year);
  keep_different(&years);
  // Both places in one number, by slot; then the different ones.
  std::vector<uint64_t> pairs(slots);
  for (uint32_t slot = 0; slot < slots; ++slot) {
    pairs[slot] = uint64_t{place(genre_sets, stack->genres()[slot])} << 32 |
                  place(years, stack->item(slot).year);
  }
  std::vector<uint64_t> different = pairs;
  keep_different(&different);
  kind_of.reserve(slots);
  for (const uint64_t pair : pairs) kind_of.push_back(place(different, pair));
  kinds.reserve(different.size());
  for (const uint64_t pair : different) {
    kinds.push_back({static_cast<uint32_t>(pair >> 32), static_cast<uint32_t>(pair)});
  }
}

void Ranker::State::find_cold() {
  const uint32_t slots = stack->slots();
  cold.assign(slots, -1);
  bitmap_for_each(stack->live_bits(), slots, [&](size_t slot) {
    const CoWatch::Row row = cowatch.row(static_cast<uint32_t>(slot), 0);
    for (uint32_t i = 0; i < row.weights.count; ++i) {
      const uint32_t to = row.slot(i);
      if (to != kNone) cold[to] = 0;
    }
  });
  cold_bits.assign(bitmap_words(slots), 0);
  for (uint32_t slot = 0; slot < slots; ++slot) {
    if (cold[slot] != 0) bitmap_set(cold_bits.data(), slot);
  }
}

void Ranker::State::find_for_children() {
  uint64_t genres = 0;
  for (const char* name : kChildrensGenres) {
    const int bit = stack->genre(name);
    if (bit >= 0) genres |= uint64_t{1} << bit;
  }
  for_children.assign(bitmap_words(stack->slots()), 0);
  bitmap_for_each(stack->live_bits(), stack->slots(), [&](size_t slot) {
    const bool suits = (stack->genres()[slot] & genres) != 0 && stack->ages()[slot] <= kChildsTitle;
    if (suits) bitmap_set(for_children.data(), slot);
  });
}

Ranker::Ranker() = default;
Ranker::~Ranker() = default;

std::shared_ptr<const Ranker> Ranker::build(std::shared_ptr<const Stack> stack) {
  std::shared_ptr<Ranker> ranker(new Ranker());
  ranker->state_ = std::make_unique<State>(std::move(stack));
  return ranker;
}

const Stack& Ranker::stack() const { return *state_->stack; }

bool Ranker::admits(const Rules& rules, uint32_t slot) const {
  return state_->eligibility.admits(rules, slot);
}

uint32_t Ranker::first_open_offer(const Rules& rules, uint32_t slot) const {
  return state_->eligibility.first_open_offer(rules, slot);
}

void Ranker::recommend(const HistoryView& view, const Request& request, Scratch& scratch,
                       Slate* out) const {
  Scoring scoring(*state_, view, request, scratch);
  scoring.filter(true);
  scoring.score_history();
  scratch.usable = scratch.eligible;
  scratch.groups.clear();
  const uint32_t k = std::min(request.k, kMaxK);
  out->picks.clear();
  take_first(scoring, k, &out->picks);
  const auto left = k - static_cast<uint32_t>(out->picks.size());
  choose(*state_, request, scoring.scores().score.data(), left, &scoring.taste(), scratch);
  out->eligible = eligible_count(scoring);
  take_chosen(scoring, &out->picks);
  give_propensities(scoring, true, out->picks.data(), out->picks.size());
  give_reasons(scoring, out->picks.data(), out->picks.size());
}

void Ranker::similar(const HistoryView& view, uint32_t slot, const Request& request,
                     Scratch& scratch, Slate* out) const {
  Scoring scoring(*state_, view, request, scratch);
  scoring.filter(true);
  scoring.score_title(slot);
  scratch.usable = scratch.eligible;
  scratch.groups.clear();
  leave_out(scoring, slot);
  choose(*state_, request, scoring.scores().score.data(), std::min(request.k, kMaxK), nullptr,
         scratch);
  out->eligible = eligible_count(scoring);
  out->picks.clear();
  take_chosen(scoring, &out->picks);
  const bool named = may_be_named(scoring, slot);
  for (Pick& pick : out->picks) {
    pick.reason = Reason::kQuery;
    if (named) pick.reason_slot = slot;
  }
}

void Ranker::explain(const HistoryView& view, uint32_t slot, const Request& request,
                     Scratch& scratch, Explanation* out) const {
  Scoring scoring(*state_, view, request, scratch);
  scoring.read_history();
  *out = Explanation{};
  out->why_not = state_->eligibility.why_not(request.rules, slot);
  if (bitmap_test(view.finished(), slot)) out->why_not |= kNotFinished;
  if (bitmap_test(view.hidden(), slot)) out->why_not |= kNotHidden;
  out->eligible = out->why_not == 0;
  out->pick = pick_of(scoring, slot);
  set_terms(scoring.terms_alone(slot), &out->pick);
  give_reasons(scoring, &out->pick, 1);

  struct Addend {
    int32_t cf_q20;
    const Title* title;
  };
  std::array<Addend, 8> best{};
  size_t count = 0;
  for (uint32_t place = 0; place < view.titles().size(); ++place) {
    const Title& title = view.titles()[place];
    if (title.h_q12 == 0 || !may_speak(scoring, place)) continue;
    const int32_t addend = state_->cowatch.addend(title.slot, title.h_q12, slot);
    const int32_t cf = term_q20(scoring.cf_weight(), cut(addend, kValueLimitQ20));
    if (cf == 0) continue;
    const Addend one{cf, &title};
    const auto before = [](const Addend& a, const Addend& b) {
      return speaks_before(std::abs(a.cf_q20), *a.title, std::abs(b.cf_q20), *b.title);
    };
    if (count == best.size() && !before(one, best[count - 1])) continue;
    size_t at = count < best.size() ? count++ : count - 1;
    for (; at > 0 && before(one, best[at - 1]); --at) best[at] = best[at - 1];
    best[at] = one;
  }
  for (size_t i = 0; i < count; ++i) out->witnesses[i] = {best[i].title->slot, best[i].cf_q20};
  out->witness_count = static_cast<uint32_t>(count);
}

}  // namespace tvcore
