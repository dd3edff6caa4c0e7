// libtvbrain: one thread a brain, which is the only one of the process that enters Python.
//
// The thread sleeps here, outside Python, on an event counter and the journal's watch. It has a low priority and takes
// no signal (a SIGPIPE of its own writes stays pending with it). Between its frames and Python's nothing catches
// everything: a host that ends its own Python ends this thread by unwinding it.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "../form.hpp"
#include "python.hpp"
#include "tvcore/file.hpp"
#include "tvcore/maintenance.hpp"

namespace tvsdk {

const char* const kForm = "full";

namespace {

using tvcore::Code;
using tvcore::Status;

constexpr int kNice = 10;  // a tenth of a contended processor: tvb_close() may have to wait for it
constexpr size_t kStack = 4u << 20;
constexpr int64_t kRestMs = 100;  // what comes in the next moment is looked at together
constexpr int64_t kFirstRetryMs = 60 * 1000, kLastRetryMs = 3600 * 1000;

class Thread final : public Learning {
 public:
  explicit Thread(const LearningOptions& options);
  ~Thread() override;
  void start();

  State state() const override;
  void pause(bool paused) override;
  Status learn_now() override;

 private:
  struct Ending;  // leaves word when the thread ends, in whatever way

  static void* entry(void* self);
  static void log(void* self, int32_t level, const char* text);
  static void say(void* self, const char* text);
  static void ending(void* self);

  void run();
  bool begin();
  int64_t step(bool hurry);
  bool wait(int64_t ms, bool for_journal) const;
  void wake() const;
  void told(uint32_t learning, const std::string& detail);
  uint64_t questions() const;  // the number of the last that waits for an answer, or 0
  void answer(uint64_t upto, bool good);

  const LearningOptions options_;
  tvcore::File wake_;
  pthread_t thread_{};
  bool running_ = false;

  Entries entries_;
  tvl_host host_{};
  bool begun_ = false;

