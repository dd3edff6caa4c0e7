// What the engine does by itself: syncs that are due, newer snapshots and packs, the journal's length, health.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "engine_state.hpp"
#include "tvcore/pack_folder.hpp"

namespace tvcore {

std::shared_ptr<const Snapshot> learned_of(const Snapshot& snapshot) {
  auto lean = std::make_shared<Snapshot>(snapshot);
  lean->folds.clear();
  return lean;
}

void Engine::State::load_packs(const PackChoice& choice) {
  if (!choice.detail.empty()) {
    fault(kFaultPack, choice.detail);
  } else {
    clear_fault(kFaultPack);
  }
  const std::shared_ptr<const Ranker> ranker = Ranker::build(choice.stack);
  for (const std::shared_ptr<const Pack>& pack : choice.stack->packs()) {
    pack->let_go();
    if (!options.lock_pack) continue;
    const Status status = pack->lock_in_memory();
    if (!status.ok()) log(LogLevel::kWarning, status.text());
  }
  unverified = choice.paths;
  pack_damaged = false;
  const std::lock_guard<std::mutex> hold(world_change);
  auto next = std::make_shared<World>(*world.load());
  next->stack = choice.stack;
  next->ranker = ranker;
  world.store(std::move(next));
}

Status Engine::State::checkpoint_now() {
  Snapshot value;
  {
    const std::lock_guard<std::mutex> hold(write);
    value.learned_seq = journal.last_seq();
    value.folds = live.copy();
  }
  const Status synced = journal.sync();
  if (!synced.ok()) return synced;
  value.journal_id = journal.id();
  value.created_ms = now_ms();
  value.erasure_epoch = profiles.load()->erasure_epoch;
  const std::vector<uint8_t> bytes = value.encode();
  // Two copies: once segments are gone, a rotten block must not cost the history.
  for (const char* name : {"journal/checkpoint.tvs", "journal/checkpoint.tvs.1"}) {
    const Status status = replace_file(path(name), bytes.data(), bytes.size());
    if (!status.ok()) return status;
  }
  checkpoint = value.learned_seq;
  return Status();
}

namespace {

// The history that was lost, as a newer snapshot has it, and what the journal has after it.
Status restore_history(Engine::State* state, const Snapshot& snapshot) {
  FoldSet folds = snapshot.folds;
  const std::lock_guard<std::mutex> hold(state->write);
  JournalInfo journal;
  Status status = read_journal_info(state->path("journal"), &journal);
  if (!status.ok()) return status;
  const uint64_t after = snapshot.journal_id == journal.id ? snapshot.learned_seq : 0;
  const auto visit = [&folds](const Event& event) {
    folds.apply(event);
    return Visit::kNext;
  };
  status = read_journal(state->path("journal"), after, visit, nullptr);
  if (!status.ok()) return status;
  state->live.reset(std::move(folds));
  state->history_lost = false;
  return status;
}

// A newer usable snapshot, if there is one. The folds stay: they are that snapshot's plus what came since, unless they
// were lost.
void take_snapshot(Engine::State* state) {
  std::vector<uint64_t> generations;
  if (!list_snapshots(state->path("snapshot"), &generations).ok() || generations.empty()) return;
  if (generations.back() <= state->snapshot_seen) return;
  state->snapshot_seen = generations.back();
  std::shared_ptr<const Snapshot> snapshot;
  std::string detail;
  const Status status =
      load_snapshot(state->path("snapshot"), !state->options.read_only, &snapshot, &detail);
  if (!status.ok() || !detail.empty()) {
    state->fault(kFaultSnapshot, status.ok() ? detail : status.text());
  } else {
    state->clear_fault(kFaultSnapshot);
  }
  if (snapshot == nullptr) return;
  if (state->history_lost && snapshot->erasure_epoch >= state->profiles.load()->erasure_epoch) {
    const Status restored = restore_history(state, *snapshot);
    if (!restored.ok()) state->log(LogLevel::kWarning, restored.text());
  }
  std::shared_ptr<const Snapshot> learned = learned_of(*snapshot);
  snapshot.reset();
  const std::lock_guard<std::mutex> hold(state->world_change);
  // Asked only now: an erasure moves the epoch first and the world then.
  if (learned->erasure_epoch < state->profiles.load()->erasure_epoch) return;
  const std::shared_ptr<const World> world = state->world.load();
  if (world->snapshot != nullptr && world->snapshot->generation >= learned->generation) return;
  auto next = std::make_shared<World>(*world);
  next->snapshot = std::move(learned);
  next->salvaged = nullptr;
  state->world.store(std::move(next));
}

void take_packs(Engine::State* state) {
  std::string print = packs_fingerprint(state->path("packs"));
  if (print == state->packs_print) return;
  PackChoice choice;
  const Status status = choose_packs(state->factory, state->path("packs"), &choice);
  state->packs_print = std::move(print);
  if (status.ok()) {
    state->load_packs(choice);
  } else {
    state->fault(kFaultPack, status.text());  // the packs in memory stay in use
  }
}

// Verify one pack's payload a call; a damaged installed pack is set aside, and the next best is used.
bool verify_one(Engine::State* state) {
  if (state->unverified.empty()) return false;
  const std::string path = state->unverified.back();
  state->unverified.pop_back();
  std::shared_ptr<const Pack> pack;
  Status status = Pack::open(path, &pack);
  if (status.ok()) status = pack->verify();
  if (!status.ok()) {
    state->fault(kFaultPack, status.text());
    bool replaced = false;
    if (path != state->factory && !state->options.read_only) {
      status = rename_file(path, path + ".bad");
      replaced = status.ok();
      if (!replaced) state->log(LogLevel::kError, status.text());
      take_packs(state);
      state->faults.fetch_or(kFaultPack);
    }
    if (!replaced) state->pack_damaged = true;
  }
  return !state->unverified.empty();
}

// Keep the journal below its cap: what the learner no longer needs goes; without a learner the folded state is
// checkpointed first. A learner that is alive gets twice the room before that.
void keep_short(Engine::State* state) {
  uint64_t floor = 0;
  if (read_floor(state->path("snapshot"), state->journal.id(), &floor).ok() &&
      floor > state->floor) {
    state->floor = floor;
    const Status status = state->journal.truncate(floor);
    if (!status.ok()) state->fault(kFaultJournal, status.text());
  }
  int pid = 0;
  const bool learner = Lock::held(state->path("learning.lock"), &pid);
  const uint64_t cap = state->options.journal_cap * (learner ? 2 : 1);
  if (state->journal.bytes() <= cap) {
    if (state->journal.bytes() <= state->options.journal_cap) state->cap_reached = false;
    return;
  }
  Status status = state->checkpoint_now();
  if (status.ok()) {
    state->fault(kFaultGap, "the journal reached its cap: events up to " +
                                std::to_string(state->checkpoint.load()) +
                                " are kept in folded form only");
    status = state->journal.truncate(state->checkpoint);
  }
  if (!status.ok()) state->fault(kFaultJournal, status.text());
  state->cap_reached = false;
}

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

// Files of the journal that nobody reads any more, or only another version would: they cannot be edited.
Status remove_set_aside(const std::string& folder) {
  std::vector<std::string> names;
  if (Status status = list_folder(folder, &names); !status.ok()) return status;
  for (const std::string& name : names) {
    if (!ends_with(name, ".damaged") && !ends_with(name, ".foreign") &&
        !ends_with(name, ".newer") && !ends_with(name, ".tmp"))
      continue;
    if (Status status = remove_file(folder + "/" + name); !status.ok()) return status;
  }
  return {};
}

Status remove_if_there(const std::string& path) {
  const Status status = remove_file(path);
  return status.code() == Code::kNoFile ? Status() : status;
}

// Checkpoints of before the erasure: the snapshots know all that they did.
Status remove_old_checkpoints(const Engine::State& state, uint64_t epoch) {
  for (const char* name : {"journal/checkpoint.tvs", "journal/checkpoint.tvs.1"}) {
    std::vector<uint8_t> bytes;
    Snapshot checkpoint;
    Status status = read_all(state.path(name), &bytes, 64u << 20);
    if (status.code() == Code::kNoFile) continue;
    if (status.ok()) status = Snapshot::decode(std::move(bytes), name, &checkpoint);
    if (status.ok() && checkpoint.erasure_epoch >= epoch) continue;
    if (status = remove_file(state.path(name)); !status.ok()) return status;
  }
  return {};
}

// Serving's part of forgetting, once the learning plane has done its own: nothing that reads the journal needs the
// erased records any more. Each step may be done again; the last says that all are done.
Status erase_from_files(Engine::State* state, const Erased& learning) {
  Erasures erasures(learning.seq);
  const auto visit = [&erasures](const Event& event) {
    erasures.note(event);
    return Visit::kNext;
  };
  const uint64_t epoch = state->profiles.load()->erasure_epoch;
  Status status = read_journal(state->path("journal"), 0, visit, nullptr);
  if (status.ok()) {
    status = state->journal.edit(learning.seq, state->now_ms(),
                                 [&erasures](Event* event) { return erasures.edit(event); });
  }
  if (status.ok()) status = remove_old_checkpoints(*state, epoch);
  if (status.ok()) status = remove_set_aside(state->path("journal"));
  if (status.ok()) status = remove_if_there(state->path("profiles.tvp.newer"));
  if (status.ok()) status = remove_if_there(state->path("profiles.tvp.tmp"));
  if (status.ok()) status = remove_if_there(state->path("profiles.tvp.1.tmp"));
  if (status.ok()) status = fsync_folder(state->dir);
  if (status.ok()) {
    status =
        write_erased(state->path(kErasedByServing), {state->journal.id(), learning.seq, epoch});
  }
  if (!status.ok()) return status;
  state->erased_seq = learning.seq;
  state->erased_epoch = epoch;
  return status;
}

void finish_erasing(Engine::State* state) {
  if (state->erase_seq <= state->erased_seq) return;
  Erased learning;
  Status status = read_erased(state->path(kErasedByLearning), &learning);
  if (status.ok()) {
    if (learning.journal_id != state->journal.id() || learning.seq < state->erase_seq) return;
    status = erase_from_files(state, learning);
  }
  if (status.ok()) return;
  state->log(LogLevel::kWarning, "not forgotten by all files yet: " + status.text());
  constexpr int64_t kAgainMs = 5000;
  state->maintenance.within(kAgainMs);
}

// The record of a profile change is all there is of it until the profiles' file is saved: no segment goes before that.
void save_and_keep_short(Engine::State* state) {
  const std::unique_lock<std::mutex> hold(state->profile_change, std::try_to_lock);
  if (!hold.owns_lock()) {  // a change is being recorded and saved now
    constexpr int64_t kSoonMs = 50;
    state->maintenance.within(kSoonMs);
    return;
  }
  if (state->profiles_unsaved) (void)state->save_profiles_now(*state->profiles.load());
  if (state->profiles_unsaved) return;
  finish_erasing(state);
  keep_short(state);
}

}  // namespace

Status Engine::pump(int64_t* next_ms) {
  State& state = *state_;
  const std::lock_guard<std::mutex> hold(state.pumping);
  (void)state.maintenance.take_due(monotonic_ms());
  take_snapshot(&state);
  take_packs(&state);
  Status status;
  bool more = false;
  if (!state.options.read_only) {
    if (state.journal.synced_seq() < state.journal.last_seq()) status = flush();
    const Status prepared = state.journal.prepare();
    if (!prepared.ok()) state.log(LogLevel::kWarning, prepared.text());
    // A host that sends nothing while health says read-only would never see it end.
    if (status.ok() && prepared.ok()) state.clear_fault(kFaultJournal);
    save_and_keep_short(&state);
  }
  more = verify_one(&state);
  const int64_t due = state.maintenance.due();
  int64_t next =
      due == Maintenance::kNever ? Maintenance::kNever : std::max<int64_t>(0, due - monotonic_ms());
  if (more) next = next == Maintenance::kNever ? 100 : std::min<int64_t>(next, 100);
  if (!status.ok()) next = next == Maintenance::kNever ? 5000 : std::min<int64_t>(next, 5000);
  if (next_ms != nullptr) *next_ms = next;
  return status;
}

bool Engine::State::nothing_known() const {
  if (history_lost || pack_damaged) return true;
  if ((faults & kFaultPack) == 0) return false;
  const LiveProfile::Known known = live.known(world.load());
  return known.liked && !known.resolved;
}

EngineHealth Engine::health() const {
  const State& state = *state_;
  const std::shared_ptr<const World> world = state.world.load();
  EngineHealth health;
  health.faults = state.faults;
  int pid = 0;
  health.learner = Lock::held(state.path("learning.lock"), &pid);
  if (!state.options.read_only) {
    health.journal_id = state.journal.id();
    health.last_seq = state.journal.last_seq();
    health.synced_seq = state.journal.synced_seq();
    health.journal_bytes = state.journal.bytes();
    health.segments = state.journal.segments();
  }
  if (world->snapshot != nullptr) {
    health.learned_seq = world->snapshot->learned_seq;
    health.snapshot_generation = world->snapshot->generation;
  }
  health.floor_seq = state.floor;
  health.checkpoint_seq = state.checkpoint;
  const std::shared_ptr<const Profiles> profiles = state.profiles.load();
  health.erasure_epoch = profiles->erasure_epoch;
  const bool complete = state.erase_seq <= state.erased_seq;
  health.erased_epoch = complete ? profiles->erasure_epoch : state.erased_epoch.load();
  health.profiles = static_cast<uint32_t>(profiles->all.size());
  health.pack_hash = world->stack->packs().front()->content_hash();
  health.packs = static_cast<uint32_t>(world->stack->packs().size());
  health.items = world->stack->live_count();
  health.observes = state.observes;
  health.recommends = state.recommends;
  if (!state.writable().ok() || (health.faults & kFaultJournal) != 0) {
    health.mode = Mode::kReadOnly;
  } else if (state.nothing_known()) {
    health.mode = Mode::kPopularity;
  } else if (!health.learner && world->snapshot == nullptr) {
    health.mode = Mode::kNoLearning;
  }
  const std::lock_guard<std::mutex> hold(state.detail_mutex);
  health.detail = state.detail;
  return health;
}

std::vector<uint8_t> Engine::encode_folds() const { return state_->live.copy().encode(); }

}  // namespace tvcore
