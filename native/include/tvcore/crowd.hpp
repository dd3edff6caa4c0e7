// How many people watch a title, by region, daypart and window: the packs' counts (docs/formats.md, `POPS`).
#pragma once

#include <cstdint>
#include <vector>

#include "tvcore/stack.hpp"

namespace tvcore {

constexpr uint8_t kAnyDaypart = 255;
constexpr uint8_t kEver = 0, kRecent = 1;  // windows

// Immutable.
class Crowd {
 public:
  explicit Crowd(const Stack& stack);

  struct Count {
    uint32_t slot;      // live
    int32_t value_q20;  // log2(1 + people) / log2(1 + most people), as popularity is
  };
  struct Counts {
    const Count* begin = nullptr;
    const Count* end = nullptr;
    uint64_t people = 0;  // of all titles
  };
  // Each title once, ascending by slot; none where nobody counted. `region` 0: of all regions.
  Counts counts(uint16_t region, uint8_t daypart, uint8_t window) const;

 private:
  struct Group {
    uint32_t key;  // window, region and daypart
    uint32_t begin, end;
    uint64_t people;
  };
  std::vector<Group> groups_;  // ascending by key
  std::vector<Count> counts_;
};

}  // namespace tvcore
