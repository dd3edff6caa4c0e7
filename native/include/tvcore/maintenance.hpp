// When the engine has to do something by itself, and the one thread that does it (or the host, by pumping).
//
// Asleep, the thread waits on an event counter and on the folders that others write (inotify): no wake-up without cause.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tvcore/file.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

int64_t monotonic_ms();

class Maintenance {
 public:
  struct Options {
    std::string name = "tvbrain";
    int nice = 0;
    uint64_t affinity = 0;
    std::vector<std::string> folders;  // watched for files that were renamed into place
  };
  static constexpr int64_t kNever = -1;
  static constexpr int64_t kLookMs =
      60000;  // between looks at the folders where they cannot be watched

  ~Maintenance();
  // Start the thread: `work` is run when its time comes or a folder changes, and answers in how many ms it wants to run
  // again, kNever for "when asked".
  Status start(const Options& options, std::function<int64_t()> work);
  void stop();
  bool running() const { return thread_.joinable(); }
  bool watching() const { return watch_.is_open(); }
  // Have the work done within `ms` from now at the latest. Cheap where an earlier time is already set.
  void within(int64_t ms);
  // The earliest time asked for, monotonic ms; kNever if none. take_due() forgets it if it has come.
  int64_t due() const { return due_.load(); }
  bool take_due(int64_t now);

 private:
  void run();
  std::atomic<int64_t> due_{kNever};
  std::atomic<bool> stopping_{false};
  std::function<int64_t()> work_;
  Options options_;
  File wake_, watch_;
  std::thread thread_;
};

}  // namespace tvcore
