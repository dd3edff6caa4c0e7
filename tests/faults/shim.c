/*
 * The fault shim: an LD_PRELOAD library between a process and the file system, for drills.
 *
 * It sees every change that its process makes below TVB_FAULT_ROOT, names the phase that the change belongs to by
 * operation and path ("roll" is renaming the prepared journal segment), and
 * - carries out orders that the drill puts into shared memory: die at the n-th operation of a phase (before it, after
 *   it, or with half a write done), or let operations fail with an errno;
 * - counts the operations of each phase, and shows in which phases a process is, so that a kill at a random time can be
 *   told where it struck;
 * - with TVB_FAULT_TRACE, records every change with its data, and every sync, in one order for all processes: from that
 *   the drill builds what a power cut could leave.
 *
 * The same shim serves the C host, the learning plane and SQLite within it; none of them knows of it.
 *
 * TVB_FAULT_SHARE names the shared file (struct share), TVB_FAULT_ROLE the process's place in it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))

/* ---- what the drill and the shim share: tvbrain/health/drill/share.py has the same layout ---- */

enum { ROLES = 4, PHASES = 32, ORDERS = 4 };

enum action { ACT_NONE, ACT_KILL_BEFORE, ACT_KILL_AFTER, ACT_KILL_HALF, ACT_FAIL, ACT_SHORT };

struct order {
  _Atomic uint32_t action; /* written last by the drill */
  uint32_t role;
  uint64_t phases;            /* bit p: operations of phase p */
  _Atomic int64_t countdown;  /* carried out at the operation that takes it to 0, and, failing, at later ones */
  int32_t error;              /* of ACT_FAIL and ACT_SHORT */
  uint32_t times;             /* of ACT_FAIL: how many operations fail; 0: until the order is taken back */
  _Atomic uint32_t fired;     /* how often it was carried out */
  _Atomic uint32_t fired_phase;
};

struct role {
  uint32_t pid;
  uint32_t reserved;
  _Atomic uint32_t inside[PHASES]; /* threads that are in an operation of the phase now */
  _Atomic uint64_t done[PHASES];
};

struct share {
  uint32_t magic;
  _Atomic uint32_t lock; /* of the trace: makes a change and its place in the trace one */
  struct order orders[ORDERS];
  struct role roles[ROLES];
};
_Static_assert(sizeof(struct order) == 40 && sizeof(struct role) == 8 + 12 * PHASES, "share.py");

/* In the order of the bits; `tvb_fault_phases` is read by a test of share.py. */
enum phase {
  P_OTHER,
  P_APPEND,     /* a record is written */
  P_SYNC,       /* the journal is synced */
  P_PREPARE,    /* the next segment is prepared */
  P_ROLL,       /* the prepared segment takes its place */
  P_CHECKPOINT, /* the serving side folds the journal at its cap */
  P_TRUNCATE,   /* a segment is deleted */
  P_PROFILES,   /* the profiles' file is replaced */
  P_LOCK,       /* a lock file is written */
  P_COMMIT,     /* the learner's transaction: brain.db's log */
  P_DATABASE,   /* the log is copied into brain.db */
  P_SNAPSHOT,   /* a snapshot is written and synced */
  P_RENAME,     /* a snapshot is renamed into place */
  P_PRUNE,      /* an old snapshot is deleted */
  P_FLOOR,      /* the floor is replaced */
  P_PACK,       /* a pack is installed */
  P_COUNT
};
API const char tvb_fault_phases[] =
    "other append sync prepare roll checkpoint truncate profiles lock commit database snapshot rename prune floor pack";

enum op { OP_CREATE, OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_RENAME, OP_UNLINK, OP_MKDIR, OP_OPEN };

/* ---- the trace: records one after the other; replay.py reads them ---- */

enum entry { T_CREATE = 1, T_WRITE, T_TRUNCATE, T_SYNC_BEGIN, T_SYNC_END, T_RENAME, T_UNLINK, T_MKDIR, T_MARK };

