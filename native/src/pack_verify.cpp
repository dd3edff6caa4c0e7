// Pack::verify: everything that docs/formats.md says about a pack's contents and that reading takes
// on trust. Install and inspect ask for it; serving does in the background.
#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "pack_state.hpp"
#include "tvcore/normal.hpp"
#include "tvcore/quantise.hpp"

namespace tvcore {

namespace {

constexpr uint8_t kUnknownAge = 255, kAdult = 18;
constexpr size_t kMinIdBytes = 3, kMaxIdBytes = 63;
constexpr uint32_t kCanonical = 1, kOffer = 2, kAlias = 3;
constexpr uint32_t kEncoderScaleLimit = 1u << 16;
constexpr uint32_t kScaleLimit = 1u << 25;  // tvbrain/embed/quantise.py
constexpr uint32_t kRowsHeld = 2048;        // whose pages are in memory at a time

class Check {
 public:
  Check(const Pack& pack, const PackState& state) : pack_(pack), state_(state) {}

  Status run() {
    if (!strings_begin()) return state_.corrupt("STRS does not begin with the empty string");
    for (const Section* names : {&state_.genres, &state_.providers}) {
      if (Status s = check_names(*names); !s.ok()) return s;
    }
    if (!text(state_.meta.name) || !text(state_.meta.version_text)) {
      return state_.corrupt("META: a text is wrong");
    }
    uint32_t next_offer = 0, max_popularity = 0;
    for (uint32_t row = 0; row < pack_.rows(); ++row) {
      pass(row);
      const PackItem& item = pack_.item(row);
      const std::string where = "row " + std::to_string(row) + ": ";
      if (const char* wrong = item_fault(row, item, next_offer); wrong != nullptr) {
        return state_.corrupt(where + wrong);
      }
      next_offer += item.offer_count;
      max_popularity = std::max(max_popularity, item.popularity);
    }
    if (next_offer != pack_.offers()) return state_.corrupt("OFFR has offers of no row");
    if (max_popularity != state_.meta.max_popularity) {
      return state_.corrupt("META: largest popularity is wrong");
    }
    if (const char* wrong = keys_fault(); wrong != nullptr) return state_.corrupt(wrong);
    if (const char* wrong = airings_fault(); wrong != nullptr) return state_.corrupt(wrong);
    if (const char* wrong = counts_fault(); wrong != nullptr) return state_.corrupt(wrong);
    if (const char* wrong = vectors_fault(); wrong != nullptr) return state_.corrupt(wrong);
    if (const char* wrong = residuals_fault(); wrong != nullptr) return state_.corrupt(wrong);
    if (const char* wrong = graph_fault(); wrong != nullptr) return state_.corrupt(wrong);
    if (const char* wrong = weights_fault(); wrong != nullptr) return state_.corrupt(wrong);
    if (const char* wrong = encoder_fault(); wrong != nullptr) return state_.corrupt(wrong);
    return {};
  }

 private:
  // Called at every row of a pass: what was looked at does not stay in memory beside what serving needs of the pack.
  void pass(uint32_t row) const {
    if (row % kRowsHeld == 0) pack_.let_go();
  }

  bool strings_begin() const {
    return state_.strings.size >= 2 && state_.strings.data[0] == 0 && state_.strings.data[1] == 0;
  }

  bool text(uint32_t reference) const {
    std::string_view found;
    return state_.string_at(reference, &found) && is_utf8(found);
  }

  Status check_names(const Section& names) const {
    std::vector<std::string_view> seen;
    for (uint64_t i = 0; i < names.count; ++i) {
      const uint32_t reference = state_.at<uint32_t>(names, i);
      if (!text(reference) || state_.string(reference).empty()) {
        return state_.corrupt("a genre or provider has no name");
      }
      seen.push_back(state_.string(reference));
    }
    std::sort(seen.begin(), seen.end());
    if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
      return state_.corrupt("a genre or provider stands twice");
    }
    return {};
  }

