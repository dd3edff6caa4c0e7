/*
 * A C host for tests: loads a library by path, RTLD_LOCAL as a plugin loader would, and answers in JSON on one line.
 */
#ifndef EMBEDDING_HOST_H
#define EMBEDDING_HOST_H

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tvbrain.h>

static struct {
  void *library;
  __typeof__(&tvb_open) open;
  __typeof__(&tvb_close) close;
  __typeof__(&tvb_observe) observe;
  __typeof__(&tvb_recommend) recommend;
  __typeof__(&tvb_profile_create) profile_create;
  __typeof__(&tvb_search) search;
  __typeof__(&tvb_health) health;
  __typeof__(&tvb_hint) hint;
  __typeof__(&tvb_pump) pump;
  __typeof__(&tvb_learn_now) learn_now;
  __typeof__(&tvb_last_error) last_error;
  __typeof__(&tvb_status_name) status_name;
} api;

static inline void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, api.last_error != NULL ? api.last_error() : dlerror());
  exit(1);
}

static inline void must(int32_t status, const char *what) {
  if (status < 0) fail(what);
}

static inline void load(const char *path) {
  api.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (api.library == NULL) fail(path);
#define HOST_FIND(name) *(void **)&api.name = dlsym(api.library, "tvb_" #name)
  HOST_FIND(open), HOST_FIND(close), HOST_FIND(observe), HOST_FIND(recommend), HOST_FIND(search), HOST_FIND(health);
  HOST_FIND(profile_create), HOST_FIND(hint), HOST_FIND(pump), HOST_FIND(learn_now), HOST_FIND(last_error), HOST_FIND(status_name);
#undef HOST_FIND
}

static inline uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000;
}

static inline tvb_health_info health_of(tvb_brain *brain) {
  tvb_health_info info;
  info.struct_size = sizeof info;
  must(api.health(brain, &info), "health");
  return info;
}

/* Asks until learning has started or failed; the test fails if it never does. */
static inline tvb_health_info started(tvb_brain *brain) {
  const uint64_t begun = now_us();
  tvb_health_info info = health_of(brain);
  while (info.learning == TVB_LEARNING_STARTING) {
    if (now_us() - begun > 300000000u) fail("learning neither starts nor fails");
    usleep(1000);
    info = health_of(brain);
  }
  return info;
}

/* How many titles a slate has. */
static inline uint32_t recommended(tvb_brain *brain, uint64_t token) {
  static __thread tvb_slate_item items[20];
  tvb_context context = TVB_CONTEXT_INIT;
  tvb_slate slate = TVB_SLATE_INIT;
  context.screen_token = token;
  must(api.recommend(brain, &context, &slate, items, 20), "recommend");
  return slate.count;
}

static inline void watch(tvb_brain *brain, uint64_t number) {
  static const char *const ids[] = {"demo:alien-1979", "demo:blade-runner-1982", "demo:arrival-2016"};
  tvb_event event = TVB_EVENT_INIT;
  event.kind = number % 16 == 0 ? TVB_EVENT_COMPLETE : TVB_EVENT_PROGRESS;
  event.fields = TVB_HAS_POSITION;
  event.position_s = 60 + (uint32_t)(number % 5000);
  strcpy(event.item, ids[number % 3]);
  must(api.observe(brain, &event), "observe");
}

/* A line of /proc/self/smaps_rollup in KiB. */
static inline long memory_kib(const char *field) {
  char line[256];
  long kib = -1;
  FILE *in = fopen("/proc/self/smaps_rollup", "r");
  if (in == NULL) return -1;
  while (kib < 0 && fgets(line, sizeof line, in) != NULL) {
    if (strncmp(line, field, strlen(field)) == 0) kib = atol(line + strlen(field) + 1);
  }
  fclose(in);
  return kib;
}

/* Proportional set size in KiB: of all, of mapped packs, of libraries (code, constants and their data). */
struct memory {
  long all, pack, libraries;
};

static inline struct memory memory_now(void) {
  struct memory found = {0, 0, 0};
  long *kind = NULL, kib;
  char line[4400];
  FILE *in = fopen("/proc/self/smaps", "r");
  while (in != NULL && fgets(line, sizeof line, in) != NULL) {
    const int is_mapping = line[strcspn(line, ": ")] != ':'; /* the other lines are fields */
    if (is_mapping) kind = strstr(line, ".tvpack") ? &found.pack : strstr(line, ".so") ? &found.libraries : NULL;
    if (is_mapping || sscanf(line, "Pss: %ld", &kib) != 1) continue;
    found.all += kib;
    if (kind != NULL) *kind += kib;
  }
  if (in != NULL) fclose(in);
  return found;
}

#endif
