#include "tvcore/event.hpp"

#include <string>
#include <vector>

#include "check.hpp"
#include "random_event.hpp"
#include "tvbrain.h"

using namespace tvcore;

namespace {

std::string hex(const std::vector<uint8_t>& bytes) {
  static const char* digits = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Event decoded(const Event& event) {
  std::vector<uint8_t> body;
  encode_body(event, &body);
  Event out;
  REQUIRE_OK(
      decode_body(static_cast<uint8_t>(event.kind), event.seq, body.data(), body.size(), &out));
  return out;
}

}  // namespace

TEST("the table of kinds ascends and is found by number and by name") {
  uint32_t before = 0;
  for (const KindRow& row : kinds()) {
    const uint32_t kind = static_cast<uint32_t>(row.kind);
    CHECK(kind > before);
    before = kind;
    CHECK(find_kind(kind) == &row);
    CHECK(find_kind(row.name) == &row);
    CHECK_EQ(row.from_host, kind < 32);
  }
  CHECK_EQ(kinds().size(), 27u);
  CHECK(find_kind(0) == nullptr);
  CHECK(find_kind(22) == nullptr);
  CHECK(find_kind(256 + 2) == nullptr);
  CHECK(find_kind("likes") == nullptr);
}

TEST("kinds and field bits are the header's") {
  CHECK_EQ(static_cast<uint32_t>(Kind::kImpression), TVB_EVENT_IMPRESSION);
  CHECK_EQ(static_cast<uint32_t>(Kind::kComplete), TVB_EVENT_COMPLETE);
  CHECK_EQ(static_cast<uint32_t>(Kind::kUndo), TVB_EVENT_UNDO);
  CHECK_EQ(static_cast<uint32_t>(Kind::kStandby), TVB_EVENT_STANDBY);
  CHECK_EQ(kHasWatched, TVB_HAS_WATCHED);
  CHECK_EQ(kHasRating, TVB_HAS_RATING);
  CHECK_EQ(kHasPosition, TVB_HAS_POSITION);
  CHECK_EQ(kHasDuration, TVB_HAS_DURATION);
  CHECK_EQ(kHasEpisode, TVB_HAS_EPISODE);
  CHECK_EQ(kHasPlace, TVB_HAS_PLACE);
  CHECK_EQ(kHasOffset, TVB_HAS_OFFSET);
  CHECK_EQ(kClockUntrusted, TVB_CLOCK_UNTRUSTED);
}

TEST("a body comes back as it went") {
  check::Random random(20261120);
  for (int i = 0; i < check::scaled(20000); ++i) {
    Event event = check::random_event(&random);
    event.seq = random.next();
    CHECK(check::same_event(decoded(event), event));
  }
}

TEST("the bytes of a body are those of docs/formats.md") {
  Event event;
  event.item = 0x1122334455667788;
  event.at_ms = 1700000000000;
  event.profile = 2;
  event.utc_offset_min = -300;
  event.fields = kHasWatched | kHasOffset;
  event.session = 0xa1a2a3a4a5a6a7a8;
  event.slate_id = 0xb1b2b3b4b5b6b7b8;
  event.position_s = 3600;
  event.duration_s = 5400;
  event.rating_e4 = -10000;
  event.watched_e4 = 9500;
  event.season = 3;
  event.episode = 7;
  event.row = 1;
  event.slot = 4;
  event.slot_count = 2;
  event.added = {0xde, 0xad};
  std::vector<uint8_t> body;
  encode_body(event, &body);
  CHECK_EQ(hex(body),
           "8877665544332211"  // item
           "0068e5cf8b010000"  // at
           "02000000"          // profile
           "d4fe"              // UTC offset
           "4100"              // fields
           "a8a7a6a5a4a3a2a1"  // session
           "b8b7b6b5b4b3b2b1"  // slate id
           "100e0000"          // position
           "18150000"          // duration
           "f0d8"              // rating
           "1c25"              // watched
           "03000700"          // season, episode
           "01000400"          // row, slot
           "02000200"          // slot count, bytes added
           "dead");
}

TEST("a body of any size that does not fit is refused and never read past") {
  Event event;
  event.added = {1, 2, 3};
  std::vector<uint8_t> body;
  encode_body(event, &body);
  for (size_t size = 0; size < body.size(); ++size) {
    const std::vector<uint8_t> cut(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
    Event out;
    CHECK_EQ(decode_body(2, 9, cut.data(), cut.size(), &out).code(), Code::kCorrupt);
  }
}

TEST("an unknown kind decodes, and what a later minor version appended is left out") {
  Event event;
  event.added = {1, 2, 3};
  std::vector<uint8_t> body;
  encode_body(event, &body);
  body.insert(body.end(), 16, 0xee);
  Event out;
  REQUIRE_OK(decode_body(200, 9, body.data(), body.size(), &out));
  CHECK_EQ(static_cast<int>(out.kind), 200);
  CHECK_EQ(out.seq, 9u);
  CHECK(out.added == event.added);
}

TEST("the places of an impression come back, and half a place does not") {
  const std::vector<Shown> places = {{0x0102030405060708, 65536}, {42, 0}};
  std::vector<uint8_t> added = encode_shown(places);
  CHECK_EQ(hex(added),
           "08070605040302010000010000000000"
           "2a000000000000000000000000000000");
  added.push_back(7);
  const std::vector<Shown> read = decode_shown(added);
  REQUIRE(read.size() == 2);
  CHECK_EQ(read[0].key, places[0].key);
  CHECK_EQ(read[0].propensity_q16, 65536u);
  CHECK_EQ(read[1].key, 42u);
  CHECK(decode_shown({1, 2, 3}).empty());
}

TEST("an impression's values follow what it adds, and a reader of 1.0 finds the places alone") {
  Event event;
  event.kind = Kind::kImpression;
  event.added = encode_shown({{7, 65536}, {8, 4096}});
  event.values = encode_values({1, -2, 3, 4}, 2);
  CHECK_EQ(hex(event.values), "020000000100feff03000400");
  std::vector<uint8_t> body;
  encode_body(event, &body);
  CHECK_EQ(body[62], 32);  // bytes added: the two places
  Event out;
  REQUIRE_OK(decode_body(1, 9, body.data(), body.size(), &out));
  CHECK(out.added == event.added);
  CHECK(out.values == event.values);
  CHECK(encode_values({}, 12).empty());
  CHECK(encode_values(std::vector<int16_t>(kMaxValues), 12).empty());
}

TEST("a time outside 1990 to 2199 is clamped") {
  CHECK_EQ(clamp_at_ms(0), kFirstMs);
  CHECK_EQ(clamp_at_ms(kFirstMs - 1), kFirstMs);
  CHECK_EQ(clamp_at_ms(1700000000000), 1700000000000);
  CHECK_EQ(clamp_at_ms(INT64_MAX), kLastMs);
  CHECK_EQ(kLastMs + 1 - kFirstMs, int64_t{76701} * 86400 * 1000);  // days from 1990 to 2200
}