  std::atomic<bool> stopping_{false}, paused_{false};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint32_t learning_ = TVB_LEARNING_STARTING;
  std::string detail_;
  uint64_t asked_ = 0, answered_ = 0;
  bool good_ = true, ended_ = false;
};

struct Thread::Ending {
  Thread* thread;
  ~Ending() {
    const std::lock_guard<std::mutex> hold(thread->mutex_);
    thread->ended_ = true;
    if (!thread->stopping_) {
      thread->learning_ = TVB_LEARNING_FAILED;
      thread->detail_ = "the host has ended its Python";
    }
    thread->changed_.notify_all();
  }
};

Thread::Thread(const LearningOptions& options) : options_(options) {
  host_.data_dir = options_.data_dir.c_str();
  host_.pack = options_.pack.c_str();
  host_.clock_trusted = options_.clock_trusted ? 1 : 0;
  host_.by_itself = options_.by_itself ? 1 : 0;
  host_.since = options_.since;
  host_.watch = -1;
  host_.self = this;
  host_.clock = options_.clock;
  host_.clock_user = options_.clock_user;
  host_.log = log;
  host_.say = say;
  host_.ending = ending;
}

Thread::~Thread() {
  if (!running_) return;
  stopping_ = true;
  wake();
  pthread_join(thread_, nullptr);
}

void Thread::start() {
  wake_ = tvcore::File(tvcore::above_standard(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  running_ = wake_.is_open() && pthread_create(&thread_, &attributes, entry, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (running_) return;
  told(TVB_LEARNING_FAILED, "no thread or no file descriptor is left to learn with");
  ended_ = true;
  log(this, TVB_LOG_ERROR, detail_.c_str());
}

Learning::State Thread::state() const {
  const std::lock_guard<std::mutex> hold(mutex_);
  const bool held = paused_ && learning_ == TVB_LEARNING_RUNNING;
  return {held ? TVB_LEARNING_PAUSED : learning_, detail_};
}

void Thread::pause(bool paused) {
  paused_ = paused;
  wake();
}

Status Thread::learn_now() {
  std::unique_lock<std::mutex> hold(mutex_);
  const uint64_t mine = ++asked_;
  wake();
  changed_.wait(hold, [&] { return answered_ >= mine || ended_; });
  if (answered_ >= mine && good_) return Status();
  return Status(Code::kNoLearner, detail_.empty() ? "the learning thread has ended" : detail_);
}

void* Thread::entry(void* self) {
  static_cast<Thread*>(self)->run();
  return nullptr;
}

void Thread::log(void* self, int32_t level, const char* text) {
  const LearningOptions& options = static_cast<Thread*>(self)->options_;
  if (options.log != nullptr) options.log(options.log_user, level, text);
}

void Thread::say(void* self, const char* text) {
  auto* thread = static_cast<Thread*>(self);
  const std::lock_guard<std::mutex> hold(thread->mutex_);
  thread->detail_ = text;
}

void Thread::ending(void* self) {
  auto* thread = static_cast<Thread*>(self);
  thread->stopping_ = true;
  thread->wake();
  std::unique_lock<std::mutex> hold(thread->mutex_);
  thread->changed_.wait(hold, [thread] { return thread->ended_; });
  thread->learning_ = TVB_LEARNING_FAILED;
  thread->detail_ = "the host has ended its Python";
}

void Thread::told(uint32_t learning, const std::string& detail) {
  const std::lock_guard<std::mutex> hold(mutex_);
  learning_ = learning;
  detail_ = detail;
}

uint64_t Thread::questions() const {
  const std::lock_guard<std::mutex> hold(mutex_);
  return asked_ > answered_ ? asked_ : 0;
}

void Thread::answer(uint64_t upto, bool good) {
  const std::lock_guard<std::mutex> hold(mutex_);
  answered_ = upto;
  good_ = good;
  changed_.notify_all();
}

void Thread::wake() const {
  const uint64_t one = 1;
  (void)!write(wake_.fd(), &one, sizeof one);
}

// Until woken (then true), the journal grows, or the time is over.
bool Thread::wait(int64_t ms, bool for_journal) const {
  struct pollfd sources[2] = {{wake_.fd(), POLLIN, 0}, {for_journal ? host_.watch : -1, POLLIN, 0}};
  (void)poll(sources, 2, static_cast<int>(std::min<int64_t>(ms, 1 << 30)));
  char drained[4096];
  bool woken = false;
  while (read(wake_.fd(), drained, 8) > 0) woken = true;
  while (sources[1].fd >= 0 && read(sources[1].fd, drained, sizeof drained) > 0) {
  }
  return woken;
}

bool Thread::begin() {
  if (begun_) return true;
  const Status status = python_entries(&entries_);
  if (!status.ok()) {
    told(TVB_LEARNING_FAILED, status.text());
  } else {
    begun_ = entries_.start(&host_) == TVL_OK;  // says why not, unless nothing of it could run
    const std::string why = state().detail;
    if (begun_) {
      told(TVB_LEARNING_RUNNING, why);
    } else {
      told(TVB_LEARNING_FAILED, why.empty() ? "Python cannot be entered" : why);
    }
  }
  if (!begun_) log(this, TVL_LOG_WARNING, ("nothing is learned: " + state().detail).c_str());
  return begun_;
}

int64_t Thread::step(bool hurry) {
  const int64_t next = entries_.step(&host_, hurry ? 1 : 0);
  return next < 0 ? kFirstRetryMs : next;
}

void Thread::run() {
  const Ending ending{this};
  pthread_setname_np(pthread_self(), "tvbrain-learn");
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
  int64_t retry = kFirstRetryMs;
  while (!stopping_) {
    const uint64_t asked = questions();
    const bool hurry = asked != 0, up = begin();
    const bool active = up && options_.by_itself && !paused_;
    int64_t next = -1;
    if (up && (hurry || active)) next = step(hurry);
    if (hurry) answer(asked, up && state().detail.empty());
    if (!up) {
      (void)wait(retry, false);
      retry = std::min(2 * retry, kLastRetryMs);
    } else if (!active) {
      (void)wait(-1, false);
    } else if (!wait(kRestMs, false)) {
      (void)wait(next, true);
    }
  }
  if (begun_) (void)entries_.stop(&host_);
}

}  // namespace

std::unique_ptr<Learning> begin_learning(const LearningOptions& options) {
  auto thread = std::make_unique<Thread>(options);
  thread->start();
  return thread;
}

}  // namespace tvsdk
