#include <limits.h>
#include <unistd.h>

#include "brain.hpp"
#include "tvcore/file.hpp"

namespace tvsdk {

namespace {

Status take_options(const tvb_open_options* given, tvcore::EngineOptions* out) {
  if (given == nullptr) return Status();
  tvb_open_options options;
  Status status = take_struct(given, "options", &options);
  if (!status.ok()) return status;
  constexpr uint32_t kKnown =
      TVB_OPEN_READ_ONLY | TVB_OPEN_NO_THREAD | TVB_OPEN_LOCK_PACK | TVB_OPEN_NO_LEARNER;
  if ((options.flags & ~kKnown) != 0)
    return Status(Code::kInvalid, "options.flags: an unknown bit");
  if (options.reserved != 0) return Status(Code::kInvalid, "options.reserved: not 0");
  if (options.clock_trusted > 1) return Status(Code::kInvalid, "options.clock_trusted: not 0 or 1");
  constexpr uint32_t kLeastCap = 1u << 20;
  if (options.journal_cap != 0 && options.journal_cap < kLeastCap) {
    return Status(Code::kInvalid, "options.journal_cap: below 1 MiB");
  }
  if (options.thread_nice < 0 || options.thread_nice > 19) {
    return Status(Code::kInvalid, "options.thread_nice: not 0 to 19");
  }
  std::string name;
  status = take_text(options.thread_name, "options.thread_name", &name);
  if (!status.ok()) return status;
  out->read_only = (options.flags & TVB_OPEN_READ_ONLY) != 0;
  out->own_thread = (options.flags & TVB_OPEN_NO_THREAD) == 0;
  out->lock_pack = (options.flags & TVB_OPEN_LOCK_PACK) != 0;
  out->clock_trusted = options.clock_trusted != 0;
  out->seed = options.seed;
  if (options.journal_cap != 0) out->journal_cap = options.journal_cap;
  out->nice = options.thread_nice;
  out->affinity = options.thread_affinity;
  if (!name.empty()) out->thread_name = name;
  out->clock = options.clock;
  out->clock_user = options.clock_user;
  out->log = options.log;
  out->log_user = options.log_user;
  return Status();
}

// Files are opened later too, by our threads: a host that changes its working folder means those of before.
Status absolute(const char* path, std::string* out) {
  *out = path;
  if (path[0] == '/') return Status();
  char here[PATH_MAX];
  if (getcwd(here, sizeof here) == nullptr) return tvcore::errno_status("getcwd for", path);
  *out = std::string(here) + "/" + path;
  return Status();
}

// Why this brain is not to learn; empty if it is.
const char* no_learner(const tvb_open_options* options) {
  const uint32_t flags = options == nullptr ? 0 : options->flags;
  if ((flags & TVB_OPEN_READ_ONLY) != 0) return "opened read-only: nothing is learned";
  if ((flags & TVB_OPEN_NO_LEARNER) != 0) return "opened with TVB_OPEN_NO_LEARNER";
  return "";
}

LearningOptions learning_options(const std::string& data_dir, const std::string& pack,
                                 uint64_t since, const tvcore::EngineOptions& taken) {
  LearningOptions options;
  options.data_dir = data_dir;
  options.pack = pack;
  options.since = since;
  options.by_itself = taken.own_thread;
  options.clock_trusted = taken.clock_trusted;
  options.clock = taken.clock;
  options.clock_user = taken.clock_user;
  options.log = taken.log;
  options.log_user = taken.log_user;
  return options;
}

}  // namespace

}  // namespace tvsdk

extern "C" int32_t tvb_open(const char* data_dir, const char* pack_path,
                            const tvb_open_options* options, tvb_brain** out) {
  using tvsdk::fail;
  return tvsdk::guarded([&]() -> int32_t {
    if (out == nullptr) return fail(TVB_E_INVALID, "out: NULL");
    *out = nullptr;
    if (data_dir == nullptr || *data_dir == '\0')
      return fail(TVB_E_INVALID, "data_dir: NULL or empty");
    if (pack_path == nullptr || *pack_path == '\0')
      return fail(TVB_E_INVALID, "pack_path: NULL or empty");
    tvcore::EngineOptions taken;
    tvcore::Status status = tvsdk::take_options(options, &taken);
    std::string data, pack;
    if (status.ok()) status = tvsdk::absolute(data_dir, &data);
    if (status.ok()) status = tvsdk::absolute(pack_path, &pack);
    if (!status.ok()) return tvsdk::result(status);
    auto brain = std::make_unique<tvb_brain>();
    status = tvcore::Engine::open(data, pack, taken, &brain->engine);
    if (!status.ok()) return tvsdk::result(status);
    brain->not_learning = tvsdk::no_learner(options);
    if (*brain->not_learning == '\0') {
      const uint64_t since = brain->engine->health().last_seq;
      brain->learning = tvsdk::begin_learning(tvsdk::learning_options(data, pack, since, taken));
      if (brain->learning == nullptr) brain->not_learning = "the serving library does not learn";
    }
    *out = brain.release();
    return TVB_OK;
  });
}

extern "C" int32_t tvb_close(tvb_brain* brain) {
  return tvsdk::guarded([&]() -> int32_t {
    if (brain == nullptr) return TVB_OK;
    tvcore::Status status = brain->engine->check_process();
    if (!status.ok()) return tvsdk::result(status);  // not this process's to free
    const std::unique_ptr<tvb_brain> gone(brain);    // in any case
    (void)brain->engine->flush();                    // before a loop is waited for
    brain->learning.reset();
    return tvsdk::result(brain->engine->close());
  });
}
