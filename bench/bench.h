/*
 * What the programs of this folder share: options, clocks, a viewer with a history, figures as JSON.
 *
 * Each program is one C file on the public header alone, so that it can be built on any chip:
 *
 *   cc -O2 bench/tvb_bench.c $(pkg-config --cflags --libs tvbrain-serve) -o tvb_bench
 *
 * It prints one JSON object on standard output (tvb_bench with --json): {"with": {..}, "figures": [..]};
 * `tvbrain bench` runs the same programs and adds the machine and the command.
 */
#ifndef TVBRAIN_BENCH_H
#define TVBRAIN_BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <tvbrain.h>
#include <unistd.h>

enum { BENCH_HISTORY = 200, BENCH_CANDIDATES = 1200 };

#define BENCH_VIEWER "bench"                           /* the name of the viewer's profile */
static const int64_t bench_evening_ms = 1700000000000; /* a fixed evening: runs are comparable */

typedef struct bench_options {
  const char *pack, *data;
  size_t calls; /* -n */
  int cpu;      /* -c: pinned to this core; -1: wherever */
  int progress; /* -p: "progress DONE TOTAL" lines on standard error */
  int prepare;  /* -w: write the history and leave */
  int drop;     /* -d: drop the pack and the data directory from the page cache first */
  int speed;    /* -r: how many times faster than real time; 0: no waiting */
  int realtime; /* -f: first-in-first-out priority: nothing else runs on the core (needs the right to) */
  int commit_s; /* -s: seconds from a change to the file system's commit that is modelled; 0: none */
  int learner; /* -l: "learn MS" on standard error every minute, and wait for a line of standard input */
  int64_t begin_ms; /* -t: when it begins */
} bench_options;

typedef struct bench_viewer {
  tvb_brain* brain;
  uint32_t profile;
  uint32_t watched_count, with_weights, entitlements;
  char watched[BENCH_HISTORY][TVB_ID_SIZE];
} bench_viewer;

static tvb_slate_item bench_items[TVB_MAX_K];
static uint64_t bench_random_state = 1;

static inline uint64_t bench_random(void) {
  uint64_t z = (bench_random_state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline void bench_must(const char* what, int32_t status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s: %s\n", what, tvb_status_name(status), tvb_last_error());
  exit(1);
}

static inline void bench_fail(const char* what) {
  perror(what);
  exit(1);
}

static inline double bench_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* Involuntary context switches of this thread: another process wanted the core. */
static inline long bench_preempted(void) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

static inline void bench_progress(const bench_options* options, size_t done, size_t total) {
  if (!options->progress || total == 0 || (done % (total / 100 + 1) != 0 && done != total)) return;
  fprintf(stderr, "progress %zu %zu\n", done, total);
}

/* When this thread, of first-in-first-out priority, last gave its core up; 0: it is of another policy. */
static double bench_gave_way;

/* Between two calls: the kernel stops a first-in-first-out thread for the rest of each second of which it has used 95
 * parts of a hundred (sched(7)), which would show as a call of 50 ms. Sleeping before that keeps it out of the times. */
static inline void bench_give_way(void) {
  const struct timespec nap = {0, 60 * 1000 * 1000};
  if (bench_gave_way == 0 || bench_ms() - bench_gave_way < 800) return;
  nanosleep(&nap, NULL);
  bench_gave_way = bench_ms();
}

/* The core and the priority that were asked for; before the brain is opened: its thread shares the core. */
static inline void bench_settle(const bench_options* options) {
  if (options->cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)options->cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) bench_fail("sched_setaffinity");
  }
  if (options->realtime) { /* the calling thread alone: the brain's own keeps the usual policy */
    struct sched_param priority;
    memset(&priority, 0, sizeof priority);
    priority.sched_priority = 1;
    if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) != 0)
      bench_fail("sched_setscheduler");
    bench_gave_way = bench_ms();
  }
}

static inline bench_options bench_parse(int argc, char** argv, const char* letters, size_t calls) {
  bench_options options = {NULL, NULL, calls, -1, 0, 0, 0, 0, 0, 5, 0, bench_evening_ms};
  int letter;
  while ((letter = getopt(argc, argv, letters)) != -1) {
    switch (letter) {
      case 'n':
        options.calls = strtoul(optarg, NULL, 10);
        break;
      case 'c':
        options.cpu = atoi(optarg);
        break;
      case 'p':
        options.progress = 1;
        break;
      case 'w':
        options.prepare = 1;
        break;
      case 'f':
        options.realtime = 1;
        break;
      case 'd':
        options.drop = 1;
        break;
      case 'r':
        options.speed = atoi(optarg);
        break;
      case 'l':
        options.learner = 1;
        break;
      case 't':
        options.begin_ms = strtoll(optarg, NULL, 10);
        break;
      case 's':
        options.commit_s = atoi(optarg);
        break;
      default:
        exit(2);
    }
  }
  if (argc - optind != 2 || options.calls == 0) {
    fprintf(stderr, "usage: %s [-%s] PACK DATA_DIR (a letter before a colon takes a number)\n",
            argv[0], letters);
    exit(2);
  }
  options.pack = argv[optind];
  options.data = argv[optind + 1];
  bench_settle(&options);
  return options;
}

