// A home screen: the rows of docs/ranking.md, no title and no series twice.
#pragma once

#include <cstdint>
#include <vector>

#include "tvcore/ranker.hpp"

namespace tvcore {

// Equal to TVB_ROW_* of the header.
enum class RowKind : int32_t {
  kContinue = 1,
  kBecause,
  kTopPicks,
  kPopular,
  kNextEpisode,
  kMyList,
  kNew,
  kKids,
  kMoreLikeThis,
  kTrending,
  kLiveNow,
  kStartingSoon,
};

struct Row {
  RowKind kind;
  uint32_t first, count;         // in Screen::picks
  uint32_t reason_slot = kNone;  // kBecause, kMoreLikeThis
};

struct Screen {
  std::vector<Row> rows;
  std::vector<Pick> picks;
};

// At most `row_capacity` rows of at most request.k titles each; rows without titles are left out.
void rows(const Ranker& ranker, const HistoryView& view, const Request& request,
          uint32_t row_capacity, Scratch& scratch, Screen* out);

}  // namespace tvcore
