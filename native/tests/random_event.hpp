// Any event that a journal must be able to hold.
#pragma once

#include <algorithm>

#include "check.hpp"
#include "tvcore/event.hpp"

namespace check {

inline tvcore::Event random_event(Random* random, size_t largest_added = tvcore::kMaxAdded) {
  tvcore::Event event;
  const auto& kinds = tvcore::kinds();
  event.kind = kinds[random->below(kinds.size())].kind;
  event.item = random->next();
  event.at_ms = random->between(tvcore::kFirstMs, tvcore::kLastMs);
  event.profile = static_cast<uint32_t>(random->next());
  event.utc_offset_min = static_cast<int16_t>(random->between(-840, 840));
  event.fields = static_cast<uint16_t>(random->below(256));
  event.session = random->next();
  event.slate_id = random->next();
  event.position_s = static_cast<uint32_t>(random->next());
  event.duration_s = static_cast<uint32_t>(random->next());
  event.rating_e4 = static_cast<int16_t>(random->between(-10000, 10000));
  event.watched_e4 = static_cast<uint16_t>(random->below(10001));
  event.season = static_cast<uint16_t>(random->next());
  event.episode = static_cast<uint16_t>(random->next());
  event.row = static_cast<uint16_t>(random->next());
  event.slot = static_cast<uint16_t>(random->next());
  event.slot_count = static_cast<uint16_t>(random->next());
  // Mostly nothing or a little, as on a set; now and then as much as fits.
  const auto sized = [random](size_t bound) { return static_cast<size_t>(random->below(bound)); };
  const size_t sizes[] = {0, 0, sized(40), sized(400), sized(largest_added + 1)};
  event.added.resize(std::min(sizes[random->below(5)], largest_added));
  for (uint8_t& byte : event.added) byte = static_cast<uint8_t>(random->next());
  if (event.kind == tvcore::Kind::kImpression) event.values.resize(sized(largest_added + 1));
  for (uint8_t& byte : event.values) byte = static_cast<uint8_t>(random->next());
  return event;
}

inline bool same_event(const tvcore::Event& a, const tvcore::Event& b) {
  return a.seq == b.seq && a.kind == b.kind && a.item == b.item && a.at_ms == b.at_ms &&
         a.profile == b.profile && a.utc_offset_min == b.utc_offset_min && a.fields == b.fields &&
         a.session == b.session && a.slate_id == b.slate_id && a.position_s == b.position_s &&
         a.duration_s == b.duration_s && a.rating_e4 == b.rating_e4 &&
         a.watched_e4 == b.watched_e4 && a.season == b.season && a.episode == b.episode &&
         a.row == b.row && a.slot == b.slot && a.slot_count == b.slot_count && a.added == b.added &&
         a.values == b.values;
}

}  // namespace check
