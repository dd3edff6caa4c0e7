/*
 * Ways to put a record of 80 bytes where it survives the process, with cold caches (docs/adr/0007).
 *
 *   cc -O2 bench/journal/write_ways.c -o write_ways && ./write_ways FOLDER [MIB [ROUNDS]]
 *
 * Before each write MIB (48) of other memory are walked through; `synced` are writes after an fdatasync of the file, when
 * the kernel has to make its page dirty again, `again` those to a page that is dirty. Ways take turns. FOLDER lies on the
 * file system to be judged; /dev/shm is written to as well.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { RECORD = 80, FILE_SIZE = 1 << 20, PIECE = 64 << 10, LINE = 64 };

typedef enum way {
  CALL,
  PWRITE,
  PWRITE_PAGES,
  PWRITE_WHOLE,
  PWRITE_SHM,
  READ_INTO,
  STORE,
  WAYS
} way;
static const char* const names[WAYS] = {"a system call that does nothing",
                                        "pwrite",
                                        "pwrite, file made of single pages",
                                        "pwrite, file made in one piece",
                                        "pwrite to /dev/shm",
                                        "pread of a memfd into a mapping",
                                        "store into a mapping"};

typedef struct target {
  int fd;
  unsigned char* mapped;
} target;

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static int by_value(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

/* A synced file of zeros without a name, written in so large pieces. */
static target make(const char* folder, size_t piece) {
  unsigned char* const zeros = calloc(1, piece);
  target made;
  made.fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (zeros == NULL || made.fd < 0) fail(folder);
  for (off_t at = 0; at < FILE_SIZE; at += (off_t)piece) {
    if (pwrite(made.fd, zeros, piece, at) != (ssize_t)piece) fail("pwrite");
  }
  if (fsync(made.fd) != 0) fail("fsync");
  made.mapped = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, made.fd, 0);
  if (made.mapped == MAP_FAILED) fail("mmap");
  free(zeros);
  return made;
}

static void put(way how, const target* to, int ring, const unsigned char* record, off_t at) {
  ssize_t done = RECORD;
  if (how == CALL)
    (void)syscall(SYS_getppid);
  else if (how == STORE)
    memcpy(to->mapped + at, record, RECORD);
  else if (how == READ_INTO)
    done = pread(ring, to->mapped + at, RECORD, 0);
  else
    done = pwrite(to->fd, record, RECORD, at);
  if (done != RECORD) fail(names[how]);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const size_t mib = argc > 2 ? strtoul(argv[2], NULL, 10) : 48;
  const size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 400;
  target to[WAYS];
  for (int w = 0; w < WAYS; ++w) {
    const size_t piece = w == PWRITE_PAGES ? 4096 : w == PWRITE_WHOLE ? FILE_SIZE : PIECE;
    to[w] = make(w == PWRITE_SHM ? "/dev/shm" : argv[1], piece);
  }
  unsigned char record[RECORD];
  memset(record, 1, sizeof record);
  const int ring = memfd_create("record", MFD_CLOEXEC);
  if (ring < 0 || pwrite(ring, record, RECORD, 0) != RECORD) fail("memfd_create");
  volatile unsigned char* const other = calloc(mib << 20, 1);
  double* const taken = calloc(2 * WAYS * rounds, sizeof *taken);
  if (other == NULL || taken == NULL) fail("calloc");

  for (size_t i = 0; i < 2 * rounds; ++i) {
    const off_t at = LINE + (off_t)(i * RECORD % (FILE_SIZE - 4096));
    for (int w = 0; w < WAYS; ++w) {
      if (i % 2 == 0 && fdatasync(to[w].fd) != 0) fail("fdatasync");
      for (size_t b = 0; b < mib << 20; b += LINE) ++other[b];
      const double started = now_us();
      put((way)w, &to[w], ring, record, at);
      taken[((size_t)w * 2 + i % 2) * rounds + i / 2] = now_us() - started;
    }
  }
  printf("%-36s %9s %9s %9s %9s\n", "us", "again p50", "p99", "synced p50", "p99");
  for (size_t w = 0; w < WAYS; ++w) {
    double* const synced = taken + w * 2 * rounds;
    double* const again = synced + rounds;
    qsort(synced, rounds, sizeof *synced, by_value);
    qsort(again, rounds, sizeof *again, by_value);
    printf("%-36s %9.1f %9.1f %9.1f %9.1f\n", names[w], again[rounds / 2], again[rounds * 99 / 100],
           synced[rounds / 2], synced[rounds * 99 / 100]);
  }
  return 0;
}
