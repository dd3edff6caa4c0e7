/*
 * What a heavy day's journal costs in sectors, whatever the program, by where events lie until they must be durable
 * (docs/adr/0012). No brain: one file of 1 MiB made of real zeros, pwrite, fdatasync, and the kernel's own part (kernel.h).
 *
 *   cc -O2 -I bench bench/journal/flash_ways.c -o flash_ways && ./flash_ways [-s COMMIT_S] WAY FOLDER
 *
 * WAY: `each`, every event is written to the file when it comes; `staged`, what came is written when the first of it must
 * be durable (until then it would lie in memory that outlives the process). The day is that of heavy_day.c: hours of 10
 * minutes with an event every 2.4 s, and 50 with one every 10 s; of 1 s durability are one in 60 s while looking about
 * and two in an hour's title, of immediate durability two.
 */
#include "kernel.h"

enum { RECORD = 200, FILE_SIZE = 1 << 20, HOURS = 8 };

static kernel system_of;
static int file, staged;
static int64_t now_ms, due = INT64_MAX;
static size_t events, syncs, at;
static size_t written;

static void put(void) {
  static unsigned char bytes[FILE_SIZE];
  while (written < at) {
    size_t size = staged ? at - written : RECORD;
    memset(bytes, 1 + (int)(events & 63), size);
    kernel_must(pwrite(file, bytes, size, (off_t)written) == (ssize_t)size, "pwrite");
    written += size;
  }
  kernel_written(&system_of, now_ms);
}

static void make_durable(void) {
  if (staged) put();
  kernel_must(fdatasync(file) == 0, "fdatasync");
  system_of.pages = -1;
  due = INT64_MAX;
  ++syncs;
}

/* One event that must be durable within `ms`, and the time until the next. */
static void tell(int64_t ms, int64_t until_next) {
  const int64_t end = now_ms + until_next;
  at += RECORD;
  ++events;
  if (!staged) put();
  if (now_ms + ms < due) due = now_ms + ms;
  if (ms == 0) make_durable();
  while (now_ms < end) {
    const int64_t next = kernel_next(&system_of, end);
    now_ms = due < next ? due : next;
    if (now_ms >= due) make_durable();
    kernel_run(&system_of, now_ms);
  }
}

static void hour(void) {
  for (int i = 0; i < 250; ++i) tell(i % 25 == 24 ? 1000 : 60000, 2400);
  tell(1000, 10000);
  for (int i = 1; i < 300; ++i) tell(60000, 10000);
  tell(1000, 3000);
  tell(0, 3000);
  tell(0, 3000);
}

int main(int argc, char** argv) {
  int commit_s = 5, letter;
  while ((letter = getopt(argc, argv, "s:")) != -1) {
    if (letter != 's') return 2;
    commit_s = atoi(optarg);
  }
  if (argc - optind != 2) return 2;
  staged = strcmp(argv[optind], "staged") == 0;
  system_of = kernel_of(argv[optind + 1], commit_s);
  char path[4096 + 16];
  snprintf(path, sizeof path, "%s/segment", argv[optind + 1]);
  file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  kernel_must(file >= 0, path);
  static const unsigned char zeros[FILE_SIZE];
  kernel_must(pwrite(file, zeros, sizeof zeros, 0) == FILE_SIZE && fsync(file) == 0, path);
  for (int i = 0; i < HOURS; ++i) hour();
  make_durable();
  printf("events %zu, bytes %zu, syncs %zu, commits %zu\n", events, at, syncs, system_of.commits);
  return 0;
}
