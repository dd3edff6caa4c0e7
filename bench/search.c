/*
 * How long tvb_search takes, one thread, nothing filtered but what the household may not see.
 *
 *   TVBRAIN_BENCH_TEXTS=FILE search [-n CALLS] [-c CPU] [-f] [-p] PACK DATA_DIR      DATA_DIR must be new
 *
 * FILE has one search a line: a kind, a tab, the text. The first CALLS / 10 texts of each kind are asked in turn until
 * there are CALLS calls of it; figures are by kind. Times are wall clock; `.undisturbed` leaves out calls in which the
 * core went to another thread. `.least` are times of texts, not of calls: of each the least of its calls, which is what
 * the search costs where nothing else takes core, caches and memory.
 */
#include "bench.h"

enum { K = 20, KINDS = 8, TEXTS = 20000, LINE = 320, ROUNDS = 10 };

typedef struct kind {
  char name[32];
  char (*texts)[TVB_TEXT_SIZE];
  size_t count;
} kind;

static kind kinds[KINDS];

static void read_texts(const char* path) {
  FILE* file = fopen(path, "r");
  char line[LINE];
  if (file == NULL) bench_fail(path);
  while (fgets(line, sizeof line, file) != NULL) {
    char* const text = strchr(line, '\t');
    size_t k = 0;
    if (text == NULL) continue;
    *text = 0;
    line[strcspn(line, "\n")] = 0;
    text[1 + strcspn(text + 1, "\n")] = 0;
    while (k < KINDS && kinds[k].count > 0 && strncmp(kinds[k].name, line, 31) != 0) ++k;
    if (k == KINDS) continue;
    if (kinds[k].count == 0) {
      snprintf(kinds[k].name, sizeof kinds[k].name, "%.31s", line);
      kinds[k].texts = calloc(TEXTS, TVB_TEXT_SIZE);
      if (kinds[k].texts == NULL) bench_fail("calloc");
    }
    if (kinds[k].count == TEXTS || text[1] == 0 || strlen(text + 1) >= TVB_TEXT_SIZE) continue;
    strcpy(kinds[k].texts[kinds[k].count++], text + 1);
  }
  fclose(file);
}

int main(int argc, char** argv) {
  const bench_options options = bench_parse(argc, argv, "n:c:fp", 2000);
  const char* path = getenv("TVBRAIN_BENCH_TEXTS");
  tvb_brain* brain;
  tvb_health_info health;
  tvb_version_info version;
  double* all = malloc(options.calls * sizeof *all);
  double* quiet = malloc(options.calls * sizeof *quiet);
  double* least = malloc(TEXTS * sizeof *least);
  if (all == NULL || quiet == NULL || least == NULL) bench_fail("malloc");
  if (path == NULL) {
    fprintf(stderr, "TVBRAIN_BENCH_TEXTS is not set\n");
    return 2;
  }
  read_texts(path);
  brain = bench_open(&options);
  health.struct_size = sizeof health;
  version.struct_size = sizeof version;
  bench_must("tvb_health", tvb_health(brain, &health));
  bench_must("tvb_version", tvb_version(&version));
  printf("{\"with\": {\"kernel\": \"%s\", \"titles\": %" PRIu32
         ", \"k\": %d, \"cpu\": %d},\n\"figures\": [",
         version.kernel, health.items, K, options.cpu);
  for (size_t k = 0; k < KINDS && kinds[k].count > 0; ++k) {
    const size_t most = options.calls < ROUNDS ? 1 : options.calls / ROUNDS;
    const size_t texts = kinds[k].count < most ? kinds[k].count : most;
    size_t undisturbed = 0;
    char name[512], with[128];
    for (size_t t = 0; t < texts; ++t) least[t] = 1e9;
    for (size_t i = 0; i < options.calls + 50; ++i) { /* the first 50 warm up */
      const tvb_context context = bench_context(1, K, bench_evening_ms + (int64_t)i * 7000);
      tvb_slate slate = TVB_SLATE_INIT;
      bench_give_way();
      const long before = bench_preempted();
      const double began = bench_ms();
      const int32_t status =
          tvb_search(brain, kinds[k].texts[i % texts], &context, &slate, bench_items, TVB_MAX_K);
      const double taken = bench_ms() - began;
      bench_must("tvb_search", status);
      if (i < 50) continue;
      if (taken < least[i % texts]) least[i % texts] = taken;
      all[i - 50] = taken;
      if (bench_preempted() == before) quiet[undisturbed++] = taken;
      bench_progress(&options, k * options.calls + i - 49, KINDS * options.calls);
    }
    snprintf(with, sizeof with, "\"texts\": %zu, \"compared\": \"all, or by the pack's graph\"",
             texts);
    snprintf(name, sizeof name, "search.%s", kinds[k].name);
    bench_distribution(name, all, options.calls, with);
    snprintf(name, sizeof name, "search.%s.undisturbed", kinds[k].name);
    bench_distribution(name, quiet, undisturbed, with);
    snprintf(name, sizeof name, "search.%s.least", kinds[k].name);
    if (options.calls >= ROUNDS * texts) bench_distribution(name, least, texts, with);
  }
  printf("\n]}\n");
  bench_must("tvb_close", tvb_close(brain));
  free(all);
  free(quiet);
  free(least);
  return 0;
}
