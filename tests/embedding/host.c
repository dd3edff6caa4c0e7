/*
 * What a program does to the library, one deed a run:
 *
 *     host LIBRARY health DATA PACK         open (read-only if DATA begins with "ro:"), look, recommend, close;
 *                                           as nobody, if run by root and DATA is nobody's
 *     host LIBRARY ready DATA PACK          how long until the first slate and until learning runs; memory
 *     host LIBRARY threads DATA PACK SECONDS PACK_A PACK_B    eight threads; the packs are swapped under them
 *     host LIBRARY lock DATA PACK SECONDS   hold the interpreter lock in C while 1,000 slates are made
 *     host LIBRARY fork DATA PACK TIMES     children under load ask, must be refused, and open a brain of their own
 *     host LIBRARY reopen DATA PACK TIMES   dlopen, open, learn, close, dlclose
 *     host LIBRARY leave DATA PACK          exit() with a brain open and at work
 *     host LIBRARY daemon DATA PACK         as health, after closing the first three descriptors, with DATA named from a
 *                                           working folder that is then left, and a child that outlives the first opening
 *     host LIBRARY plugin DATA PACK LIBPYTHON    as health, in a host that has started a Python of its own, loaded RTLD_LOCAL
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "host.h"

static tvb_brain *brain;
static atomic_int ended;
static atomic_ulong observes, recommends, searches, slates_short, swaps, lessons;

static void open_or_fail(const char *data, const char *pack, uint32_t flags) {
  tvb_open_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.clock_trusted = 1;
  if (strncmp(data, "ro:", 3) == 0) {
    data += 3;
    flags |= TVB_OPEN_READ_ONLY;
  }
  options.flags = flags;
  must(api.open(data, pack, &options, &brain), "open");
}

static void print_text(const char *name, const char *text) {
  printf(", \"%s\": \"", name);
  for (; *text != 0; ++text) {
    if (*text == '"' || *text == '\\') putchar('\\');
    putchar((unsigned char)*text < 32 ? ' ' : *text);
  }
  putchar('"');
}

static void become_owner(const char *data) {
  struct stat info;
  if (geteuid() != 0 || stat(data, &info) != 0 || info.st_uid == 0) return;
  if (setgid(info.st_gid) != 0 || setuid(info.st_uid) != 0) fail("setuid");
}

static int look(const char *data, const char *pack) {
  become_owner(strncmp(data, "ro:", 3) == 0 ? data + 3 : data);
  open_or_fail(data, pack, 0);
  const tvb_health_info info = started(brain);
  const uint32_t titles = recommended(brain, 1);
  const int32_t learned = api.learn_now(brain);
  printf("{\"learning\": %u, \"mode\": %d, \"faults\": %u, \"titles\": %u", info.learning, info.mode, info.faults, titles);
  print_text("learn_now", api.status_name(learned));
  print_text("why", learned < 0 ? api.last_error() : "");
  print_text("learning_detail", info.learning_detail);
  print_text("detail", info.detail);
  print_text("close", api.status_name(api.close(brain)));
  printf("}\n");
  return 0;
}

/* A line of a status file under /proc, as text. */
static const char *status_line(const char *path, const char *field, char *into) {
  char line[256];
  into[0] = 0;
  FILE *in = fopen(path, "r");
  while (in != NULL && fgets(line, sizeof line, in) != NULL) {
    if (strncmp(line, field, strlen(field)) == 0) sscanf(line + strlen(field), " %63s", into);
  }
  if (in != NULL) fclose(in);
  return into;
}

/* The status file of the thread of this name. */
static void thread_status(const char *name, char *path, size_t size) {
  DIR *tasks = opendir("/proc/self/task");
  struct dirent *task;
  char found[64];
  while (tasks != NULL && (task = readdir(tasks)) != NULL) {
    snprintf(path, size, "/proc/self/task/%s/status", task->d_name);
    if (strcmp(status_line(path, "Name:", found), name) == 0) break;
    path[0] = 0;
  }
  if (tasks != NULL) closedir(tasks);
}

