// What a Ranker holds: everything that a stack alone decides.
#pragma once

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
  std::vector<uint32_t> genre_set_of;               // by slot
};

}  // namespace tvcore
