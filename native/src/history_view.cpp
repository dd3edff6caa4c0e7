#include "tvcore/history_view.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "tvcore/bitmap.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/terms.hpp"

namespace tvcore {
namespace {

constexpr int64_t kMinuteMs = 60000;

bool newer(const Entry& a, const Entry& b) {
  return a.touch != b.touch ? a.touch > b.touch : a.key < b.key;
}

bool was_watched(const Entry& entry) {
  return (entry.flags & (kStarted | kFinished)) != 0 || entry.watched_e4 != 0 ||
         entry.done_season != 0;
}

bool stronger(const Entry& a, const Entry& b) {
  const int32_t left = std::abs(strength_q12(a)), right = std::abs(strength_q12(b));
  return left != right ? left > right : newer(a, b);
}

int64_t end_of_minute(const Entry& entry) {
  return (static_cast<int64_t>(entry.impression_min) + 1) * kMinuteMs - 1;
}

// Whether the season list says that nothing follows (season, episode).
bool at_the_end(const std::vector<uint16_t>& seasons, uint16_t season, uint16_t episode) {
  if (season == 0 || seasons.empty() || seasons.back() == 0) return false;
  return season > seasons.size() || (season == seasons.size() && episode >= seasons.back());
}

}  // namespace

Successor next_episode(const std::vector<uint16_t>& seasons, uint16_t season, uint16_t episode) {
  if (at_the_end(seasons, season, episode)) return {false, 0, 0};
  if (season != 0 && season < seasons.size() && seasons[season - 1] != 0 &&
      episode >= seasons[season - 1]) {
    return {true, static_cast<uint16_t>(season + 1), 1};
  }
  return {episode != UINT16_MAX, season, static_cast<uint16_t>(episode + 1)};
}

std::shared_ptr<const HistoryView> HistoryView::build(std::shared_ptr<const Stack> stack,
                                                      const Fold& fold, const Learned* learned,
                                                      uint64_t space_id,
                                                      const HistoryView* previous,
                                                      const std::vector<PatternRow>* patterns) {
  std::shared_ptr<HistoryView> view(new HistoryView());
  if (previous != nullptr && previous->stack_ != stack) previous = nullptr;
  view->stack_ = std::move(stack);
  view->profile_ = fold.profile();
  view->resolve(fold, previous);
  view->keep(fold, previous);
  view->combine(fold);
  view->order();
  if (learned != nullptr) view->learn(*learned, space_id);
  if (patterns != nullptr) view->expect(*patterns, space_id);
  return view;
}

void HistoryView::resolve(const Fold& fold, const HistoryView* previous) {
  resolved_.reserve(fold.entries().size());
  const Resolved* known = previous != nullptr ? previous->resolved_.data() : nullptr;
  const Resolved* end = previous != nullptr ? known + previous->resolved_.size() : nullptr;
  for (const Entry& entry : fold.entries()) {
    while (known != end && known->key < entry.key) ++known;
    const bool same = known != end && known->key == entry.key;
    resolved_.push_back({entry.key, same ? known->slot : stack_->find(entry.key)});
  }
}

void HistoryView::keep(const Fold& fold, const HistoryView* previous) {
  const std::vector<Kept>& set = fold.kept();
  const uint64_t content = xxh64(set.data(), set.size() * sizeof(Kept), set.size());
  if (previous != nullptr && previous->kept_->content == content) {
    kept_ = previous->kept_;
  } else {
    auto kept = std::make_shared<KeptSlots>();
    kept->content = content;
    for (const Kept& one : set) {
      const uint32_t slot = stack_->find(one.key);
      if (slot == kNone) continue;
      if ((one.flags & kFinished) != 0) kept->finished.push_back(slot);
      if ((one.flags & (kHidden | kDisliked)) != 0) kept->hidden.push_back(slot);
    }
    kept_ = std::move(kept);
  }
  const size_t words = bitmap_words(stack_->slots());
  finished_.assign(words, 0);
  hidden_.assign(words, 0);
  for (uint32_t slot : kept_->finished) bitmap_set(finished_.data(), slot);
  for (uint32_t slot : kept_->hidden) bitmap_set(hidden_.data(), slot);
}

void HistoryView::combine(const Fold& fold) {
  std::vector<uint64_t> entries;  // slots, each with its entry's place, which goes by key
  entries.reserve(resolved_.size());
  for (size_t i = 0; i < resolved_.size(); ++i) {
    if (resolved_[i].slot != kNone) entries.push_back(uint64_t{resolved_[i].slot} << 32 | i);
  }
  std::sort(entries.begin(), entries.end());
  titles_.reserve(entries.size());
  std::vector<const Entry*> same;
  for (size_t i = 0; i < entries.size();) {
    const auto slot = static_cast<uint32_t>(entries[i] >> 32);
    same.clear();
    for (; i < entries.size() && entries[i] >> 32 == slot; ++i) {
      same.push_back(&fold.entries()[static_cast<uint32_t>(entries[i])]);
    }
    titles_.push_back(title_of(slot, same.data(), same.size(), fold.ordinal()));
    const Title& title = titles_.back();
    if (title.finished) bitmap_set(finished_.data(), slot);
    const bool unwanted =
        (title.flags & (kHidden | kDisliked)) != 0 || bitmap_test(hidden_.data(), slot);
    if (unwanted || title.rated_down) bitmap_set(hidden_.data(), slot);
    const bool is_listed = (title.flags & kListed) != 0;
    if (title.rated_down && is_listed && !unwanted && !bitmap_test(finished_.data(), slot)) {
      listed_down_.push_back(slot);
    }
    const bool under_way = (title.flags & kStarted) != 0 && title.duration_s != 0;
    const bool finished = bitmap_test(finished_.data(), slot);
    if (finished && under_way && !bitmap_test(hidden_.data(), slot)) begun_again_.push_back(slot);
  }
  blocked_ = finished_;
  bitmap_or(blocked_.data(), hidden_.data(), stack_->slots());
}

Title HistoryView::title_of(uint32_t slot, const Entry* const* entries, size_t count,
                            uint32_t ordinal) const {
  const Entry* newest = entries[0];
  const Entry* strongest = entries[0];
  const Entry* done = nullptr;
  const Entry* shown = nullptr;
  const Entry* rated = nullptr;
  uint16_t any_flags = 0;
  bool watched = false;
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = *entries[i];
    any_flags = static_cast<uint16_t>(any_flags | entry.flags);
    watched |= was_watched(entry);
    if (newer(entry, *newest)) newest = &entry;
    if (stronger(entry, *strongest)) strongest = &entry;
    if ((entry.flags & kRated) != 0 && (rated == nullptr || newer(entry, *rated))) rated = &entry;
    if (entry.done_season != 0 && (done == nullptr || newer(entry, *done))) done = &entry;
    const bool passed_over =
        entry.impressions != 0 && std::none_of(entries, entries + count, [&](const Entry* other) {
          return other != &entry && other->last_ms > end_of_minute(entry);
        });
    if (passed_over &&
        (shown == nullptr || std::tie(entry.impression_min, entry.impressions) >
                                 std::tie(shown->impression_min, shown->impressions))) {
      shown = &entry;
    }
  }
  constexpr uint16_t kOfAny = kFinished | kDisliked | kHidden | kListed;
  Title title{};
  title.slot = slot;
  title.key = stack_->keys()[slot];
  title.strength_q12 = strength_q12(*strongest);
  title.ordinal = strongest->ordinal;
  title.h_q12 = (title.strength_q12 * decay_q12(ordinal - strongest->ordinal)) >> 12;
  title.touch = newest->touch;
  title.last_ms = newest->last_ms;
  title.flags = static_cast<uint16_t>((newest->flags & ~kOfAny) | (any_flags & kOfAny));
  for (size_t i = 0; i < count; ++i) {
    if ((entries[i]->flags & kListed) == 0) continue;
    title.listed_ms = std::max(title.listed_ms, entries[i]->listed_ms);
  }
  title.resume_s = newest->resume_s;
  title.duration_s = newest->duration_s;
  title.watched_e4 = newest->watched_e4;
  title.season = newest->season;
  title.episode = newest->episode;
  if (done != nullptr) {
    title.done_season = done->done_season;
    title.done_episode = done->done_episode;
  }
  if (shown != nullptr) {
    title.impressions = shown->impressions;
    title.impression_min = shown->impression_min;
  }
  title.watched = watched;
  title.rated_down = rated != nullptr && rated_down(*rated);
  title.finished = (title.flags & kFinished) != 0;
  if (done != nullptr) {
    const std::vector<uint16_t> seasons = stack_->seasons(slot);
    title.next = next_episode(seasons, title.done_season, title.done_episode);
    title.finished |= at_the_end(seasons, title.done_season, title.done_episode);
  }
  return title;
}

