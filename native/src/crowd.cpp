#include "tvcore/crowd.hpp"

#include <algorithm>
#include <tuple>

namespace tvcore {
namespace {

uint32_t group_key(uint16_t region, uint8_t daypart, uint8_t window) {
  return static_cast<uint32_t>(window) << 24 | static_cast<uint32_t>(region) << 8 | daypart;
}

struct Entry {
  uint32_t group, slot, people;
};

}  // namespace

int32_t Crowd::Counts::value_q20(const Count& one) const {
  const uint64_t whole = log2_q16(uint64_t{1} + most);
  const uint64_t part = log2_q16(uint64_t{1} + one.people);
  return whole == 0 ? 0 : static_cast<int32_t>((part << 20) / whole);
}

Crowd::Crowd(const Stack& stack) {
  std::vector<Entry> entries;
  for (uint32_t p = 0; p < stack.packs().size(); ++p) {
    const Pack& pack = *stack.packs()[p];
    uint32_t count = 0;
    const PackCount* all = pack.counts(&count);
    for (uint32_t i = 0; i < count; ++i) {
      const PackCount& one = all[i];
      if (one.row >= pack.rows()) continue;
      const uint32_t slot = stack.first_slot(p) + one.row;
      if (stack.current(slot) != slot) continue;  // the newer row has newer counts, or none
      const uint32_t people = std::min<uint32_t>(one.people, INT32_MAX);
      entries.push_back({group_key(one.region, one.daypart, one.window), slot, people});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.group, a.slot) < std::tie(b.group, b.slot);
  });
  for (const Entry& one : entries) {
    const auto at = static_cast<uint32_t>(counts_.size());
    if (groups_.empty() || groups_.back().key != one.group) {
      groups_.push_back({one.group, at, at, 0});
    }
    counts_.push_back({one.slot, one.people});
    groups_.back().end = at + 1;
    groups_.back().most = std::max(groups_.back().most, one.people);
  }
  counts_.shrink_to_fit();
}

Crowd::Counts Crowd::counts(uint16_t region, uint8_t daypart, uint8_t window) const {
  const uint32_t wanted = group_key(region, daypart, window);
  const auto at = std::lower_bound(groups_.begin(), groups_.end(), wanted,
                                   [](const Group& one, uint32_t key) { return one.key < key; });
  if (at == groups_.end() || at->key != wanted) return {};
  return {counts_.data() + at->begin, counts_.data() + at->end, at->most};
}

}  // namespace tvcore
