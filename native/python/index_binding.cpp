// Vectors by key: what tvbrain/index/ holds.
#include <algorithm>
#include <memory>
#include <vector>

#include "last_error.hpp"
#include "tvcore/vector_index.hpp"
#include "tvn.h"

using tvcore::NearestBy;

struct tvn_index {
  std::unique_ptr<tvcore::VectorIndex> index;
};

static_assert(TVN_BY_PLAN == static_cast<int>(NearestBy::kPlan) &&
                  TVN_BY_GRAPH == static_cast<int>(NearestBy::kGraph) &&
                  TVN_BY_SCAN == static_cast<int>(NearestBy::kScan),
              "one number for each");

extern "C" int32_t tvn_index_new(const tvn_index_head* head, const float* mean, tvn_index** out) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    const uint32_t dimension = head->dimension;
    if (dimension == 0 || dimension % 32 != 0 || dimension > tvcore::kMaxDimension) {
      return tvsdk::fail(TVB_E_INVALID, "dimension: not a multiple of 32 from 32 to 1024");
    }
    if (head->m < 2 || head->m > tvcore::kMaxHnswM) {
      return tvsdk::fail(TVB_E_INVALID, "m: not 2 to 128");
    }
    if (head->ef_construction < 1 || head->ef_construction > tvcore::kMaxHnswEf) {
      return tvsdk::fail(TVB_E_INVALID, "ef_construction: not 1 to 4096");
    }
    const tvcore::IndexOptions options{
        head->has_graph != 0, {head->m, head->ef_construction, head->seed}, head->rerank != 0};
    auto made = std::make_unique<tvn_index>();
    made->index = std::make_unique<tvcore::VectorIndex>(std::vector<float>(mean, mean + dimension),
                                                        head->rotation_seed, options);
    *out = made.release();
    return int32_t{TVB_OK};
  });
}

extern "C" int32_t tvn_index_open(const char* path, tvn_index** out) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    auto opened = std::make_unique<tvn_index>();
    const tvcore::Status status = tvcore::VectorIndex::open(path, &opened->index);
    if (status.ok()) *out = opened.release();
    return tvsdk::result(status);
  });
}

extern "C" void tvn_index_free(tvn_index* index) { delete index; }

extern "C" int32_t tvn_index_save(const tvn_index* index, const char* path) {
  return tvsdk::guarded([&] { return tvsdk::result(index->index->save(path)); });
}

extern "C" void tvn_index_info(const tvn_index* index, tvn_index_head* out) {
  const tvcore::VectorIndex& from = *index->index;
  const tvcore::HnswOptions& graph = from.options().graph;
  *out = {};
  out->dimension = static_cast<uint32_t>(from.dimension());
  out->has_graph = from.options().has_graph ? 1 : 0;
  out->rotation_seed = from.rotation_seed();
  out->m = graph.m;
  out->ef_construction = graph.ef_construction;
  out->seed = graph.seed;
  out->rerank = from.options().rerank ? 1 : 0;
  out->size = from.size();
}

extern "C" void tvn_index_mean(const tvn_index* index, float* out) {
  const std::vector<float>& mean = index->index->mean();
  std::copy(mean.begin(), mean.end(), out);
}

extern "C" int32_t tvn_index_keys(const tvn_index* index, uint64_t* out, uint64_t capacity,
                                  uint64_t* count) {
  return tvsdk::guarded([&] {
    const std::vector<tvcore::Key> keys = index->index->keys();
    *count = keys.size();
    if (keys.size() > capacity) return tvsdk::fail(TVB_E_BUFFER, "more keys than there is room");
    std::copy(keys.begin(), keys.end(), out);
    return int32_t{TVB_OK};
  });
}

extern "C" int32_t tvn_index_has(const tvn_index* index, uint64_t key) {
  return index->index->has(key) ? 1 : 0;
}

extern "C" int32_t tvn_index_add(tvn_index* index, const uint64_t* keys, const float* vectors,
                                 uint64_t count, uint32_t threads) {
  return tvsdk::guarded([&] {
    return tvsdk::result(index->index->add(keys, vectors, static_cast<size_t>(count), threads));
  });
}

extern "C" int32_t tvn_index_add_stored(tvn_index* index, const uint64_t* keys,
                                        const tvn_stored_vectors* stored, uint64_t count,
                                        uint32_t threads) {
  return tvsdk::guarded([&] {
    const tvcore::VectorIndex::StoredVectors vectors{stored->rows, stored->scales_q30,
                                                     stored->biases_q20, stored->residual_rows,
                                                     stored->residual_scales_q40};
    return tvsdk::result(
        index->index->add_stored(keys, vectors, static_cast<size_t>(count), threads));
  });
}

extern "C" int32_t tvn_index_remove(tvn_index* index, const uint64_t* keys, uint64_t count,
                                    uint32_t threads, uint64_t* removed) {
  return tvsdk::guarded([&] {
    *removed = index->index->remove(keys, static_cast<size_t>(count), threads);
    return int32_t{TVB_OK};
  });
}

extern "C" int32_t tvn_index_search(const tvn_index* index, const float* vector, uint32_t k,
                                    uint32_t ef, int32_t by, const uint64_t* allowed,
                                    uint64_t allowed_count, tvn_found* out, uint32_t* count,
                                    int32_t* exact) {
  return tvsdk::guarded([&] {
    tvcore::FoundKey best[tvcore::kMaxTopK];
    tvcore::Nearest found;
    const tvcore::Status status =
        index->index->search(vector, k, ef, static_cast<NearestBy>(by), allowed,
                             static_cast<size_t>(allowed_count), best, &found);
    if (!status.ok()) return tvsdk::result(status);
    for (size_t i = 0; i < found.count; ++i) out[i] = {best[i].key, best[i].score, 0};
    *count = static_cast<uint32_t>(found.count);
    *exact = found.exact ? 1 : 0;
    return int32_t{TVB_OK};
  });
}
