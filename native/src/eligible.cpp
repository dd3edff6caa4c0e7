#include "tvcore/eligible.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr uint32_t kAges = 19;

}  // namespace

uint16_t region_code(std::string_view region) {
  if (region.size() != 2) return 0;
  const auto low = static_cast<uint8_t>(region[0]);
  const auto high = static_cast<uint8_t>(region[1]);
  return static_cast<uint16_t>(low | high << 8);
}

Rules make_rules(const Profile& profile, const Stack& stack, std::string_view region,
                 std::string_view genre, int64_t at_ms) {
  Rules rules;
  rules.max_age = profile.max_age;
  rules.at_ms = at_ms;
  rules.region = region_code(region.empty() ? std::string_view(profile.region) : region);
  if (profile.entitlements.empty()) rules.providers = ~uint64_t{0};
  for (const std::string& name : profile.entitlements) {
    const int bit = stack.provider(name);
    if (bit >= 0) rules.providers |= uint64_t{1} << bit;
  }
  if (!genre.empty()) {
    const int bit = stack.genre(genre);
    rules.genre = bit >= 0 ? bit : kUnknownGenre;
  }
  return rules;
}

Eligibility::Eligibility(std::shared_ptr<const Stack> stack) : stack_(std::move(stack)) {
  const uint32_t slots = stack_->slots();
  const size_t words = bitmap_words(slots);
  by_age_.resize(kAges * words);
  by_provider_.resize(stack_->provider_names().size() * words);
  by_genre_.resize(stack_->genre_names().size() * words);
  for (const auto& pack : stack_->packs()) {
    std::vector<uint8_t> bits;
    for (std::string_view name : pack->providers()) {
      bits.push_back(static_cast<uint8_t>(stack_->provider(name)));
    }
    provider_bits_.push_back(std::move(bits));
  }
  const auto set_each = [&](std::vector<uint64_t>& maps, uint64_t bits, uint32_t slot) {
    for (; bits != 0; bits &= bits - 1) {
      const size_t map = lowest_bit(bits);
      if ((map + 1) * words <= maps.size()) bitmap_set(maps.data() + map * words, slot);
    }
  };
  bitmap_for_each(stack_->live_bits(), slots, [&](size_t place) {
    const auto slot = static_cast<uint32_t>(place);
    for (uint32_t age = stack_->ages()[slot]; age < kAges; ++age) {
      bitmap_set(by_age_.data() + age * words, slot);
    }
    set_each(by_provider_, stack_->open_providers()[slot], slot);
    set_each(by_genre_, stack_->genres()[slot], slot);
  });

  region_starts_.push_back(0);
  std::map<std::pair<size_t, uint32_t>, uint32_t> lists;
  for (uint32_t slot : stack_->bound_slots()) {
    if (!bitmap_test(stack_->live_bits(), slot)) continue;
    const size_t pack = stack_->pack_of(slot);
    const Pack& from = *stack_->packs()[pack];
    const OfferRange range = from.offers_of(stack_->row_of(slot));
    bound_slots_.push_back(slot);
    bound_starts_.push_back(static_cast<uint32_t>(bound_offers_.size()));
    for (uint32_t i = range.begin; i < range.end; ++i) {
      const PackOffer& offer = from.offer(i);
      uint32_t regions = kNone;
      if (offer.regions != kNone) {
        const auto next = static_cast<uint32_t>(lists.size());
        const auto [found, fresh] = lists.try_emplace({pack, offer.regions}, next);
        regions = found->second;
        if (fresh) {
          const std::vector<uint16_t> codes = from.list16("REGN", offer.regions);
          region_codes_.insert(region_codes_.end(), codes.begin(), codes.end());
          region_starts_.push_back(static_cast<uint32_t>(region_codes_.size()));
        }
      }
      const std::vector<uint8_t>& bits = provider_bits_[pack];
      const uint64_t provider =
          offer.provider < bits.size() ? uint64_t{1} << (bits[offer.provider] & 63) : 0;
      bound_offers_.push_back({offer.start_ms, offer.end_ms, provider, regions});
    }
  }
  bound_starts_.push_back(static_cast<uint32_t>(bound_offers_.size()));
}

bool Eligibility::region_listed(uint32_t list, uint16_t region) const {
  if (list == kNone) return true;
  const auto from = region_codes_.begin() + region_starts_[list];
  const auto to = region_codes_.begin() + region_starts_[list + 1];
  // An empty list binds to nothing; without a region no bound offer counts.
  return from == to || (region != 0 && std::find(from, to, region) != to);
}