void HistoryView::order() {
  touched_.resize(titles_.size());
  for (uint32_t i = 0; i < touched_.size(); ++i) touched_[i] = i;
  std::sort(touched_.begin(), touched_.end(), [this](uint32_t left, uint32_t right) {
    const Title &a = titles_[left], &b = titles_[right];
    return a.touch != b.touch ? a.touch > b.touch : a.key < b.key;
  });
  for (uint32_t place : touched_) {
    if (titles_[place].strength_q12 > 0) recent_.push_back(place);
    if ((titles_[place].flags & kListed) != 0) listed_.push_back(place);
  }
  // Already by touch and key: only the ordinal is left to order by.
  std::stable_sort(recent_.begin(), recent_.end(), [this](uint32_t left, uint32_t right) {
    return titles_[left].ordinal > titles_[right].ordinal;
  });
  std::sort(listed_.begin(), listed_.end(), [this](uint32_t left, uint32_t right) {
    const Title &a = titles_[left], &b = titles_[right];
    return a.listed_ms != b.listed_ms ? a.listed_ms > b.listed_ms : a.key < b.key;
  });
}

void HistoryView::learn(const Learned& learned, uint64_t space_id) {
  if (space_id != 0 && space_id == stack_->space_id()) {
    for (const Interest& interest : learned.interests) {
      if (interest_rows_.size() == kMaxQueries) break;
      if (interest.row.size() < stack_->dimension() || interest.scale_q30 == 0) continue;
      interest_rows_.push_back(interest.row);
      interests_.push_back({interest_rows_.back().data(), interest.scale_q30, interest.bias_q20});
    }
  }
  channels_ = learned.channels;
  std::stable_sort(
      channels_.begin(), channels_.end(), [](const ChannelAffinity& a, const ChannelAffinity& b) {
        return std::tie(a.daypart, a.channel_hash) < std::tie(b.daypart, b.channel_hash);
      });
  for (const RowUse& one : learned.row_use) {
    if (one.daypart > 7 || one.kind >= kRowKindsKept) continue;
    row_use_[one.daypart][one.kind] = std::min<uint16_t>(one.use_q12, 4096);
  }
  std::array<uint64_t, kMaxGenres> hashes{};
  const std::vector<std::string>& names = stack_->genre_names();
  for (size_t g = 0; g < names.size() && g < kMaxGenres; ++g) {
    hashes[g] = xxh64(names[g].data(), names[g].size());
  }
  for (const Affinity& one : learned.affinities) {
    for (size_t g = 0; g < names.size() && g < kMaxGenres; ++g) {
      if (hashes[g] != one.genre_hash || one.daypart > 7) continue;
      Affinities& table = affinities_[one.daypart];
      table.genres |= uint64_t{1} << g;
      table.q12[g] = static_cast<int16_t>(cut(one.affinity_q12, 4096));
    }
  }
}

