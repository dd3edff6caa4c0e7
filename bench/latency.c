/*
 * How long the C interface takes on this chip: latencies of recommend, rows, similar, search and observe, one thread.
 *
 *   latency PACK DATA_DIR [CALLS]      DATA_DIR must be new; CALLS of recommend, 20,000 if left out
 *
 * A profile with an age limit and entitlements watches 200 of the titles that an empty history recommends; then every
 * call asks with another time and another screen token, and every tenth call observes an event first. Prints one JSON
 * object: {"figures": [...]}, times in milliseconds, with the number of watched titles that have item-item weights.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tvbrain.h>

enum { HISTORY = 200, K = 20, ROWS = 8 };

static tvb_brain* brain;
static uint32_t profile;
static tvb_slate_item items[TVB_MAX_K * ROWS];
static char watched[HISTORY][TVB_ID_SIZE];
static uint32_t watched_count;
static uint64_t random_state = 1;

static uint64_t next_random(void) {
  uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void must(const char* what, int32_t status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s: %s\n", what, tvb_status_name(status), tvb_last_error());
  exit(1);
}

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static tvb_context context_now(uint32_t k) {
  tvb_context context = TVB_CONTEXT_INIT;
  context.profile = profile;
  context.k = k;
  context.at = 1700000000000 + (int64_t)(next_random() % 86400000000u);
  context.screen_token = next_random();
  return context;
}

static void observe(uint32_t kind, const char* item) {
  tvb_event event = TVB_EVENT_INIT;
  event.kind = kind;
  event.profile = profile;
  event.at = 1700000000000;
  event.fields = TVB_HAS_WATCHED;
  event.watched = 0.9f;
  snprintf(event.item, sizeof event.item, "%s", item);
  must("tvb_observe", tvb_observe(brain, &event));
}

static uint32_t recommend(uint32_t k) {
  tvb_context context = context_now(k);
  tvb_slate slate = TVB_SLATE_INIT;
  must("tvb_recommend", tvb_recommend(brain, &context, &slate, items, TVB_MAX_K));
  return slate.count;
}

/* Providers of the titles first recommended become the entitlements: all but the last found. */
static void make_profile(void) {
  tvb_profile viewer;
  memset(&viewer, 0, sizeof viewer);
  viewer.struct_size = sizeof viewer;
  viewer.max_age = 17;
  strcpy(viewer.name, "bench");
  profile = 1;
  const uint32_t count = recommend(TVB_MAX_K);
  uint32_t found = 0;
  for (uint32_t i = 0; i < count && found < TVB_MAX_ENTITLEMENTS; ++i) {
    tvb_offer offer;
    offer.struct_size = sizeof offer;
    for (uint32_t index = 0; tvb_offer_get(brain, items[i].item, index, &offer) == TVB_OK;
         ++index) {
      uint32_t known = 0;
      while (known < found && strcmp(viewer.entitlements[known], offer.provider) != 0) ++known;
      if (known == found && found < TVB_MAX_ENTITLEMENTS)
        strcpy(viewer.entitlements[found++], offer.provider);
    }
  }
  viewer.entitlement_count = found > 1 ? found - 1 : found;
  must("tvb_profile_create", tvb_profile_create(brain, &viewer));
  profile = viewer.id;
}

static uint32_t watch_history(void) {
  watched_count = recommend(HISTORY);
  for (uint32_t i = 0; i < watched_count; ++i) strcpy(watched[i], items[i].item);
  uint32_t with_weights = 0;
  for (uint32_t i = 0; i < watched_count; ++i) {
    tvb_context context = context_now(K);
    tvb_slate slate = TVB_SLATE_INIT;
    must("tvb_similar", tvb_similar(brain, watched[i], &context, &slate, items, K));
    uint32_t has = 0;
    for (uint32_t j = 0; j < slate.count; ++j) has |= items[j].terms[TVB_TERM_CF] != 0.0f;
    with_weights += has;
    observe(TVB_EVENT_COMPLETE, watched[i]);
  }
  return with_weights;
}

