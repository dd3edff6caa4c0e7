/*
 * Cold caches: files out of the page cache (posix_fadvise, no privilege needed), everything out of the processor's.
 */
#ifndef TVBRAIN_BENCH_CACHES_H
#define TVBRAIN_BENCH_CACHES_H

#include "bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { BENCH_CACHE_LINE = 64, BENCH_UNKNOWN_CACHE_MIB = 32 };

/* Drop one file; returns how many of its pages are cached all the same (counted with mincore). */
static inline size_t bench_drop_file(const char* path) {
  struct stat info;
  size_t cached = 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) != 0) bench_fail(path);
  if (S_ISREG(info.st_mode) && info.st_size > 0) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t size = (size_t)info.st_size, pages = (size + page - 1) / page;
    if (fsync(fd) != 0) bench_fail(path);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    unsigned char* in_core = malloc(pages);
    void* mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (in_core == NULL || mapped == MAP_FAILED || mincore(mapped, size, in_core) != 0)
      bench_fail(path);
    for (size_t i = 0; i < pages; ++i) cached += in_core[i] & 1;
    munmap(mapped, size);
    free(in_core);
  }
  close(fd);
  return cached;
}

static inline size_t bench_drop_folder(const char* path) {
  size_t cached = 0;
  struct dirent* entry;
  DIR* folder = opendir(path);
  if (folder == NULL) bench_fail(path);
  while ((entry = readdir(folder)) != NULL) {
    char inner[4096];
    struct stat info;
    if (entry->d_name[0] == '.') continue;
    const int length = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (length < 0 || (size_t)length >= sizeof inner) bench_fail(path);
    if (stat(inner, &info) != 0) bench_fail(inner);
    cached += S_ISDIR(info.st_mode) ? bench_drop_folder(inner) : bench_drop_file(inner);
  }
  closedir(folder);
  return cached;
}

/* MiB that are walked through: twice the largest cache that the C library knows of. */
static inline size_t bench_evicted_mib(void) {
  size_t largest = 0;
  const int levels[] = {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE};
  for (size_t i = 0; i < sizeof levels / sizeof *levels; ++i) {
    const long bytes = sysconf(levels[i]);
    if (bytes > 0 && (size_t)bytes > largest) largest = (size_t)bytes;
  }
  const size_t mib = (largest + (1u << 20) - 1) >> 20;
  return 2 * (mib > 0 ? mib : BENCH_UNKNOWN_CACHE_MIB);
}

/* Write to every line of so much memory, so that what was in the caches is no longer. */
static inline void bench_evict(size_t mib) {
  static volatile unsigned char* memory;
  if (memory == NULL) memory = malloc(mib << 20);
  if (memory == NULL) bench_fail("malloc");
  for (size_t i = 0; i < mib << 20; i += BENCH_CACHE_LINE) ++memory[i];
}

#endif
