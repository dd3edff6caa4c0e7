/*
 * What serving costs in memory, and how long it takes from nothing to the first slate.
 *
 *   footprint -w PACK DATA_DIR          write a history of 200 titles into a new DATA_DIR, then leave
 *   footprint [-d] [-n CALLS] PACK DATA_DIR
 *
 * Opens, recommends once, then makes CALLS further calls of every kind and reads /proc/self/smaps_rollup. `-d` first
 * asks the kernel to drop the pack and the data directory from the page cache and counts what stayed. Memory is that of the whole process; the program itself is a few pages.
 */
#include "bench.h"
#include "caches.h"

enum { K = 20, ROWS = 6 };

static tvb_slate_item items[TVB_MAX_K * ROWS];

/* A line of a smaps file in KiB, after the mapping whose line contains `of`, summed; all lines if `of` is NULL. */
static long smaps_kib(const char* file, const char* of, const char* field) {
  char line[4096];
  long sum = 0, kib;
  int inside = of == NULL;
  FILE* in = fopen(file, "r");
  if (in == NULL) bench_fail(file);
  while (fgets(line, sizeof line, in) != NULL) {
    unsigned long from, to;
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
      if (of != NULL) inside = strstr(line, of) != NULL;
    } else if (inside && strncmp(line, field, strlen(field)) == 0 &&
               sscanf(line + strlen(field), ": %ld kB", &kib) == 1) {
      sum += kib;
    }
  }
  fclose(in);
  return sum;
}

static void call_everything(tvb_brain* brain, uint32_t profile, const bench_options* options) {
  static const char* const texts[] = {"the", "star", "love", "mat", "life of"};
  tvb_slate slate = TVB_SLATE_INIT;
  for (size_t i = 0; i < options->calls; ++i) {
    tvb_context context = bench_context(profile, K, bench_evening_ms + (int64_t)i * 7000);
    tvb_screen screen = TVB_SCREEN_INIT;
    tvb_row rows[ROWS];
    bench_must("tvb_recommend", tvb_recommend(brain, &context, &slate, items, TVB_MAX_K));
    char like[TVB_ID_SIZE];
    strcpy(like, items[i % slate.count].item);
    bench_must("tvb_rows", tvb_rows(brain, &context, &screen, rows, ROWS, items, TVB_MAX_K * ROWS));
    bench_must("tvb_similar", tvb_similar(brain, like, &context, &slate, items, TVB_MAX_K));
    bench_must("tvb_search", tvb_search(brain, texts[i % 5], &context, &slate, items, TVB_MAX_K));
    if (i % 10 == 0) {
      bench_viewer viewer = {brain, profile, 0, 0, 0, {{0}}};
      tvb_event event;
      bench_event(&viewer, &event, TVB_EVENT_PROGRESS, like, context.at);
      bench_must("tvb_observe", tvb_observe(brain, &event));
    }
    bench_progress(options, i + 1, options->calls);
  }
}

int main(int argc, char** argv) {
  const bench_options options = bench_parse(argc, argv, "n:c:pwd", 200);
  if (options.prepare) {
    static bench_viewer viewer;
    viewer.brain = bench_open(&options);
    bench_make_viewer(&viewer);
    bench_must("tvb_close", tvb_close(viewer.brain));
    printf("{\"with\": {\"history\": %" PRIu32 ", \"with_weights\": %" PRIu32
           "}, \"figures\": []}\n",
           viewer.watched_count, viewer.with_weights);
    return 0;
  }
  size_t cached = 0;
  if (options.drop) cached = bench_drop_file(options.pack) + bench_drop_folder(options.data);

  struct rusage before, after;
  tvb_slate slate = TVB_SLATE_INIT;
  tvb_profile profile;
  profile.struct_size = sizeof profile;
  getrusage(RUSAGE_SELF, &before);
  const double begun = bench_ms();
  tvb_brain* brain = bench_open(&options);
  const double opened = bench_ms();
  bench_must("tvb_profile_find", tvb_profile_find(brain, "bench", &profile));
  const tvb_context context = bench_context(profile.id, K, bench_evening_ms);
  bench_must("tvb_recommend", tvb_recommend(brain, &context, &slate, items, TVB_MAX_K));
  const double recommended = bench_ms();
  getrusage(RUSAGE_SELF, &after);
  const long first_private = smaps_kib("/proc/self/smaps_rollup", NULL, "Private_Dirty") +
                             smaps_kib("/proc/self/smaps_rollup", NULL, "Private_Clean");

  call_everything(brain, profile.id, &options);
  char* pack = realpath(options.pack, NULL);
  if (pack == NULL) bench_fail(options.pack);
  const long dirty = smaps_kib("/proc/self/smaps_rollup", NULL, "Private_Dirty");
  const long clean = smaps_kib("/proc/self/smaps_rollup", NULL, "Private_Clean");
  const long pack_rss = smaps_kib("/proc/self/smaps", pack, "Rss");
  /* Mapped read-only: a page of it counts as dirty while the file itself is not yet written out. */
  const long pack_private = smaps_kib("/proc/self/smaps", pack, "Private_Clean") +
                            smaps_kib("/proc/self/smaps", pack, "Private_Dirty");
  tvb_health_info health;
  tvb_version_info version;
  health.struct_size = sizeof health;
  version.struct_size = sizeof version;
  bench_must("tvb_health", tvb_health(brain, &health));
  bench_must("tvb_version", tvb_version(&version));

  printf("{\"with\": {\"kernel\": \"%s\", \"titles\": %" PRIu32 ", \"events\": %" PRIu64
         ", \"first_slate\": %" PRIu32 "},\n\"figures\": [",
         version.kernel, health.items, health.last_seq, slate.count);
  char with[256];
  snprintf(with, sizeof with,
           "\"dropped_first\": %s, \"pages_still_cached\": %zu, \"major_faults\": %ld",
           options.drop ? "true" : "false", cached, after.ru_majflt - before.ru_majflt);
  bench_figure("open", "", opened - begun, "ms", 1, with);
  bench_figure("first_recommend", "", recommended - opened, "ms", 1, with);
  bench_figure("open_to_first_slate", "", recommended - begun, "ms", 1, with);
  const char* private_with = "\"what\": \"Private_Dirty + Private_Clean without the pack's pages\"";
  bench_figure("private_after_first_slate", "", (double)first_private / 1024, "MiB", 1,
               "\"what\": \"Private_Dirty + Private_Clean, the pack's pages included\"");
  bench_figure("private", "", (double)(dirty + clean - pack_private) / 1024, "MiB", 1,
               private_with);
  bench_figure("private_with_pack", "", (double)(dirty + clean) / 1024, "MiB", 1,
               "\"what\": \"Private_Dirty + Private_Clean; the pack's pages count while no other "
               "process maps them\"");
  bench_figure("pss", "", (double)smaps_kib("/proc/self/smaps_rollup", NULL, "Pss") / 1024, "MiB",
               1, "");
  bench_figure("pack_resident", "", (double)pack_rss / 1024, "MiB", 1,
               "\"what\": \"file-backed, clean, taken back by the kernel at will\"");
  printf("\n]}\n");
  bench_must("tvb_close", tvb_close(brain));
  free(pack);
  return 0;
}