void HistoryView::expect(const std::vector<PatternRow>& patterns, uint64_t space_id) {
  if (space_id == 0 || space_id != stack_->space_id()) return;
  std::vector<const PatternRow*> own;
  for (const PatternRow& one : patterns) {
    if (one.profile != 0 && one.profile != profile_) continue;
    if (one.row.size() >= stack_->dimension() && one.weight_q12 > 0) own.push_back(&one);
  }
  std::stable_sort(own.begin(), own.end(), [](const PatternRow* a, const PatternRow* b) {
    return std::make_tuple(-a->weight_q12, a->id) < std::make_tuple(-b->weight_q12, b->id);
  });
  pattern_rows_.reserve(own.size());
  for (const PatternRow* one : own) {
    const uint64_t weight = static_cast<uint64_t>(std::min(one->weight_q12, 4096));
    const uint64_t scale = std::min(one->scale_q30, kScaleLimitQ30 - 1) * weight >> 12;
    if (scale == 0) continue;
    pattern_rows_.push_back(one->row);
    patterns_.push_back({{pattern_rows_.back().data(), static_cast<uint32_t>(scale), 0},
                         one->dayparts,
                         one->weekdays});
  }
}

int32_t HistoryView::channel_q12(uint32_t daypart, uint64_t channel_hash) const {
  const auto wanted = std::make_pair(daypart, channel_hash);
  const auto after = std::upper_bound(
      channels_.begin(), channels_.end(), wanted, [](const auto& key, const ChannelAffinity& one) {
        return key < std::make_pair(uint32_t{one.daypart}, one.channel_hash);
      });
  if (after == channels_.begin()) return 0;
  const ChannelAffinity& one = *(after - 1);  // of two of a channel the later
  if (one.daypart != daypart || one.channel_hash != channel_hash) return 0;
  return cut(one.affinity_q12, 4096);
}

const Title* HistoryView::find(uint32_t slot) const {
  const auto at =
      std::lower_bound(titles_.begin(), titles_.end(), slot,
                       [](const Title& one, uint32_t wanted) { return one.slot < wanted; });
  return at != titles_.end() && at->slot == slot ? &*at : nullptr;
}

}  // namespace tvcore