struct trace_head { /* then the path, then the data (of a rename: the new path) */
  uint32_t size;    /* of the whole record */
  uint8_t entry;
  uint8_t role;
  uint8_t failed; /* T_SYNC_END */
  uint8_t reserved;
  uint64_t ns;     /* monotonic */
  uint64_t inode;  /* T_MARK: the event's counter */
  uint64_t offset; /* T_WRITE; T_TRUNCATE: the size; T_SYNC_*: the sync's number; T_MARK: state */
  uint32_t path_size;
  uint32_t data_size;
};
_Static_assert(sizeof(struct trace_head) == 40, "replay.py");

/* ---- state ---- */

static char root[PATH_MAX];
static size_t root_size;
static struct share *share;
static uint32_t role_index;
static int trace_fd = -1;
static _Atomic uint64_t sync_number;

#define DECLARE(result, name, ...) static result (*real_##name)(__VA_ARGS__)
DECLARE(int, open, const char *, int, ...);
DECLARE(int, openat, int, const char *, int, ...);
DECLARE(ssize_t, write, int, const void *, size_t);
DECLARE(ssize_t, pwrite, int, const void *, size_t, off_t);
DECLARE(int, ftruncate, int, off_t);
DECLARE(int, fdatasync, int);
DECLARE(int, fsync, int);
DECLARE(int, rename, const char *, const char *);
DECLARE(int, unlink, const char *);
DECLARE(int, mkdir, const char *, mode_t);

