/*
 * A heavy day of television in compressed time: 8 hours on, 2,000 impressions, progress every 10 s.
 *
 *   heavy_day [-s SECONDS] [-r TIMES] [-l] [-t MS] [-p] PACK DATA_DIR
 *
 * The host's part is played in full: it owns the clock, calls tvb_pump() when the first unsynced event is due (1 s or
 * 60 s after it, by the table in tvbrain.h) and every minute. So the library syncs exactly as often as on a real day.
 * The kernel's part is that of kernel.h, with a commit SECONDS (5, ext4's default; 0: times are no metadata, as with
 * lazytime) after a change. With -r time runs TIMES as fast as a real clock, and the kernel does its part itself: -r 1 is
 * a real day. With -l whoever runs this program is the learner: it is told the time every minute, and time stands still
 * until it has done its part.
 *
 * What reached the device is counted outside, from /sys/block/DEVICE/stat; this program says what it did.
 */
#include "bench.h"
#include "kernel.h"

enum { HOURS = 8, K = 20, ROWS = 5, SHOWN = 5 };

static bench_viewer viewer;
static bench_options options;
static tvb_slate_item items[TVB_MAX_K * ROWS];
static kernel system_of;
static int64_t now_ms, last_pump, due = INT64_MAX;
static uint64_t slate_id;
static size_t impressions, progresses, reactions, others, pumps;
static double real_start;

static int64_t virtual_clock(void* user) {
  (void)user;
  return now_ms;
}

static void pump(void) {
  int64_t next;
  bench_must("tvb_pump", tvb_pump(viewer.brain, &next));
  due = INT64_MAX;
  last_pump = now_ms;
  system_of.pages = -1;
  ++pumps;
}

static void learn(void) {
  char line[16];
  fprintf(stderr, "learn %" PRId64 "\n", now_ms);
  if (fgets(line, sizeof line, stdin) == NULL) bench_fail("learn");
  kernel_written(&system_of, now_ms);
}

/* Let time pass, doing what falls due on the way. */
static void pass(int64_t ms) {
  const int64_t until = now_ms + ms;
  while (now_ms < until) {
    const int64_t minute = last_pump + 60000;
    int64_t next = options.speed > 0 ? until : kernel_next(&system_of, until);
    if (due < next) next = due;
    if (minute < next) next = minute;
    if (next > now_ms) now_ms = next;
    if (options.speed > 0) {
      const double wanted = (double)(now_ms - options.begin_ms) / options.speed;
      const double ahead = wanted - (bench_ms() - real_start);
      if (ahead > 0) usleep((useconds_t)(ahead * 1000));
    }
    if (options.learner && now_ms >= minute) learn();
    if (now_ms >= due || now_ms >= minute) pump();
    if (options.speed == 0) kernel_run(&system_of, now_ms);
  }
}

static void tell(uint32_t kind, const char* item, uint32_t position_s) {
  const int64_t durable_ms = kind == TVB_EVENT_SELECT || kind == TVB_EVENT_PLAY_START ||
                                     kind == TVB_EVENT_STOP || kind == TVB_EVENT_COMPLETE ||
                                     kind == TVB_EVENT_WAKE || kind == TVB_EVENT_STANDBY
                                 ? 1000
                                 : 60000;
  const int now = kind >= TVB_EVENT_RATE && kind <= TVB_EVENT_UNDO;
  tvb_event event;
  bench_event(&viewer, &event, kind, item, now_ms);
  if (kind == TVB_EVENT_IMPRESSION) {
    event.fields = TVB_HAS_PLACE;
    event.slate_id = slate_id;
    event.row = (uint16_t)(position_s / K);
    event.slot = (uint16_t)(position_s % K);
    event.slot_count = SHOWN;
  } else if (position_s > 0) {
    event.position_s = position_s;
  }
  if (kind == TVB_EVENT_RATE) {
    event.fields |= TVB_HAS_RATING;
    event.rating = 0.8f;
  }
  bench_must("tvb_observe", tvb_observe(viewer.brain, &event));
  if (!now && now_ms + durable_ms < due) due = now_ms + durable_ms;
  kernel_written(&system_of, now_ms);
  if (now) system_of.pages = -1;
}