static int by_value(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static void report(const char* name, double* times, size_t n, const char* with, int last) {
  static const struct {
    const char* name;
    double share;
  } cuts[] = {{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}};
  qsort(times, n, sizeof *times, by_value);
  for (size_t c = 0; c < sizeof cuts / sizeof *cuts; ++c) {
    size_t place = (size_t)((double)n * cuts[c].share);
    if (place >= n) place = n - 1;
    printf(
        "  {\"name\": \"%s.%s\", \"value\": %.6f, \"unit\": \"ms\", \"n\": %zu, \"with\": "
        "{%s}}%s\n",
        name, cuts[c].name, times[place], n, with, last && c == 2 ? "" : ",");
  }
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PACK DATA_DIR [CALLS]\n", argv[0]);
    return 2;
  }
  const size_t calls = argc > 3 ? strtoul(argv[3], NULL, 10) : 20000;
  tvb_open_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.seed = 1;
  options.clock_trusted = 1;
  must("tvb_open", tvb_open(argv[2], argv[1], &options, &brain));
  make_profile();
  const uint32_t with_weights = watch_history();

  double *asked = malloc(calls * sizeof *asked), *told = malloc(calls * sizeof *told);
  if (asked == NULL || told == NULL || calls < 1000) {
    fprintf(stderr, "CALLS: from 1000, and as memory allows\n");
    return 2;
  }
  for (size_t i = 0; i < 500; ++i) recommend(K);
  size_t tells = 0;
  for (size_t i = 0; i < calls; ++i) {
    if (i % 10 == 0) {
      const double start = now_ms();
      observe(i % 20 == 0 ? TVB_EVENT_PROGRESS : TVB_EVENT_COMPLETE,
              watched[next_random() % watched_count]);
      told[tells++] = now_ms() - start;
    }
    const double start = now_ms();
    const uint32_t count = recommend(K);
    asked[i] = now_ms() - start;
    if (count == 0) return 1;
  }
  char with[160];
  tvb_health_info health;
  health.struct_size = sizeof health;
  must("tvb_health", tvb_health(brain, &health));
  tvb_version_info version;
  version.struct_size = sizeof version;
  must("tvb_version", tvb_version(&version));
  snprintf(with, sizeof with,
           "\"titles\": %" PRIu32 ", \"events\": %" PRIu32 ", \"with_weights\": %" PRIu32
           ", \"k\": %d, \"kernel\": \"%s\"",
           health.items, watched_count, with_weights, K, version.kernel);
  printf("{\"figures\": [\n");
  report("recommend", asked, calls, with, 0);
  report("observe", told, tells, with, 0);

  const size_t fewer = calls / 10;
  for (size_t i = 0; i < fewer; ++i) {
    tvb_context context = context_now(K);
    tvb_screen screen = TVB_SCREEN_INIT;
    tvb_row rows[ROWS];
    const double start = now_ms();
    must("tvb_rows", tvb_rows(brain, &context, &screen, rows, ROWS, items, TVB_MAX_K * ROWS));
    asked[i] = now_ms() - start;
  }
  report("rows", asked, fewer, with, 0);
  for (size_t i = 0; i < fewer; ++i) {
    tvb_context context = context_now(K);
    tvb_slate slate = TVB_SLATE_INIT;
    const double start = now_ms();
    must("tvb_similar",
         tvb_similar(brain, watched[next_random() % watched_count], &context, &slate, items, K));
    asked[i] = now_ms() - start;
  }
  report("similar", asked, fewer, with, 0);
  static const char* const texts[] = {"the", "star", "love", "mat", "life of", "xyzzy"};
  for (size_t i = 0; i < fewer; ++i) {
    tvb_context context = context_now(K);
    tvb_slate slate = TVB_SLATE_INIT;
    const double start = now_ms();
    must("tvb_search", tvb_search(brain, texts[i % 6], &context, &slate, items, K));
    asked[i] = now_ms() - start;
  }
  report("search", asked, fewer, with, 1);
  printf("]}\n");
  must("tvb_close", tvb_close(brain));
  free(asked);
  free(told);
  return 0;
}