static void load(void) {
  static _Atomic int loaded;
  if (atomic_load(&loaded)) return;
#define LOAD(name) *(void **)&real_##name = dlsym(RTLD_NEXT, #name)
  LOAD(open);
  LOAD(openat);
  LOAD(write);
  LOAD(pwrite);
  LOAD(ftruncate);
  LOAD(fdatasync);
  LOAD(fsync);
  LOAD(rename);
  LOAD(unlink);
  LOAD(mkdir);
  atomic_store(&loaded, 1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

__attribute__((constructor)) static void begin(void) {
  load();
  const char *folder = getenv("TVB_FAULT_ROOT"), *shared = getenv("TVB_FAULT_SHARE");
  const char *role = getenv("TVB_FAULT_ROLE"), *trace = getenv("TVB_FAULT_TRACE");
  if (folder == NULL || shared == NULL || role == NULL) return;
  const int fd = real_open(shared, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *map = mmap(NULL, sizeof *share, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (map == MAP_FAILED) return;
  role_index = (uint32_t)atoi(role) % ROLES;
  if (trace != NULL) {
    trace_fd = real_open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace_fd < 0) abort();
    sync_number = (uint64_t)getpid() << 32;
  }
  root_size = strlen(folder);
  memcpy(root, folder, root_size + 1);
  struct role *mine = &((struct share *)map)->roles[role_index];
  mine->pid = (uint32_t)getpid();
  for (int i = 0; i < PHASES; ++i) atomic_store(&mine->inside[i], 0);
  share = map;
}

/* ---- whose business a path is ---- */

/* The part below the root, or NULL. */
static const char *below(const char *path) {
  if (share == NULL || path == NULL) return NULL;
  if (strncmp(path, root, root_size) != 0 || (path[root_size] != '/' && path[root_size] != 0)) return NULL;
  const char *rest = path + root_size + (path[root_size] == '/');
  return strncmp(rest, "brain.db-shm", 12) == 0 ? NULL : rest; /* shared memory, not storage */
}

static const char *path_of(int fd, char *buffer) {
  if (share == NULL) return NULL;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, buffer, PATH_MAX - 1);
  if (size <= 0) return NULL;
  buffer[size] = 0;
  return below(buffer);
}

static int starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }
static int ends(const char *text, const char *with) {
  const size_t a = strlen(text), b = strlen(with);
  return a >= b && strcmp(text + a - b, with) == 0;
}

static enum phase phase_of(enum op op, const char *path, const char *to) {
  if (op == OP_OPEN) return P_OTHER;
  if (starts(path, "journal")) {
    if (starts(path, "journal/checkpoint")) return P_CHECKPOINT;
    if (starts(path, "journal/next")) return op == OP_RENAME ? P_ROLL : P_PREPARE;
    if (op == OP_SYNC) return P_SYNC;
    if (op == OP_UNLINK) return P_TRUNCATE;
    return op == OP_WRITE ? P_APPEND : P_OTHER;
  }
  if (starts(path, "profiles")) return P_PROFILES;
  if (ends(path, ".lock")) return P_LOCK;
  if (starts(path, "brain.db-")) return P_COMMIT;
  if (starts(path, "brain.db")) return P_DATABASE;
  if (starts(path, "snapshot")) {
    if (starts(path, "snapshot/floor")) return P_FLOOR;
    if (op == OP_UNLINK) return P_PRUNE;
    if (op == OP_RENAME && to != NULL && ends(to, ".tvs")) return P_RENAME;
    return P_SNAPSHOT;
  }
  return starts(path, "packs") ? P_PACK : P_OTHER;
}

/* ---- orders ---- */

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

struct verdict {
  enum action action;
  int error;
};

static struct verdict judge(enum phase phase) {
  struct verdict verdict = {ACT_NONE, 0};
  for (int i = 0; i < ORDERS; ++i) {
    struct order *order = &share->orders[i];
    const uint32_t action = atomic_load(&order->action);
    if (action == ACT_NONE || order->role != role_index || (order->phases >> phase & 1) == 0) continue;
    const int64_t left = atomic_fetch_sub(&order->countdown, 1) - 1;
    if (left > 0) continue;
    if (left < 0 && action != ACT_FAIL) continue; /* another thread carries it out */
    if (action == ACT_FAIL && order->times != 0 && -left >= (int64_t)order->times) continue;
    atomic_store(&order->fired_phase, phase);
    atomic_fetch_add(&order->fired, 1);
    verdict.action = (enum action)action;
    verdict.error = order->error;
  }
  return verdict;
}

/* Enter an operation: the phase is shown, and an order that meets it is carried out or handed to the caller. */
static struct verdict enter(enum op op, const char *path, const char *to, enum phase *phase) {
  *phase = phase_of(op, path, to);
  atomic_fetch_add(&share->roles[role_index].inside[*phase], 1);
  const struct verdict verdict = judge(*phase);
  if (verdict.action == ACT_KILL_BEFORE) die();
  return verdict;
}

static void leave(enum phase phase, struct verdict verdict) {
  if (verdict.action == ACT_KILL_AFTER || verdict.action == ACT_KILL_HALF) die();
  atomic_fetch_add(&share->roles[role_index].done[phase], 1);
  atomic_fetch_sub(&share->roles[role_index].inside[phase], 1);
}

/* ---- trace ---- */

static void lock_trace(void) {
  uint32_t free = 0;
  while (trace_fd >= 0 && !atomic_compare_exchange_weak(&share->lock, &free, 1)) {
    free = 0;
    syscall(SYS_sched_yield);
  }
}

static void unlock_trace(void) {
  if (trace_fd >= 0) atomic_store(&share->lock, 0);
}

/* Holds the lock. */
static void record(enum entry entry, uint64_t inode, uint64_t offset, const char *path, const void *data, size_t size,
                   int failed) {
  if (trace_fd < 0) return;
  struct trace_head head = {0};
  head.path_size = path == NULL ? 0 : (uint32_t)strlen(path);
  head.data_size = (uint32_t)size;
  head.size = (uint32_t)(sizeof head + head.path_size + size);
  head.entry = (uint8_t)entry;
  head.role = (uint8_t)role_index;
  head.failed = (uint8_t)failed;
  head.ns = now_ns();
  head.inode = inode;
  head.offset = offset;
  const void *parts[3] = {&head, path, data};
  const size_t sizes[3] = {sizeof head, head.path_size, size};
  for (int i = 0; i < 3; ++i) {
    for (size_t at = 0; at < sizes[i];) {
      const ssize_t done = syscall(SYS_write, trace_fd, (const char *)parts[i] + at, sizes[i] - at);
      if (done <= 0) abort(); /* a trace with a hole would say wrong things */
      at += (size_t)done;
    }
  }
}

static uint64_t inode_of(int fd) {
  struct stat info;
  return trace_fd >= 0 && fstat(fd, &info) == 0 ? (uint64_t)info.st_ino : 0;
}

/* What the host knows and the file system does not: event `counter` is being observed (1), is acknowledged (2). */
API void tvb_fault_mark(uint64_t counter, uint32_t state) {
  if (trace_fd < 0) return;
  lock_trace();
  record(T_MARK, counter, state, NULL, NULL, 0, 0);
  unlock_trace();
}

/* ---- the calls ---- */

static int opened(const char *path, int flags, int (*call)(const char *, int, mode_t, int), mode_t mode, int folder) {
  const char *rest = below(path);
  if (rest == NULL || (flags & (O_CREAT | O_TRUNC)) == 0) return call(path, flags, mode, folder);
  enum phase phase;
  const struct verdict verdict = enter(OP_CREATE, rest, NULL, &phase);
  if (verdict.action == ACT_FAIL) {
    leave(phase, verdict);
    errno = verdict.error;
    return -1;
  }
  lock_trace();
  struct stat before;
  const int existed = trace_fd >= 0 && stat(path, &before) == 0;
  const int fd = call(path, flags, mode, folder);
  const int error = errno;
  if (fd >= 0 && trace_fd >= 0) {
    if (!existed) {
      record(T_CREATE, inode_of(fd), 0, rest, NULL, 0, 0);
    } else if ((flags & O_TRUNC) != 0) {
      record(T_TRUNCATE, inode_of(fd), 0, rest, NULL, 0, 0);
    }
  }
  unlock_trace();
  leave(phase, verdict);
  errno = error;
  return fd;
}

static int call_open(const char *path, int flags, mode_t mode, int folder) {
  (void)folder;
  return real_open(path, flags, mode);
}
static int call_openat(const char *path, int flags, mode_t mode, int folder) {
  return real_openat(folder, path, flags, mode);
}

#define TAKE_MODE                                  \
  mode_t mode = 0;                                 \
  if ((flags & O_CREAT) != 0) {                    \
    va_list more;                                  \
    va_start(more, flags);                         \
    mode = (mode_t)va_arg(more, unsigned);         \
    va_end(more);                                  \
  }                                                \
  load()

API int open(const char *path, int flags, ...) {
  TAKE_MODE;
  return opened(path, flags, call_open, mode, AT_FDCWD);
}
API int open64(const char *path, int flags, ...) {
  TAKE_MODE;
  return opened(path, flags | O_LARGEFILE, call_open, mode, AT_FDCWD);
}
API int openat(int folder, const char *path, int flags, ...) {
  TAKE_MODE;
  return opened(path, flags, call_openat, mode, folder); /* absolute paths only: all that ours use */
}
API int openat64(int folder, const char *path, int flags, ...) {
  TAKE_MODE;
  return opened(path, flags | O_LARGEFILE, call_openat, mode, folder);
}

/* At `offset`, or where the file stands if it is negative. */
static ssize_t written(int fd, const void *data, size_t size, off_t offset) {
  char buffer[PATH_MAX];
  const char *path = path_of(fd, buffer);
  if (path == NULL) return offset < 0 ? real_write(fd, data, size) : real_pwrite(fd, data, size, offset);
  enum phase phase;
  const struct verdict verdict = enter(OP_WRITE, path, NULL, &phase);
  if (verdict.action == ACT_FAIL) {
    leave(phase, verdict);
    errno = verdict.error;
    return -1;
  }
  if ((verdict.action == ACT_KILL_HALF || verdict.action == ACT_SHORT) && size > 1) size /= 2;
  lock_trace();
  const ssize_t done = offset < 0 ? real_write(fd, data, size) : real_pwrite(fd, data, size, offset);
  const int error = errno;
  if (done > 0 && trace_fd >= 0) {
    const off_t at = offset < 0 ? lseek(fd, 0, SEEK_CUR) - done : offset;
    record(T_WRITE, inode_of(fd), (uint64_t)at, path, data, (size_t)done, 0);
  }
  unlock_trace();
  leave(phase, verdict);
  errno = error;
  return done;
}

API ssize_t write(int fd, const void *data, size_t size) {
  load();
  return written(fd, data, size, -1);
}
API ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
  load();
  return written(fd, data, size, offset);
}
API ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  load();
  return written(fd, data, size, offset);
}

