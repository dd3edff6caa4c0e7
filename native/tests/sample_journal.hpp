// The journal and the profiles that tests/golden/journal-1.0 and tests/golden/profiles-1.0.tvp hold. Never to be changed:
// a later format has a sample of its own.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "tvcore/event.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/journal.hpp"
#include "tvcore/profiles.hpp"

namespace check {

constexpr uint64_t kSampleJournalId = 0x0123456789abcdef;
constexpr int64_t kSampleMs = 1700000000000;

inline tvcore::Profiles sample_profiles() {
  tvcore::Profiles profiles = tvcore::Profiles::initial();
  profiles.generation = 3;
  profiles.erasure_epoch = 1;
  profiles.journal_id = kSampleJournalId;
  profiles.next_id = 4;
  profiles.all[0].region = "DE";
  tvcore::Profile kids;
  kids.id = 2;
  kids.name = "Kinder \xc3\xa4";
  kids.max_age = 7;
  kids.consent = 1;
  kids.region = "AT";
  kids.entitlements = {"netflix", "disney"};
  profiles.all.push_back(kids);
  return profiles;
}

// One event of every kind with every field set, then 100 impressions, so that there are two segments and more; a kind
// that version 1.0 does not know is among them.
inline std::vector<tvcore::Event> sample_events() {
  std::vector<tvcore::Event> events;
  const auto add = [&events](tvcore::Kind kind) -> tvcore::Event& {
    const size_t n = events.size();
    tvcore::Event event;
    event.kind = kind;
    event.item = tvcore::key_of("netflix:s" + std::to_string(n));
    event.at_ms = kSampleMs + static_cast<int64_t>(n) * 60000;
    event.profile = 1 + n % 2;
    event.utc_offset_min = static_cast<int16_t>(n % 2 == 0 ? 60 : -300);
    event.fields = static_cast<uint16_t>(n * 5 % 256);
    event.session = tvcore::key_of("evening");
    event.slate_id = 0xfeedfacecafef00d + n;
    event.position_s = static_cast<uint32_t>(n * 60);
    event.duration_s = 5400;
    event.rating_e4 = static_cast<int16_t>(n % 2 == 0 ? 10000 : -2500);
    event.watched_e4 = static_cast<uint16_t>(n * 80);
    event.season = static_cast<uint16_t>(1 + n);
    event.episode = static_cast<uint16_t>(2 + n);
    event.row = static_cast<uint16_t>(n % 5);
    event.slot = static_cast<uint16_t>(n % 7);
    event.slot_count = 1;
    events.push_back(event);
    return events.back();
  };
  const auto put = [](tvcore::Event* event, const auto& value) {
    const size_t at = event->added.size();
    event->added.resize(at + sizeof value);
    std::memcpy(event->added.data() + at, &value, sizeof value);
  };
  for (const tvcore::KindRow& row : tvcore::kinds()) {
    tvcore::Event& event = add(row.kind);
    const std::string query = "caf\xc3\xa9";
    switch (row.kind) {
      case tvcore::Kind::kImpression:
        event.added = tvcore::encode_shown({{42, 65536}, {43, 32768}, {44, 0}});
        event.slot_count = 3;
        break;
      case tvcore::Kind::kSearch:
        event.added.assign(query.begin(), query.end());
        break;
      case tvcore::Kind::kProfileCreate:
      case tvcore::Kind::kProfileUpdate:
      case tvcore::Kind::kProfileDelete:
      case tvcore::Kind::kConsent:
        event.added =
            tvcore::profile_event(row.kind, sample_profiles().all[1], events.size(), 0).added;
        break;
      case tvcore::Kind::kHint:
        put(&event, int32_t{1});
        put(&event, int32_t{1});
        break;
      case tvcore::Kind::kErase:
        put(&event, uint32_t{2});
        put(&event, uint32_t{0});
        put(&event, uint64_t{1});
        break;
      default:
        break;
    }
  }
  add(static_cast<tvcore::Kind>(200)).added = {1, 2, 3};
  for (uint64_t i = 0; i < 100; ++i) {
    add(tvcore::Kind::kImpression).added = tvcore::encode_shown({{i + 1, 0}});
  }
  return events;
}

// As since 1.1: the first impression with the values of its places too.
inline std::vector<tvcore::Event> sample_events_with_values() {
  std::vector<tvcore::Event> events = sample_events();
  events[0].values = tvcore::encode_values({1, -1, 2, -2, 32767, -32768}, 2);
  return events;
}

inline tvcore::Status write_sample_journal(const std::string& folder) {
  tvcore::JournalWriter::Options options;
  options.new_id = kSampleJournalId;
  options.segment_size = 8192;
  options.now_ms = kSampleMs;
  tvcore::JournalWriter writer;
  tvcore::Status status = writer.open(folder, options, nullptr);
  for (tvcore::Event& event : sample_events_with_values()) {
    if (status.ok()) status = writer.append(&event, kSampleMs);
  }
  return status.ok() ? writer.close() : status;
}

}  // namespace check
