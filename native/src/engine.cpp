// Opening and closing: from a folder of files to a live state that knows everything acknowledged.
#include "tvcore/engine.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "engine_state.hpp"
#include "tvcore/pack_folder.hpp"
#include "tvcore/splitmix.hpp"

namespace tvcore {

std::unique_ptr<Scratch> ScratchPool::take() {
  const std::lock_guard<std::mutex> hold(mutex_);
  if (free_.empty()) return std::make_unique<Scratch>();
  std::unique_ptr<Scratch> scratch = std::move(free_.back());
  free_.pop_back();
  return scratch;
}

void ScratchPool::give(std::unique_ptr<Scratch> scratch) {
  const std::lock_guard<std::mutex> hold(mutex_);
  // More calls at once than this pay for their own memory; there is room for these, so that nothing can fail here.
  if (free_.size() < kKept) free_.push_back(std::move(scratch));
}

void ScratchPool::clear() {
  const std::lock_guard<std::mutex> hold(mutex_);
  free_.clear();
}

int64_t Engine::State::now_ms() const {
  if (options.clock != nullptr) return options.clock(options.clock_user);
  struct timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

void Engine::State::log(LogLevel level, const std::string& message) const {
  if (options.log != nullptr)
    options.log(options.log_user, static_cast<int32_t>(level), message.c_str());
}

void Engine::State::fault(uint32_t bit, const std::string& message) {
  faults.fetch_or(bit);
  {
    const std::lock_guard<std::mutex> hold(detail_mutex);
    detail = message;
  }
  log(LogLevel::kWarning, message);
}

Status Engine::State::writable() const {
  if (options.read_only) return Status(Code::kReadOnly, dir + " is open read-only");
  if (profiles_lost)
    return Status(Code::kReadOnly, path("profiles.tvp") + " is unreadable: nothing may be written");
  return Status();
}

namespace {

uint64_t random_id(uint64_t seed) {
  if (seed != 0) return splitmix64(seed);
  uint64_t id = 0;
  while (id == 0) {
    if (getentropy(&id, sizeof id) != 0) {
      struct timespec now{};
      clock_gettime(CLOCK_REALTIME, &now);
      id = splitmix64(static_cast<uint64_t>(now.tv_nsec) ^ static_cast<uint64_t>(getpid()) << 32);
    }
  }
  return id;
}

// What opening finds out, step by step.
struct Opening {
  Engine::State* state;
  Profiles profiles;
  bool profiles_changed = false;
  std::shared_ptr<const Snapshot> snapshot;
  FoldSet folds;
  uint64_t folded_seq = 0;  // the journal's records up to here are in `folds`
  JournalInfo journal;
  bool hole = false;  // between what is folded and the first record after it
  // Nothing folded is left, and the journal no longer begins with its first record.
  bool lost() const {
    if (folded_seq != 0 || snapshot != nullptr) return false;
    return journal.segments.empty() ? !journal.set_aside.empty()
                                    : journal.segments.front().first_seq > 1;
  }

  Status read_all_files();
  Status read_profiles();
  Status read_erased_files();
  // What was learned before an erasure that is complete comes from elsewhere: it knows what has been forgotten.
  bool refused(const std::string& what, const Snapshot& value);
  Status read_snapshot();
  Status read_checkpoint();
  Status read_checkpoint(const std::string& path);
  Status replay();
  void profile_record(const Event& event);
};

Status Opening::read_profiles() {
  ProfilesState found;
  std::string detail;
  const Status status =
      load_profiles(state->dir, &profiles, &found, &detail, !state->options.read_only);
  if (!status.ok()) return status;
  if (found == ProfilesState::kPredecessor) state->fault(kFaultProfilesOld, detail);
  if (found == ProfilesState::kLost) {
    state->profiles_lost = true;
    state->fault(kFaultProfilesLost, detail);
  }
  return Status();
}

Status Opening::read_erased_files() {
  Erased own;
  const Status status = read_erased(state->path(kErasedByServing), &own);
  // An erasure that is taken for incomplete is completed once more.
  if (!status.ok()) state->log(LogLevel::kWarning, status.text());
  state->erased_epoch = own.epoch;
  if (own.journal_id == journal.id) state->erased_seq = own.seq;
  return Status();
}

bool Opening::refused(const std::string& what, const Snapshot& value) {
  if (value.erasure_epoch >= state->erased_epoch) return false;
  state->fault(kFaultSnapshot, what + ": of erasure epoch " + std::to_string(value.erasure_epoch) +
                                   ", and everything up to " + std::to_string(state->erased_epoch) +
                                   " is forgotten");
  return true;
}

Status Opening::read_snapshot() {
  std::string detail;
  const Status status =
      load_snapshot(state->path("snapshot"), !state->options.read_only, &snapshot, &detail);
  if (!status.ok()) return status;
  if (!detail.empty()) state->fault(kFaultSnapshot, detail);
  if (snapshot != nullptr && refused("snapshot", *snapshot)) snapshot = nullptr;
  if (snapshot == nullptr) return Status();
  folds = snapshot->folds;
  // Another journal's sequence says nothing about this one's: then every record is news.
  if (snapshot->journal_id == journal.id) folded_seq = snapshot->learned_seq;
  return Status();
}

// The newer of the two copies that can be read: each is written whole before the other is touched.
Status Opening::read_checkpoint() {
  for (const char* name : {"journal/checkpoint.tvs", "journal/checkpoint.tvs.1"}) {
    const Status status = read_checkpoint(state->path(name));
    if (!status.ok()) return status;
  }
  return Status();
}

Status Opening::read_checkpoint(const std::string& path) {
  std::vector<uint8_t> bytes;
  Status status = read_all(path, &bytes, 64u << 20);
  if (status.code() == Code::kNoFile) return Status();
  Snapshot checkpoint;
  if (status.ok()) status = Snapshot::decode(std::move(bytes), path, &checkpoint);
  // What another try may read must not be left out: the next checkpoint would be written without it.
  if (status.code() == Code::kNoMemory || status.code() == Code::kPermission) return status;
  if (!status.ok()) {
    state->fault(kFaultSnapshot, status.text());
    if (status.code() == Code::kVersion && !state->options.read_only) {
      (void)rename_file(path, path + ".newer");
    }
    return Status();
  }
  if (checkpoint.journal_id != journal.id || refused(path, checkpoint)) return Status();
  state->checkpoint = std::max(state->checkpoint.load(), checkpoint.learned_seq);
  if (checkpoint.learned_seq <= folded_seq) return Status();
  folds = std::move(checkpoint.folds);
  folded_seq = checkpoint.learned_seq;
  state->fault(kFaultGap, path + ": events up to " + std::to_string(folded_seq) +
                              " were folded before a learner had read them");
  return Status();
}

void Opening::profile_record(const Event& event) {
  const uint64_t before = profiles.generation;
  uint64_t generation = 0;
  if (event.kind != Kind::kErase && event.added.size() >= sizeof generation) {
    std::copy(event.added.begin(), event.added.begin() + sizeof generation,
              reinterpret_cast<uint8_t*>(&generation));
    if (generation > before + 1 && !state->profiles_lost) {
      state->profiles_lost = true;
      state->fault(kFaultProfilesLost, state->path("profiles.tvp") + ": changes " +
                                           std::to_string(before + 1) + " to " +
                                           std::to_string(generation - 1) + " are lost");
    }
  }
  if (profiles.apply(event)) profiles_changed = true;
}

Status Opening::replay() {
  bool folded_any = false;
  const auto visit = [this, &folded_any](const Event& event) {
    if (erases(event.kind)) state->erase_seq = event.seq;
    switch (event.kind) {
      case Kind::kProfileCreate:
      case Kind::kProfileUpdate:
      case Kind::kProfileDelete:
      case Kind::kConsent:
      case Kind::kErase:
        profile_record(event);
        break;
      default:
        break;
    }
    if (event.seq > folded_seq) {
      hole = hole || (!folded_any && event.seq > folded_seq + 1);
      folded_any = true;
      folds.apply(event);
    }
    return Visit::kNext;
  };
  return read_journal(state->path("journal"), 0, visit, &journal);
}

Status Opening::read_all_files() {
  Status status = read_profiles();
  if (status.ok()) status = read_journal_info(state->path("journal"), &journal);
  if (status.ok()) status = read_erased_files();
  if (status.ok()) status = read_snapshot();
  if (status.ok()) status = read_checkpoint();
  if (status.ok()) status = replay();
  return status;
}

// A reader beside a writer may miss what the writer folds into a checkpoint or a snapshot and deletes between two of
// the reader's files. A hole that is there twice with nothing new folded is a legal gap in the sequence.
Status read_beside_writer(Engine::State* state, Opening* out) {
  constexpr int kMostTries = 10;
  Status status;
  for (int tried = 0; tried < kMostTries; ++tried) {
    const uint64_t folded_before = out->folded_seq;
    state->faults = 0;
    state->profiles_lost = false;
    *out = Opening{state, {}, false, nullptr, {}, 0, {}};
    status = out->read_all_files();
    if (!status.ok() || out->journal.cut_short) continue;
    const bool suspect = out->hole || state->profiles_lost;
    if (!suspect || (tried > 0 && out->folded_seq == folded_before)) break;
  }
  return status;
}

}  // namespace

Status Engine::open(const std::string& data_dir, const std::string& factory_pack,
                    const EngineOptions& options, std::unique_ptr<Engine>* out) {
  auto owned = std::make_unique<State>();
  State& state = *owned;
  state.dir = data_dir;
  state.factory = factory_pack;
  state.options = options;
  state.clock_trusted = options.clock_trusted;

  // Packs first: a wrong path must not leave a data directory behind.
  PackChoice choice;
  Status status = choose_packs(factory_pack, state.path("packs"), &choice);
  if (!status.ok()) return status;

  if (!options.read_only) {
    for (const std::string& folder :
         {data_dir, state.path("journal"), state.path("snapshot"), state.path("packs")}) {
      status = make_folder(folder, 0700);
      if (!status.ok()) return status;
    }
    status = Lock::take(state.path("serving.lock"), &state.lock);
    if (!status.ok()) return status;
  } else {
    struct stat info{};
    if (stat(data_dir.c_str(), &info) != 0) return errno_status("open", data_dir);
  }

  Opening opening{&state, {}, false, nullptr, {}, 0, {}};
  status = options.read_only ? read_beside_writer(&state, &opening) : opening.read_all_files();
  if (!status.ok()) return status;
  if (!opening.journal.set_aside.empty()) state.fault(kFaultTorn, opening.journal.set_aside);

  state.slates = std::make_unique<SlateMemory>(random_id(options.seed == 0 ? 0 : options.seed + 1));

  if (!options.read_only) {
    JournalWriter::Options journal;
    journal.new_id = random_id(options.seed);
    journal.now_ms = state.now_ms();
    journal.next_seq_at_least = opening.folded_seq + 1;
    JournalInfo info;
    status = state.journal.open(state.path("journal"), journal, &info);
    if (!status.ok()) return status;
    // What a killed process left unsynced has waited long enough.
    if (state.journal.last_seq() != 0) {
      const Status synced = state.journal.sync();
      if (!synced.ok()) state.fault(kFaultJournal, synced.text());
    }
    for (const SegmentInfo& segment : info.segments) {
      if (segment.torn)
        state.fault(kFaultTorn, segment.path + ": the tail was torn and has been cut");
    }
    if (opening.profiles.journal_id != state.journal.id() || opening.profiles_changed) {
      opening.profiles.journal_id = state.journal.id();
      if (!state.profiles_lost) {
        status = save_profiles(data_dir, opening.profiles);
        if (!status.ok()) return status;
      }
    } else if (!state.profiles_lost && !predecessor_holds(data_dir, opening.profiles)) {
      // It may know a profile that has been deleted since. No reason to refuse to serve: maintenance tries again.
      state.profiles_unsaved = !save_profiles(data_dir, opening.profiles).ok();
    }
  }

  state.live.reset(std::move(opening.folds));
  state.profiles.store(std::make_shared<const Profiles>(opening.profiles));
  auto world = std::make_shared<World>();
  if (opening.snapshot != nullptr) {
    state.snapshot_seen = opening.snapshot->generation;
    // One that learned from what has been erased since is no use.
    if (opening.snapshot->erasure_epoch >= opening.profiles.erasure_epoch) {
      world->snapshot = learned_of(*opening.snapshot);
    }
  }
  if (opening.lost()) {
    state.history_lost = true;
    std::shared_ptr<const Snapshot> saved = load_last_good(state.path("snapshot"));
    const uint64_t epoch = std::max(opening.profiles.erasure_epoch, state.erased_epoch.load());
    if (saved != nullptr && saved->erasure_epoch >= epoch) world->salvaged = std::move(saved);
  }
  state.world.store(world);
  state.load_packs(choice);
  state.packs_print = packs_fingerprint(state.path("packs"));

  std::unique_ptr<Engine> engine(new Engine(std::move(owned)));
  if (!options.read_only && options.own_thread) {
    Maintenance::Options thread;
    thread.name = options.thread_name;
    thread.nice = options.nice;
    thread.affinity = options.affinity;
    thread.folders = {state.path("snapshot"), state.path("packs")};
    status = state.maintenance.start(thread, [raw = engine.get()] {
      int64_t next = Maintenance::kNever;
      (void)raw->pump(&next);
      return next;
    });
    if (!status.ok()) {
      (void)engine->close();
      return status;
    }
    if (!state.maintenance.watching()) {
      state.log(LogLevel::kWarning,
                "the folders cannot be watched: they are looked at once a minute");
    }
    state.maintenance.within(2000);  // verify packs and tidy up once the first screen is drawn
  }
  *out = std::move(engine);
  return Status();
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
// Whatever became of close(): the thread must not outlive what it works on.
Engine::~Engine() { state_->maintenance.stop(); }

Status Engine::close() {
  State& state = *state_;
  if (state.made_by.in_child()) {
    return Status(Code::kForked,
                  "this brain belongs to process " + std::to_string(state.made_by.owner()));
  }
  state.maintenance.stop();
  if (state.options.read_only) return Status();
  const Status synced = state.journal.sync();
  const Status closed = state.journal.close();
  state.lock.release();
  return synced.ok() ? closed : synced;
}

Status Engine::check_process() const {
  if (!state_->made_by.in_child()) return Status();
  return Status(Code::kForked, "this brain belongs to process " +
                                   std::to_string(state_->made_by.owner()) +
                                   "; open it again in the child");
}

}  // namespace tvcore