static inline tvb_brain* bench_open(const bench_options* options) {
  tvb_open_options open;
  tvb_brain* brain;
  memset(&open, 0, sizeof open);
  open.struct_size = sizeof open;
  open.seed = 1;
  open.clock_trusted = 1;
  bench_must("tvb_open", tvb_open(options->data, options->pack, &open, &brain));
  return brain;
}

static inline void bench_event(const bench_viewer* viewer, tvb_event* event, uint32_t kind,
                               const char* item, int64_t at) {
  const tvb_event empty = TVB_EVENT_INIT;
  *event = empty;
  event->kind = kind;
  event->profile = viewer->profile;
  event->at = at;
  snprintf(event->item, sizeof event->item, "%s", item);
  if (kind == TVB_EVENT_COMPLETE || kind == TVB_EVENT_STOP) {
    event->fields = TVB_HAS_WATCHED;
    event->watched = kind == TVB_EVENT_COMPLETE ? 0.95f : 0.4f;
  } else if (kind >= TVB_EVENT_PLAY_START && kind <= TVB_EVENT_SEEK) {
    event->fields = TVB_HAS_POSITION | TVB_HAS_DURATION;
    event->position_s = (uint32_t)(at / 1000 % 5000);
    event->duration_s = 6000;
  }
}

/* A question that differs from every other one in its token; `profile` 1 is the unrestricted household. */
static inline tvb_context bench_context(uint32_t profile, uint32_t k, int64_t at) {
  tvb_context context = TVB_CONTEXT_INIT;
  context.profile = profile;
  context.k = k;
  context.at = at;
  context.screen_token = bench_random();
  return context;
}

static inline uint32_t bench_has_weights(tvb_brain* brain, const char* item) {
  tvb_context context = bench_context(1, 20, bench_evening_ms);
  tvb_slate slate = TVB_SLATE_INIT;
  bench_must("tvb_similar", tvb_similar(brain, item, &context, &slate, bench_items, TVB_MAX_K));
  for (uint32_t i = 0; i < slate.count; ++i) {
    if (bench_items[i].terms[TVB_TERM_CF] != 0.0f) return 1;
  }
  return 0;
}

/* An age limit of 16 and every provider of the first titles but the one found last. */
static inline tvb_profile bench_make_profile(bench_viewer* viewer, const char* name) {
  tvb_profile made;
  tvb_context context = bench_context(1, TVB_MAX_K, bench_evening_ms);
  tvb_slate slate = TVB_SLATE_INIT;
  uint32_t found = 0;
  memset(&made, 0, sizeof made);
  made.struct_size = sizeof made;
  made.max_age = 16;
  snprintf(made.name, sizeof made.name, "%s", name);
  bench_must("tvb_recommend",
             tvb_recommend(viewer->brain, &context, &slate, bench_items, TVB_MAX_K));
  for (uint32_t i = 0; i < slate.count; ++i) {
    tvb_offer offer;
    offer.struct_size = sizeof offer;
    for (uint32_t index = 0;
         tvb_offer_get(viewer->brain, bench_items[i].item, index, &offer) == TVB_OK; ++index) {
      uint32_t known = 0;
      while (known < found && strcmp(made.entitlements[known], offer.provider) != 0) ++known;
      if (known == found && found < TVB_MAX_ENTITLEMENTS)
        strcpy(made.entitlements[found++], offer.provider);
    }
  }
  made.entitlement_count = found > 1 ? found - 1 : found;
  bench_must("tvb_profile_create", tvb_profile_create(viewer->brain, &made));
  viewer->profile = made.id;
  viewer->entitlements = made.entitlement_count;
  return made;
}

/*
 * Up to BENCH_HISTORY titles open to this viewer, those with item-item weights before the others: the best of all and
 * of each genre that the best have.
 */
