/*
 * An evening in front of the set: open, observe, print a slate and a screen with reasons.
 *
 *   evening PACK DATA_DIR       PACK is the built-in catalogue, or any that has its ids
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <tvbrain.h>

static int failed(const char* what, int32_t status) {
  fprintf(stderr, "%s: %s: %s\n", what, tvb_status_name(status), tvb_last_error());
  return 1;
}

/* The library answers with codes and ids; the words are the host's. */
static void print_reason(tvb_brain* brain, const tvb_slate_item* pick) {
  tvb_item named;
  named.struct_size = sizeof named;
  switch (pick->reason) {
    case TVB_REASON_WATCHED:
    case TVB_REASON_SIMILAR:
      if (tvb_item_get(brain, pick->reason_item, NULL, &named) != TVB_OK) break;
      printf(pick->reason == TVB_REASON_WATCHED ? "because you watched %s" : "similar to %s",
             named.title);
      break;
    case TVB_REASON_POPULAR:
      printf("popular");
      break;
    case TVB_REASON_CONTINUE:
      printf("go on at minute %" PRIu32, pick->position_s / 60);
      break;
    case TVB_REASON_NEXT_EPISODE:
      printf("next: season %d, episode %d", pick->season, pick->episode);
      break;
    default:
      printf("fits what you watch");
  }
}

static void print_pick(tvb_brain* brain, const tvb_slate_item* pick) {
  tvb_item facts;
  facts.struct_size = sizeof facts;
  if (tvb_item_get(brain, pick->item, NULL, &facts) != TVB_OK) return;
  printf("  %-32s %d  age %2d  %6.3f  ", facts.title, facts.year, facts.age, (double)pick->score);
  print_reason(brain, pick);
  printf("\n");
}

static int32_t watched(tvb_brain* brain, uint32_t profile, const char* item) {
  tvb_event event = TVB_EVENT_INIT;
  event.kind = TVB_EVENT_COMPLETE;
  event.profile = profile;
  snprintf(event.item, sizeof event.item, "%s", item);
  return tvb_observe(brain, &event);
}

static int32_t left(tvb_brain* brain, const char* item, uint32_t position_s, uint32_t duration_s) {
  tvb_event event = TVB_EVENT_INIT;
  event.kind = TVB_EVENT_STOP;
  event.fields = TVB_HAS_POSITION | TVB_HAS_DURATION;
  event.position_s = position_s;
  event.duration_s = duration_s;
  snprintf(event.item, sizeof event.item, "%s", item);
  return tvb_observe(brain, &event);
}

static int32_t show(tvb_brain* brain, uint32_t profile, const char* title) {
  tvb_context context = TVB_CONTEXT_INIT;
  tvb_slate slate = TVB_SLATE_INIT;
  tvb_slate_item items[8];
  context.profile = profile;
  context.k = 8;
  const int32_t status = tvb_recommend(brain, &context, &slate, items, 8);
  if (status != TVB_OK) return status;
  printf("%s (of %" PRIu32 " titles)\n", title, slate.eligible);
  for (uint32_t i = 0; i < slate.count; ++i) print_pick(brain, &items[i]);
  return TVB_OK;
}

static int32_t evening(tvb_brain* brain) {
  int32_t status = watched(brain, 1, "demo:alien-1979");
  if (status == TVB_OK) status = watched(brain, 1, "demo:blade-runner-1982");
  if (status == TVB_OK) status = left(brain, "demo:arrival-2016", 1900, 6960);
  if (status == TVB_OK) status = show(brain, 1, "For the household");
  if (status != TVB_OK) return status;

  tvb_profile child;
  memset(&child, 0, sizeof child);
  child.struct_size = sizeof child;
  child.max_age = 7;
  strcpy(child.name, "child");
  status = tvb_profile_create(brain, &child);
  if (status == TVB_E_EXISTS) status = tvb_profile_find(brain, "child", &child);
  if (status == TVB_OK) status = watched(brain, child.id, "kids:toy-story-1995");
  if (status == TVB_OK) status = show(brain, child.id, "For the child, age 7");
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PACK DATA_DIR\n", argv[0]);
    return 2;
  }
  tvb_brain* brain;
  int32_t status = tvb_open(argv[2], argv[1], NULL, &brain);
  if (status != TVB_OK) return failed("open", status);
  status = evening(brain);
  if (status != TVB_OK) failed("evening", status);
  const int32_t closed = tvb_close(brain);
  if (closed != TVB_OK) return failed("close", closed);
  return status == TVB_OK ? 0 : 1;
}