  bool id(uint32_t reference, Key key) const {
    std::string_view found;
    if (!state_.string_at(reference, &found) || !is_utf8(found)) return false;
    const auto control = [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; };
    return found.size() >= kMinIdBytes && found.size() <= kMaxIdBytes &&
           found.find(':') != std::string_view::npos && found.front() != ':' &&
           std::none_of(found.begin(), found.end(), control) && key != 0 && key == key_of(found);
  }

  template <typename T>
  bool list(const Section& section, uint32_t index, std::vector<T>* out, uint64_t width = 1) const {
    out->clear();
    return index == kNone || state_.read_list(section, index, out, width);
  }

  bool texts(const Section& section, uint32_t index, uint64_t width) const {
    std::vector<uint32_t> references;
    return list(section, index, &references, width) &&
           std::all_of(references.begin(), references.end(),
                       [this](uint32_t reference) { return text(reference); });
  }

  const char* item_fault(uint32_t row, const PackItem& item, uint32_t next_offer) const {
    if (!id(item.id, item.key)) return "canonical id or its key is wrong";
    if (!text(item.title) || !text(item.artwork) || !text(item.description)) {
      return "a text is wrong";
    }
    const uint64_t genres = state_.genres.count;
    if (genres < 64 && (item.genres >> genres) != 0) return "a genre without a name";
    if (item.type != 1 && item.type != 2) return "type is neither 1 nor 2";
    if (item.first_offer != next_offer || item.offer_count == 0 ||
        item.offer_count > pack_.offers() - next_offer) {
      return "offers are not those after the row before";
    }
    int age = -1;
    const OfferRange range = pack_.offers_of(row);
    for (uint32_t i = range.begin; i < range.end; ++i) {
      const PackOffer& offer = pack_.offer(i);
      if (const char* wrong = offer_fault(offer); wrong != nullptr) return wrong;
      if (offer.age != kUnknownAge) age = std::max<int>(age, offer.age);
    }
    if (item.age != (age < 0 ? kAdult : age)) return "age is not its strictest known offer's";
    std::vector<uint16_t> seasons;
    if (!list(state_.seasons, item.seasons, &seasons)) return "seasons are wrong";
    if (!texts(state_.people, item.people, 1)) return "people are wrong";
    if (item.directors > pack_.list32("PEOP", item.people).size()) return "directors are wrong";
    if (!text(item.series) || item.group != key_of(pack_.string(item.series))) {
      return "series group is not the key of its name";
    }
    if (!texts(state_.localised, item.localised, 2)) return "localised titles are wrong";
    std::string_view normal;
    if (!state_.string_at(state_.at<uint32_t>(state_.normal_titles, row), &normal) ||
        normal != normal_form(pack_.string(item.title))) {
      return "NORM is not the title's normal form";
    }
    return nullptr;
  }

  const char* offer_fault(const PackOffer& offer) const {
    if (!id(offer.id, offer.key)) return "an offer's id or its key is wrong";
    if (!text(offer.launch)) return "an offer's launch is wrong";
    if (offer.age != kUnknownAge && offer.age > kAdult) return "an offer's age is over 18";
    if (offer.start_ms >= offer.end_ms) return "an offer's window ends before it starts";
    std::vector<uint16_t> regions;
    if (!list(state_.regions, offer.regions, &regions)) return "an offer's regions are wrong";
    if (offer.regions != kNone && regions.empty()) return "an offer is valid in no region";
    for (const uint16_t code : regions) {
      const char low = static_cast<char>(code & 0xff), high = static_cast<char>(code >> 8);
      if (low < 'A' || low > 'Z' || high < 'A' || high > 'Z') return "a region is no code";
    }
    const std::string_view name = pack_.string(offer.id);
    if (offer.provider >= pack_.providers().size() ||
        pack_.providers()[offer.provider] != name.substr(0, name.find(':'))) {
      return "an offer's provider is not that of its id";
    }
    return nullptr;
  }

  bool names_row(Key key, uint32_t row, uint32_t kind) const {
    PackKey found;
    return pack_.find(key, &found) && found.row == row && found.kind == kind;
  }

