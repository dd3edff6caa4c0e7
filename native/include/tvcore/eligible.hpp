// Who may see what: the filters of a request, as bitmaps over the slots of a stack. Filtering comes before scoring.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tvcore/profiles.hpp"
#include "tvcore/stack.hpp"

namespace tvcore {

constexpr int32_t kAnyGenre = -1, kUnknownGenre = -2;

// The profile's rules at one moment, in the terms of one stack. The defaults admit nothing.
struct Rules {
  uint8_t max_age = 0;
  uint64_t providers = 0;  // entitled ones, bits over Stack::provider_names()
  uint16_t region = 0;     // two letters, first letter low; 0: offers bound to regions do not count
  int32_t genre = kAnyGenre;
  int64_t at_ms = 0;
};

// `region` empty: the profile's. `genre` empty: any; one that no pack knows admits nothing.
Rules make_rules(const Profile& profile, const Stack& stack, std::string_view region,
                 std::string_view genre, int64_t at_ms);
uint16_t region_code(std::string_view region);  // 0 unless two bytes

// Bits of why_not(), equal to TVB_NOT_* of the header.
constexpr uint32_t kNotAge = 1, kNotEntitled = 2, kNotInRegion = 4, kNotInWindow = 8,
                   kNotFinished = 16, kNotHidden = 32, kNotGenre = 64;

// What a stack alone decides about the filters. Immutable; holds the stack.
class Eligibility {
 public:
  explicit Eligibility(std::shared_ptr<const Stack> stack);
  const Stack& stack() const { return *stack_; }

  // Room for `mark` and `region_ok`: sized by region_lists().
  size_t region_lists() const { return region_starts_.empty() ? 0 : region_starts_.size() - 1; }

  // Sets the bits of the live slots that the rules admit; history is not asked. `words` has bitmap_words(slots) words,
  // `region_ok` room for region_lists().
  void fill(const Rules& rules, uint8_t* region_ok, uint64_t* words) const;

  // Whether age, entitlement, region and window admit a live slot (genre is not asked).
  bool admits(const Rules& rules, uint32_t slot) const;
  // kNot* bits of age, offers and genre; 0 if admitted. Of the offers one cause is named: the first filter after
  // which none is left.
  uint32_t why_not(const Rules& rules, uint32_t slot) const;
  // The index, among the title's offers, of the first one open; kNone if none is.
  uint32_t first_open_offer(const Rules& rules, uint32_t slot) const;

 private:
  struct Offer {
    int64_t start_ms, end_ms;
    uint64_t provider;  // one bit
    uint32_t regions;   // a list's number; kNone: everywhere
  };
  bool region_listed(uint32_t list, uint16_t region) const;
  bool open(const Offer& offer, const Rules& rules) const;
  // All offers of a slot with a bound one, else null.
  const Offer* bound_offers(uint32_t slot, uint32_t* count) const;

  std::shared_ptr<const Stack> stack_;
  std::vector<uint64_t> by_age_;        // 19 bitmaps: live slots of at most this age
  std::vector<uint64_t> by_provider_;   // a bitmap a provider: slots with an open offer of it
  std::vector<uint64_t> by_genre_;      // a bitmap a genre
  std::vector<uint32_t> bound_slots_;   // ascending
  std::vector<uint32_t> bound_starts_;  // offers of the i-th bound slot, one more than there are
  std::vector<Offer> bound_offers_;
  std::vector<uint16_t> region_codes_;
  std::vector<uint32_t> region_starts_;
  std::vector<std::vector<uint8_t>> provider_bits_;  // a pack's provider number to the stack's
};

}  // namespace tvcore
