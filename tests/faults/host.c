/*
 * A television for drills: opens a brain, observes a stream of events that anybody can compute, and writes down what
 * was acknowledged where a kill cannot take it.
 *
 *     host DATA PACK LEDGER THREADS RATE
 *
 * LEDGER is a file of struct ledger and then one byte an event, made by the drill and mapped: event c is what stream()
 * makes of its number c and the seed. A byte says how far event c came: 0 not begun, 1 begun, 2 acknowledged, 128 + n
 * refused with status -n. RATE is events a second and thread, 0 for as many as it can. Thread 0 changes a profile now
 * and then; the change's number is in the profile's name.
 *
 * Ends when the drill sets `stop`, with tvb_close(); most often it is killed before that.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <tvbrain.h>

/* Viewing time between two events: half an hour passes with 600 of them, so that a learner whose clock follows the
 * journal (`tvbrain run --clock journal`) has to learn all the time. */
#define EVENT_MS 3000

/* tvbrain/health/drill/ledger.py has the same layout. */
struct ledger {
  uint64_t seed;
  uint64_t events; /* bytes that follow */
  uint32_t journal_cap;
  uint32_t viewers;         /* profiles that the events are spread over, from id 1 */
  uint32_t items;           /* their ids are drill:0 to drill:items-1 */
  _Atomic uint32_t stop;    /* by the drill: end in good order */
  _Atomic uint32_t state;   /* 0 starting, 1 open and serving, 2 open failed, 3 closed in good order */
  _Atomic int32_t result;   /* of tvb_open, then of tvb_close */
  _Atomic uint64_t next;    /* the next event's number; goes on where the killed one stopped */
  _Atomic uint64_t change_begun, change_done; /* numbers of profile changes */
  _Atomic uint64_t recommends;
  _Atomic uint64_t slate_faults; /* recommend failed */
  _Atomic uint64_t refused;
  _Atomic uint64_t open_us, first_us; /* from start to tvb_open's return and to the first slate */
  _Atomic uint64_t snapshot_generation, packs, pack_hash; /* of the newest tvb_health */
  char error[256];
  /* Events from this number on are of no kind that syncs at once, and no profile changes: only the timer syncs. */
  _Atomic uint64_t calm_from;
  char reserved[3704];
};
_Static_assert(sizeof(struct ledger) == 4096, "ledger.py");

/* tvb_fault_mark of the fault shim, where it is loaded: puts what the file system does not know into its trace. */
static void (*mark)(uint64_t counter, uint32_t state);

static struct ledger *ledger;
static _Atomic uint8_t *states;
static tvb_brain *brain;
static unsigned rate;

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t splitmix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static int64_t time_of(uint64_t c) { return INT64_C(1700000000000) + (int64_t)c * EVENT_MS; }

/* The brain's clock: a profile change at the machine's time would be years ahead of the events. */
static int64_t viewing_time(void *user) {
  (void)user;
  return time_of(atomic_load(&ledger->next));
}

/* Event `c`: profile, item and kind are functions of seed and number, and its position is the number itself. */
static void stream(uint64_t c, tvb_event *event, int *shown) {
  const uint64_t h = splitmix64(ledger->seed ^ c);
  const unsigned draw = (unsigned)(h >> 40) % 256;
  event->profile = 1 + (uint32_t)(h % ledger->viewers);
  snprintf(event->item, sizeof event->item, "drill:%u", (unsigned)((h >> 16) % ledger->items));
  snprintf(event->session, sizeof event->session, "s%u", (unsigned)(c >> 9));
  event->at = time_of(c);
  event->fields = TVB_HAS_POSITION;
  event->position_s = (uint32_t)c;
  *shown = 0;
  if (draw < 112) {
    event->kind = TVB_EVENT_PLAY_START;
  } else if (draw < 160) {
    event->kind = TVB_EVENT_PROGRESS;
  } else if (draw < 192) {
    event->kind = TVB_EVENT_IMPRESSION;
    *shown = 1;
  } else if (draw < 224) {
    event->kind = TVB_EVENT_STOP;
    event->fields |= TVB_HAS_WATCHED;
    event->watched = (float)(h >> 56) / 256.0f;
  } else if (draw < 240 || (draw >= 252 && c >= atomic_load(&ledger->calm_from))) {
    event->kind = TVB_EVENT_SELECT;
  } else if (draw < 252) {
    event->kind = TVB_EVENT_SEARCH;
    event->item[0] = 0;
    snprintf(event->text, sizeof event->text, "%0200u", (unsigned)c);
  } else if (draw < 254) {
    event->kind = TVB_EVENT_PICK;
  } else {
    event->kind = TVB_EVENT_RATE;
    event->fields |= TVB_HAS_RATING;
    event->rating = 0.5f;
  }
}

