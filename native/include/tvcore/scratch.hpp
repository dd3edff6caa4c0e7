// The ranker's working memory: one a thread that serves, reused by every call, so that serving allocates nothing once
// it is warm. Sized by the stack: about 40 bytes a slot, and 12 more once a screen was asked for. Its contents mean
// nothing between calls, except where a Remembered says what values still are.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tvcore/history_view.hpp"
#include "tvcore/hnsw.hpp"
#include "tvcore/pool.hpp"
#include "tvcore/remembered.hpp"
#include "tvcore/schedule.hpp"
#include "tvcore/search.hpp"
#include "tvcore/stack.hpp"
#include "tvcore/terms.hpp"

namespace tvcore {

struct Scratch {
  size_t fitted_slots = 0;
  // One place a slot, bitmaps a bit:
  std::vector<uint64_t> eligible;
  std::vector<uint64_t> usable;  // of the eligible, what this row may still take
  std::vector<uint64_t> saved;
  std::vector<uint64_t> cold;  // of the eligible, what NEAREST is of
  struct Scores {
    std::vector<int32_t> cf, text, score;
  };
  Scores history;      // by the whole history
  Scores other;        // by one title, by a text, or one value alone
  Remembered text_of;  // of the history's TEXT
  // TEXT by titles that rows will be made of, as far as any were expected.
  std::array<std::vector<int32_t>, 3> ahead;
  std::vector<int32_t> pattern;  // the value of PATTERN by the whole history, where any holds
  Remembered pattern_of;         // of these
  std::vector<int32_t> popular;  // as the request's region and daypart count it
  std::vector<Candidate> pool;
  HnswScratch graph;
  std::vector<Scored> near;   // search: what the graph found
  std::vector<uint8_t> seen;  // search: a place an entry of the title index
  TitleMatches matches;       // search
  std::vector<uint8_t> mark;  // reasons: place in the slate + 1; else 0
  // One place a title of the view:
  std::vector<uint8_t> speaks;  // whether a reason may name it: 0 not asked yet, 1 yes, 2 no
  // Others:
  std::vector<uint8_t> region_ok;  // a region list
  // Sums of the terms that all titles of a set of genres, of a year, of both have in common:
  std::vector<int32_t> by_genres, by_year, by_kind;
  std::vector<uint64_t> groups;   // on the screen already
  std::vector<uint64_t> in_pool;  // groups of the pool
  struct Bound {                  // of the greedy choice: what a candidate is worth at best
    int32_t mmr;
    uint32_t place, compared;  // in the pool; how many of the chosen it was compared with,
    uint32_t counted;          // and how many its loss for excess counts
    int32_t nearest_q20;
  };
  std::vector<Bound> heap;
  std::vector<uint32_t> chosen;       // slots
  std::vector<int32_t> chosen_worth;  // its score less what it then lost for alike ones
  std::vector<QueryVector> chosen_vectors;
  using Shown =
      std::array<int16_t, 16>;  // a number a term, then zeros: of a length that vectorises
  struct Rival {  // of propensities: a title that is or could be in the slate, and what it is worth
    int32_t worth_q20;
    uint64_t genres;
    Shown values_q12;
  };
  std::vector<Rival> rivals;
  std::vector<int32_t> worth;     // of each rival by a draw
  std::vector<uint32_t> counted;  // how many of those drawn its loss for excess counts
  std::vector<int64_t> tournament;
  struct Speaker {  // the title that speaks most for a chosen one
    int32_t addend;
    const Title* title;
  };
  std::vector<Speaker> speakers;
  struct OnAir {
    const Airing* airing;
    int32_t channel_q12;  // the profile's affinity to its channel
  };
  std::vector<OnAir> on_air;

  struct Kinds {  // how many there are
    size_t genre_sets, years, kinds;
  };
  void fit(const Stack& stack, size_t region_lists, const Kinds& kinds, size_t titles);
};

}  // namespace tvcore