/* A look at a slate, and one of its titles watched: on any pack, so that there is something to learn. */
static void live(uint64_t number) {
  tvb_slate_item items[20];
  tvb_context context = TVB_CONTEXT_INIT;
  tvb_slate slate = TVB_SLATE_INIT;
  tvb_event event = TVB_EVENT_INIT;
  context.screen_token = number;
  must(api.recommend(brain, &context, &slate, items, 20), "recommend");
  event.kind = number % 4 == 0 ? TVB_EVENT_COMPLETE : TVB_EVENT_PROGRESS;
  event.fields = TVB_HAS_POSITION;
  event.position_s = 600 + (uint32_t)number;
  strcpy(event.item, items[number % slate.count].item);
  must(api.observe(brain, &event), "observe");
}

/* Until packs are verified and snapshots taken: what the library's own thread does two seconds after opening. */
static void settle(void) {
  int64_t next_ms = 0;
  for (int turn = 0; turn < 32 && next_ms >= 0 && next_ms <= 100; ++turn) must(api.pump(brain, &next_ms), "pump");
}

static double processor_ms(const struct rusage *used) {
  const struct timeval user = used->ru_utime, system = used->ru_stime;
  return 1e3 * (double)(user.tv_sec + system.tv_sec) + (double)(user.tv_usec + system.tv_usec) / 1e3;
}

static int ready(const char *data, const char *pack) {
  char handled[64], handled_after[64], ignored[64], ignored_after[64], blocked[64], count[64], peak[64], learner[300];
  (void)status_line("/proc/self/status", "SigCgt:", handled);
  (void)status_line("/proc/self/status", "SigIgn:", ignored);
  struct rusage before, after;
  getrusage(RUSAGE_THREAD, &before);
  const uint64_t begun = now_us();
  open_or_fail(data, pack, 0);
  const uint32_t titles = recommended(brain, 1);
  const uint64_t first = now_us();
  getrusage(RUSAGE_THREAD, &after);
  const tvb_health_info info = started(brain);
  const uint64_t learning = now_us();
  for (uint64_t i = 0; i < 200; ++i) live(i);
  must(api.learn_now(brain), "learn_now");
  settle();
  for (uint64_t i = 0; i < 200; ++i) (void)recommended(brain, i);
  thread_status("tvbrain-learn", learner, sizeof learner);
  const struct memory memory = memory_now();
  printf("{\"titles\": %u, \"learning\": %u, \"first_ms\": %.1f, \"learning_ms\": %.1f, \"pss_kib\": %ld, "
         "\"pack_kib\": %ld, \"libraries_kib\": %ld, \"anonymous_kib\": %ld, \"peak_rss_kib\": %ld, "
         "\"first_cpu_ms\": %.1f, \"first_faults\": %ld",
         titles, info.learning, (double)(first - begun) / 1e3, (double)(learning - begun) / 1e3, memory.all, memory.pack,
         memory.libraries, memory.all - memory.pack - memory.libraries,
         atol(status_line("/proc/self/status", "VmHWM:", peak)), processor_ms(&after) - processor_ms(&before),
         after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt);
  print_text("threads", status_line("/proc/self/status", "Threads:", count));
  print_text("handled", handled);
  print_text("handled_after", status_line("/proc/self/status", "SigCgt:", handled_after));
  print_text("ignored", ignored);
  print_text("ignored_after", status_line("/proc/self/status", "SigIgn:", ignored_after));
  print_text("blocked", status_line(learner, "SigBlk:", blocked));
  printf("}\n");
  must(api.close(brain), "close");
  return 0;
}

/* ---- eight threads ---- */

static void *observer(void *unused) {
  (void)unused;
  while (!ended) watch(brain, atomic_fetch_add(&observes, 1)), usleep(500);
  return NULL;
}

