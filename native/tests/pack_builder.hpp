// Packs for tests, laid out as docs/formats.md says: a second, plain writer beside the one in Python,
// so that a misreading of the page by either shows.
//
//   check::PackBuilder builder;
//   builder.titles.push_back({"netflix:s1", "Heat"});
//   const auto pack = builder.pack();
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tvcore/container.hpp"
#include "tvcore/hnsw_graph.hpp"
#include "tvcore/hnsw_sections.hpp"
#include "tvcore/normal.hpp"
#include "tvcore/pack.hpp"
#include "tvcore/prior.hpp"

namespace check {

struct TestOffer {
  std::string id;
  int age = 0;  // 255 unknown
  std::vector<std::string> regions = {};
  int64_t start_ms = INT64_MIN, end_ms = INT64_MAX;
  std::string launch = "";
};

struct TestAiring {
  std::string channel;
  int64_t start_ms, end_ms;
};

struct TestCount {
  std::string region;  // empty: all
  uint8_t daypart, window;
  uint32_t people;
};

struct TestTitle {
  std::string id;  // of the first offer too, unless `offers` names others
  std::string title;
  int age = 0;
  std::vector<std::string> genres = {};
  uint32_t popularity = 0;
  std::vector<TestOffer> offers = {};  // none: one with this id and age, open everywhere
  std::string group = "";
  int type = 1, year = 0, minutes = 0;
  int32_t added_day = INT32_MIN;
  std::vector<uint16_t> seasons = {};
  std::vector<std::string> people = {};
  std::vector<std::pair<std::string, std::string>> localised = {};
  std::vector<std::string> aliases = {};
  std::string description = "", artwork = "";
  // The vector as stored: empty, or as many numbers as the builder's dimension.
  std::vector<int8_t> vector = {};
  uint32_t scale_q30 = 1u << 20;
  int32_t bias_q20 = 0;
  // Weights of this row as the watched one, by row.
  std::map<uint32_t, int8_t> weights = {};
  uint32_t weight_scale_q24 = 1u << 17;
  std::vector<TestAiring> airings = {};
  std::vector<TestCount> counts = {};
};

class PackBuilder {
 public:
  std::vector<TestTitle> titles;
  std::string name = "test", version = "1";
  int64_t built_at = 1700000000;
  uint32_t dimension = 0;  // 0: no vectors
  uint64_t rotation_seed = 1;
  std::vector<float> mean;  // empty: zeros
  bool with_weights = false;
  std::vector<tvcore::PackPrior> prior;
  const tvcore::HnswGraph* graph = nullptr;  // over the rows of the vectors
  uint32_t residual_scale_q40 = 0;  // of every row, whose residual is its vector; 0: no residuals
  // Side packs:
  std::vector<std::string> removed;
  uint64_t base_hash = 0;
  uint32_t ordinal = 0;
  std::string source = "";

  std::vector<uint8_t> bytes() const { return Layout(*this).finish(); }

  std::shared_ptr<const tvcore::Pack> pack() const {
    std::shared_ptr<const tvcore::Pack> pack;
    const tvcore::Status status = tvcore::Pack::open(tvcore::Map::of(bytes()), name, &pack);
    if (!status.ok()) throw std::runtime_error(status.text());
    return pack;
  }

  // A side pack of `base` with nothing in it yet.
  static PackBuilder side_of(const tvcore::Pack& base, uint32_t ordinal) {
    PackBuilder side;
    side.name = "side-" + std::to_string(ordinal);
    side.base_hash = base.content_hash();
    side.ordinal = ordinal;
    side.dimension = base.dimension();
    side.rotation_seed = base.rotation_seed();
    if (base.has_vectors()) side.mean.assign(base.mean(), base.mean() + base.dimension());
    return side;
  }

 private:
  class Layout {
   public:
    explicit Layout(const PackBuilder& from) : from_(from) {}

