/*
 * Series of times: taken call by call, reported as percentiles and histograms, in words or as JSON.
 *
 * Times are wall clock of the calling thread, all calls. `.undisturbed` leaves out the calls in which the kernel gave
 * the core to another thread (an involuntary context switch), which says more on a machine that is not idle.
 */
#ifndef TVBRAIN_BENCH_SERIES_H
#define TVBRAIN_BENCH_SERIES_H

#include "bench.h"

/* Bin b counts times above FIRST x 2^((b - 1) / 4) and up to FIRST x 2^(b / 4) ms; bin 0 has no lower end, the last
 * one no upper. SERIES_BINS is even. */
enum { SERIES_BINS = 100, SERIES_MOST = 24, SERIES_BAR = 40 };
#define SERIES_FIRST_MS 0.001
#define SERIES_STEP 1.189207115002721 /* 2^(1/4) */

typedef struct series {
  const char* name;
  double judged; /* the share of its calls that must keep the budget; 0: it has none */
  double *all, *undisturbed;
  size_t n, quiet;
  long switches_before, preempted;
  double started;
  char with[512];             /* members of a JSON object */
  const struct series* floor; /* what the kernel alone takes for the same, or NULL */
} series;

static series series_kept[SERIES_MOST];
static size_t series_count;

/* A series with room for so many times, reported in the order of opening. */
static inline series* series_open(const char* name, size_t room, double judged) {
  if (series_count == SERIES_MOST) {
    fprintf(stderr, "%s: more series than SERIES_MOST\n", name);
    exit(1);
  }
  series* const made = &series_kept[series_count++];
  made->name = name;
  made->judged = judged;
  made->all = malloc(room * sizeof(double));
  made->undisturbed = malloc(room * sizeof(double));
  if (made->all == NULL || made->undisturbed == NULL) bench_fail("malloc");
  /* The pages are there before the clock runs. */
  memset(made->all, 1, room * sizeof(double));
  memset(made->undisturbed, 1, room * sizeof(double));
  return made;
}

static inline void series_start(series* series) {
  bench_give_way();
  series->switches_before = bench_preempted();
  series->started = bench_ms();
}

static inline void series_stop(series* series) {
  const double taken = bench_ms() - series->started;
  const long switches = bench_preempted() - series->switches_before;
  series->all[series->n++] = taken;
  if (switches == 0) series->undisturbed[series->quiet++] = taken;
  series->preempted += switches;
}

/* Whether its sorted times break the budget. */
static inline int series_over(const series* series, double budget_ms) {
  return series->n > 0 && series->judged > 0 &&
         bench_at(series->all, series->n, series->judged) > budget_ms;
}

/* Counts by bin of sorted times; the first and the last bin with any. */
static inline void series_bins(const series* series, size_t counts[SERIES_BINS], size_t* first,
                               size_t* last) {
  double end = SERIES_FIRST_MS;
  size_t bin = 0;
  memset(counts, 0, SERIES_BINS * sizeof *counts);
  *first = SERIES_BINS;
  for (size_t i = 0; i < series->n; ++i) {
    for (; series->all[i] > end && bin + 1 < SERIES_BINS; ++bin) end *= SERIES_STEP;
    ++counts[bin];
    if (*first == SERIES_BINS) *first = bin;
    *last = bin;
  }
}

static inline double series_end(size_t bin) {
  double end = SERIES_FIRST_MS;
  while (bin-- > 0) end *= SERIES_STEP;
  return end;
}

/* By how much a series exceeds its floor, share by share. */
static inline void series_print_above(const series* one) {
  static const char* const parts[] = {"p50", "p99", "p99.9", "max"};
  static const double shares[] = {0.5, 0.99, 0.999, 1.0};
  const series* const floor = one->floor;
  char name[64];
  if (floor == NULL || floor->n == 0) return;
  snprintf(name, sizeof name, "%s.above_floor", one->name);
  for (size_t p = 0; p < sizeof parts / sizeof *parts; ++p) {
    const double above =
        bench_at(one->all, one->n, shares[p]) - bench_at(floor->all, floor->n, shares[p]);
    bench_figure(name, parts[p], above, "ms", one->n, "\"of\": \"all calls\"");
  }
}

