#include "tvcore/maintenance.hpp"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

namespace tvcore {

int64_t monotonic_ms() {
  struct timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

Maintenance::~Maintenance() { stop(); }

Status Maintenance::start(const Options& options, std::function<int64_t()> work) {
  options_ = options;
  work_ = std::move(work);
  wake_ = File(above_standard(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
  if (!wake_.is_open()) return errno_status("eventfd", "maintenance thread");
  // A device may have no inotify, or no watch left: then the folders are looked at now and then.
  watch_ = File(above_standard(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)));
  for (const std::string& folder : options_.folders) {
    if (!watch_.is_open()) break;
    if (inotify_add_watch(watch_.fd(), folder.c_str(), IN_MOVED_TO | IN_DELETE) < 0) {
      watch_ = File();
    }
  }
  // The thread takes no signal of the host's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Status status;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    status = Status(Code::kNoMemory, "the maintenance thread could not be started");
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return status;
}

void Maintenance::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const uint64_t one = 1;
  // The counter cannot be full: it is drained at every wake-up.
  (void)!write(wake_.fd(), &one, sizeof one);
  thread_.join();
  stopping_ = false;
}

void Maintenance::within(int64_t ms) {
  const int64_t wanted = monotonic_ms() + ms;
  int64_t due = due_.load();
  while (due == kNever || wanted < due) {
    if (!due_.compare_exchange_weak(due, wanted)) continue;
    if (wake_.is_open()) {
      const uint64_t one = 1;
      (void)!write(wake_.fd(), &one, sizeof one);
    }
    return;
  }
}

bool Maintenance::take_due(int64_t now) {
  int64_t due = due_.load();
  while (due != kNever && due <= now) {
    if (due_.compare_exchange_weak(due, kNever)) return true;
  }
  return false;
}

void Maintenance::run() {
  pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  if (options_.nice > 0) (void)setpriority(PRIO_PROCESS, thread, options_.nice);
  if (options_.affinity != 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int cpu = 0; cpu < 64; ++cpu) {
      if ((options_.affinity >> cpu & 1) != 0) CPU_SET(static_cast<size_t>(cpu), &set);
    }
    (void)sched_setaffinity(0, sizeof set, &set);
  }
  while (!stopping_) {
    const int64_t due = due_.load();
    int64_t wait = due == kNever ? -1 : std::max<int64_t>(0, due - monotonic_ms());
    if (!watch_.is_open() && (wait < 0 || wait > kLookMs)) wait = kLookMs;
    // poll passes over a source of -1.
    struct pollfd sources[2] = {{wake_.fd(), POLLIN, 0}, {watch_.fd(), POLLIN, 0}};
    const int ready = poll(sources, 2, static_cast<int>(std::min<int64_t>(wait, 1 << 30)));
    char drained[4096];
    bool changed = false;
    while (read(wake_.fd(), drained, 8) > 0) {
    }
    while (watch_.is_open() && read(watch_.fd(), drained, sizeof drained) > 0) changed = true;
    if (stopping_) break;
    if (ready > 0 && !changed && due_.load() != kNever && due_.load() > monotonic_ms()) continue;
    (void)take_due(monotonic_ms());
    try {
      const int64_t next = work_();
      if (next != kNever) within(next);
    } catch (const std::bad_alloc&) {
      within(kLookMs / 12);  // nothing of it must end the host's process: later there may be memory
    }
  }
}

}  // namespace tvcore