static inline void bench_choose_history(bench_viewer* viewer) {
  static char candidates[BENCH_CANDIDATES][TVB_ID_SIZE];
  static char genres[64][TVB_GENRE_SIZE];
  uint32_t candidate_count = 0, genre_count = 0;
  for (uint32_t turn = 0; turn <= genre_count && candidate_count < BENCH_CANDIDATES; ++turn) {
    tvb_context context = bench_context(viewer->profile, TVB_MAX_K, bench_evening_ms);
    tvb_slate slate = TVB_SLATE_INIT;
    if (turn > 0) strcpy(context.genre, genres[turn - 1]);
    bench_must("tvb_recommend",
               tvb_recommend(viewer->brain, &context, &slate, bench_items, TVB_MAX_K));
    for (uint32_t i = 0; i < slate.count && candidate_count < BENCH_CANDIDATES; ++i) {
      uint32_t known = 0;
      while (known < candidate_count && strcmp(candidates[known], bench_items[i].item) != 0)
        ++known;
      if (known == candidate_count) strcpy(candidates[candidate_count++], bench_items[i].item);
      tvb_item item;
      item.struct_size = sizeof item;
      if (turn > 0 || tvb_item_get(viewer->brain, bench_items[i].item, "", &item) != TVB_OK)
        continue;
      for (uint32_t g = 0; g < item.genre_count && g < 8; ++g) {
        uint32_t at = 0;
        while (at < genre_count && strcmp(genres[at], item.genres[g]) != 0) ++at;
        if (at == genre_count && genre_count < 64) strcpy(genres[genre_count++], item.genres[g]);
      }
    }
  }
  for (uint32_t wanted = 1; wanted + 1 > 0; --wanted) { /* 1: with weights, then 0: without */
    for (uint32_t i = 0; i < candidate_count && viewer->watched_count < BENCH_HISTORY; ++i) {
      if (bench_has_weights(viewer->brain, candidates[i]) != wanted) continue;
      strcpy(viewer->watched[viewer->watched_count++], candidates[i]);
      viewer->with_weights += wanted;
    }
    if (wanted == 0) break;
  }
}

/* One profile with a history of completed titles, spread over the 100 days before the evening. */
static inline void bench_make_viewer(bench_viewer* viewer) {
  bench_make_profile(viewer, BENCH_VIEWER);
  bench_choose_history(viewer);
  for (uint32_t i = 0; i < viewer->watched_count; ++i) {
    const int64_t days_ago = (int64_t)(viewer->watched_count - i) * 100 / BENCH_HISTORY;
    tvb_event event;
    bench_event(viewer, &event, TVB_EVENT_COMPLETE, viewer->watched[i],
                bench_evening_ms - days_ago * 86400000);
    bench_must("tvb_observe", tvb_observe(viewer->brain, &event));
  }
}

/* The viewer that bench_make_viewer() made in this folder before, within the same limits as then. What was watched is
 * chosen as it was then, by a profile without history; that stays, because to delete one makes snapshots too old. */
static inline void bench_find_viewer(bench_viewer* viewer) {
  tvb_profile again = bench_make_profile(viewer, "bench again"), lived;
  bench_choose_history(viewer);
  lived.struct_size = sizeof lived;
  bench_must("tvb_profile_find", tvb_profile_find(viewer->brain, BENCH_VIEWER, &lived));
  again.id = viewer->profile = lived.id;
  strcpy(again.name, BENCH_VIEWER);
  bench_must("tvb_profile_update", tvb_profile_update(viewer->brain, &again));
}

static inline int bench_by_value(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static int bench_figures_printed;

static inline void bench_figure(const char* name, const char* part, double value, const char* unit,
                                size_t n, const char* with) {
  printf(
      "%s\n  {\"name\": \"%s%s%s\", \"value\": %.6g, \"unit\": \"%s\", \"n\": %zu, \"with\": {%s}}",
      bench_figures_printed++ ? "," : "", name, *part ? "." : "", part, value, unit, n, with);
}

/* Of `n` sorted times, at least one, the value that at most n - n x share of the calls exceed. */
static inline double bench_at(const double* times, size_t n, double share) {
  const size_t place = (size_t)((double)n * share);
  return times[place < n ? place : n - 1];
}

/* Sorts `times`. */
static inline void bench_distribution(const char* name, double* times, size_t n, const char* with) {
  static const struct {
    const char* name;
    double share;
  } cuts[] = {{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1.0}};
  if (n == 0) return;
  qsort(times, n, sizeof *times, bench_by_value);
  for (size_t c = 0; c < sizeof cuts / sizeof *cuts; ++c) {
    bench_figure(name, cuts[c].name, bench_at(times, n, cuts[c].share), "ms", n, with);
  }
}

#endif
