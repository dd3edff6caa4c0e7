// One pack file (docs/formats.md, "Pack"), mapped read-only. Every access is bounds-checked: a wrong reference reads as
// empty, never outside the map.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tvcore/container.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

constexpr uint32_t kNone = 0xffffffffu;

struct PackItem {  // the first 80 bytes of ITEM, in this order
  Key key;
  uint64_t genres;
  uint64_t group;
  uint32_t id, title, artwork, description, first_offer;
  uint16_t offer_count, year;
  uint8_t type, age;
  uint16_t minutes;
  uint32_t seasons, people, localised, popularity;
  int32_t added_day;
  uint16_t directors, reserved;
  uint32_t series;
};
static_assert(sizeof(PackItem) == 80, "docs/formats.md");

struct PackOffer {  // OFFR
  Key key;
  int64_t start_ms, end_ms;
  uint32_t id, launch, regions;
  uint8_t provider, age;
  uint16_t reserved;
};
static_assert(sizeof(PackOffer) == 40, "docs/formats.md");

struct PackKey {  // KEYS
  Key key;
  uint32_t row, kind;
};

struct PackAiring {  // AIRG
  uint32_t row, channel;
  int64_t start_ms, end_ms;
};
static_assert(sizeof(PackAiring) == 24, "docs/formats.md");
constexpr int64_t kLongestAiringMs = int64_t{24} * 3600 * 1000;
constexpr int64_t kFarthestAiringMs = int64_t{1} << 60;  // on both sides of 1970

struct PackCount {  // POPS
  uint32_t row;
  uint16_t region;
  uint8_t daypart, window;
  uint32_t people;
};
static_assert(sizeof(PackCount) == 12, "docs/formats.md");

struct OfferRange {  // of one item, in OFFR
  uint32_t begin, end;
};

struct PackState;
struct HnswView;
struct Prior;

struct WeightRow {                    // the item-item weights of one watched row
  const uint32_t* columns = nullptr;  // rows of the same pack, ascending; check against rows()
  const int8_t* values = nullptr;
  uint32_t count = 0;
  uint32_t scale_q24 = 0;
};

constexpr uint32_t kEncoderVersion = 1;

// The static text encoder (docs/formats.md): what each feature adds to a text's vector. Zeros without.
struct EncoderTable {
  const uint32_t* hashes = nullptr;      // count, ascending
  const int8_t* rows = nullptr;          // count x stride(), 64-byte aligned
  const uint32_t* scales_q20 = nullptr;  // count
  uint32_t count = 0;                    // 0: none, or one of a kind that is not known
  uint32_t version = 0;
};

class Pack {
 public:
  // Header, bounds and counts; not the payload's hashes.
  static Status open(const std::string& path, std::shared_ptr<const Pack>* out);
  static Status open(std::shared_ptr<const Map> map, const std::string& name,
                     std::shared_ptr<const Pack>* out);
  // Every hash, and every reference, order and range that open() leaves to be checked at use: what install and inspect
  // ask for.
  Status verify() const;

  uint32_t rows() const;
  uint32_t offers() const;
  bool side() const;
  uint64_t content_hash() const;
  uint64_t base_hash() const;
  uint32_t ordinal() const;
  uint64_t space_id() const;
  uint64_t rotation_seed() const;
  uint32_t dimension() const;
  uint32_t stride() const;
  uint32_t max_popularity() const;
  int64_t built_at() const;
  std::string_view name() const;
  std::string_view version_text() const;
  std::string_view source() const;       // SRCE
  const std::string& file_name() const;  // as given to open
  std::vector<SectionInfo> sections() const;

  const PackItem& item(uint32_t row) const;      // row < rows()
  const PackOffer& offer(uint32_t index) const;  // index < offers()
  OfferRange offers_of(uint32_t row) const;      // row < rows(); empty if it leaves OFFR
  std::string_view string(uint32_t reference) const;
  const std::vector<std::string_view>& genres() const;
  const std::vector<std::string_view>& providers() const;
  // The list that begins at `index`; empty if there is none (kNone) or it leaves its section.
  std::vector<uint16_t> list16(const char (&kind)[5], uint32_t index) const;  // REGN, SEAS
  std::vector<uint32_t> list32(const char (&kind)[5], uint32_t index) const;  // PEOP, LOCL
  std::string_view normal_title(uint32_t row) const;
  bool find(Key key, PackKey* out) const;  // binary search of KEYS
  const PackKey* keys(uint32_t* count) const;
  const Key* removed(uint32_t* count) const;

  const PackAiring* airings(uint32_t* count) const;
  const PackCount* counts(uint32_t* count) const;

  bool has_vectors() const;
  const int8_t* vectors() const;  // rows() x stride(), 64-byte aligned; null without
  const uint32_t* vector_scales() const;
  const int32_t* vector_biases() const;
  const float* mean() const;      // dimension() numbers
  const HnswView* graph() const;  // over the vectors; null without
  bool has_weights() const;
  WeightRow weights(uint32_t row) const;  // empty without
  EncoderTable encoder() const;
  const Prior* prior() const;  // the built-in one of terms that it does not name; null without

  Status lock_in_memory() const;  // mlock of the hot sections
  // Take every page that is not pinned out of this process's memory, until it is touched again. After loading: most of
  // what that read is in the stack's arrays now, or is text that nobody may ask for.
  void let_go() const;

 private:
  std::shared_ptr<const PackState> state_;
};

}  // namespace tvcore