/* Ten minutes of looking about: 250 ranges of rows come on screen, ten titles are opened, one search. */
static void browse(void) {
  tvb_row rows[ROWS];
  tvb_screen screen = TVB_SCREEN_INIT;
  for (int i = 0; i < 250; ++i) {
    if (i % 10 == 0) {
      const tvb_context context = bench_context(viewer.profile, K, now_ms);
      bench_must("tvb_rows",
                 tvb_rows(viewer.brain, &context, &screen, rows, ROWS, items, TVB_MAX_K * ROWS));
      slate_id = screen.slate_id;
    }
    const tvb_row* row = &rows[(uint32_t)i % screen.row_count];
    const uint32_t slot = row->count > SHOWN ? (uint32_t)(i / 2) % (row->count - SHOWN + 1) : 0;
    tell(TVB_EVENT_IMPRESSION, items[row->first].item, (uint32_t)i % screen.row_count * K + slot);
    ++impressions;
    if (i % 25 == 24) {
      tell(TVB_EVENT_SELECT, items[row->first + slot].item, 0);
      ++others;
    }
    pass(2400);
  }
  tell(TVB_EVENT_SEARCH, "", 0);
  ++others;
}

/* Fifty minutes of a title: progress every 10 s, two pauses, four seeks, then the end or not. */
static void watch(int hour) {
  char item[TVB_ID_SIZE];
  tvb_context context = bench_context(viewer.profile, K, now_ms);
  tvb_slate slate = TVB_SLATE_INIT;
  bench_must("tvb_recommend", tvb_recommend(viewer.brain, &context, &slate, items, TVB_MAX_K));
  strcpy(item, items[(uint32_t)hour % slate.count].item);
  tell(TVB_EVENT_PLAY_START, item, 1);
  for (uint32_t second = 10; second <= 3000; second += 10) {
    pass(10000);
    tell(TVB_EVENT_PROGRESS, item, second);
    ++progresses;
    if (second == 900 || second == 2100) tell(TVB_EVENT_PAUSE, item, second);
    if (second % 750 == 0) tell(TVB_EVENT_SEEK, item, second + 30);
  }
  tell(hour % 3 == 2 ? TVB_EVENT_STOP : TVB_EVENT_COMPLETE, item, 3000);
  others += 8;
  static const uint32_t kinds[] = {TVB_EVENT_RATE, TVB_EVENT_LIST_ADD, TVB_EVENT_HIDE,
                                   TVB_EVENT_NOT_INTERESTED};
  for (int i = 0; i < 2; ++i) {
    pass(3000);
    tell(kinds[(hour + i) % 4], i == 0 ? item : items[10 + hour % 5].item, 0);
    ++reactions;
  }
}

int main(int argc, char** argv) {
  options = bench_parse(argc, argv, "n:s:r:lt:p", HOURS * 60);
  now_ms = options.begin_ms;
  tvb_open_options open_options;
  memset(&open_options, 0, sizeof open_options);
  open_options.struct_size = sizeof open_options;
  open_options.flags = TVB_OPEN_NO_THREAD;
  open_options.seed = 1;
  open_options.clock_trusted = 1;
  open_options.clock = virtual_clock;
  real_start = bench_ms();
  bench_must("tvb_open", tvb_open(options.data, options.pack, &open_options, &viewer.brain));
  viewer.profile = 1;
  system_of = kernel_of(options.data, options.speed > 0 ? 0 : options.commit_s);
  last_pump = now_ms;

  const int64_t begun = now_ms, end = begun + (int64_t)options.calls * 60000;
  tell(TVB_EVENT_WAKE, "", 0);
  for (int hour = 0; now_ms < end; ++hour) {
    browse();
    watch(hour);
    bench_progress(&options, (size_t)hour + 1, (options.calls + 59) / 60);
  }
  tell(TVB_EVENT_STANDBY, "", 0);
  pass(60000);
  tvb_health_info health;
  health.struct_size = sizeof health;
  bench_must("tvb_health", tvb_health(viewer.brain, &health));
  bench_must("tvb_close", tvb_close(viewer.brain));
  char with[512];
  snprintf(
      with, sizeof with,
      "\"hours\": %.2f, \"impressions\": %zu, \"progress\": %zu, \"reactions\": %zu, "
      "\"other_events\": %zu, \"pumps\": %zu, \"commits\": %zu, \"journal_segments\": %" PRIu32,
      (double)(now_ms - begun) / 3600000.0, impressions, progresses, reactions, others, pumps,
      system_of.commits, health.segments);
  printf("{\"with\": {%s},\n\"figures\": [", with);
  bench_figure("events", "", (double)health.last_seq, "records", 1, "");
  bench_figure("journal", "", (double)health.journal_bytes / 1e6, "MB", 1, "");
  printf("\n]}\n");
  return 0;
}
