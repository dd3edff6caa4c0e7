/*
 * What Linux does of its own accord to files that a program has written, in compressed time (ext4, data=ordered):
 *
 *   - a write moves its file's times, which are metadata: COMMIT_S after the first such change the file system's journal
 *     is committed, with the block that has the inode;
 *   - 30 s after a page was written it is written back (dirty_expire_centisecs);
 *   - so is, 30 s after the commit, the inode's block in its own place.
 *
 * A file beside the others stands for the journal's timer: to change it and fsync it commits what is changed so far and
 * writes nothing else of them. Needs to read the block device under the folder.
 */
#ifndef TVBRAIN_BENCH_KERNEL_H
#define TVBRAIN_BENCH_KERNEL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { KERNEL_EXPIRE_MS = 30000 };
static const char kernel_timer[] = "commit-timer";

typedef struct kernel {
  char folder[4096];              /* whose files, at any depth, are written back */
  int timer, device;              /* open files; device -1: no commit is modelled */
  int64_t commit_ms;              /* 0: times are no metadata (lazytime) */
  int64_t changed, pages, placed; /* since when an inode, a page, a committed block wait; -1 */
  size_t commits;
} kernel;

static inline void kernel_must(int ok, const char* what) {
  if (ok) return;
  perror(what);
  exit(1);
}

/* The device's node, made beside the files where /dev does not have it. */
static inline int kernel_device(const char* folder) {
  struct stat info;
  char path[4096 + 32];
  kernel_must(stat(folder, &info) == 0, folder);
  snprintf(path, sizeof path, "%s/%s-device", folder, kernel_timer);
  kernel_must(mknod(path, S_IFBLK | 0600, info.st_dev) == 0, path);
  const int device = open(path, O_RDONLY | O_CLOEXEC);
  kernel_must(device >= 0, path);
  unlink(path);
  return device;
}

/* `folder` exists. commit_s: see `commit_ms`. */
static inline kernel kernel_of(const char* folder, int commit_s) {
  kernel of = {"", -1, -1, (int64_t)commit_s * 1000, -1, -1, -1, 0};
  char path[4096 + 32];
  snprintf(of.folder, sizeof of.folder, "%s", folder);
  if (commit_s == 0) return of;
  of.device = kernel_device(folder);
  snprintf(path, sizeof path, "%s/%s", folder, kernel_timer);
  of.timer = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  kernel_must(of.timer >= 0 && fsync(of.timer) == 0, path);
  return of;
}

/* A file of the folder was written at this time. */
static inline void kernel_written(kernel* of, int64_t now_ms) {
  if (of->changed < 0 && of->commit_ms) of->changed = now_ms;
  if (of->pages < 0) of->pages = now_ms;
}

static inline void kernel_commit(kernel* of, int64_t now_ms) {
  /* Times have the resolution of the kernel's tick: without this the next write may leave its inode clean, as it never
     does in real time. */
  usleep(11000);
  kernel_must(futimens(of->timer, NULL) == 0 && fsync(of->timer) == 0, kernel_timer);
  ++of->commits;
  of->changed = -1;
  if (of->placed < 0) of->placed = now_ms;
}

static inline int kernel_write_file(const char* path, const struct stat* info, int kind,
                                    struct FTW* at) {
  (void)info, (void)at;
  const int fd = kind == FTW_F ? open(path, O_WRONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  close(fd);
  return 0;
}

static inline void kernel_write_back(kernel* of) {
  (void)nftw(of->folder, kernel_write_file, 8, FTW_PHYS);
  of->pages = -1;
}

static inline int64_t kernel_earlier(int64_t next, int64_t since, int64_t wait) {
  return since >= 0 && since + wait < next ? since + wait : next;
}

/* When it next does something, `until` if not before. */
static inline int64_t kernel_next(const kernel* of, int64_t until) {
  until = kernel_earlier(until, of->changed, of->commit_ms);
  until = kernel_earlier(until, of->pages, KERNEL_EXPIRE_MS);
  return kernel_earlier(until, of->placed, KERNEL_EXPIRE_MS);
}

/* What is due now. */
static inline void kernel_run(kernel* of, int64_t now_ms) {
  if (of->changed >= 0 && now_ms >= of->changed + of->commit_ms) kernel_commit(of, now_ms);
  if (of->pages >= 0 && now_ms >= of->pages + KERNEL_EXPIRE_MS) kernel_write_back(of);
  if (of->placed >= 0 && now_ms >= of->placed + KERNEL_EXPIRE_MS) {
    (void)sync_file_range(of->device, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    of->placed = -1;
  }
}

#endif
