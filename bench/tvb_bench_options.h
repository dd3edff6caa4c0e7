/*
 * What tvb_bench can be asked, and its exit codes.
 */
#ifndef TVBRAIN_BENCH_TVB_BENCH_OPTIONS_H
#define TVBRAIN_BENCH_TVB_BENCH_OPTIONS_H

#include "bench.h"

#include <dirent.h>
#include <getopt.h>

enum { EXIT_USAGE = 2, EXIT_OVER = 3, EXIT_WRONG = 4 };

typedef struct wanted {
  double budget_ms;
  size_t evicted, opens;
  int json, learned;
} wanted;

static inline void print_usage(FILE* to, const char* program) {
  fprintf(
      to,
      "usage: %s [options] PACK DATA_DIR\n\n"
      "Measures the calls of tvbrain.h on this chip, one thread. DATA_DIR must be new or "
      "empty: a viewer\n"
      "with 200 completed titles is written into it. With --learned it is one that an earlier run "
      "has left.\n\n"
      "  -n, --calls N     warm calls of recommend (20000); a tenth of each other call\n"
      "  -e, --evicted N   calls of each kind with the processor's caches evicted before "
      "(100); 0: none\n"
      "  -o, --opens N     opens for each kind of first call, files dropped from the page "
      "cache (10); 0: none\n"
      "  -b, --budget MS   what p99.9 of warm and p99 of cold calls may be (15)\n"
      "  -c, --cpu N       pinned to this core\n"
      "  -l, --learned     DATA_DIR has a viewer, and a snapshot of what was learned: recommend "
      "and "
      "rows with that\n"
      "  -f, --realtime    first-in-first-out priority (needs the right to)\n"
      "  -j, --json        one JSON object instead of a table and histograms\n"
      "  -p, --progress    \"progress DONE TOTAL\" lines on standard error\n"
      "  -h, --help        this text\n\n"
      "exit codes:\n"
      "  0  within the budget\n"
      "  1  a call failed: what and why is on standard error\n"
      "  2  usage\n"
      "  3  over the budget\n"
      "  4  a slate broke a rule: short of titles, or one above the viewer's age\n",
      program);
}

static inline void usage_error(const char* program, const char* what, const char* given) {
  fprintf(stderr, "%s: %s: %s\n", program, what, given);
  fprintf(stderr, "%s --help says what can be asked\n", program);
  exit(EXIT_USAGE);
}

static inline size_t count_of(const char* program, const char* option, const char* text,
                              size_t least) {
  char* end;
  const unsigned long value = strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != 0 || value < least || value > 100000000)
    usage_error(program, option, text);
  return (size_t)value;
}

static inline void must_be_new(const char* program, const char* path) {
  struct dirent* entry;
  DIR* folder = opendir(path);
  if (folder == NULL) return; /* tvb_open makes it, or says why not */
  while ((entry = readdir(folder)) != NULL) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      usage_error(program, "DATA_DIR is not empty", path);
  }
  closedir(folder);
}

/* Leaves the program where what was asked cannot be. */
static inline wanted parse(int argc, char** argv, bench_options* options) {
  static const struct option known[] = {{"calls", required_argument, NULL, 'n'},
                                        {"evicted", required_argument, NULL, 'e'},
                                        {"opens", required_argument, NULL, 'o'},
                                        {"budget", required_argument, NULL, 'b'},
                                        {"cpu", required_argument, NULL, 'c'},
                                        {"realtime", no_argument, NULL, 'f'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"progress", no_argument, NULL, 'p'},
                                        {"learned", no_argument, NULL, 'l'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  wanted want = {15.0, 100, 10, 0, 0};
  char* end;
  int letter;
  options->calls = 20000;
  options->cpu = -1;
  while ((letter = getopt_long(argc, argv, "n:e:o:b:c:fjlph", known, NULL)) != -1) {
    switch (letter) {
      case 'n':
        options->calls = count_of(argv[0], "--calls: not a number from 1 on", optarg, 1);
        break;
      case 'e':
        want.evicted = count_of(argv[0], "--evicted: not a number from 0 on", optarg, 0);
        break;
      case 'o':
        want.opens = count_of(argv[0], "--opens: not a number from 0 on", optarg, 0);
        break;
      case 'b':
        want.budget_ms = strtod(optarg, &end);
        if (end == optarg || *end != 0 || !(want.budget_ms > 0))
          usage_error(argv[0], "--budget: not a number of milliseconds above 0", optarg);
        break;
      case 'c':
        options->cpu = (int)count_of(argv[0], "--cpu: not the number of a core", optarg, 0);
        break;
      case 'f':
        options->realtime = 1;
        break;
      case 'j':
        want.json = 1;
        break;
      case 'l':
        want.learned = 1;
        break;
      case 'p':
        options->progress = 1;
        break;
      case 'h':
        print_usage(stdout, argv[0]);
        exit(0);
      default:
        print_usage(stderr, argv[0]);
        exit(EXIT_USAGE);
    }
  }
  if (argc - optind != 2) {
    print_usage(stderr, argv[0]);
    exit(EXIT_USAGE);
  }
  options->pack = argv[optind];
  options->data = argv[optind + 1];
  if (!want.learned) must_be_new(argv[0], options->data);
  return want;
}

#endif