static inline void series_print_json(double budget_ms) {
  for (size_t s = 0; s < series_count; ++s) {
    series* const one = &series_kept[s];
    char name[64], with[640];
    snprintf(with, sizeof with, "\"involuntary_switches\": %ld%s%s", one->preempted,
             one->with[0] ? ", " : "", one->with);
    bench_distribution(one->name, one->all, one->n, with);
    snprintf(name, sizeof name, "%s.undisturbed", one->name);
    bench_distribution(name, one->undisturbed, one->quiet, with);
  }
  for (size_t s = 0; s < series_count; ++s) series_print_above(&series_kept[s]);
  printf("\n],\n\"histograms\": [");
  for (size_t s = 0, printed = 0; s < series_count; ++s) {
    size_t counts[SERIES_BINS], first = 0, last = 0;
    series_bins(&series_kept[s], counts, &first, &last);
    if (series_kept[s].n == 0) continue;
    printf("%s\n  {\"name\": \"%s\", \"unit\": \"ms\", \"at_most\": [", printed++ ? "," : "",
           series_kept[s].name);
    for (size_t b = first; b <= last; ++b) printf("%s%.4g", b > first ? ", " : "", series_end(b));
    printf("], \"count\": [");
    for (size_t b = first; b <= last; ++b) printf("%s%zu", b > first ? ", " : "", counts[b]);
    printf("]}");
  }
  printf("\n],\n\"budget_ms\": %g, \"over_budget\": [", budget_ms);
  for (size_t s = 0, printed = 0; s < series_count; ++s) {
    if (series_over(&series_kept[s], budget_ms))
      printf("%s\"%s\"", printed++ ? ", " : "", series_kept[s].name);
  }
  printf("]");
}

/* Two bins a line; what lies between bins with any is left out where it is long. */
static inline void series_print_histogram(const series* one) {
  size_t counts[SERIES_BINS], first = 0, last = 0, most = 1, empty = 0;
  series_bins(one, counts, &first, &last);
  for (size_t b = first / 2; b <= last / 2; ++b) {
    counts[b] = counts[2 * b] + counts[2 * b + 1];
    most = counts[b] > most ? counts[b] : most;
  }
  printf("\n%s, n = %zu\n", one->name, one->n);
  for (size_t b = first / 2; b <= last / 2; ++b) {
    empty = counts[b] == 0 ? empty + 1 : 0;
    if (empty > 0) {
      if (empty == 1) printf("         ...\n");
      continue;
    }
    printf("  <= %8.4f %8zu ", series_end(2 * b + 1), counts[b]);
    for (size_t mark = 0; mark <= counts[b] * SERIES_BAR / most; ++mark) putchar('#');
    putchar('\n');
  }
}

static inline void series_print_words(double budget_ms) {
  printf("%-24s %9s %9s %9s %9s %8s %9s\n", "ms", "p50", "p99", "p99.9", "max", "n", "preempted");
  for (size_t s = 0; s < series_count; ++s) {
    series* const one = &series_kept[s];
    if (one->n == 0) continue;
    qsort(one->all, one->n, sizeof *one->all, bench_by_value);
    printf("%-24s %9.4f %9.4f %9.4f %9.4f %8zu %9ld%s\n", one->name,
           bench_at(one->all, one->n, 0.5), bench_at(one->all, one->n, 0.99),
           bench_at(one->all, one->n, 0.999), bench_at(one->all, one->n, 1.0), one->n,
           one->preempted, series_over(one, budget_ms) ? "  OVER BUDGET" : "");
  }
  for (size_t s = 0; s < series_count; ++s) {
    if (series_kept[s].n > 0) series_print_histogram(&series_kept[s]);
  }
}

#endif
