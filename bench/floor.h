/*
 * What the kernel alone takes for an event: a bare pwrite of as many bytes as its record has, into a file of the same
 * file system that is made the way a segment of the journal is (1 MiB of zeros, synced), synced as often as the brain's
 * thread syncs.
 */
#ifndef TVBRAIN_BENCH_FLOOR_H
#define TVBRAIN_BENCH_FLOOR_H

#include <fcntl.h>

#include "bench.h"

enum { FLOOR_FILE = 1 << 20, FLOOR_CHUNK = 4096, FLOOR_SYNC_MS = 800 };

typedef struct floor_file {
  int fd;
  off_t at;
  double synced;
  unsigned char record[4096];
} floor_file;

/* In the data directory, without a name: it goes with its descriptor. */
static inline floor_file floor_open(const char* folder) {
  static unsigned char zeros[FLOOR_CHUNK];
  char path[4096];
  floor_file made;
  memset(&made, 0, sizeof made);
  memset(made.record, 1, sizeof made.record);
  snprintf(path, sizeof path, "%s/floor", folder);
  made.fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made.fd < 0 || unlink(path) != 0) bench_fail(path);
  for (off_t at = 0; at < FLOOR_FILE; at += FLOOR_CHUNK) {
    if (pwrite(made.fd, zeros, FLOOR_CHUNK, at) != FLOOR_CHUNK) bench_fail(path);
  }
  if (fsync(made.fd) != 0) bench_fail(path);
  made.synced = bench_ms();
  return made;
}

/* The bytes that the record of such an event takes (docs/formats.md, "Journal"); `places` of an impression. */
static inline size_t floor_record(uint32_t kind, size_t places) {
  const size_t head = 16, body = 64;
  if (kind != TVB_EVENT_IMPRESSION) return head + body;
  return (head + body + 16 * places + 4 + 2 * TVB_TERM_COUNT * places + 7) / 8 * 8;
}

/* Far from the next write: what the brain's thread does meanwhile. */
static inline void floor_sync_if_due(floor_file* floor) {
  if (bench_ms() - floor->synced < FLOOR_SYNC_MS) return;
  if (fdatasync(floor->fd) != 0) bench_fail("fdatasync");
  floor->synced = bench_ms();
}

static inline void floor_write(floor_file* floor, size_t size) {
  if (floor->at + (off_t)size > FLOOR_FILE) floor->at = 0;
  if (pwrite(floor->fd, floor->record, size, floor->at) != (ssize_t)size) bench_fail("pwrite");
  floor->at += (off_t)size;
}

#endif
