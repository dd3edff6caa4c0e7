// One event as it stands in the journal (docs/formats.md, "Journal"): the values of a record's body, and the table of
// kinds that everything else iterates over.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tvcore/hash.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

enum class Kind : uint8_t {
  kImpression = 1,
  kSelect,
  kPlayStart,
  kProgress,
  kPause,
  kSeek,
  kStop,
  kComplete,
  kRate,
  kNotInterested,
  kHide,
  kUnhide,
  kListAdd,
  kListRemove,
  kRemoveFromContinue,
  kPick,
  kUndo,
  kSearch,
  kChannelChange,
  kWake,
  kStandby,
  kProfileCreate = 32,
  kProfileUpdate,
  kProfileDelete,
  kConsent,
  kHint,
  kErase,
};

constexpr uint32_t kSyncNow = 0, kSyncSecond = 1000, kSyncMinute = 60000;  // durable within, in ms

struct KindRow {
  Kind kind;
  const char* name;     // "complete"
  uint32_t durable_ms;  // kSyncNow, kSyncSecond or kSyncMinute
  bool needs_item;      // an observe without item is refused
  bool from_host;       // may be observed by a host; the others are written by the brain itself
};

using KindTable = std::array<KindRow, 27>;
const KindTable& kinds();                 // ascending by kind
const KindRow* find_kind(uint32_t kind);  // nullptr if unknown
const KindRow* find_kind(const std::string& name);

// Bits of Event::fields, equal to TVB_HAS_* and TVB_CLOCK_UNTRUSTED of the header.
constexpr uint16_t kHasWatched = 1, kHasRating = 2, kHasPosition = 4, kHasDuration = 8,
                   kHasEpisode = 16, kHasPlace = 32, kHasOffset = 64, kClockUntrusted = 128;

struct Shown {  // one place of an impression
  Key key;
  uint32_t propensity_q16;  // 0 unknown
};

struct Event {
  uint64_t seq = 0;  // 0 until the journal has assigned it
  Kind kind = Kind::kSelect;
  Key item = 0;
  int64_t at_ms = 0;
  uint32_t profile = 0;
  int16_t utc_offset_min = 0;
  uint16_t fields = 0;
  uint64_t session = 0;
  uint64_t slate_id = 0;
  uint32_t position_s = 0;
  uint32_t duration_s = 0;
  int16_t rating_e4 = 0;    // -10,000 to 10,000
  uint16_t watched_e4 = 0;  // 0 to 10,000
  uint16_t season = 0, episode = 0, row = 0, slot = 0, slot_count = 0;
  std::vector<uint8_t> added;  // what the kind adds, as in the file
  std::vector<uint8_t>
      values;  // of an impression, since 1.1: the values of its places, as in the file
};

constexpr size_t kEventBodySize = 64;
constexpr size_t kMaxAdded = 4096;
constexpr size_t kMaxValues = 8192;

// 1990-01-01 and the last millisecond of 2199: outside lies a broken clock, not a time of viewing.
constexpr int64_t kFirstMs = 631152000000, kLastMs = 7258118399999;
int64_t clamp_at_ms(int64_t at_ms);

// Appends the body of a record to *out: 64 bytes, event.added, at most kMaxAdded bytes of it, and event.values, if they
// are at most kMaxValues.
void encode_body(const Event& event, std::vector<uint8_t>* out);
// kCorrupt if the size does not fit. Unknown kinds decode too: the caller skips them. Bytes beyond what the body says
// it adds are an impression's values; of any other kind they are of a later minor version and left out.
Status decode_body(uint8_t kind, uint64_t seq, const uint8_t* body, size_t size, Event* out);

std::vector<uint8_t> encode_shown(const Shown* places, size_t count);
inline std::vector<uint8_t> encode_shown(const std::vector<Shown>& places) {
  return encode_shown(places.data(), places.size());
}
// A last place that is cut off is left out.
std::vector<Shown> decode_shown(const std::vector<uint8_t>& added);

// `terms` numbers a place, one place after the other, Q12. No bytes for no numbers, or for more than kMaxValues holds.
std::vector<uint8_t> encode_values(const int16_t* values_q12, size_t count, size_t terms);
inline std::vector<uint8_t> encode_values(const std::vector<int16_t>& values_q12, size_t terms) {
  return encode_values(values_q12.data(), values_q12.size(), terms);
}

}  // namespace tvcore