/* A slate of this profile, remembered so that impressions of it are long records. */
static uint64_t recommend(uint32_t profile, uint64_t token) {
  static __thread tvb_slate_item items[TVB_MAX_K];
  tvb_context context = TVB_CONTEXT_INIT;
  tvb_slate slate = TVB_SLATE_INIT;
  context.profile = profile;
  context.k = 100;
  context.screen_token = token;
  const int32_t result = tvb_recommend(brain, &context, &slate, items, TVB_MAX_K);
  if (result != TVB_OK) { /* none at all is legal: everything for this age may be finished */
    atomic_fetch_add(&ledger->slate_faults, 1);
    snprintf(ledger->error, sizeof ledger->error, "recommend: %s: %s", tvb_status_name(result), tvb_last_error());
    return 0;
  }
  atomic_fetch_add(&ledger->recommends, 1);
  return slate.slate_id;
}

static void observe(uint64_t c, uint64_t slate) {
  tvb_event event = TVB_EVENT_INIT;
  int shown;
  stream(c, &event, &shown);
  if (shown) {
    event.slate_id = slate;
    event.slot_count = 60;
  }
  atomic_store(&states[c], 1);
  if (mark != NULL) mark(c, 1);
  const int32_t result = tvb_observe(brain, &event);
  if (result == TVB_OK) {
    if (mark != NULL) mark(c, 2);
    atomic_store(&states[c], 2);
    return;
  }
  if (mark != NULL) mark(c, (uint32_t)(128 - result));
  snprintf(ledger->error, sizeof ledger->error, "observe: %s: %s", tvb_status_name(result), tvb_last_error());
  atomic_store(&states[c], (uint8_t)(128 - result));
  atomic_fetch_add(&ledger->refused, 1);
  nanosleep(&(struct timespec){0, 5000000}, NULL); /* what fails once fails often: no need to write it down at speed */
}

/* Change number n gives the second viewer the name "viewer-n" and the age limit n mod 19. */
static void change_profile(void) {
  const uint64_t n = atomic_load(&ledger->change_begun) + 1;
  tvb_profile profile = {0};
  profile.struct_size = sizeof profile;
  if (tvb_profile_get(brain, 2, &profile) != TVB_OK) return;
  profile.max_age = (uint32_t)(n % 19);
  snprintf(profile.name, sizeof profile.name, "viewer-%llu", (unsigned long long)n);
  atomic_store(&ledger->change_begun, n);
  if (mark != NULL) mark(n, 17);
  const int32_t result = tvb_profile_update(brain, &profile);
  if (result != TVB_OK) {
    snprintf(ledger->error, sizeof ledger->error, "profile: %s: %s", tvb_status_name(result), tvb_last_error());
    return;
  }
  if (mark != NULL) mark(n, 18);
  atomic_store(&ledger->change_done, n);
}

static void look(void) {
  tvb_health_info health = {0};
  health.struct_size = sizeof health;
  if (tvb_health(brain, &health) != TVB_OK) return;
  atomic_store(&ledger->snapshot_generation, health.snapshot_generation);
  atomic_store(&ledger->packs, health.packs);
  atomic_store(&ledger->pack_hash, health.pack_hash);
}

