/*
 * How long the C interface takes on this chip: recommend, observe, rows, similar and search, one thread.
 *
 *   latency [-n CALLS] [-c CPU] [-f] [-p] PACK DATA_DIR      DATA_DIR must be new
 *
 * A profile with an age limit and entitlements has completed 200 titles. Every call asks with another time and
 * another screen token; every tenth is preceded by an event, so that the next one has a changed history to take in.
 * The eight kinds of event take turns, none of which syncs before it returns; `observe_now` is a kind that does.
 *
 * Times are wall clock of the calling thread, all calls. `.undisturbed` leaves out the calls in which the kernel gave
 * the core to another thread (an involuntary context switch), which says more on a machine that is not idle.
 */
#include "bench.h"

enum { K = 20, ROWS = 8, EVENTS_EVERY = 10, CHECK_EVERY = 50 };

static const uint32_t kinds[] = {TVB_EVENT_SELECT,   TVB_EVENT_PLAY_START, TVB_EVENT_PROGRESS,
                                 TVB_EVENT_PAUSE,    TVB_EVENT_SEEK,       TVB_EVENT_STOP,
                                 TVB_EVENT_COMPLETE, TVB_EVENT_IMPRESSION};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct series {
  const char* name;
  double *all, *undisturbed;
  size_t n, quiet;
  long switches_before, preempted;
  double started;
} series;

static bench_viewer viewer;
static bench_options options;
static tvb_slate_item items[TVB_MAX_K * ROWS];
static int64_t at;
static size_t short_slates, over_age, checked;

static series new_series(const char* name, size_t room) {
  series made = {name, malloc(room * sizeof(double)), malloc(room * sizeof(double)), 0, 0, 0, 0, 0};
  if (made.all == NULL || made.undisturbed == NULL) bench_fail("malloc");
  /* The pages are there before the clock runs. */
  memset(made.all, 1, room * sizeof(double));
  memset(made.undisturbed, 1, room * sizeof(double));
  return made;
}

static void start(series* series) {
  series->switches_before = bench_preempted();
  series->started = bench_ms();
}

static void stop(series* series) {
  const double taken = bench_ms() - series->started;
  const long switches = bench_preempted() - series->switches_before;
  series->all[series->n++] = taken;
  if (switches == 0) series->undisturbed[series->quiet++] = taken;
  series->preempted += switches;
}

static void report(series* series, const char* with) {
  char name[64], more[512];
  snprintf(more, sizeof more, "\"involuntary_switches\": %ld, %s", series->preempted, with);
  bench_distribution(series->name, series->all, series->n, more);
  snprintf(name, sizeof name, "%s.undisturbed", series->name);
  bench_distribution(name, series->undisturbed, series->quiet, more);
  free(series->all);
  free(series->undisturbed);
}

static tvb_context next_context(uint32_t k) {
  at += 7000 + (int64_t)(bench_random() % 1000);
  return bench_context(viewer.profile, k, at);
}

static const char* any_watched(void) {
  return viewer.watched[bench_random() % viewer.watched_count];
}

/* What the speed must not cost: k titles whenever k are eligible, and none above the age, nor in a reason. */
static void check(const tvb_slate* slate) {
  tvb_item item;
  item.struct_size = sizeof item;
  ++checked;
  short_slates += slate->count < K && slate->count < slate->eligible;
  for (uint32_t i = 0; i < slate->count; ++i) {
    bench_must("tvb_item_get", tvb_item_get(viewer.brain, items[i].item, "", &item));
    over_age += item.age > 16;
    if (items[i].reason_item[0] == 0) continue;
    bench_must("tvb_item_get", tvb_item_get(viewer.brain, items[i].reason_item, "", &item));
    over_age += item.age > 16;
  }
}