    std::vector<uint8_t> finish() {
      for (const TestTitle& title : from_.titles) add(title);
      if (from_.dimension != 0) add_vectors();
      if (from_.with_weights) add_weights();
      for (const auto& [key, row] : keys_) {
        put(&keys_bytes_, key);
        put(&keys_bytes_, row.first);
        put(&keys_bytes_, row.second);
      }
      std::vector<tvcore::Key> removed;
      for (const std::string& id : from_.removed) removed.push_back(tvcore::key_of(id));
      std::sort(removed.begin(), removed.end());
      add_meta();
      tvcore::ContainerWriter writer(tvcore::kPackMagic, from_.base_hash != 0 ? 1 : 0);
      std::sort(airings_.begin(), airings_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.start_ms, a.row, a.channel) < std::tie(b.start_ms, b.row, b.channel);
      });
      std::sort(counts_.begin(), counts_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.window, a.region, a.daypart, a.row) <
               std::tie(b.window, b.region, b.daypart, b.row);
      });
      writer.add("META", 96, meta_);
      writer.add("STRS", 1, strings_);
      writer.add("ITEM", 88, items_);
      writer.add("OFFR", 40, offers_);
      writer.add("KEYS", 16, keys_bytes_);
      writer.add("GENR", 4, of(genres_));
      writer.add("PROV", 4, of(providers_));
      writer.add("NORM", 4, of(normal_));
      if (!removed.empty()) writer.add("REMV", 8, of(removed));
      if (!regions_.empty()) writer.add("REGN", 2, of(regions_));
      if (!seasons_.empty()) writer.add("SEAS", 2, of(seasons_));
      if (!people_.empty()) writer.add("PEOP", 4, of(people_));
      if (!localised_.empty()) writer.add("LOCL", 4, of(localised_));
      if (from_.dimension != 0) {
        writer.add("VECS", stride(), vectors_);
        writer.add("VSCL", 4, of(scales_));
        writer.add("VBIA", 4, of(biases_));
        writer.add("SPAC", 4, of(mean_));
        if (from_.residual_scale_q40 != 0) {
          writer.add("VECR", stride(), vectors_);
          writer.add("VRSC", 4,
                     of(std::vector<uint32_t>(scales_.size(), from_.residual_scale_q40)));
        }
        if (from_.graph != nullptr) {
          tvcore::write_graph(from_.graph->options(), from_.graph->view(), &writer);
        }
      }
      if (from_.with_weights) {
        writer.add("WIND", 4, of(weight_index_));
        writer.add("WCOL", 4, of(weight_columns_));
        writer.add("WVAL", 1, of(weight_values_));
        writer.add("WSCL", 4, of(weight_scales_));
      }
      if (!from_.prior.empty()) writer.add("PRIO", 16, of(from_.prior));
      if (!airings_.empty()) writer.add("AIRG", 24, of(airings_));
      if (!counts_.empty()) writer.add("POPS", 12, of(counts_));
      if (!from_.source.empty()) {
        writer.add("SRCE", 1, {from_.source.begin(), from_.source.end()});
      }
      return writer.finish();
    }

   private:
    template <typename T>
    static void put(std::vector<uint8_t>* bytes, T value) {
      const auto* begin = reinterpret_cast<const uint8_t*>(&value);
      bytes->insert(bytes->end(), begin, begin + sizeof value);
    }

    template <typename T>
    static std::vector<uint8_t> of(const std::vector<T>& values) {
      std::vector<uint8_t> bytes;
      for (const T value : values) put(&bytes, value);
      return bytes;
    }

    uint32_t string(const std::string& text) {
      if (text.empty()) return 0;
      const auto [found, fresh] = references_.emplace(text, static_cast<uint32_t>(strings_.size()));
      if (fresh) {
        put(&strings_, static_cast<uint16_t>(text.size()));
        strings_.insert(strings_.end(), text.begin(), text.end());
      }
      return found->second;
    }

    uint32_t index_of(std::vector<uint32_t>* names, const std::string& name) {
      const uint32_t reference = string(name);
      const auto found = std::find(names->begin(), names->end(), reference);
      if (found != names->end()) return static_cast<uint32_t>(found - names->begin());
      names->push_back(reference);
      return static_cast<uint32_t>(names->size() - 1);
    }

    void name_row(const std::string& id, uint32_t row, uint32_t kind) {
      const auto [found, fresh] = keys_.emplace(tvcore::key_of(id), std::make_pair(row, kind));
      if (!fresh) found->second.second = std::min(found->second.second, kind);
    }

    template <typename T>
    static uint32_t list(std::vector<T>* all, const std::vector<T>& values, size_t width = 1) {
      if (values.empty()) return tvcore::kNone;
      const uint32_t index = static_cast<uint32_t>(all->size());
      all->push_back(static_cast<T>(values.size() / width));
      all->insert(all->end(), values.begin(), values.end());
      return index;
    }

    void add(const TestTitle& title) {
      const uint32_t row = static_cast<uint32_t>(normal_.size());
      std::vector<TestOffer> offers = title.offers;
      if (offers.empty()) offers.push_back({title.id, title.age});
      int age = -1;
      for (const TestOffer& offer : offers) {
        if (offer.age != 255) age = std::max(age, offer.age);
      }
      tvcore::PackItem item{};
      item.key = tvcore::key_of(title.id);
      for (const std::string& genre : title.genres) {
        item.genres |= uint64_t{1} << index_of(&genres_, genre);
      }
      item.group = tvcore::key_of(title.group);
      item.series = string(title.group);
      item.id = string(title.id);
      item.title = string(title.title);
      item.artwork = string(title.artwork);
      item.description = string(title.description);
      item.first_offer = static_cast<uint32_t>(offers_.size() / 40);
      item.offer_count = static_cast<uint16_t>(offers.size());
      item.year = static_cast<uint16_t>(title.year);
      item.type = static_cast<uint8_t>(title.type);
      item.age = static_cast<uint8_t>(age < 0 ? 18 : age);
      item.minutes = static_cast<uint16_t>(title.minutes);
      item.seasons = list(&seasons_, title.seasons);
      std::vector<uint32_t> references;
      for (const std::string& person : title.people) references.push_back(string(person));
      item.people = list(&people_, references);
      references.clear();
      for (const auto& [tag, text] : title.localised) {
        references.push_back(string(tag));
        references.push_back(string(text));
      }
      item.localised = list(&localised_, references, 2);
      item.popularity = title.popularity;
      item.added_day = title.added_day;
      put(&items_, item);
      items_.resize(items_.size() + 88 - sizeof item);
      name_row(title.id, row, 1);
      for (const TestOffer& offer : offers) add(offer, row);
      for (const std::string& alias : title.aliases) name_row(alias, row, 3);
      for (const TestAiring& airing : title.airings) {
        airings_.push_back({row, string(airing.channel), airing.start_ms, airing.end_ms});
      }
      for (const TestCount& one : title.counts) {
        const auto region =
            static_cast<uint16_t>(one.region.empty() ? 0 : one.region[0] | one.region[1] << 8);
        counts_.push_back({row, region, one.daypart, one.window, one.people});
      }
      normal_.push_back(string(tvcore::normal_form(title.title)));
      max_popularity_ = std::max(max_popularity_, title.popularity);
    }

    void add(const TestOffer& offer, uint32_t row) {
      tvcore::PackOffer one{};
      one.key = tvcore::key_of(offer.id);
      one.start_ms = offer.start_ms;
      one.end_ms = offer.end_ms;
      one.id = string(offer.id);
      one.launch = string(offer.launch);
      std::vector<uint16_t> codes;
      for (const std::string& code : offer.regions) {
        codes.push_back(static_cast<uint16_t>(code[0] | code[1] << 8));
      }
      one.regions = list(&regions_, codes);
      one.provider =
          static_cast<uint8_t>(index_of(&providers_, offer.id.substr(0, offer.id.find(':'))));
      one.age = static_cast<uint8_t>(offer.age);
      put(&offers_, one);
      name_row(offer.id, row, 2);
    }

    uint32_t stride() const { return (from_.dimension + 63) / 64 * 64; }

    void add_vectors() {
      mean_ = from_.mean.empty() ? std::vector<float>(from_.dimension) : from_.mean;
      for (const TestTitle& title : from_.titles) {
        std::vector<int8_t> vector = title.vector;
        const bool none = vector.empty();
        vector.resize(stride());
        for (const int8_t value : vector) put(&vectors_, value);
        scales_.push_back(none ? 0 : title.scale_q30);
        biases_.push_back(none ? 0 : title.bias_q20);
      }
    }

    void add_weights() {
      weight_index_.push_back(0);
      for (const TestTitle& title : from_.titles) {
        for (const auto& [row, value] : title.weights) {
          weight_columns_.push_back(row);
          weight_values_.push_back(value);
        }
        weight_index_.push_back(static_cast<uint32_t>(weight_columns_.size()));
        weight_scales_.push_back(title.weights.empty() ? 0 : title.weight_scale_q24);
      }
    }

    void add_meta() {
      std::vector<uint8_t> space;
      put(&space, from_.dimension);
      put(&space, uint32_t{0});
      put(&space, from_.rotation_seed);
      for (const float value : mean_) put(&space, value);
      const bool vectors = from_.dimension != 0;
      put(&meta_, static_cast<uint32_t>(normal_.size()));
      put(&meta_, static_cast<uint32_t>(offers_.size() / 40));
      put(&meta_, from_.dimension);
      put(&meta_, vectors ? stride() : uint32_t{0});
      put(&meta_, vectors ? from_.rotation_seed : uint64_t{0});
      put(&meta_, vectors ? tvcore::xxh64(space.data(), space.size()) : uint64_t{0});
      put(&meta_, from_.base_hash);
      put(&meta_, from_.built_at);
      put(&meta_, string(from_.name));
      put(&meta_, string(from_.version));
      put(&meta_, from_.ordinal);
      put(&meta_, max_popularity_);
      meta_.resize(96);
    }

    const PackBuilder& from_;
    std::vector<uint8_t> strings_ = {0, 0}, items_, offers_, keys_bytes_, meta_, vectors_;
    std::map<std::string, uint32_t> references_;
    std::map<tvcore::Key, std::pair<uint32_t, uint32_t>> keys_;
    std::vector<uint32_t> genres_, providers_, normal_, people_, localised_;
    std::vector<uint16_t> regions_, seasons_;
    std::vector<uint32_t> scales_, weight_index_, weight_columns_, weight_scales_;
    std::vector<int32_t> biases_;
    std::vector<int8_t> weight_values_;
    std::vector<float> mean_;
    std::vector<tvcore::PackAiring> airings_;
    std::vector<tvcore::PackCount> counts_;
    uint32_t max_popularity_ = 0;
  };
};

}  // namespace check