static void *recommender(void *unused) {
  (void)unused;
  while (!ended) {
    if (recommended(brain, atomic_fetch_add(&recommends, 1)) != 20) atomic_fetch_add(&slates_short, 1);
    usleep(500); /* leaves the learning thread, of low priority, something */
  }
  return NULL;
}

static void *searcher(void *unused) {
  tvb_slate_item items[20];
  (void)unused;
  while (!ended) {
    tvb_context context = TVB_CONTEXT_INIT;
    tvb_slate slate = TVB_SLATE_INIT;
    must(api.search(brain, "blade", &context, &slate, items, 20), "search");
    if (slate.count == 0) atomic_fetch_add(&slates_short, 1);
    atomic_fetch_add(&searches, 1);
    usleep(500);
  }
  return NULL;
}

/* Every lesson publishes a snapshot. */
static void *teacher(void *unused) {
  (void)unused;
  while (!ended) {
    must(api.learn_now(brain), "learn_now");
    atomic_fetch_add(&lessons, 1);
    usleep(20000);
  }
  return NULL;
}

static char **swapped;
static const char *folder;

static void *swapper(void *unused) {
  char to[4096];
  (void)unused;
  snprintf(to, sizeof to, "%s/packs/base.tvpack", folder);
  while (!ended) {
    char from[4200];
    snprintf(from, sizeof from, "%s.next", to);
    unlink(from);
    if (link(swapped[swaps % 2], from) != 0 || rename(from, to) != 0) fail("packs are not swapped");
    atomic_fetch_add(&swaps, 1);
    int64_t next;
    must(api.pump(brain, &next), "pump");
    usleep(10000);
  }
  return NULL;
}

static int threads(const char *data, const char *pack, int seconds, char **packs) {
  void *(*const bodies[8])(void *) = {observer, observer, recommender, recommender,
                                      recommender, searcher, teacher, swapper};
  pthread_t running[8];
  folder = data;
  swapped = packs;
  open_or_fail(data, pack, 0);
  (void)started(brain);
  for (int i = 0; i < 8; ++i) pthread_create(&running[i], NULL, bodies[i], NULL);
  sleep((unsigned)seconds);
  /* On a slow machine the thread of low priority comes late: no shorter than two lessons and two swaps. */
  for (int more = 0; more < 20 * seconds && (lessons < 2 || swaps < 2); ++more) sleep(1);
  ended = 1;
  for (int i = 0; i < 8; ++i) pthread_join(running[i], NULL);
  must(api.learn_now(brain), "the last lesson");
  int64_t next;
  must(api.pump(brain, &next), "the last pump");
  const tvb_health_info info = health_of(brain);
  printf("{\"observes\": %lu, \"recommends\": %lu, \"searches\": %lu, \"swaps\": %lu, \"lessons\": %lu, \"short\": %lu, "
         "\"faults\": %u, \"seen\": %llu, \"last\": %llu, \"learned\": %llu, \"snapshots\": %llu}\n",
         observes, recommends, searches, swaps, lessons, slates_short, info.faults, (unsigned long long)info.observes,
         (unsigned long long)info.last_seq, (unsigned long long)info.learned_seq,
         (unsigned long long)info.snapshot_generation);
  must(api.close(brain), "close");
  return 0;
}

/* ---- the interpreter lock ---- */

static atomic_int holding;
static int hold_s;

static void *holder(void *unused) {
  (void)unused;
  int (*ensure)(void);
  void (*release)(int);
  *(void **)&ensure = dlsym(RTLD_DEFAULT, "PyGILState_Ensure");
  *(void **)&release = dlsym(RTLD_DEFAULT, "PyGILState_Release");
  if (ensure == NULL || release == NULL) fail("Python is not in this process");
  const int state = ensure();
  holding = 1;
  sleep((unsigned)hold_s);
  holding = 2;
  release(state);
  return NULL;
}