static uint32_t measure_evening(series* asked, series* told) {
  tvb_slate slate = TVB_SLATE_INIT;
  uint32_t eligible = 0;
  for (size_t i = 0; i < options.calls; ++i) {
    if (i % EVENTS_EVERY == 0) {
      const uint32_t kind = kinds[i / EVENTS_EVERY % KINDS];
      tvb_event event;
      bench_event(&viewer, &event, kind, kind == TVB_EVENT_IMPRESSION ? "" : any_watched(), at);
      if (kind == TVB_EVENT_IMPRESSION) {
        if (slate.count == 0) continue;
        event.fields = TVB_HAS_PLACE;
        event.slate_id = slate.slate_id;
        event.slot_count = (uint16_t)slate.count;
      }
      start(told);
      const int32_t status = tvb_observe(viewer.brain, &event);
      stop(told);
      bench_must("tvb_observe", status);
    }
    const tvb_context context = next_context(K);
    start(asked);
    const int32_t status = tvb_recommend(viewer.brain, &context, &slate, items, TVB_MAX_K);
    stop(asked);
    bench_must("tvb_recommend", status);
    if (i % CHECK_EVERY == 0) check(&slate);
    eligible = slate.eligible;
    bench_progress(&options, i + 1, options.calls);
  }
  return eligible;
}

/* What gives a screen all its rows: films and episodes under way, and a list. */
static void move_in(void) {
  tvb_slate slate = TVB_SLATE_INIT;
  const tvb_context context = next_context(TVB_MAX_K);
  bench_must("tvb_recommend", tvb_recommend(viewer.brain, &context, &slate, items, TVB_MAX_K));
  for (uint32_t i = 0; i < slate.count && i < 60; ++i) {
    const uint32_t kind = i % 3 == 0 ? TVB_EVENT_LIST_ADD : TVB_EVENT_STOP;
    tvb_event event;
    bench_event(&viewer, &event, kind, "", at);
    memcpy(event.item, items[i].item, sizeof event.item);
    if (kind == TVB_EVENT_STOP) {
      event.fields = TVB_HAS_POSITION | TVB_HAS_DURATION;
      event.position_s = 600;
      event.duration_s = 6000;
    }
    bench_must("tvb_observe", tvb_observe(viewer.brain, &event));
  }
}

/* A home screen, as it is asked for on the page of a title: with More like this. */
static void measure_home(void) {
  const size_t calls = options.calls / 10 + 1;
  series screens = new_series("rows", calls);
  tvb_row row[ROWS];
  uint32_t fewest = ROWS;
  size_t titles = 0;
  char with[128];
  move_in();
  for (size_t i = 0; i < calls; ++i) {
    tvb_context context = next_context(K);
    tvb_screen screen = TVB_SCREEN_INIT;
    strcpy(context.item, any_watched());
    start(&screens);
    const int32_t status =
        tvb_rows(viewer.brain, &context, &screen, row, ROWS, items, TVB_MAX_K * ROWS);
    stop(&screens);
    bench_must("tvb_rows", status);
    if (screen.row_count < fewest) fewest = screen.row_count;
    titles += screen.item_count;
  }
  snprintf(with, sizeof with, "\"scan\": \"exact\", \"rows\": %" PRIu32 ", \"titles_shown\": %zu",
           fewest, titles / calls);
  report(&screens, with);
}

static void measure_others(const char* with) {
  static const char* const texts[] = {"the", "star", "love", "mat", "life of", "xyzzy"};
  const size_t calls = options.calls / 10 + 1;
  series similar = new_series("similar", calls), search = new_series("search", calls),
         now = new_series("observe_now", calls);
  for (size_t i = 0; i < calls; ++i) {
    tvb_context context = next_context(K);
    tvb_slate slate = TVB_SLATE_INIT;
    const char* like = any_watched();
    start(&similar);
    int32_t status = tvb_similar(viewer.brain, like, &context, &slate, items, K);
    stop(&similar);
    bench_must("tvb_similar", status);
    context = next_context(K);
    start(&search);
    status = tvb_search(viewer.brain, texts[i % 6], &context, &slate, items, K);
    stop(&search);
    bench_must("tvb_search", status);
  }
  for (size_t i = 0; i < 200 && i < calls; ++i) { /* each waits for the storage device */
    tvb_event event;
    bench_event(&viewer, &event, TVB_EVENT_RATE, any_watched(), at);
    event.fields = TVB_HAS_RATING;
    event.rating = 0.5f;
    start(&now);
    const int32_t status = tvb_observe(viewer.brain, &event);
    stop(&now);
    bench_must("tvb_observe", status);
  }
  report(&similar, with);
  report(&search, "\"results\": \"every title of the pack compared\"");
  report(&now, "\"kinds\": \"rate; returns after fdatasync\"");
}

