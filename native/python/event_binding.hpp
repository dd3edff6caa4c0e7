// One event as Python holds it (tvn_event, with a byte array for what kinds add) and as the core does.
#pragma once

#include <cstdint>
#include <vector>

#include "tvcore/event.hpp"
#include "tvn.h"

namespace tvpy {

static_assert(sizeof(tvn_event) == 88, "an array of these is a numpy array");

// False if the added bytes lie outside `added`.
inline bool from_tvn(const tvn_event& from, const uint8_t* added, uint64_t added_size,
                     tvcore::Event* out) {
  const uint64_t size = uint64_t{from.added_size} + from.values_size;
  if (from.added_at > added_size || size > added_size - from.added_at) return false;
  out->seq = from.seq;
  out->kind = static_cast<tvcore::Kind>(from.kind);
  out->item = from.item;
  out->at_ms = from.at_ms;
  out->profile = from.profile;
  out->utc_offset_min = from.utc_offset_min;
  out->fields = from.fields;
  out->session = from.session;
  out->slate_id = from.slate_id;
  out->position_s = from.position_s;
  out->duration_s = from.duration_s;
  out->rating_e4 = from.rating_e4;
  out->watched_e4 = from.watched_e4;
  out->season = from.season;
  out->episode = from.episode;
  out->row = from.row;
  out->slot = from.slot;
  out->slot_count = from.slot_count;
  out->added.clear();
  out->values.clear();
  if (size != 0) {
    const uint8_t* begin = added + from.added_at;
    out->added.assign(begin, begin + from.added_size);
    out->values.assign(begin + from.added_size, begin + size);
  }
  return true;
}

// Appends what the kind adds to *added.
inline tvn_event to_tvn(const tvcore::Event& from, std::vector<uint8_t>* added) {
  tvn_event out{};
  out.seq = from.seq;
  out.kind = static_cast<uint8_t>(from.kind);
  out.item = from.item;
  out.at_ms = from.at_ms;
  out.profile = from.profile;
  out.utc_offset_min = from.utc_offset_min;
  out.fields = from.fields;
  out.session = from.session;
  out.slate_id = from.slate_id;
  out.position_s = from.position_s;
  out.duration_s = from.duration_s;
  out.rating_e4 = from.rating_e4;
  out.watched_e4 = from.watched_e4;
  out.season = from.season;
  out.episode = from.episode;
  out.row = from.row;
  out.slot = from.slot;
  out.slot_count = from.slot_count;
  out.added_at = static_cast<uint32_t>(added->size());
  out.added_size = static_cast<uint32_t>(from.added.size());
  out.values_size = static_cast<uint32_t>(from.values.size());
  added->insert(added->end(), from.added.begin(), from.added.end());
  added->insert(added->end(), from.values.begin(), from.values.end());
  return out;
}

}  // namespace tvpy
