// Writing: an event becomes a record, then a part of the live state, then durable.
#include <algorithm>
#include <cstring>
#include <string>

#include "engine_state.hpp"

namespace tvcore {

namespace {

constexpr uint32_t kMaxPlaces = kMaxAdded / 16;
// A quarter of a segment or more: often enough that the next one is there before this one is full.
constexpr uint64_t kPrepareEvery = 2048;
constexpr int64_t kRetryMs = 5000;

void put32(std::vector<uint8_t>* out, uint32_t value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out->insert(out->end(), bytes, bytes + sizeof value);
}

void put64(std::vector<uint8_t>* out, uint64_t value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out->insert(out->end(), bytes, bytes + sizeof value);
}

// Kinds that take something back, from wherever the title's history has it.
bool takes_back(Kind kind) {
  return kind == Kind::kUnhide || kind == Kind::kUndo || kind == Kind::kListRemove ||
         kind == Kind::kRemoveFromContinue;
}

// What an impression showed: the places its slate remembers, or the one item it names.
void add_places(const SlateMemory& slates, Event* event) {
  const uint32_t count = std::min<uint32_t>(std::max<uint32_t>(event->slot_count, 1), kMaxPlaces);
  slates.describe(event->slate_id, event->row, event->slot, count, event);
  const Shown alone = {event->item, 0};
  if (event->added.empty() && event->item != 0) event->added = encode_shown(&alone, 1);
}

// Out of which kind of row a title was opened or played, as far as its slate is remembered.
std::vector<uint8_t> row_kind_of(const SlateMemory& slates, const Event& event) {
  std::vector<uint8_t> added;
  if ((event.fields & kHasPlace) == 0) return added;
  const uint32_t kind = slates.row_kind(event.slate_id, event.row);
  if (kind != 0) put32(&added, kind);
  return added;
}

}  // namespace

Status Engine::State::record_each(const Key* keys, size_t count, Event* event) {
  const KindRow* row = find_kind(static_cast<uint32_t>(event->kind));
  event->seq = 0;
  for (size_t i = 0; i < count; ++i) {
    event->item = keys[i];
    const std::lock_guard<std::mutex> hold(write);
    if (row->from_host && profiles.load()->find(event->profile) == nullptr) {
      return Status(Code::kNoProfile, "profile: deleted meanwhile");
    }
    const Status status = journal.append(event, now_ms());
    if (!status.ok()) {
      if (status.code() != Code::kInvalid) {
        fault(kFaultJournal, status.text());
        maintenance.within(kRetryMs);  // health says so until a write succeeds
      }
      return status;
    }
    if (row->from_host && i + 1 == count) {
      live.apply(std::move(*event));  // its numbers stay
    } else {
      live.apply(*event);
    }
    if (erases(event->kind)) erase_seq = event->seq;
  }
  if (journal.bytes() > options.journal_cap && !cap_reached.exchange(true)) maintenance.within(0);
  if (event->seq % kPrepareEvery == 0) maintenance.within(0);
  if (row->durable_ms != kSyncNow) {
    // The sync must have ended by then, not begun: a fifth of the time is for the thread and the device.
    maintenance.within(row->durable_ms - row->durable_ms / 5);
    return Status();
  }
  const Status status = journal.sync();
  if (!status.ok()) {
    fault(kFaultJournal, status.text());
    return Status(status.code(), "recorded, but not yet safe from a power cut: " + status.text());
  }
  clear_fault(kFaultJournal);
  return status;
}

Status Engine::observe(Event event) {
  State& state = *state_;
  Status status = state.writable();
  if (!status.ok()) return status;
  const KindRow* row = find_kind(static_cast<uint32_t>(event.kind));
  if (row == nullptr || !row->from_host)
    return Status(Code::kInvalid, "kind: not one that a host may observe");
  if (state.profiles.load()->find(event.profile) == nullptr) {
    return Status(Code::kNoProfile,
                  "profile: there is none with id " + std::to_string(event.profile));
  }
  if (event.at_ms == 0) {
    event.at_ms = state.now_ms();
    if (!state.clock_trusted) event.fields |= kClockUntrusted;
  }
  event.at_ms = std::clamp(event.at_ms, kFirstMs, kLastMs);
  if (event.kind == Kind::kImpression) {
    if (event.added.empty()) add_places(*state.slates, &event);
    if (event.added.empty()) {
      return Status(Code::kInvalid,
                    "item: an impression of a slate that is no longer known must name its item");
    }
  } else if (row->needs_item && event.item == 0) {
    return Status(Code::kInvalid, std::string("item: ") + row->name + " needs one");
  }
  if (event.kind == Kind::kSelect || event.kind == Kind::kPlayStart) {
    event.added = row_kind_of(*state.slates, event);
  }
  if (event.kind == Kind::kListAdd && state.live.get(event.profile)->list_is_full(event.item)) {
    return Status(Code::kLimit,
                  "My list of this profile is full (" + std::to_string(kMaxListed) + " titles)");
  }
  std::vector<Key> keys;
  if (takes_back(event.kind)) {
    keys = state.live.get(event.profile)->keys_of(*state.world.load()->stack, event.item);
  }
  status =
      keys.empty() ? state.record(&event) : state.record_each(keys.data(), keys.size(), &event);
  if (!status.ok()) return status;
  state.observes.fetch_add(1, std::memory_order_relaxed);
  return status;
}

Status Engine::hint(int32_t hint, int32_t value) {
  State& state = *state_;
  constexpr int32_t kPlayback = 1, kPower = 2, kTimeTrusted = 3, kMemoryLow = 4;
  constexpr int32_t kPowerGoing = 2;
  const bool valid = (hint == kPlayback && (value == 0 || value == 1)) ||
                     (hint == kPower && value >= 0 && value <= kPowerGoing) ||
                     (hint == kTimeTrusted && (value == 0 || value == 1)) ||
                     (hint == kMemoryLow && (value == 0 || value == 1));
  if (!valid) {
    return Status(Code::kInvalid, "hint " + std::to_string(hint) + " with value " +
                                      std::to_string(value) + ": no such hint");
  }
  if (hint == kTimeTrusted) state.clock_trusted = value == 1;
  if (hint == kMemoryLow && value == 1) state.scratch.clear();
  Status status = state.writable();
  if (!status.ok()) return status;
  Event event;
  event.kind = Kind::kHint;
  event.at_ms = std::clamp(state.now_ms(), kFirstMs, kLastMs);
  if (!state.clock_trusted) event.fields |= kClockUntrusted;
  put32(&event.added, static_cast<uint32_t>(hint));
  put32(&event.added, static_cast<uint32_t>(value));
  status = state.record(&event);
  if (status.ok() && hint == kPower && value == kPowerGoing) return flush();
  return status;
}

Status Engine::flush() {
  State& state = *state_;
  if (state.options.read_only) return Status();
  const Status status = state.journal.sync();
  if (status.ok()) {
    state.clear_fault(kFaultJournal);
  } else {
    state.fault(kFaultJournal, status.text());
  }
  return status;
}

Status Engine::forget(uint32_t scope, uint32_t profile, Key item) {
  State& state = *state_;
  constexpr uint32_t kItem = 1, kAll = 3;
  Status status = state.writable();
  if (!status.ok()) return status;
  if (scope < kItem || scope > kAll)
    return Status(Code::kInvalid, "scope: " + std::to_string(scope));
  if (scope == kItem && item == 0) return Status(Code::kInvalid, "item: empty");

  const std::lock_guard<std::mutex> hold(state.profile_change);
  Profiles changed = *state.profiles.load();
  if (scope != kAll && changed.find(profile) == nullptr) {
    return Status(Code::kNoProfile, "profile: there is none with id " + std::to_string(profile));
  }
  Event event;
  event.kind = Kind::kErase;
  event.profile = scope == kAll ? 0 : profile;
  event.at_ms = std::clamp(state.now_ms(), kFirstMs, kLastMs);
  put32(&event.added, scope);
  put32(&event.added, 0);
  put64(&event.added, changed.erasure_epoch + 1);
  std::vector<Key> keys{0};
  if (scope == kItem) {
    keys = state.live.get(profile)->keys_of(*state.world.load()->stack, item);
    if (keys.empty()) keys.push_back(item);
  }
  status = state.record_each(keys.data(), keys.size(), &event);
  if (event.seq == 0) return status;
  state.slates->clear();
  (void)changed.apply(event);
  // First the epoch, then the world: a snapshot that is being taken up meanwhile is refused or goes with the old one.
  const Status saved = state.save_profiles_now(changed);
  {
    // What was learned from the forgotten is out of use at once; the next snapshot brings the rest back.
    const std::lock_guard<std::mutex> swap(state.world_change);
    auto world = std::make_shared<World>(*state.world.load());
    world->snapshot = nullptr;
    world->salvaged = nullptr;
    state.world.store(std::move(world));
  }
  if (!status.ok()) return status;
  if (!saved.ok()) return saved;
  return Status(Code::kPending,
                "hidden; the files that know it are rewritten by the learning plane");
}

}  // namespace tvcore