API int ftruncate(int fd, off_t size) {
  load();
  char buffer[PATH_MAX];
  const char *path = path_of(fd, buffer);
  if (path == NULL) return real_ftruncate(fd, size);
  enum phase phase;
  const struct verdict verdict = enter(OP_TRUNCATE, path, NULL, &phase);
  int result = -1, error = verdict.error;
  if (verdict.action != ACT_FAIL) {
    lock_trace();
    result = real_ftruncate(fd, size);
    error = errno;
    if (result == 0) record(T_TRUNCATE, inode_of(fd), (uint64_t)size, path, NULL, 0, 0);
    unlock_trace();
  }
  leave(phase, verdict);
  errno = error;
  return result;
}
API int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

/* What was written before the sync began is safe once it has ended. */
static int synced(int fd, int (*call)(int)) {
  char buffer[PATH_MAX];
  const char *path = path_of(fd, buffer);
  if (path == NULL) return call(fd);
  enum phase phase;
  const struct verdict verdict = enter(OP_SYNC, path, NULL, &phase);
  const uint64_t inode = inode_of(fd), number = atomic_fetch_add(&sync_number, 1);
  lock_trace();
  record(T_SYNC_BEGIN, inode, number, path, NULL, 0, 0);
  unlock_trace();
  int result = -1, error = verdict.error;
  if (verdict.action != ACT_FAIL) {
    result = call(fd);
    error = errno;
  }
  lock_trace();
  record(T_SYNC_END, inode, number, path, NULL, 0, result != 0);
  unlock_trace();
  leave(phase, verdict);
  errno = error;
  return result;
}

