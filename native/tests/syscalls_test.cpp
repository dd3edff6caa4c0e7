// The system calls of the thread that observes, counted by a tracer.
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <map>

#include "host.hpp"

namespace {

using Counts = std::map<uint64_t, int>;

// What a traced program calls before and after what is counted, and nothing of ours calls.
void mark() { (void)syscall(SYS_getppid); }

// The system calls between two marks of `body`, run in a child. It exits with 0 or fails the test.
template <typename Body>
Counts calls_of(Body&& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(9);
    raise(SIGSTOP);
    body();
    _exit(check::failures() == 0 ? 0 : 1);
  }
  Counts counts;
  int status = 0, marks = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSTOPPED(status));
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (;;) {
    if (ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) != 0) break;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) break;
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    struct __ptrace_syscall_info info{};
    const long got = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
    if (got <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY) continue;
    if (info.entry.nr == SYS_getppid) {
      ++marks;
    } else if (marks == 1) {
      ++counts[info.entry.nr];
    }
  }
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK_EQ(marks, 2);
  counts.erase(SYS_clock_gettime);  // where the C library cannot read the clock without a call
  return counts;
}

int total(const Counts& counts) {
  int sum = 0;
  for (const auto& [number, times] : counts) sum += times;
  return sum;
}

}  // namespace

TEST("an event that is synced later takes one system call, the write of its record") {
  constexpr int kEvents = 100;
  for (const uint32_t kind : {TVB_EVENT_PROGRESS, TVB_EVENT_SELECT, TVB_EVENT_COMPLETE}) {
    const Counts counts = calls_of([kind] {
      host::Host host;
      const tvb_event event = host.event(kind, "a:heat");
      host::must(tvb_observe(host.brain, &event));
      mark();
      for (int i = 0; i < kEvents; ++i) host::must(tvb_observe(host.brain, &event));
      mark();
    });
    CHECK_EQ(counts.count(SYS_pwrite64) == 0 ? 0 : counts.at(SYS_pwrite64), kEvents);
    CHECK_EQ(total(counts), kEvents);
  }
}

TEST("events wake the thread once for the time by which all of them must be synced") {
  constexpr int kEvents = 100;
  const Counts counts = calls_of([] {
    host::Host host;
    const tvb_event event = host.event(TVB_EVENT_PROGRESS, "a:heat");
    // A sanitizer writes into a pipe when it meets a class for the first time.
    host::must(tvb_observe(host.brain, &event));
    host.close();
    host::must(host.try_open(0, &host.brain));
    mark();
    for (int i = 0; i < kEvents; ++i) host::must(tvb_observe(host.brain, &event));
    mark();
  });
  CHECK_EQ(counts.at(SYS_pwrite64), kEvents);
  CHECK(counts.count(SYS_write) == 0 || counts.at(SYS_write) == 1);
}
