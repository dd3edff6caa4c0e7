#include "tvcore/vector_index.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <unordered_set>
#include <utility>

#include "tvcore/bitmap.hpp"
#include "tvcore/rerank.hpp"

namespace tvcore {
namespace {

double square_of(const std::vector<float>& mean) {
  double sum = 0;
  for (const float value : mean) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum;
}

}  // namespace

VectorIndex::VectorIndex(std::vector<float> mean, std::uint64_t rotation_seed,
                         const IndexOptions& options)
    : mean_(std::move(mean)),
      rotation_seed_(rotation_seed),
      rotation_(rotation_seed, mean_.size()),
      options_(options),
      mean_square_(square_of(mean_)),
      lines_((mean_.size() + kRowAlign - 1) / kRowAlign),
      graph_(options.graph) {}

VectorTable VectorIndex::table() const {
  return {reinterpret_cast<const std::int8_t*>(rows_.data()),
          scale_.data(),
          bias_.data(),
          lines_ * kRowAlign,
          mean_.size(),
          keys_.size()};
}

std::size_t VectorIndex::size() const {
  const std::shared_lock<std::shared_mutex> lock(change_);
  return row_of_.size();
}

bool VectorIndex::has(Key key) const {
  const std::shared_lock<std::shared_mutex> lock(change_);
  return row_of_.count(key) != 0;
}

std::vector<Key> VectorIndex::keys() const {
  const std::shared_lock<std::shared_mutex> lock(change_);
  std::vector<Key> out;
  std::copy_if(keys_.begin(), keys_.end(), std::back_inserter(out),
               [](Key key) { return key != 0; });
  return out;
}

std::uint32_t VectorIndex::take_row(Key key) {
  std::uint32_t row = static_cast<std::uint32_t>(keys_.size());
  if (!free_.empty()) {
    row = free_.back();
    free_.pop_back();
  } else {
    keys_.push_back(0);
    scale_.push_back(0);
    bias_.push_back(0);
    rows_.resize(keys_.size() * lines_);
    if (options_.rerank) {
      residual_rows_.resize(rows_.size());
      residual_scale_.push_back(0);
    }
    live_.resize(bitmap_words(keys_.size()));
  }
  keys_[row] = key;
  bitmap_set(live_.data(), row);
  row_of_.emplace(key, row);
  return row;
}

void VectorIndex::give_row(std::uint32_t row) {
  row_of_.erase(keys_[row]);
  keys_[row] = 0;
  bitmap_reset(live_.data(), row);
  free_.push_back(row);
}

std::vector<std::uint32_t> VectorIndex::take_out(const Key* keys, std::size_t count,
                                                 unsigned threads) {
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto known = row_of_.find(keys[i]);
    if (known == row_of_.end()) continue;
    rows.push_back(known->second);
    give_row(known->second);
  }
  std::sort(free_.begin(), free_.end(), std::greater<>());
  if (options_.has_graph && !rows.empty()) graph_.remove(table(), rows, threads);
  return rows;
}

bool VectorIndex::make(const float* vector, Made* out) const {
  return quantise(rotation_, mean_.data(), vector, out->vector,
                  options_.rerank ? &out->residual : nullptr);
}

Status VectorIndex::add(const Key* keys, const float* vectors, std::size_t count,
                        unsigned threads) {
  std::vector<Made> made(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string where = "vector " + std::to_string(i) + ": ";
    if (!make(vectors + i * mean_.size(), &made[i])) {
      return Status(Code::kInvalid, where + "not finite, or longer than a unit vector");
    }
  }
  return put(keys, made, threads);
}

Status VectorIndex::add_stored(const Key* keys, const StoredVectors& stored, std::size_t count,
                               unsigned threads) {
  if (options_.rerank != (stored.residual_rows != nullptr)) {
    return Status(Code::kInvalid, "residuals belong to an index that reranks");
  }
  std::vector<Made> made(count);
  for (std::size_t i = 0; i < count; ++i) {
    Made& one = made[i];
    const std::string where = "vector " + std::to_string(i) + ": ";
    std::memcpy(one.vector.row, stored.rows + i * mean_.size(), mean_.size());
    one.vector.scale_q30 = stored.scale_q30[i];
    one.vector.bias_q20 = stored.bias_q20[i];
    bool usable = one.vector.scale_q30 < kScaleLimitQ30;
    if (options_.rerank) {
      std::memcpy(one.residual.row, stored.residual_rows + i * mean_.size(), mean_.size());
      one.residual.scale_q40 = stored.residual_scale_q40[i];
      usable = usable && one.residual.scale_q40 < kResidualLimitQ40;
    }
    if (!usable) return Status(Code::kInvalid, where + "its scale is out of range");
  }
  return put(keys, made, threads);
}

