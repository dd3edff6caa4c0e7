// Vectors by key, searched exactly or by a graph: an index in memory that grows and shrinks, for tools, tests and the
// learning plane. What serves reads packs instead.
//
// Threads: searches run at the same time; a change waits for them and they for it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "tvcore/container.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/hnsw_graph.hpp"
#include "tvcore/quantise.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

constexpr Magic kIndexMagic = {'T', 'V', 'B', 'I', 'N', 'D', 'X', '\0'};

struct IndexOptions {
  bool has_graph = true;  // false: every search scans
  HnswOptions graph;
  bool rerank = false;  // keep residuals, and score the best by them again
};

struct FoundKey {
  Key key;
  float
      score;  // the product of the query and the vector, as their int8 forms (and residuals) have it
};

class VectorIndex {
 public:
  // An empty index over the space of `mean` (its length is the dimension, a multiple of 32 up to kMaxDimension) and
  // `rotation_seed`.
  VectorIndex(std::vector<float> mean, std::uint64_t rotation_seed, const IndexOptions& options);
  static Status open(const std::string& path, std::unique_ptr<VectorIndex>* out);
  Status save(const std::string& path) const;  // whole or not at all

  // `count` vectors of at most unit length, one after the other. A key that is there gets the new vector. kInvalid for
  // key 0, a key that stands twice, or a vector that cannot be quantised: nothing is changed then.
  Status add(const Key* keys, const float* vectors, std::size_t count, unsigned threads);
  // As add(), of vectors that are quantised in this index's space: `count` rows of the dimension's bytes each, scales and
  // biases; residuals with rerank, which is kInvalid without them, else null. kInvalid for a scale out of range.
  struct StoredVectors {
    const std::int8_t* rows;
    const std::uint32_t* scale_q30;
    const std::int32_t* bias_q20;
    const std::int8_t* residual_rows;
    const std::uint32_t* residual_scale_q40;
  };
  Status add_stored(const Key* keys, const StoredVectors& stored, std::size_t count,
                    unsigned threads);
  // How many of the keys were there.
  std::size_t remove(const Key* keys, std::size_t count, unsigned threads);

  // The best k for a vector, best first, of equal ones the row added first, into `out`; among `allowed` keys alone
  // where it is not null. kInvalid for a vector that cannot be quantised, k over kMaxTopK, ef over kMaxHnswEf, or kGraph
  // without one.
  Status search(const float* vector, std::size_t k, std::size_t ef, NearestBy by,
                const Key* allowed, std::size_t allowed_count, FoundKey* out, Nearest* found) const;

  std::size_t dimension() const { return rotation_.dimension(); }
  std::uint64_t rotation_seed() const { return rotation_seed_; }
  const std::vector<float>& mean() const { return mean_; }
  const IndexOptions& options() const { return options_; }
  std::size_t size() const;
  std::vector<Key> keys() const;  // by row
  bool has(Key key) const;

 private:
  struct alignas(kRowAlign) Line {
    std::int8_t bytes[kRowAlign];
  };
  struct Made {
    Quantised vector;
    Residual residual;
  };
  VectorTable table() const;
  Status read_residuals(const Container& file, const std::string& path);
  bool make(const float* vector, Made* out) const;
  Status put(const Key* keys, const std::vector<Made>& made, unsigned threads);
  void reorder(const Made& query, std::size_t k, const Scored* best, Nearest* found,
               FoundKey* out) const;
  std::uint32_t take_row(Key key);
  void give_row(std::uint32_t row);
  std::vector<std::uint32_t> take_out(const Key* keys, std::size_t count, unsigned threads);

  mutable std::shared_mutex change_;
  std::vector<float> mean_;
  std::uint64_t rotation_seed_;
  Rotation rotation_;
  IndexOptions options_;
  double mean_square_;
  std::size_t lines_;  // a row
  std::vector<Line> rows_;
  std::vector<std::uint32_t> scale_;
  std::vector<std::int32_t> bias_;
  std::vector<Line> residual_rows_;  // these two without rerank: empty
  std::vector<std::uint32_t> residual_scale_;
  std::vector<Key> keys_;            // a row; 0: free
  std::vector<std::uint64_t> live_;  // a bit a row
  std::vector<std::uint32_t> free_;  // rows, the lowest last
  std::unordered_map<Key, std::uint32_t> row_of_;
  HnswGraph graph_;

  // Working memory of searches that are not running.
  mutable std::mutex idle_change_;
  mutable std::vector<std::unique_ptr<HnswScratch>> idle_;
};

}  // namespace tvcore
