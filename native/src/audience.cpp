#include "audience.hpp"

#include <algorithm>

namespace tvcore {
namespace {

constexpr uint64_t kHalfBelieved = 1000;  // people of whom a count takes half of the value

int64_t share_q12(const Crowd::Counts& counts) {
  return static_cast<int64_t>((counts.people << 12) / (counts.people + kHalfBelieved));
}

int32_t mixed(int32_t value_q20, int32_t counted_q20, int64_t share_q12) {
  return static_cast<int32_t>((value_q20 * (4096 - share_q12) + counted_q20 * share_q12) >> 12);
}

}  // namespace

Audience::Audience(const Ranker::State& state, uint16_t region, uint32_t daypart)
    : stack_(*state.stack) {
  const auto part = static_cast<uint8_t>(daypart);
  if (region != 0) parts_[0].counts = state.crowd.counts(region, kAnyDaypart, kEver);
  parts_[1].counts = state.crowd.counts(region, part, kEver);
  if (parts_[1].counts.people == 0) parts_[1].counts = state.crowd.counts(0, part, kEver);
  for (Part& one : parts_) one.share_q12 = share_q12(one.counts);
}

int32_t Audience::value_q20(uint32_t slot) const {
  int32_t value = stack_.popularity_q20()[slot];
  for (const Part& part : parts_) {
    const Crowd::Count* const end = part.counts.end;
    const Crowd::Count* const at = std::lower_bound(
        part.counts.begin, end, slot,
        [](const Crowd::Count& one, uint32_t wanted) { return one.slot < wanted; });
    value = mixed(value, at != end && at->slot == slot ? at->value_q20 : 0, part.share_q12);
  }
  return value;
}

void Audience::fill(int32_t* values_q20) const {
  const uint32_t slots = stack_.slots();
  std::copy(stack_.popularity_q20(), stack_.popularity_q20() + slots, values_q20);
  for (const Part& part : parts_) {
    if (part.share_q12 == 0) continue;
    const Crowd::Count* at = part.counts.begin;
    for (uint32_t slot = 0; slot < slots; ++slot) {
      const bool counted = at != part.counts.end && at->slot == slot;
      values_q20[slot] = mixed(values_q20[slot], counted ? at->value_q20 : 0, part.share_q12);
      if (counted) ++at;
    }
  }
}

}  // namespace tvcore
