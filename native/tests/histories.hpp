// Random histories for the fold's and the snapshot's tests: every kind, odd values included.
#pragma once

#include <cstring>
#include <vector>

#include "check.hpp"
#include "tvcore/event.hpp"

namespace histories {

constexpr int64_t kStart = 1700000000000 / 60000 * 60000;

inline tvcore::Event event(tvcore::Kind kind, tvcore::Key item, uint32_t profile = 1) {
  tvcore::Event out;
  out.kind = kind;
  out.item = item;
  out.profile = profile;
  out.at_ms = kStart;
  return out;
}

inline std::vector<uint8_t> places(const std::vector<tvcore::Key>& keys) {
  std::vector<uint8_t> out(keys.size() * 16);
  for (size_t i = 0; i < keys.size(); ++i) std::memcpy(&out[i * 16], &keys[i], 8);
  return out;
}

inline tvcore::Event random_event(check::Random* random, uint64_t keys, int64_t now_ms) {
  tvcore::Event out = event(static_cast<tvcore::Kind>(random->between(0, 23)), random->below(keys));
  if (random->chance(0.3)) out.kind = tvcore::Kind::kComplete;
  if (out.kind == tvcore::Kind::kImpression && random->chance(0.9)) {
    std::vector<tvcore::Key> shown;
    for (uint64_t i = random->below(24); i > 0; --i) shown.push_back(random->below(keys));
    out.added = places(shown);
    if (random->chance(0.1)) out.added.resize(out.added.size() + random->below(16));
  }
  out.at_ms = random->chance(0.02) ? static_cast<int64_t>(random->next()) : now_ms;
  out.fields = static_cast<uint16_t>(random->below(256));
  if (random->chance(0.9))
    out.fields = static_cast<uint16_t>(out.fields & ~tvcore::kClockUntrusted);
  out.session = random->below(3);
  out.duration_s =
      static_cast<uint32_t>(random->chance(0.1) ? random->next() : random->below(7200));
  out.position_s =
      static_cast<uint32_t>(random->chance(0.1) ? random->next() : random->below(7200));
  out.rating_e4 = static_cast<int16_t>(random->next());
  out.watched_e4 =
      static_cast<uint16_t>(random->chance(0.1) ? random->next() : random->below(10001));
  out.season = static_cast<uint16_t>(random->below(3));
  out.episode = static_cast<uint16_t>(random->below(4));
  return out;
}

inline std::vector<tvcore::Event> random(check::Random* random, uint64_t keys, size_t count) {
  std::vector<tvcore::Event> out;
  int64_t now_ms = kStart;
  for (size_t i = 0; i < count; ++i) {
    now_ms += random->between(-30000, 600000);
    out.push_back(random_event(random, keys, now_ms));
  }
  return out;
}

}  // namespace histories
