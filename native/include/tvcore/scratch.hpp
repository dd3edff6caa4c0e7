// The ranker's working memory: one a thread that serves, reused by every call, so that serving allocates nothing once
// it is warm. Sized by the stack: about 24 bytes a slot. Its contents mean nothing between calls.
#pragma once

#include <cstdint>
#include <vector>

#include "tvcore/stack.hpp"
#include "tvcore/terms.hpp"

namespace tvcore {

struct Candidate {
  int32_t score_q20;
  uint32_t slot;
  uint64_t tie;
};

struct Scratch {
  std::vector<uint64_t> eligible;  // a bit a slot
  std::vector<uint64_t> usable;    // those of them that this row may still take
  std::vector<uint8_t> region_ok;  // one a region list
  std::vector<int32_t> cf, text, score;
  std::vector<Candidate> pool;
  std::vector<uint64_t> groups;  // already in the slate or on the screen, ascending
  std::vector<uint32_t> chosen;  // places in pool
  struct Bound {                 // of the greedy choice: a candidate's best possible worth
    int32_t mmr;
    uint32_t place, compared;
    int32_t nearest_q20;
  };
  std::vector<Bound> heap;
  struct Witnessed {  // of a chosen title: what speaks most for it
    int32_t addend;
    uint32_t title;
  };
  std::vector<Witnessed> witnessed;
  std::vector<uint8_t> place;  // a chosen slot's place in the slate + 1, else 0
  std::vector<uint8_t> match;  // search: how well a slot's title matches

  void fit(const Stack& stack, size_t region_lists);
};

}  // namespace tvcore
