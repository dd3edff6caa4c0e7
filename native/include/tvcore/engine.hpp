// The serving engine: one data directory, opened. What sdk_headers/tvbrain.h promises, in C++ and without its structs.
//
// Threads: every method may be called from any thread. Locks are taken in this order and held briefly: pumping, profile_change,
// write, one live profile, world_change, the world's pointer. Nothing on the hot path waits for storage but the "now" kinds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tvcore/event.hpp"
#include "tvcore/profiles.hpp"
#include "tvcore/ranker.hpp"
#include "tvcore/rows.hpp"
#include "tvcore/stack.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

enum class LogLevel : int32_t { kError = 1, kWarning = 2, kInfo = 3 };

struct EngineOptions {
  bool read_only = false;
  bool own_thread = true;
  bool lock_pack = false;
  bool clock_trusted = false;
  uint64_t seed = 0;
  uint64_t journal_cap = 16u << 20;
  int nice = 0;
  uint64_t affinity = 0;
  std::string thread_name = "tvbrain";
  int64_t (*clock)(void* user) = nullptr;  // null: the real-time clock
  void* clock_user = nullptr;
  void (*log)(void* user, int32_t level, const char* message) = nullptr;
  void* log_user = nullptr;
};

// Bits of EngineHealth::faults, equal to TVB_FAULT_*.
constexpr uint32_t kFaultProfilesLost = 1, kFaultProfilesOld = 2, kFaultSnapshot = 4,
                   kFaultPack = 8, kFaultJournal = 16, kFaultGap = 32, kFaultTorn = 64;

enum class Mode : int32_t { kFull = 0, kNoLearning = 1, kReadOnly = 2, kPopularity = 3 };

struct EngineHealth {
  Mode mode = Mode::kFull;
  uint32_t faults = 0;
  bool learner = false;
  uint64_t journal_id = 0, last_seq = 0, synced_seq = 0, learned_seq = 0, floor_seq = 0,
           checkpoint_seq = 0;
  uint64_t snapshot_generation = 0, journal_bytes = 0, erasure_epoch = 0, erased_epoch = 0,
           pack_hash = 0;
  uint32_t segments = 0, packs = 0, items = 0, profiles = 0;
  uint64_t observes = 0, recommends = 0;
  std::string detail;
};

// What is asked of recommend, rows, similar, search and explain. Region and genre empty: the profile's, all.
struct Ask {
  uint32_t profile = kHousehold;
  int64_t at_ms = 0;  // 0: now
  bool has_offset = false;
  int32_t utc_offset_min = 0;
  uint64_t screen_token = 0;
  uint32_t k = 20;
  uint32_t row = 0;
  std::string region;
  std::string genre;
  std::string item;  // rows: what "More like this" is like; empty: no such row
};

// A search text's vector by the model, in the space `space_id`; ignored where the packs in use have another.
struct MeaningVector {
  QueryVector query{};
  uint32_t dimension = 0;
  uint64_t space_id = 0;
};

struct Answer {
  std::shared_ptr<const Stack> stack;  // what the slots mean
  uint64_t slate_id = 0;
  Slate slate;
};

struct ScreenAnswer {
  std::shared_ptr<const Stack> stack;
  uint64_t slate_id = 0;
  Screen screen;
};

class Engine {
 public:
  static Status open(const std::string& data_dir, const std::string& factory_pack,
                     const EngineOptions& options, std::unique_ptr<Engine>* out);
  ~Engine();
  // Sync, stop the thread, let the lock go. The engine may only be destroyed afterwards.
  Status close();
  // kForked in a child of the process that opened it.
  Status check_process() const;

  // `at_ms` 0 is now. Impressions without added places take them from the slate they name.
  Status observe(Event event);

  Status recommend(const Ask& ask, Answer* out);
  Status rows(const Ask& ask, uint32_t row_limit, ScreenAnswer* out);
  Status similar(const std::string& item, const Ask& ask, Answer* out);
  // `meaning` null: the pack's encoder makes one, if it has one.
  Status search(const std::string& text, const MeaningVector* meaning, const Ask& ask, Answer* out);
  Status explain(const std::string& item, const Ask& ask, std::shared_ptr<const Stack>* stack,
                 Explanation* out);

  // The stack in use and the slot that `item` names. kNoItem.
  Status find_item(const std::string& item, std::shared_ptr<const Stack>* stack,
                   uint32_t* slot) const;

  Status create_profile(Profile* profile);
  Status update_profile(const Profile& profile);
  Status delete_profile(uint32_t id);
  std::shared_ptr<const Profiles> profiles() const;

  Status forget(uint32_t scope, uint32_t profile, Key item);  // kPending if accepted
  Status flush();
  Status pump(int64_t* next_ms);
  Status hint(int32_t hint, int32_t value);
  EngineHealth health() const;
  // The live folded histories, encoded as in a snapshot: for tests and inspection.
  std::vector<uint8_t> encode_folds() const;

  struct State;  // native/src/engine_state.hpp

 private:
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tvcore
