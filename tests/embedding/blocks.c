/*
 * Does learning in the same process show in the slowest slates? Blocks of recommend, taken in turns:
 *
 *     blocks LIBRARY DATA PACK BLOCKS CALLS
 *
 * Even blocks: a thread observes and has everything learned, over and over. Odd blocks: the same thread observes, and
 * learning is paused. A call during which the kernel took the processor away is counted apart: that tells of the
 * machine, not of a lock. For each block the p99.9 of the rest; for each kind of block the median of these.
 */
#include <sys/resource.h>

#include "host.h"

enum { WARM_UP = 2000, MOST_BLOCKS = 64 };

static tvb_brain* brain;
static atomic_int teaching, at_it, ended;
static atomic_ulong lessons;

static void* viewer(void* unused) {
  (void)unused;
  for (uint64_t i = 0; !ended; ++i) {
    watch(brain, i);
    at_it = 1;
    if (teaching && i % 100 == 0 && api.learn_now(brain) == TVB_OK) atomic_fetch_add(&lessons, 1);
    at_it = 0;
    usleep(1000);
  }
  return NULL;
}

static int compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static double quantile(double* values, size_t count, double q) {
  qsort(values, count, sizeof *values, compare);
  const size_t at = (size_t)(q * (double)count);
  return values[at < count ? at : count - 1];
}

static double elapsed_us(const struct timespec* from, const struct timespec* to) {
  return (double)(to->tv_sec - from->tv_sec) * 1e6 + (double)(to->tv_nsec - from->tv_nsec) / 1e3;
}

/* p99.9 of the calls that were not preempted; how many were goes to *preempted. */
static double block(double* times, int calls, unsigned long* preempted) {
  size_t kept = 0;
  for (int i = 0; i < calls; ++i) {
    struct rusage before, after;
    struct timespec from, to;
    getrusage(RUSAGE_THREAD, &before);
    clock_gettime(CLOCK_MONOTONIC, &from);
    (void)recommended(brain, (uint64_t)i);
    clock_gettime(CLOCK_MONOTONIC, &to);
    getrusage(RUSAGE_THREAD, &after);
    if (after.ru_nivcsw != before.ru_nivcsw) {
      ++*preempted;
    } else {
      times[kept++] = elapsed_us(&from, &to);
    }
  }
  return kept == 0 ? 0 : quantile(times, kept, 0.999);
}

int main(int argc, char** argv) {
  double tails[2][MOST_BLOCKS];
  unsigned long preempted[2] = {0, 0}, lessons_of[2] = {0, 0};
  pthread_t thread;
  if (argc != 6) return 2;
  const int blocks = atoi(argv[4]), calls = atoi(argv[5]);
  double* times = calloc((size_t)calls, sizeof *times);
  if (blocks < 2 || blocks % 2 != 0 || blocks / 2 > MOST_BLOCKS || times == NULL) return 2;
  load(argv[1]);
  must(api.open(argv[2], argv[3], NULL, &brain), "open");
  if (started(brain).learning != TVB_LEARNING_RUNNING) fail("learning does not run");
  pthread_create(&thread, NULL, viewer, NULL);
  for (int i = 0; i < WARM_UP; ++i) (void)recommended(brain, (uint64_t)i);
  for (int i = 0; i < blocks; ++i) {
    const int paused = i % 2;
    must(api.hint(brain, TVB_HINT_PLAYBACK, paused), "hint");
    teaching = !paused;
    while (paused && at_it) usleep(1000);
    const unsigned long lessons_before = lessons; /* the last one has ended */
    tails[paused][i / 2] = block(times, calls, &preempted[paused]);
    lessons_of[paused] += lessons - lessons_before;
  }
  ended = 1;
  pthread_join(thread, NULL);
  const size_t each = (size_t)blocks / 2;
  const double running = quantile(tails[0], each, 0.5), paused = quantile(tails[1], each, 0.5);
  printf(
      "{\"blocks\": %d, \"calls\": %d, \"running_us\": %.1f, \"paused_us\": %.1f, "
      "\"preempted_running\": %lu, "
      "\"preempted_paused\": %lu, \"lessons_running\": %lu, \"lessons_paused\": %lu}\n",
      blocks, calls, running, paused, preempted[0], preempted[1], lessons_of[0], lessons_of[1]);
  must(api.close(brain), "close");
  return 0;
}
