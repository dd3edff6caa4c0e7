/*
 * What Python needs beyond the public header: an internal C interface, without stability, compiled into the extension
 * tvbrain._native.core only. Every function here begins with tvn_. The same rules hold as in tvbrain.h: status codes,
 * caller-owned buffers, nothing thrown. build_native.py declares all of both headers to cffi.
 */
#ifndef TVN_H
#define TVN_H

#include "tvbrain.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The compiler that the core was built with, such as "gcc 12.2.0". Static storage. */
const char *tvn_compiler(void);

/* ---- Events ------------------------------------------------------------------------------------------------- */

/* One record of the journal: the values of its body (docs/formats.md). What the kind adds lies in a byte array that
 * belongs to the batch: `added_size` bytes from `added_at`. */
typedef struct tvn_event {
  uint64_t seq;
  uint64_t item; /* key */
  int64_t at_ms;
  uint64_t session;
  uint64_t slate_id;
  uint32_t profile;
  uint32_t position_s;
  uint32_t duration_s;
  uint32_t added_at;
  uint32_t added_size;
  int16_t utc_offset_min;
  uint16_t fields;
  int16_t rating_e4;
  uint16_t watched_e4;
  uint16_t season, episode, row, slot, slot_count;
  uint8_t kind;
  uint8_t reserved;
} tvn_event;

#ifdef __cplusplus
}
#endif
#endif /* TVN_H */
