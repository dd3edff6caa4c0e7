// Nearness by description: the vectors of a stack as one space of Q20 cosines.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "tvcore/dot.hpp"
#include "tvcore/hnsw.hpp"
#include "tvcore/scan.hpp"
#include "tvcore/stack.hpp"

namespace tvcore {

constexpr int32_t kOneQ20 = 1 << 20;

// A mean of several titles' vectors, quantised like theirs.
struct MeanVector {
  alignas(64) int8_t row[kMaxDimension];
  uint32_t scale_q30 = 0;
  QueryVector query() const { return {row, scale_q30, 0}; }
};

class Nearness {
 public:
  explicit Nearness(std::shared_ptr<const Stack> stack);

  // A slot without vector, or with one of scale 0, is near nothing.
  bool has_vector(uint32_t slot) const { return vector(slot).row != nullptr; }
  QueryVector vector(uint32_t slot) const;  // row null without one

  // The cosine of two slots' vectors as they were before the mean of the space was taken off: their similarity (see
  // dot.hpp) with both biases, less the square of that mean. Which is the query matters to the last bits alone.
  int32_t sim_q20(const QueryVector& query, const QueryVector& item) const;

  // text[slot] = the largest sim_q20() over the queries, from 0 to 1; 0 without vector or query. Places of slots that are
  // not eligible may hold anything.
  void scan(const QueryVector* queries, size_t count, const uint64_t* eligible,
            int32_t* text) const;

  // Whether find() takes less time than scan() for the best k of so many eligible slots: the base pack has a graph, and few
  // enough are left out.
  bool graph_helps(const uint64_t* eligible, size_t k) const;
  // Of the eligible slots that scan() would give a value above 0 the best k of the base pack, by its graph, which may
  // miss one or two, and all of the side packs; with that value, in no order. `bits` and `scores` are working memory with
  // a place a slot.
  void find(const QueryVector& query, const uint64_t* eligible, size_t k, uint64_t* bits,
            int32_t* scores, HnswScratch& scratch, std::vector<Scored>* out) const;

  // The mean of slots' vectors less the mean of the space, by weights of at most 2^12 each; false if that is 0.
  // has_vector() of each, 1 to 16 of them.
  bool mean_of(const uint32_t* slots, const uint32_t* weights_q12, size_t count,
               MeanVector* out) const;
  // Both vectors less the mean of the space: their product, which no bias enters. has_vector(slot).
  int32_t centred_q20(const QueryVector& query, uint32_t slot) const;
  // What slots are asked in one pass over memory, at most kMaxQueries of each kind; places of values that nothing is
  // said of may hold anything.
  struct Asked {
    const uint64_t* eligible;
    // each_values[q][slot] = centred_q20(each[q], slot) of the eligible slots, 0 without vector.
    const QueryVector* each;
    size_t each_count;
    std::array<int32_t*, kMaxQueries> each_values;
    // The greatest over the queries: of the eligible slots, 0 without vector; of those of `some` that have one.
    struct Greatest {
      const QueryVector* queries;
      size_t count;
      int32_t* values;
    };
    Greatest of_eligible, of_some;
    const uint64_t* some;
  };
  void scan_centred(const Asked& asked) const;

  // What two titles have in common where a vector is missing: their common genres over the genres of either.
  int32_t genres_in_common_q20(uint32_t a, uint32_t b) const;

 private:
  struct Part {
    VectorTable table;  // count 0 without vectors
    uint32_t first_slot, rows;
    const HnswView* graph = nullptr;
  };
  const Part& part_of(uint32_t slot) const;
  static size_t whole_rows(const Part& part);
  int32_t value_q20(int32_t score) const;

  std::shared_ptr<const Stack> stack_;
  std::vector<Part> parts_;
  std::vector<uint32_t> without_;  // slots of parts with vectors that have none
  int32_t mean_square_q20_ = 0;
};

}  // namespace tvcore