static int lock(const char *data, const char *pack, int seconds) {
  pthread_t thread;
  uint64_t worst = 0;
  unsigned during = 0;
  hold_s = seconds;
  open_or_fail(data, pack, 0);
  (void)started(brain);
  pthread_create(&thread, NULL, holder, NULL);
  while (!holding) usleep(100);
  for (uint64_t i = 0; i < 1000; ++i) {
    const uint64_t begun = now_us();
    if (recommended(brain, i) != 20) fail("a short slate");
    watch(brain, i);
    if (now_us() - begun > worst) worst = now_us() - begun;
    during += holding == 1;
  }
  pthread_join(thread, NULL);
  const int32_t learned = api.learn_now(brain);
  printf("{\"during\": %u, \"worst_us\": %llu", during, (unsigned long long)worst);
  print_text("learn_now", api.status_name(learned));
  printf("}\n");
  must(api.close(brain), "close");
  return 0;
}

/* ---- fork ---- */

static int child(const char *data, const char *pack, int number) {
  tvb_slate_item items[20];
  tvb_context context = TVB_CONTEXT_INIT;
  tvb_slate slate = TVB_SLATE_INIT;
  if (api.recommend(brain, &context, &slate, items, 20) != TVB_E_FORKED) return 2;
  if (api.learn_now(brain) != TVB_E_FORKED) return 3;
  if (api.close(brain) != TVB_E_FORKED) return 4;
  if (number % 10 != 0) return 0;
  char own[4096]; /* now and then: a brain of its own serves, and says why it does not learn */
  snprintf(own, sizeof own, "%s-child", data);
  open_or_fail(own, pack, 0);
  const tvb_health_info info = started(brain);
  if (recommended(brain, 1) != 20) return 5;
  if (info.learning != TVB_LEARNING_FAILED || strstr(info.learning_detail, "fork") == NULL) return 6;
  return api.close(brain) == TVB_OK ? 0 : 7;
}

static int fork_often(const char *data, const char *pack, int times) {
  pthread_t loads[3];
  int failed = 0, hung = 0;
  open_or_fail(data, pack, 0);
  (void)started(brain);
  pthread_create(&loads[0], NULL, teacher, NULL);
  pthread_create(&loads[1], NULL, observer, NULL);
  pthread_create(&loads[2], NULL, recommender, NULL);
  for (int i = 0; i < times; ++i) {
    const pid_t pid = fork();
    if (pid == 0) {
      alarm(60);
      _exit(child(data, pack, i));
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) fail("fork");
    hung += WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    if (status != 0 && failed++ == 0) fprintf(stderr, "child %d: status %d\n", i, status);
  }
  ended = 1;
  for (int i = 0; i < 3; ++i) pthread_join(loads[i], NULL);
  printf("{\"forks\": %d, \"failed\": %d, \"hung\": %d, \"lessons\": %lu}\n", times, failed, hung, lessons);
  must(api.close(brain), "close");
  return 0;
}

/* ---- dlopen ---- */

static int reopen(const char *path, const char *data, const char *pack, int times) {
  long before = 0, after = 0;
  const void *first = NULL;
  int moved = 0;
  const int settled = 20; /* allocators and Python's caches have found their size */
  for (int i = 0; i < times; ++i) {
    load(path);
    if (first == NULL) first = *(const void **)&api.open;
    moved += first != *(const void **)&api.open;
    open_or_fail(data, pack, 0);
    if (recommended(brain, 1) != 20) fail("a short slate");
    watch(brain, (uint64_t)i);
    must(api.learn_now(brain), "learn_now");
    must(api.close(brain), "close");
    dlclose(api.library);
    memset(&api, 0, sizeof api);
    after = memory_kib("Anonymous:"); /* pages of files come and go as titles are asked for */
    if (i == settled) before = after;
  }
  printf("{\"times\": %d, \"moved\": %d, \"before_kib\": %ld, \"after_kib\": %ld}\n", times, moved, before, after);
  return 0;
}

static int leave(const char *data, const char *pack) {
  pthread_t thread;
  open_or_fail(data, pack, 0);
  (void)started(brain);
  pthread_create(&thread, NULL, teacher, NULL);
  for (uint64_t i = 0; i < 2000; ++i) watch(brain, i);
  printf("{\"lessons\": %lu}\n", lessons);
  exit(0);
}

