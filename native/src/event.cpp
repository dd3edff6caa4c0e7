#include "tvcore/event.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace tvcore {

namespace {

// docs/formats.md, "Journal": the body in this order. A struct of its own, so that Event may change without the file.
struct Body {
  uint64_t item;
  int64_t at_ms;
  uint32_t profile;
  int16_t utc_offset_min;
  uint16_t fields;
  uint64_t session;
  uint64_t slate_id;
  uint32_t position_s;
  uint32_t duration_s;
  int16_t rating_e4;
  uint16_t watched_e4;
  uint16_t season, episode;
  uint16_t row, slot;
  uint16_t slot_count, added;
};
static_assert(sizeof(Body) == kEventBodySize && offsetof(Body, session) == 24 &&
                  offsetof(Body, rating_e4) == 48 && offsetof(Body, added) == 62,
              "docs/formats.md");

struct Place {
  uint64_t key;
  uint32_t propensity_q16;
  uint32_t reserved;
};
static_assert(sizeof(Place) == 16, "docs/formats.md");

struct ValuesHead {  // then so many i16 a place
  uint16_t terms, reserved;
};
static_assert(sizeof(ValuesHead) == 4, "docs/formats.md");

constexpr KindTable kKinds = {{
    // kind, name, durable within, needs an item, from the host
    {Kind::kImpression, "impression", kSyncMinute, false, true},
    {Kind::kSelect, "select", kSyncSecond, true, true},
    {Kind::kPlayStart, "play_start", kSyncSecond, true, true},
    {Kind::kProgress, "progress", kSyncMinute, true, true},
    {Kind::kPause, "pause", kSyncMinute, true, true},
    {Kind::kSeek, "seek", kSyncMinute, true, true},
    {Kind::kStop, "stop", kSyncSecond, true, true},
    {Kind::kComplete, "complete", kSyncSecond, true, true},
    {Kind::kRate, "rate", kSyncNow, true, true},
    {Kind::kNotInterested, "not_interested", kSyncNow, true, true},
    {Kind::kHide, "hide", kSyncNow, true, true},
    {Kind::kUnhide, "unhide", kSyncNow, true, true},
    {Kind::kListAdd, "list_add", kSyncNow, true, true},
    {Kind::kListRemove, "list_remove", kSyncNow, true, true},
    {Kind::kRemoveFromContinue, "remove_from_continue", kSyncNow, true, true},
    {Kind::kPick, "pick", kSyncNow, true, true},
    {Kind::kUndo, "undo", kSyncNow, true, true},
    {Kind::kSearch, "search", kSyncMinute, false, true},
    {Kind::kChannelChange, "channel_change", kSyncMinute, false, true},
    {Kind::kWake, "wake", kSyncSecond, false, true},
    {Kind::kStandby, "standby", kSyncSecond, false, true},
    {Kind::kProfileCreate, "profile_create", kSyncNow, false, false},
    {Kind::kProfileUpdate, "profile_update", kSyncNow, false, false},
    {Kind::kProfileDelete, "profile_delete", kSyncNow, false, false},
    {Kind::kConsent, "consent", kSyncNow, false, false},
    {Kind::kHint, "hint", kSyncSecond, false, false},
    {Kind::kErase, "erase", kSyncNow, false, false},
}};

}  // namespace

const KindTable& kinds() { return kKinds; }

const KindRow* find_kind(uint32_t kind) {
  for (const KindRow& row : kKinds) {
    if (static_cast<uint32_t>(row.kind) == kind) return &row;
  }
  return nullptr;
}

const KindRow* find_kind(const std::string& name) {
  for (const KindRow& row : kKinds) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

int64_t clamp_at_ms(int64_t at_ms) { return std::clamp(at_ms, kFirstMs, kLastMs); }

void encode_body(const Event& event, std::vector<uint8_t>* out) {
  const size_t added = std::min(event.added.size(), kMaxAdded);
  Body body;
  body.item = event.item;
  body.at_ms = event.at_ms;
  body.profile = event.profile;
  body.utc_offset_min = event.utc_offset_min;
  body.fields = event.fields;
  body.session = event.session;
  body.slate_id = event.slate_id;
  body.position_s = event.position_s;
  body.duration_s = event.duration_s;
  body.rating_e4 = event.rating_e4;
  body.watched_e4 = event.watched_e4;
  body.season = event.season;
  body.episode = event.episode;
  body.row = event.row;
  body.slot = event.slot;
  body.slot_count = event.slot_count;
  body.added = static_cast<uint16_t>(added);
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&body);
  out->insert(out->end(), bytes, bytes + sizeof body);
  out->insert(out->end(), event.added.begin(),
              event.added.begin() + static_cast<std::ptrdiff_t>(added));
  if (event.values.size() <= kMaxValues) {
    out->insert(out->end(), event.values.begin(), event.values.end());
  }
}

Status decode_body(uint8_t kind, uint64_t seq, const uint8_t* bytes, size_t size, Event* out) {
  Body body;
  const auto corrupt = [seq, size](const char* what) {
    return Status(Code::kCorrupt, "record " + std::to_string(seq) + ": " + what + " in a body of " +
                                      std::to_string(size) + " bytes");
  };
  if (size < sizeof body) return corrupt("no room for the fixed part");
  std::memcpy(&body, bytes, sizeof body);
  if (body.added > size - sizeof body) return corrupt("no room for what it adds");
  out->seq = seq;
  out->kind = static_cast<Kind>(kind);
  out->item = body.item;
  out->at_ms = body.at_ms;
  out->profile = body.profile;
  out->utc_offset_min = body.utc_offset_min;
  out->fields = body.fields;
  out->session = body.session;
  out->slate_id = body.slate_id;
  out->position_s = body.position_s;
  out->duration_s = body.duration_s;
  out->rating_e4 = body.rating_e4;
  out->watched_e4 = body.watched_e4;
  out->season = body.season;
  out->episode = body.episode;
  out->row = body.row;
  out->slot = body.slot;
  out->slot_count = body.slot_count;
  const uint8_t* after = bytes + sizeof body + body.added;
  out->added.assign(bytes + sizeof body, after);
  out->values.clear();
  if (out->kind == Kind::kImpression) out->values.assign(after, bytes + size);
  return {};
}

std::vector<uint8_t> encode_shown(const Shown* places, size_t count) {
  std::vector<uint8_t> added(count * sizeof(Place));
  for (size_t i = 0; i < count; ++i) {
    const Place place = {places[i].key, places[i].propensity_q16, 0};
    std::memcpy(added.data() + i * sizeof place, &place, sizeof place);
  }
  return added;
}

std::vector<Shown> decode_shown(const std::vector<uint8_t>& added) {
  std::vector<Shown> places(added.size() / sizeof(Place));
  for (size_t i = 0; i < places.size(); ++i) {
    Place place;
    std::memcpy(&place, added.data() + i * sizeof place, sizeof place);
    places[i] = {place.key, place.propensity_q16};
  }
  return places;
}

std::vector<uint8_t> encode_values(const int16_t* values_q12, size_t count, size_t terms) {
  const ValuesHead head = {static_cast<uint16_t>(terms), 0};
  const size_t size = sizeof head + count * sizeof(int16_t);
  if (count == 0 || size > kMaxValues) return {};
  std::vector<uint8_t> values(size);
  std::memcpy(values.data(), &head, sizeof head);
  std::memcpy(values.data() + sizeof head, values_q12, size - sizeof head);
  return values;
}

}  // namespace tvcore