/* The same history without an age limit or entitlements: most of the catalogue passes the filters. */
static void measure_unrestricted(void) {
  const size_t calls = options.calls / 10 + 1;
  series asked = new_series("recommend_unrestricted", calls);
  tvb_slate slate = TVB_SLATE_INIT;
  tvb_profile profile;
  char with[64];
  profile.struct_size = sizeof profile;
  bench_must("tvb_profile_get", tvb_profile_get(viewer.brain, viewer.profile, &profile));
  profile.max_age = 18;
  profile.entitlement_count = 0;
  bench_must("tvb_profile_update", tvb_profile_update(viewer.brain, &profile));
  for (size_t i = 0; i < calls; ++i) {
    const tvb_context context = next_context(K);
    start(&asked);
    const int32_t status = tvb_recommend(viewer.brain, &context, &slate, items, TVB_MAX_K);
    stop(&asked);
    bench_must("tvb_recommend", status);
  }
  snprintf(with, sizeof with, "\"scan\": \"exact\", \"eligible\": %" PRIu32, slate.eligible);
  report(&asked, with);
}

int main(int argc, char** argv) {
  options = bench_parse(argc, argv, "n:c:pf", 20000);
  viewer.brain = bench_open(&options);
  bench_make_viewer(&viewer);
  at = bench_evening_ms;

  for (int i = 0; i < 500; ++i) { /* caches, and the scratch memory of the first call */
    const tvb_context context = next_context(K);
    tvb_slate slate = TVB_SLATE_INIT;
    bench_must("tvb_recommend", tvb_recommend(viewer.brain, &context, &slate, items, TVB_MAX_K));
  }
  series asked = new_series("recommend", options.calls);
  series told = new_series("observe", options.calls / EVENTS_EVERY + 1);
  const uint32_t eligible = measure_evening(&asked, &told);

  tvb_health_info health;
  tvb_version_info version;
  health.struct_size = sizeof health;
  version.struct_size = sizeof version;
  bench_must("tvb_health", tvb_health(viewer.brain, &health));
  bench_must("tvb_version", tvb_version(&version));
  printf("{\"with\": {\"kernel\": \"%s\", \"titles\": %" PRIu32 ", \"eligible\": %" PRIu32
         ", \"history\": %" PRIu32 ", \"with_weights\": %" PRIu32
         ", \"max_age\": 16"
         ", \"entitlements\": %" PRIu32
         ", \"k\": %d, \"cpu\": %d, \"scheduler\": \"%s\"},\n\"figures\": [",
         version.kernel, health.items, eligible, viewer.watched_count, viewer.with_weights,
         viewer.entitlements, K, options.cpu, options.realtime ? "fifo" : "other");
  char with[256];
  snprintf(
      with, sizeof with,
      "\"slates_checked\": %zu, \"short_slates\": %zu, \"above_age\": %zu, \"scan\": \"exact\"",
      checked, short_slates, over_age);
  report(&asked, with);
  report(&told,
         "\"kinds\": \"select play_start stop complete (durable in 1 s), progress pause seek "
         "impression (60 s)\", \"slates_between\": 10");
  measure_others("\"scan\": \"exact\"");
  measure_home();
  measure_unrestricted();
  printf("\n]}\n");
  bench_must("tvb_close", tvb_close(viewer.brain));
  return short_slates + over_age == 0 ? 0 : 1;
}