bool Eligibility::open(const Offer& offer, const Rules& rules) const {
  return (offer.provider & rules.providers) != 0 && offer.start_ms <= rules.at_ms &&
         rules.at_ms < offer.end_ms && region_listed(offer.regions, rules.region);
}

const Eligibility::Offer* Eligibility::bound_offers(uint32_t slot, uint32_t* count) const {
  const auto found = std::lower_bound(bound_slots_.begin(), bound_slots_.end(), slot);
  if (found == bound_slots_.end() || *found != slot) return nullptr;
  const auto at = static_cast<size_t>(found - bound_slots_.begin());
  *count = bound_starts_[at + 1] - bound_starts_[at];
  return bound_offers_.data() + bound_starts_[at];
}

void Eligibility::fill(const Rules& rules, uint8_t* region_ok, uint64_t* words) const {
  const uint32_t slots = stack_->slots();
  const size_t size = bitmap_words(slots);
  bitmap_clear(words, slots);
  if (rules.genre == kUnknownGenre) return;
  for (size_t p = 0; (p + 1) * size <= by_provider_.size() && p < 64 && size != 0; ++p) {
    if ((rules.providers >> p & 1) != 0) {
      bitmap_or(words, by_provider_.data() + p * size, slots);
    }
  }
  for (uint32_t list = 0; list < region_lists(); ++list) {
    region_ok[list] = region_listed(list, rules.region) ? 1 : 0;
  }
  for (size_t i = 0; i < bound_slots_.size(); ++i) {
    if (bitmap_test(words, bound_slots_[i])) continue;
    for (uint32_t o = bound_starts_[i]; o < bound_starts_[i + 1]; ++o) {
      const Offer& offer = bound_offers_[o];
      if ((offer.provider & rules.providers) != 0 && offer.start_ms <= rules.at_ms &&
          rules.at_ms < offer.end_ms && (offer.regions == kNone || region_ok[offer.regions] != 0)) {
        bitmap_set(words, bound_slots_[i]);
        break;
      }
    }
  }
  const uint32_t age = std::min<uint32_t>(rules.max_age, kAges - 1);
  bitmap_and(words, by_age_.data() + age * size, slots);
  if (rules.genre >= 0) {
    bitmap_and(words, by_genre_.data() + static_cast<size_t>(rules.genre) * size, slots);
  }
}

bool Eligibility::admits(const Rules& rules, uint32_t slot) const {
  if (stack_->ages()[slot] > rules.max_age) return false;
  if ((stack_->open_providers()[slot] & rules.providers) != 0) return true;
  uint32_t count = 0;
  const Offer* offers = bound_offers(slot, &count);
  return std::any_of(offers, offers + count,
                     [&](const Offer& offer) { return open(offer, rules); });
}

uint32_t Eligibility::why_not(const Rules& rules, uint32_t slot) const {
  uint32_t bits = 0;
  if (stack_->ages()[slot] > rules.max_age) bits |= kNotAge;
  if (rules.genre == kUnknownGenre ||
      (rules.genre >= 0 && (stack_->genres()[slot] >> rules.genre & 1) == 0)) {
    bits |= kNotGenre;
  }
  if ((stack_->open_providers()[slot] & rules.providers) != 0) return bits;
  uint32_t count = 0;
  const Offer* offers = bound_offers(slot, &count);
  uint32_t cause = kNotEntitled;
  for (uint32_t i = 0; i < count; ++i) {
    if ((offers[i].provider & rules.providers) == 0) continue;
    if (open(offers[i], rules)) return bits;
    if (region_listed(offers[i].regions, rules.region)) {
      cause = kNotInWindow;
    } else if (cause == kNotEntitled) {
      cause = kNotInRegion;
    }
  }
  return bits | cause;
}

uint32_t Eligibility::first_open_offer(const Rules& rules, uint32_t slot) const {
  uint32_t count = 0;
  if (const Offer* offers = bound_offers(slot, &count)) {
    for (uint32_t i = 0; i < count; ++i) {
      if (open(offers[i], rules)) return i;
    }
    return kNone;
  }
  const size_t pack = stack_->pack_of(slot);
  const OfferRange range = stack_->packs()[pack]->offers_of(stack_->row_of(slot));
  for (uint32_t i = range.begin; i < range.end; ++i) {
    const uint8_t provider = stack_->packs()[pack]->offer(i).provider;
    if (provider >= provider_bits_[pack].size()) continue;
    if ((rules.providers >> (provider_bits_[pack][provider] & 63) & 1) != 0) {
      return i - range.begin;
    }
  }
  return kNone;
}

}  // namespace tvcore
