// A navigable small-world graph over a table of int8 vectors (Malkov and Yashunin, "Efficient and robust approximate
// nearest neighbor search using Hierarchical Navigable Small World graphs", 2016), where it lies, and its search.
// hnsw_graph.hpp builds and changes one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tvcore/scan.hpp"

namespace tvcore {

constexpr std::uint32_t kNoRow = 0xffffffffu, kNotInGraph = 0xfffffffeu;
constexpr std::uint32_t kMaxHnswM = 128;
constexpr std::uint32_t kMaxHnswLevels = 16;
constexpr std::size_t kMaxHnswEf = 4096;

struct HnswOptions {
  std::uint32_t m =
      32;  // links a row takes at each level, 2 to kMaxHnswM; at level 0 it may hold twice as many
  std::uint32_t ef_construction = 200;  // rows that a new row chooses among, 1 to kMaxHnswEf
  std::uint64_t seed = 0;
};

// The highest level that a row stands on: from row and seed alone, so that no order and no thread decides it.
std::uint32_t hnsw_level(std::uint32_t row, const HnswOptions& options);

// The links of one level: those of place p are links[begins[p]] to links[ends[p] - 1].
struct HnswLinks {
  const std::uint32_t* begins = nullptr;
  const std::uint32_t* ends = nullptr;
  const std::uint32_t* links = nullptr;
  std::size_t places = 0, count = 0;  // of begins and ends, of links
};

struct RowRange {
  const std::uint32_t* begin;
  const std::uint32_t* end;
};

// A graph where it lies; owns nothing. Searching one is safe whatever its bytes are: what leaves an array is not there.
struct HnswView {
  HnswLinks ground;  // level 0: a row's place is the row
  HnswLinks upper;   // above: a row's place at level l is upper_at[row] + l - 1
  const std::uint32_t* upper_at = nullptr;  // a row; kNoRow: level 0 alone; kNotInGraph
  std::uint32_t rows = 0;
  std::uint32_t levels = 0;      // 0: no row is in the graph
  std::uint32_t entry = kNoRow;  // a row of the highest level

  RowRange at(std::uint32_t level, std::uint32_t row) const;
};

// What is met first on a search, best first, and which of it is still to be looked around from.
class HnswBeam {
 public:
  // Empty. Keeps the best `ef` rows that `eligible` holds (null: any), and every other row that is better than the worst
  // of them.
  void begin(std::size_t ef, const std::uint64_t* eligible);
  // Goes on with the rows that are in it, all to be looked around from again, and sets their bits in `seen`.
  void restart(std::size_t ef, const std::uint64_t* eligible, std::uint64_t* seen);

  // What a row must reach to enter: INT32_MIN until the beam is full.
  std::int32_t threshold() const { return threshold_; }
  bool is_full() const { return kept_ >= ef_; }
  void offer(std::int32_t score, std::uint32_t row);
  // The best row that was not looked around from; false: there is none.
  bool next(std::uint32_t* row);

  std::size_t size() const { return places_.size(); }
  // The eligible ones, best first, into `out` (room for k); how many.
  std::size_t take(std::size_t k, Scored* out) const;

 private:
  bool wants(std::uint32_t row) const;
  void cut();

  std::vector<std::uint64_t> places_;  // score, row's complement, open, eligible; descending
  const std::uint64_t* eligible_ = nullptr;
  std::size_t ef_ = 0, kept_ = 0, first_open_ = 0;
  std::int32_t threshold_ = INT32_MIN;
};

// A search's working memory: reused, it allocates nothing once it is warm.
struct HnswScratch {
  HnswBeam beam;
  std::vector<std::uint64_t> seen;  // a bit a row
  std::size_t visits = 0;           // rows that were scored since hnsw_descend()
};

// From the entry down to `level`: the best row found on the levels above it is in the beam. The graph has a row.
void hnsw_descend(const HnswView& graph, const VectorTable& table, const PreparedQueries& query,
                  std::uint32_t level, HnswScratch& scratch);

class HnswSieve;

// What a search waits for is memory. A row's links, and then the rows that they lead to, can be on their way while those of
// others are; of a few of the best rows hardly one would not have been looked around from in its turn.
constexpr std::size_t kHnswTogether = 4;

// Searches one level from the rows of the beam, for as long as a better row may be found; false if more than
// `most_visits` rows had to be scored since hnsw_descend(). Once the beam is full, `together` rows of it (1 to
// kHnswTogether) are looked around from at a time, and with a sieve (null: without) rows are given up by half of their bytes.
bool hnsw_walk(const HnswView& graph, const VectorTable& table, const PreparedQueries& query,
               const HnswSieve* sieve, std::uint32_t level, const std::uint64_t* eligible,
               std::size_t ef, std::size_t most_visits, std::size_t together, HnswScratch& scratch);

// The rows of `eligible` (null: all) that a search with a beam of `ef` finds are in scratch.beam, with the scores of
// scan_top_k(). False: given up after `most_visits` scored rows. Precondition: 1 <= ef.
bool hnsw_search(const HnswView& graph, const VectorTable& table, const QueryVector& query,
                 const std::uint64_t* eligible, std::size_t ef, std::size_t most_visits,
                 HnswScratch& scratch);

// A pack's or an index's vectors with the graph over them, if they have one.
struct NearestSpace {
  VectorTable table;
  const HnswView* graph = nullptr;
};

// Whether a beam of `ef` in a graph over `rows` costs less than scoring `eligible` rows one after the other. Filters make
// a scan cheaper and a search dearer, for then it must also look around from rows that it may not return.
bool graph_is_cheaper(std::size_t eligible, std::size_t rows, std::size_t ef);

struct Nearest {
  std::size_t count = 0;  // min(k, eligible rows)
  bool exact = true;      // scanned; else of a graph, and a row or two may not be the best
};

// By the graph where graph_is_cheaper(), by the graph if there is one, by a scan.
enum class NearestBy { kPlan, kGraph, kScan };

// The best k of the eligible rows (null: all) into `out`, best first, with the scores of scan_top_k(). When the graph does
// not find k, or takes longer than scanning would have, the rows are scanned after all. ef is raised to k;
// k <= kMaxTopK. A space of no rows gives none.
Nearest nearest_top_k(const NearestSpace& space, const QueryVector& query,
                      const std::uint64_t* eligible, std::size_t k, std::size_t ef, NearestBy by,
                      HnswScratch& scratch, Scored* out);

}  // namespace tvcore