Status VectorIndex::put(const Key* keys, const std::vector<Made>& made, unsigned threads) {
  const std::size_t count = made.size();
  std::unordered_set<Key> seen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string where = "vector " + std::to_string(i) + ": ";
    if (keys[i] == 0) return Status(Code::kInvalid, where + "key 0 means none");
    if (!seen.insert(keys[i]).second) return Status(Code::kInvalid, where + "its key stands twice");
  }
  const std::unique_lock<std::shared_mutex> lock(change_);
  if (keys_.size() + count >= kMaxTopKRows) return Status(Code::kLimit, "the index is full");
  take_out(keys, count, threads);
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t row = take_row(keys[i]);
    std::memcpy(&rows_[row * lines_], made[i].vector.row, mean_.size());
    scale_[row] = made[i].vector.scale_q30;
    bias_[row] = made[i].vector.bias_q20;
    if (options_.rerank) {
      std::memcpy(&residual_rows_[row * lines_], made[i].residual.row, mean_.size());
      residual_scale_[row] = made[i].residual.scale_q40;
    }
    rows.push_back(row);
  }
  if (options_.has_graph) graph_.add(table(), rows, threads);
  return {};
}

std::size_t VectorIndex::remove(const Key* keys, std::size_t count, unsigned threads) {
  const std::unique_lock<std::shared_mutex> lock(change_);
  return take_out(keys, count, threads).size();
}

// The best k of what was found, by rows and residuals.
void VectorIndex::reorder(const Made& query, std::size_t k, const Scored* best, Nearest* found,
                          FoundKey* out) const {
  const ResidualTable residuals{reinterpret_cast<const std::int8_t*>(residual_rows_.data()),
                                residual_scale_.data()};
  Rescored again[kMaxTopK];
  rescore(table(), residuals, query.vector.query(), query.residual, best, found->count, again);
  found->count = std::min(found->count, k);
  for (std::size_t i = 0; i < found->count; ++i) {
    const double score = static_cast<double>(again[i].score_q48) / 0x1p48 - mean_square_;
    out[i] = {keys_[again[i].row], static_cast<float>(score)};
  }
}

Status VectorIndex::search(const float* vector, std::size_t k, std::size_t ef, NearestBy by,
                           const Key* allowed, std::size_t allowed_count, FoundKey* out,
                           Nearest* found) const {
  if (k > kMaxTopK) return Status(Code::kInvalid, "k: over " + std::to_string(kMaxTopK));
  if (ef > kMaxHnswEf) return Status(Code::kInvalid, "ef: over " + std::to_string(kMaxHnswEf));
  if (by == NearestBy::kGraph && !options_.has_graph) {
    return Status(Code::kInvalid, "this index has no graph");
  }
  Made made;
  if (!make(vector, &made)) {
    return Status(Code::kInvalid, "the vector is not finite, or longer than a unit vector");
  }
  const std::shared_lock<std::shared_mutex> lock(change_);
  std::vector<std::uint64_t> bits;
  const std::uint64_t* eligible = free_.empty() ? nullptr : live_.data();
  if (allowed != nullptr) {
    bits.resize(live_.size());
    for (std::size_t i = 0; i < allowed_count; ++i) {
      const auto known = row_of_.find(allowed[i]);
      if (known != row_of_.end()) bitmap_set(bits.data(), known->second);
    }
    eligible = bits.data();
  }
  std::unique_ptr<HnswScratch> scratch;
  {
    const std::lock_guard<std::mutex> idle(idle_change_);
    if (!idle_.empty()) {
      scratch = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (scratch == nullptr) scratch = std::make_unique<HnswScratch>();
  const HnswView view = graph_.view();
  const NearestSpace space{table(), options_.has_graph ? &view : nullptr};
  Scored best[kMaxTopK];
  const std::size_t depth = options_.rerank ? rerank_depth(k) : k;
  *found = nearest_top_k(space, made.vector.query(), eligible, depth, ef, by, *scratch, best);
  if (options_.rerank) {
    reorder(made, k, best, found, out);
  } else {
    for (std::size_t i = 0; i < found->count; ++i) {
      out[i] = {keys_[best[i].row], static_cast<float>(best[i].score / 0x1p20 - mean_square_)};
    }
  }
  const std::lock_guard<std::mutex> idle(idle_change_);
  idle_.push_back(std::move(scratch));
  return {};
}

}  // namespace tvcore