static void *watch_television(void *argument) {
  const int first = argument != NULL;
  const uint64_t begun = now_us();
  uint64_t slate = 0;
  for (uint64_t i = 0; atomic_load(&ledger->stop) == 0; ++i) {
    if (i % 64 == 0) slate = recommend(1 + (uint32_t)(i / 64 % ledger->viewers), i);
    if (first && i % 1024 == 512 && atomic_load(&ledger->next) < atomic_load(&ledger->calm_from)) change_profile();
    if (first && i % 256 == 0) look();
    const uint64_t c = atomic_fetch_add(&ledger->next, 1);
    if (c >= ledger->events) break;
    observe(c, slate);
    if (rate == 0 || i % 16 != 15) continue;
    const uint64_t due = begun + (i + 1) * 1000000u / rate, now = now_us();
    if (now < due) usleep((useconds_t)(due - now));
  }
  return NULL;
}

static int fail(int32_t result, const char *what) {
  snprintf(ledger->error, sizeof ledger->error, "%s: %s: %s", what, tvb_status_name(result), tvb_last_error());
  atomic_store(&ledger->result, result);
  atomic_store(&ledger->state, 2);
  return 1;
}

static int make_viewers(void) {
  for (uint32_t id = 2; id <= ledger->viewers; ++id) {
    tvb_profile profile = {0};
    profile.struct_size = sizeof profile;
    if (tvb_profile_get(brain, id, &profile) == TVB_OK) continue;
    memset(&profile, 0, sizeof profile);
    profile.struct_size = sizeof profile;
    profile.max_age = 18;
    snprintf(profile.name, sizeof profile.name, "viewer %u", id);
    const int32_t result = tvb_profile_create(brain, &profile);
    if (result != TVB_OK) return result;
    if (profile.id != id) return TVB_E_EXISTS;
  }
  return TVB_OK;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: host DATA PACK LEDGER THREADS RATE\n");
    return 2;
  }
  const uint64_t begun = now_us();
  const int fd = open(argv[3], O_RDWR | O_CLOEXEC);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) {
    perror(argv[3]);
    return 2;
  }
  void *map = mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) {
    perror(argv[3]);
    return 2;
  }
  ledger = map;
  states = (_Atomic uint8_t *)map + sizeof *ledger;
  const int threads = atoi(argv[4]);
  rate = (unsigned)atoi(argv[5]);
  atomic_store(&ledger->state, 0);
  *(void **)&mark = dlsym(RTLD_DEFAULT, "tvb_fault_mark");

  tvb_open_options options = {0};
  options.struct_size = sizeof options;
  options.journal_cap = ledger->journal_cap;
  options.clock_trusted = 1;
  options.clock = viewing_time;
  int32_t result = tvb_open(argv[1], argv[2], &options, &brain);
  if (result != TVB_OK) return fail(result, "open");
  atomic_store(&ledger->open_us, now_us() - begun);
  result = make_viewers();
  if (result != TVB_OK) return fail(result, "profiles");
  recommend(1, 0);
  atomic_store(&ledger->first_us, now_us() - begun);
  look();
  atomic_store(&ledger->state, 1);

  enum { MOST = 16 };
  pthread_t others[MOST];
  const int more = threads - 1 > MOST ? MOST : threads - 1;
  for (int i = 0; i < more; ++i) {
    if (pthread_create(&others[i], NULL, watch_television, NULL) != 0) return 2;
  }
  watch_television(ledger);
  for (int i = 0; i < more; ++i) pthread_join(others[i], NULL);
  result = tvb_close(brain);
  if (result != TVB_OK) snprintf(ledger->error, sizeof ledger->error, "close: %s", tvb_status_name(result));
  atomic_store(&ledger->result, result);
  atomic_store(&ledger->state, 3);
  return result == TVB_OK ? 0 : 1;
}
