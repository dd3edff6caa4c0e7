// What an open pack holds: its header and where its sections lie. Shared by reading (pack.cpp) and
// verifying (pack_verify.cpp), and by nobody else.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tvcore/container.hpp"
#include "tvcore/hnsw_sections.hpp"
#include "tvcore/pack.hpp"
#include "tvcore/prior.hpp"

namespace tvcore {

struct PackMeta {
  uint32_t rows, offers, dimension, stride;
  uint64_t rotation_seed, space_id, base_hash;
  int64_t built_at;
  uint32_t name, version_text, ordinal, max_popularity;
  uint64_t reserved[4];
};
static_assert(sizeof(PackMeta) == 96, "docs/formats.md");

struct PackState {
  std::string name;
  Container container;
  PackMeta meta{};
  Section strings, items, offers, keys, removed, genres, providers, regions, seasons, people,
      localised, normal_titles, vectors, vector_scales, vector_biases, space, residuals,
      residual_scales, weight_index, weight_columns, weight_values, weight_scales, encoder_head,
      encoder_hashes, encoder_rows, encoder_scales, airings, counts, priors, source, graph_upper,
      graph_begins, graph_links;
  StoredGraph graph;
  bool has_graph = false;
  Prior prior;
  std::vector<std::string_view> genre_names, provider_names;

  Status corrupt(const std::string& what) const;
  Status find(const char (&kind)[5], uint32_t element, Section* out) const;
  // As find, but kCorrupt if the element size is another.
  Status exactly(const char (&kind)[5], uint32_t element, Section* out) const;

  // Element `index` of a section of plain numbers; index < section.count.
  template <typename T>
  T at(const Section& section, uint64_t index) const {
    T value;
    std::memcpy(&value, section.data + index * section.stride, sizeof value);
    return value;
  }

  bool string_at(uint32_t reference, std::string_view* out) const;  // false: not in STRS
  std::string_view string(uint32_t reference) const;                // empty then
  const Section* list(const char (&kind)[5]) const;                 // null: no such list

  // The list that begins at `index`, `width` numbers an entry: false if it is not whole.
  template <typename T>
  bool read_list(const Section& section, uint32_t index, std::vector<T>* out,
                 uint64_t width = 1) const {
    if (section.stride != sizeof(T) || index >= section.count) return false;
    const uint64_t count = at<T>(section, index) * width;
    if (count > section.count - index - 1) return false;
    out->resize(static_cast<size_t>(count));
    if (count > 0) {
      std::memcpy(out->data(), section.data + (uint64_t{index} + 1) * sizeof(T),
                  static_cast<size_t>(count) * sizeof(T));
    }
    return true;
  }
};

}  // namespace tvcore