API int fdatasync(int fd) {
  load();
  return synced(fd, real_fdatasync);
}
API int fsync(int fd) {
  load();
  return synced(fd, real_fsync);
}

/* An operation on names, in one order with its entry in the trace. */
static int named(enum op op, enum entry entry, const char *path, const char *to, mode_t mode) {
  const char *rest = below(path), *target = to == NULL ? NULL : below(to);
  if (rest == NULL) {
    if (op == OP_RENAME) return real_rename(path, to);
    return op == OP_UNLINK ? real_unlink(path) : real_mkdir(path, mode);
  }
  enum phase phase;
  const struct verdict verdict = enter(op, rest, target, &phase);
  int result = -1, error = verdict.error;
  if (verdict.action != ACT_FAIL) {
    lock_trace();
    result = op == OP_RENAME ? real_rename(path, to) : op == OP_UNLINK ? real_unlink(path) : real_mkdir(path, mode);
    error = errno;
    if (result == 0) record(entry, 0, 0, rest, target, target == NULL ? 0 : strlen(target), 0);
    unlock_trace();
  }
  leave(phase, verdict);
  errno = error;
  return result;
}

API int rename(const char *path, const char *to) {
  load();
  return named(OP_RENAME, T_RENAME, path, to, 0);
}
API int renameat(int from_folder, const char *path, int to_folder, const char *to) {
  (void)from_folder;
  (void)to_folder;
  load();
  return named(OP_RENAME, T_RENAME, path, to, 0);
}
API int unlink(const char *path) {
  load();
  return named(OP_UNLINK, T_UNLINK, path, NULL, 0);
}
API int unlinkat(int folder, const char *path, int flags) {
  load();
  if (flags != 0 || path[0] != '/') return (int)syscall(SYS_unlinkat, folder, path, flags);
  return named(OP_UNLINK, T_UNLINK, path, NULL, 0);
}
API int mkdir(const char *path, mode_t mode) {
  load();
  return named(OP_MKDIR, T_MKDIR, path, NULL, mode);
}