/* How many of the first three descriptors are in use, but for /dev/null, by which SQLite keeps its files off them. */
static int first_three_in_use(void) {
  struct stat info, null;
  int used = 0;
  if (stat("/dev/null", &null) != 0) fail("/dev/null");
  for (int fd = 0; fd < 3; ++fd) used += fstat(fd, &info) == 0 && info.st_rdev != null.st_rdev;
  return used;
}

/* What daemons do: the library's files must be where they were named, and not where a printf of somebody's goes. */
static int daemon_like(char *data, const char *pack) {
  const int out = fcntl(1, F_DUPFD_CLOEXEC, 100);
  char *const name = strrchr(data, '/');
  *name = 0;
  for (int fd = 0; fd < 3; ++fd) close(fd);
  if (chdir(data) != 0) return 3;
  open_or_fail(name + 1, pack, 0);
  if (chdir("/") != 0) return 3;
  (void)started(brain);
  for (uint64_t i = 0; i < 20; ++i) live(i);
  must(api.learn_now(brain), "learn_now");
  settle();
  const int low = first_three_in_use();
  const tvb_health_info info = health_of(brain);
  const pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  must(api.close(brain), "close");
  if (chdir(data) != 0) return 3;
  open_or_fail(name + 1, pack, 0);
  const tvb_health_info again = started(brain);
  must(api.close(brain), "close again");
  kill(pid, SIGKILL);
  dup2(out, 1);
  printf("{\"low\": %d, \"faults\": %u, \"events\": %llu, \"learned\": %llu, \"again\": %u}\n", low, info.faults,
         (unsigned long long)info.last_seq, (unsigned long long)info.learned_seq, again.learning);
  return 0;
}

/* A host that keeps its Python to itself, as plugin loaders do; ended in good order after the brain was closed. */
static int plugin(const char *data, const char *pack, const char *libpython) {
  void (*initialize)(int);
  int (*run)(const char *), (*finalize)(void);
  void *(*save)(void);
  void (*restore)(void *);
  void *python = dlopen(libpython, RTLD_NOW | RTLD_LOCAL);
  if (python == NULL) fail(libpython);
  *(void **)&initialize = dlsym(python, "Py_InitializeEx");
  *(void **)&run = dlsym(python, "PyRun_SimpleString");
  *(void **)&finalize = dlsym(python, "Py_FinalizeEx");
  *(void **)&save = dlsym(python, "PyEval_SaveThread");
  *(void **)&restore = dlsym(python, "PyEval_RestoreThread");
  initialize(0);
  if (run("mine = 6 * 7") != 0) return 3;
  void *state = save();
  const int looked = look(data, pack);
  restore(state);
  if (run("import sys\nassert mine == 42 and 'tvbrain.sdk.embedded' in sys.modules") != 0) return 4;
  return finalize() == 0 ? looked : 5;
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  const char *path = argv[1], *deed = argv[2], *data = argv[3], *pack = argv[4];
  const int count = argc > 5 ? atoi(argv[5]) : 0;
  if (strcmp(deed, "reopen") == 0) return reopen(path, data, pack, count);
  load(path);
  if (strcmp(deed, "health") == 0) return look(data, pack);
  if (strcmp(deed, "ready") == 0) return ready(data, pack);
  if (strcmp(deed, "threads") == 0 && argc == 8) return threads(data, pack, count, argv + 6);
  if (strcmp(deed, "lock") == 0) return lock(data, pack, count);
  if (strcmp(deed, "fork") == 0) return fork_often(data, pack, count);
  if (strcmp(deed, "leave") == 0) return leave(data, pack);
  if (strcmp(deed, "daemon") == 0) return daemon_like(argv[3], pack);
  if (strcmp(deed, "plugin") == 0 && argc == 6) return plugin(data, pack, argv[5]);
  return 2;
}