  const char* keys_fault() const {
    uint32_t count = 0;
    const PackKey* keys = pack_.keys(&count);
    for (uint32_t i = 0; i < count; ++i) {
      if (i > 0 && keys[i].key <= keys[i - 1].key) return "KEYS are not ascending";
      if (keys[i].key == 0) return "KEYS has key 0";
      if (keys[i].row >= pack_.rows()) return "KEYS names no row";
      if (keys[i].kind < kCanonical || keys[i].kind > kAlias) return "KEYS has an unknown kind";
      if (keys[i].kind == kCanonical && pack_.item(keys[i].row).key != keys[i].key) {
        return "KEYS has a canonical id that is not its row's";
      }
    }
    for (uint32_t row = 0; row < pack_.rows(); ++row) {
      pass(row);
      const Key canonical = pack_.item(row).key;
      if (!names_row(canonical, row, kCanonical)) return "KEYS lacks a canonical id";
      const OfferRange range = pack_.offers_of(row);
      for (uint32_t i = range.begin; i < range.end; ++i) {
        const Key key = pack_.offer(i).key;
        if (!names_row(key, row, key == canonical ? kCanonical : kOffer)) {
          return "KEYS lacks an offer";
        }
      }
    }
    uint32_t removals = 0;
    const Key* removed = pack_.removed(&removals);
    if (removals > 0 && !pack_.side()) return "REMV in a base pack";
    for (uint32_t i = 0; i < removals; ++i) {
      if (i > 0 && removed[i] <= removed[i - 1]) return "REMV is not ascending";
      PackKey found;
      if (pack_.find(removed[i], &found) && found.kind == kCanonical) {
        return "REMV takes away a title of the same pack";
      }
    }
    return nullptr;
  }

  const char* airings_fault() const {
    uint32_t count = 0;
    const PackAiring* all = pack_.airings(&count);
    for (uint32_t i = 0; i < count; ++i) {
      const PackAiring& one = all[i];
      if (one.row >= pack_.rows()) return "AIRG names no row";
      const std::string_view name = pack_.string(one.channel);
      if (!text(one.channel) || name.empty() || name.size() > kMaxIdBytes) {
        return "AIRG: a channel's name is wrong";
      }
      if (one.start_ms >= one.end_ms || one.start_ms < -kFarthestAiringMs ||
          one.end_ms > kFarthestAiringMs || one.end_ms - one.start_ms > kLongestAiringMs) {
        return "AIRG: an airing ends before it starts or lasts over a day";
      }
      if (i > 0 && std::tie(all[i - 1].start_ms, all[i - 1].row, all[i - 1].channel) >=
                       std::tie(one.start_ms, one.row, one.channel)) {
        return "AIRG is not ascending";
      }
    }
    return nullptr;
  }

  const char* counts_fault() const {
    uint32_t count = 0;
    const PackCount* all = pack_.counts(&count);
    const auto place = [](const PackCount& one) {
      return std::make_tuple(one.window, one.region, one.daypart, one.row);
    };
    for (uint32_t i = 0; i < count; ++i) {
      const PackCount& one = all[i];
      if (one.row >= pack_.rows()) return "POPS names no row";
      const char low = static_cast<char>(one.region & 0xff),
                 high = static_cast<char>(one.region >> 8);
      if (one.region != 0 && (low < 'A' || low > 'Z' || high < 'A' || high > 'Z')) {
        return "POPS: a region is no code";
      }
      if (one.daypart > 7 && one.daypart != 255) return "POPS: a daypart is wrong";
      if (one.window > 1) return "POPS: a window is wrong";
      if (one.people == 0) return "POPS counts nobody";
      if (i > 0 && place(all[i - 1]) >= place(one)) return "POPS is not ascending";
    }
    return nullptr;
  }

