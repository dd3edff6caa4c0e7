// An index as a file (docs/formats.md, "Index").
#include <cmath>
#include <cstring>

#include "tvcore/bitmap.hpp"
#include "tvcore/hnsw_sections.hpp"
#include "tvcore/vector_index.hpp"

namespace tvcore {
namespace {

struct IndexMeta {  // META
  std::uint32_t rows, dimension, stride, has_graph;
  std::uint64_t rotation_seed;
  std::uint32_t m, ef_construction;
  std::uint64_t seed;
  std::uint32_t rerank, reserved;
};
constexpr std::uint16_t kRerankMinor = 1;
static_assert(sizeof(IndexMeta) == 48, "docs/formats.md");

template <class T>
std::vector<std::uint8_t> bytes_of(const T* values, std::size_t count) {
  std::vector<std::uint8_t> bytes(count * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values, bytes.size());
  return bytes;
}

template <class T>
Status read_array(const Container& file, const std::string& name, const char (&kind)[5],
                  std::uint32_t element, std::size_t count, std::vector<T>* out) {
  Section section;
  if (Status s = file.find(kind, element, &section); !s.ok()) return s;
  if (section.count != count || (section && section.stride != element)) {
    return Status(Code::kCorrupt, name + ": section " + kind + " does not fit META");
  }
  out->resize(count * element / sizeof(T));
  if (count != 0) std::memcpy(out->data(), section.data, count * element);
  return {};
}

bool usable(const IndexMeta& meta) {
  return meta.dimension >= 32 && meta.dimension <= kMaxDimension && meta.dimension % 32 == 0 &&
         meta.stride == (meta.dimension + kRowAlign - 1) / kRowAlign * kRowAlign &&
         meta.rows < kMaxTopKRows && meta.has_graph <= 1 && meta.rerank <= 1 && meta.m >= 2 &&
         meta.m <= kMaxHnswM && meta.ef_construction >= 1 && meta.ef_construction <= kMaxHnswEf;
}

}  // namespace

Status VectorIndex::save(const std::string& path) const {
  const std::shared_lock<std::shared_mutex> lock(change_);
  const HnswOptions& graph = options_.graph;
  const IndexMeta meta{static_cast<std::uint32_t>(keys_.size()),
                       static_cast<std::uint32_t>(mean_.size()),
                       static_cast<std::uint32_t>(lines_ * kRowAlign),
                       options_.has_graph ? 1u : 0u,
                       rotation_seed_,
                       graph.m,
                       graph.ef_construction,
                       graph.seed,
                       options_.rerank ? 1u : 0u,
                       0};
  ContainerWriter file(kIndexMagic, 0, options_.rerank ? kRerankMinor : kContainerMinor);
  file.add("META", sizeof meta, bytes_of(&meta, 1));
  file.add("SPAC", 4, bytes_of(mean_.data(), mean_.size()));
  if (!keys_.empty()) {
    file.add("KEYS", 8, bytes_of(keys_.data(), keys_.size()));
    file.add("VECS", meta.stride, bytes_of(rows_.data(), rows_.size()));
    file.add("VSCL", 4, bytes_of(scale_.data(), scale_.size()));
    file.add("VBIA", 4, bytes_of(bias_.data(), bias_.size()));
    if (options_.rerank) {
      file.add("VECR", meta.stride, bytes_of(residual_rows_.data(), residual_rows_.size()));
      file.add("VRSC", 4, bytes_of(residual_scale_.data(), residual_scale_.size()));
    }
    if (options_.has_graph) {
      HnswView view = graph_.view();
      write_graph(graph, view, &file);
    }
  }
  const std::vector<std::uint8_t> bytes = file.finish();
  return replace_file(path, bytes.data(), bytes.size());
}

Status VectorIndex::read_residuals(const Container& file, const std::string& path) {
  if (!options_.rerank) return {};
  const auto stride = static_cast<std::uint32_t>(lines_ * kRowAlign);
  const std::size_t rows = keys_.size();
  if (Status s = read_array(file, path, "VECR", stride, rows, &residual_rows_); !s.ok()) return s;
  if (Status s = read_array(file, path, "VRSC", 4, rows, &residual_scale_); !s.ok()) return s;
  for (const std::uint32_t scale : residual_scale_) {
    if (scale >= kResidualLimitQ40) return Status(Code::kCorrupt, path + ": VRSC is out of range");
  }
  return {};
}

Status VectorIndex::open(const std::string& path, std::unique_ptr<VectorIndex>* out) {
  const auto corrupt = [&](const char* what) { return Status(Code::kCorrupt, path + ": " + what); };
  std::shared_ptr<const Map> map;
  if (Status s = Map::open(path, &map); !s.ok()) return s;
  Container file;
  if (Status s = Container::open(std::move(map), kIndexMagic, path, &file); !s.ok()) return s;
  if (Status s = file.verify(); !s.ok()) return s;
  Section section;
  if (Status s = file.need("META", sizeof(IndexMeta), &section); !s.ok()) return s;
  IndexMeta meta;
  if (section.count != 1) return corrupt("META is not one element");
  std::memcpy(&meta, section.data, sizeof meta);
  if (!usable(meta)) return corrupt("META is out of range");
  std::vector<float> mean;
  if (Status s = read_array(file, path, "SPAC", 4, meta.dimension, &mean); !s.ok()) return s;
  for (const float value : mean) {
    if (!std::isfinite(value)) return corrupt("SPAC is not finite");
  }
  const IndexOptions options{
      meta.has_graph == 1, {meta.m, meta.ef_construction, meta.seed}, meta.rerank == 1};
  auto index = std::make_unique<VectorIndex>(std::move(mean), meta.rotation_seed, options);
  const std::size_t rows = meta.rows;
  if (Status s = read_array(file, path, "KEYS", 8, rows, &index->keys_); !s.ok()) return s;
  if (Status s = read_array(file, path, "VECS", meta.stride, rows, &index->rows_); !s.ok()) {
    return s;
  }
  if (Status s = read_array(file, path, "VSCL", 4, rows, &index->scale_); !s.ok()) return s;
  if (Status s = read_array(file, path, "VBIA", 4, rows, &index->bias_); !s.ok()) return s;
  if (Status s = index->read_residuals(file, path); !s.ok()) return s;
  index->live_.resize(bitmap_words(rows));
  for (std::uint32_t row = meta.rows; row-- > 0;) {
    if (index->keys_[row] == 0) {
      index->free_.push_back(row);
      continue;
    }
    bitmap_set(index->live_.data(), row);
    if (!index->row_of_.emplace(index->keys_[row], row).second)
      return corrupt("a key stands twice");
    if (index->scale_[row] >= kScaleLimitQ30) return corrupt("VSCL is out of range");
  }
  if (options.has_graph && rows != 0) {
    StoredGraph stored;
    bool found = false;
    if (Status s = open_graph(file, path, meta.rows, &stored, &found); !s.ok()) return s;
    if (!found) return corrupt("the graph is missing");
    const HnswOptions& has = stored.options;
    if (has.m != meta.m || has.ef_construction != meta.ef_construction || has.seed != meta.seed) {
      return corrupt("HNSW is not of META");
    }
    const char* wrong =
        graph_fault(stored, [&](std::uint32_t row) { return index->keys_[row] != 0; });
    if (wrong != nullptr) return corrupt(wrong);
    index->graph_ = HnswGraph(has, stored.view);
  }
  *out = std::move(index);
  return {};
}

}  // namespace tvcore
