/*
 * Plays a script of viewing on one library and prints every slate:
 *
 *     script LIBRARY DATA PACK LEARN < SCRIPT
 *
 * LEARN is the command of a learner that is another process, or "" where the library learns itself. The clock is the
 * script's: the time of its last event. Lines of the script, their fields separated by spaces ("-" is not given):
 *
 *     profile NAME MAX_AGE AT
 *     observe AT KIND PROFILE ITEM WATCHED RATING POSITION_S OFFSET_MIN SESSION
 *     shown AT PROFILE COUNT             the first COUNT titles of the last slate came on screen
 *     show PROFILE K TOKEN
 *     learn
 */
#include <inttypes.h>

#include "host.h"

static tvb_brain *brain;
static int64_t now_ms = 1;
static uint64_t last_slate;

static int64_t script_time(void *unused) {
  (void)unused;
  return now_ms;
}

static int given(const char *field) { return strcmp(field, "-") != 0; }

static void add_profile(const char *line) {
  tvb_profile profile;
  memset(&profile, 0, sizeof profile);
  profile.struct_size = sizeof profile;
  if (sscanf(line, "profile %63s %u %" SCNd64, profile.name, &profile.max_age, &now_ms) != 3) fail(line);
  must(api.profile_create(brain, &profile), line);
}

static void observe(const char *line) {
  char item[TVB_ID_SIZE], session[TVB_ID_SIZE], watched[32], rating[32], position[32], offset[32];
  tvb_event event = TVB_EVENT_INIT;
  if (sscanf(line, "observe %" SCNd64 " %u %u %63s %31s %31s %31s %31s %63s", &event.at, &event.kind, &event.profile, item,
             watched, rating, position, offset, session) != 9) {
    fail(line);
  }
  now_ms = event.at;
  if (given(item)) strcpy(event.item, item);
  if (given(session)) strcpy(event.session, session);
  if (given(watched)) event.fields |= TVB_HAS_WATCHED, event.watched = strtof(watched, NULL);
  if (given(rating)) event.fields |= TVB_HAS_RATING, event.rating = strtof(rating, NULL);
  if (given(position)) event.fields |= TVB_HAS_POSITION, event.position_s = (uint32_t)atol(position);
  if (given(offset)) event.fields |= TVB_HAS_OFFSET, event.utc_offset_min = atoi(offset);
  must(api.observe(brain, &event), line);
}

static void shown(const char *line) {
  tvb_event event = TVB_EVENT_INIT;
  unsigned count;
  if (sscanf(line, "shown %" SCNd64 " %u %u", &event.at, &event.profile, &count) != 3) fail(line);
  now_ms = event.at;
  event.kind = TVB_EVENT_IMPRESSION;
  event.fields = TVB_HAS_PLACE;
  event.slot_count = (uint16_t)count;
  event.slate_id = last_slate;
  must(api.observe(brain, &event), line);
}

static uint32_t bits(float value) {
  uint32_t as;
  memcpy(&as, &value, sizeof as);
  return as;
}

static void show(const char *line) {
  static tvb_slate_item items[TVB_MAX_K];
  tvb_context context = TVB_CONTEXT_INIT;
  tvb_slate slate = TVB_SLATE_INIT;
  if (sscanf(line, "show %u %u %" SCNu64, &context.profile, &context.k, &context.screen_token) != 3) fail(line);
  context.at = now_ms;
  must(api.recommend(brain, &context, &slate, items, TVB_MAX_K), line);
  last_slate = slate.slate_id;
  printf("%u", slate.eligible);
  for (uint32_t i = 0; i < slate.count; ++i) {
    printf(" %s:%08x:%s", items[i].item, bits(items[i].score), items[i].reason_item);
    for (int t = 0; t < TVB_TERM_COUNT; ++t) printf(":%08x", bits(items[i].terms[t]));
  }
  putchar('\n');
}

static void learn(const char *learner) {
  int64_t next;
  if (*learner == 0) {
    must(api.learn_now(brain), "learn_now");
  } else if (system(learner) != 0) {
    fail(learner);
  }
  must(api.pump(brain, &next), "pump");
}

int main(int argc, char **argv) {
  char line[512];
  tvb_open_options options;
  if (argc != 5) return 2;
  load(argv[1]);
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = TVB_OPEN_NO_THREAD;
  options.seed = 7;
  options.clock_trusted = 1;
  options.clock = script_time;
  if (scanf("begin %" SCNd64 "\n", &now_ms) != 1) fail("begin");
  must(api.open(argv[2], argv[3], &options, &brain), "open");
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strncmp(line, "profile ", 8) == 0) {
      add_profile(line);
    } else if (strncmp(line, "observe ", 8) == 0) {
      observe(line);
    } else if (strncmp(line, "shown ", 6) == 0) {
      shown(line);
    } else if (strncmp(line, "show ", 5) == 0) {
      show(line);
    } else if (strcmp(line, "learn\n") == 0) {
      learn(argv[4]);
    } else {
      fail(line);
    }
  }
  must(api.close(brain), "close");
  return 0;
}
