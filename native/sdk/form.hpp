// The one thing that the two libraries differ in: whether the brain also learns in this process.
// native/sdk/form/serve.cpp is libtvbrain-serve's answer, the other files there are libtvbrain's.
#pragma once

#include <memory>
#include <string>

#include "tvbrain.h"
#include "tvcore/status.hpp"

namespace tvsdk {

extern const char* const kForm;  // "serve" or "full"

struct LearningOptions {
  std::string data_dir, pack;
  bool by_itself =
      true;  // false: only learn_now() makes it do anything, and `clock` is the only one
  bool clock_trusted = false;
  uint64_t since = 0;  // the journal's last record when it was opened
  tvb_clock_fn clock = nullptr;
  void* clock_user = nullptr;
  tvb_log_fn log = nullptr;
  void* log_user = nullptr;
};

// The learning plane of one brain, in this process. Any thread may call; the destructor, alone and last, stops it,
// waits for the loop under way and has it store what it read.
class Learning {
 public:
  struct State {
    uint32_t learning = TVB_LEARNING_NONE;
    std::string detail;
  };

  virtual ~Learning() = default;
  virtual State state() const = 0;
  virtual void pause(bool paused) = 0;
  virtual tvcore::Status learn_now() = 0;
};

// Begins to learn and waits for nothing. Null in the serving library.
std::unique_ptr<Learning> begin_learning(const LearningOptions& options);

}  // namespace tvsdk
