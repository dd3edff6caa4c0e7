// What a Ranker holds: everything that a stack alone decides.
#pragma once

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "tvcore/cowatch.hpp"
#include "tvcore/crowd.hpp"
#include "tvcore/eligible.hpp"
#include "tvcore/encoder.hpp"
#include "tvcore/nearness.hpp"
#include "tvcore/ranker.hpp"
#include "tvcore/schedule.hpp"
#include "tvcore/search.hpp"

namespace tvcore {

struct Ranker::State {
  explicit State(std::shared_ptr<const Stack> of);

  const uint64_t number;  // no other has it as long as the process lives
  std::shared_ptr<const Stack> stack;
  Eligibility eligibility;
  CoWatch cowatch;
  Nearness nearness;
  TitleIndex titles;
  TextEncoder encoder;
  Schedule schedule;
  Crowd crowd;
  std::vector<std::pair<int32_t, uint32_t>> fresh;  // (Freshness::encode, slot), ascending
  std::vector<int32_t> fresh_codes;                 // by slot
  std::vector<uint64_t> genre_hashes;               // XXH64 of each genre's name
  std::vector<uint64_t> genre_sets;                 // the different genre masks
  std::vector<uint16_t> years;                      // the different years of release, 0 unknown
  struct Kind {                                     // a different pair of both
    uint32_t genre_set, year;                       // places above
  };
  std::vector<Kind> kinds;
  std::vector<uint32_t> kind_of;                     // by slot
  std::array<int32_t, kMaxGenres> genre_shares_q20;  // Taste
  // Titles that no other's weights name, so that CF is 0 of them whoever asks: -1, else 0, by slot.
  std::vector<int8_t> cold;
  std::vector<uint64_t> cold_bits;
  std::vector<uint64_t> for_children;  // bits of the live titles that the row Kids may show

  uint16_t year_of(uint32_t slot) const { return years[kinds[kind_of[slot]].year]; }

 private:
  void sort_kinds();
  void find_cold();
  void find_for_children();
};

}  // namespace tvcore