  const char* vectors_fault() const {
    const PackMeta& meta = state_.meta;
    if (!pack_.has_vectors()) {
      return meta.space_id != 0 ? "META: a space id without vectors" : nullptr;
    }
    std::vector<uint8_t> space(16 + state_.space.size);
    const uint32_t zero = 0;
    std::memcpy(space.data(), &meta.dimension, 4);
    std::memcpy(space.data() + 4, &zero, 4);
    std::memcpy(space.data() + 8, &meta.rotation_seed, 8);
    std::memcpy(space.data() + 16, state_.space.data, static_cast<size_t>(state_.space.size));
    if (meta.space_id != xxh64(space.data(), space.size())) return "META: space id is wrong";
    for (uint32_t i = 0; i < meta.dimension; ++i) {
      if (!std::isfinite(pack_.mean()[i])) return "SPAC is not finite";
    }
    for (uint32_t row = 0; row < meta.rows; ++row) {
      pass(row);
      if (pack_.vector_scales()[row] >= kScaleLimit) return "VSCL is out of range";
      const int8_t* vector = pack_.vectors() + uint64_t{row} * meta.stride;
      if (has_minimum(vector)) return "VECS is out of range";
      if (!is_padded(vector)) return "VECS is not 0 after the dimension";
    }
    return nullptr;
  }

  const char* residuals_fault() const {
    if (!state_.residuals) return nullptr;
    for (uint32_t row = 0; row < state_.meta.rows; ++row) {
      pass(row);
      if (state_.at<uint32_t>(state_.residual_scales, row) >= kResidualLimitQ40) {
        return "VRSC is out of range";
      }
      const auto* residual = reinterpret_cast<const int8_t*>(state_.residuals.data) +
                             uint64_t{row} * state_.meta.stride;
      if (has_minimum(residual)) return "VECR is out of range";
      if (!is_padded(residual)) return "VECR is not 0 after the dimension";
    }
    return nullptr;
  }

  bool has_minimum(const int8_t* vector) const {
    const int8_t* const end = vector + state_.meta.dimension;
    return std::find(vector, end, -128) != end;
  }

  bool is_padded(const int8_t* vector) const {
    return std::all_of(vector + state_.meta.dimension, vector + state_.meta.stride,
                       [](int8_t value) { return value == 0; });
  }

  const char* graph_fault() const {
    if (!state_.has_graph) return nullptr;
    return tvcore::graph_fault(state_.graph, [this](uint32_t row) {
      pass(row);
      return pack_.vector_scales()[row] != 0;
    });
  }

  const char* weights_fault() const {
    if (!pack_.has_weights()) return nullptr;
    uint32_t next = 0;
    for (uint32_t row = 0; row < pack_.rows(); ++row) {
      pass(row);
      if (state_.at<uint32_t>(state_.weight_index, row) != next) return "WIND is wrong";
      const uint32_t end = state_.at<uint32_t>(state_.weight_index, uint64_t{row} + 1);
      if (end < next || end > state_.weight_columns.count) return "WIND is wrong";
      next = end;
      const WeightRow weights = pack_.weights(row);
      for (uint32_t i = 0; i < weights.count; ++i) {
        if (weights.columns[i] >= pack_.rows()) return "WCOL names no row";
        if (i > 0 && weights.columns[i] <= weights.columns[i - 1]) return "WCOL is not ascending";
        if (weights.values[i] == -128 || weights.values[i] == 0) return "WVAL is out of range";
      }
    }
    return next == state_.weight_columns.count ? nullptr : "WCOL has weights of no row";
  }

  const char* encoder_fault() const {
    const EncoderTable table = pack_.encoder();
    if (table.count > 0 && pack_.side()) return "an encoder in a side pack";
    for (uint32_t i = 0; i < table.count; ++i) {
      pass(i);
      if (i > 0 && table.hashes[i] <= table.hashes[i - 1]) return "ENCH is not ascending";
      if (table.scales_q20[i] == 0 || table.scales_q20[i] >= kEncoderScaleLimit) {
        return "ENCS is out of range";
      }
      const int8_t* row = table.rows + uint64_t{i} * pack_.stride();
      if (std::find(row, row + pack_.dimension(), -128) != row + pack_.dimension()) {
        return "ENCR is out of range";
      }
      if (!std::all_of(row + pack_.dimension(), row + pack_.stride(),
                       [](int8_t value) { return value == 0; })) {
        return "ENCR is not 0 after the dimension";
      }
    }
    return nullptr;
  }

  const Pack& pack_;
  const PackState& state_;
};

}  // namespace

Status Pack::verify() const {
  Status status = state_->container.verify();
  if (status.ok()) status = Check(*this, *state_).run();
  let_go();
  return status;
}

}  // namespace tvcore
