// What a data directory holds, as one JSON object, read with the core and without writing: the judge's eyes in drills.
//
//     state DATA PACK ITEMS AFTER     journal, live folded state, snapshots, profiles; events after sequence AFTER
//     state --packs FOLDER ITEMS      write base.tvpack, newer.tvpack and side-1.tvpack with titles drill:0 ..
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "pack_builder.hpp"
#include "tvcore/engine.hpp"
#include "tvcore/file.hpp"
#include "tvcore/journal.hpp"
#include "tvcore/snapshot.hpp"

using namespace tvcore;

namespace {

int fail(const Status& status) {
  std::fprintf(stderr, "%s\n", status.text().c_str());
  return 1;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 32 ? ' ' : c;
  }
  return out + '"';
}

std::string item(unsigned i) { return "drill:" + std::to_string(i); }

// ---- packs ----

Status write_pack(const std::string& path, const check::PackBuilder& builder) {
  const std::vector<uint8_t> bytes = builder.bytes();
  return replace_file(path, bytes.data(), bytes.size());
}

check::PackBuilder titles(unsigned items, int64_t built_at) {
  check::PackBuilder builder;
  builder.built_at = built_at;
  builder.version = std::to_string(built_at);
  for (unsigned i = 0; i < items; ++i) {
    check::TestTitle title;
    title.id = item(i);
    title.title = "Title " + std::to_string(i);
    title.age = static_cast<int>(i % 19);
    title.genres = {i % 2 == 0 ? "drama" : "comedy"};
    title.popularity = 1000 - i;
    builder.titles.push_back(title);
  }
  return builder;
}

int packs(const std::string& folder, unsigned items) {
  const check::PackBuilder base = titles(items, 1700000000);
  Status status = write_pack(folder + "/base.tvpack", base);
  if (status.ok()) status = write_pack(folder + "/newer.tvpack", titles(items + 8, 1700000001));
  check::PackBuilder side = check::PackBuilder::side_of(*base.pack(), 1);
  check::TestTitle extra;
  extra.id = "drill:extra";
  extra.title = "Extra";
  side.titles.push_back(extra);
  side.removed = {item(0)};
  if (status.ok()) status = write_pack(folder + "/side-1.tvpack", side);
  return status.ok() ? 0 : fail(status);
}

// ---- state ----

void print_folds(const FoldSet& folds, unsigned items) {
  std::printf("{");
  bool first = true;
  for (const auto& [profile, fold] : folds.all()) {
    std::printf("%s\"%" PRIu32 "\": {\"touch\": %" PRIu32 ", \"plays\": [", first ? "" : ", ", profile,
                fold.touch());
    first = false;
    for (unsigned i = 0; i < items; ++i) {
      const Entry* entry = fold.find(key_of(item(i)));
      std::printf("%s%u", i == 0 ? "" : ",", entry == nullptr ? 0u : static_cast<unsigned>(entry->plays));
    }
    std::printf("]}");
  }
  std::printf("}");
}

// One event as the judge counts it.
struct Counted {
  uint64_t seq;
  uint8_t kind;
  uint32_t profile, position_s;
};

// What an opening makes of the directory, and the journal's events above `after`, of one moment.
struct Moment {
  std::unique_ptr<Engine> engine;
  std::vector<Counted> events;
  JournalInfo journal;
};

uint64_t oldest_of(const JournalInfo& journal) {
  return journal.segments.empty() ? 0 : journal.segments.front().first_seq;
}

Status take_moment(const std::string& data, const std::string& pack, uint64_t after, Moment* out) {
  EngineOptions options;
  options.read_only = true;
  options.own_thread = false;
  Status status = Engine::open(data, pack, options, &out->engine);
  out->events.clear();
  if (status.ok()) {
    status = read_journal(
        data + "/journal", after,
        [&](const Event& event) {
          out->events.push_back(
              {event.seq, static_cast<uint8_t>(event.kind), event.profile, event.position_s});
          return Visit::kNext;
        },
        nullptr);
  }
  if (status.ok()) status = read_journal_info(data + "/journal", &out->journal);
  return status;
}

// A host that runs meanwhile may fold events into a checkpoint and delete them: then the opening knows of no checkpoint,
// and the journal of no events. Until nothing was deleted in between.
Status take_quiet_moment(const std::string& data, const std::string& pack, uint64_t after, Moment* out) {
  constexpr int kMostTries = 100;
  for (int tried = 0; tried < kMostTries; ++tried) {
    JournalInfo before;
    Status status = read_journal_info(data + "/journal", &before);
    if (status.ok()) status = take_moment(data, pack, after, out);
    if (!status.ok() || oldest_of(before) == oldest_of(out->journal)) return status;
  }
  return Status(Code::kBusy, data + ": segments are deleted faster than the journal can be read");
}

int state(const std::string& data, const std::string& pack, unsigned items, uint64_t after) {
  Moment moment;
  Status status = take_quiet_moment(data, pack, after, &moment);
  if (!status.ok()) return fail(status);
  const std::unique_ptr<Engine>& engine = moment.engine;
  const JournalInfo& journal = moment.journal;
  const EngineHealth health = engine->health();

  uint64_t previous = 0;
  bool ordered = true;
  std::printf("{\"events\": [");
  for (const Counted& event : moment.events) {
    ordered = ordered && event.seq > previous;
    std::printf("%s[%" PRIu64 ",%u,%" PRIu32 ",%" PRIu32 "]", previous == 0 ? "" : ",", event.seq,
                static_cast<unsigned>(event.kind), event.profile, event.position_s);
    previous = event.seq;
  }
  const uint64_t oldest = oldest_of(journal);
  std::printf("], \"ordered\": %s, \"journal_id\": %" PRIu64 ", \"first_seq\": %" PRIu64
              ", \"last_seq\": %" PRIu64 ", \"segments\": %zu, \"set_aside\": %s",
              ordered ? "true" : "false", journal.id, oldest, journal.last_seq, journal.segments.size(),
              quoted(journal.set_aside).c_str());

  FoldSet live;
  const std::vector<uint8_t> encoded = engine->encode_folds();
  status = FoldSet::decode(encoded.data(), encoded.size(), &live);
  if (!status.ok()) return fail(status);
  std::printf(", \"live\": ");
  print_folds(live, items);

  std::shared_ptr<const Snapshot> snapshot;
  std::string detail;
  status = load_snapshot(data + "/snapshot", false, &snapshot, &detail);
  if (!status.ok()) return fail(status);
  uint64_t floor = 0;
  const Status floored = read_floor(data + "/snapshot", journal.id, &floor);
  if (!floored.ok()) detail += floored.text();
  std::printf(", \"generation\": %" PRIu64 ", \"learned_seq\": %" PRIu64 ", \"snapshot_journal\": %" PRIu64
              ", \"snapshot_detail\": %s, \"floor\": %" PRIu64 ", \"checkpoint_seq\": %" PRIu64,
              snapshot == nullptr ? 0 : snapshot->generation, snapshot == nullptr ? 0 : snapshot->learned_seq,
              snapshot == nullptr ? 0 : snapshot->journal_id, quoted(detail).c_str(), floor,
              health.checkpoint_seq);
  if (snapshot != nullptr) {
    std::printf(", \"learned\": ");
    print_folds(snapshot->folds, items);
  }

  const std::shared_ptr<const Profiles> profiles = engine->profiles();
  std::printf(", \"profiles_generation\": %" PRIu64 ", \"profiles\": {", profiles->generation);
  bool first = true;
  for (const Profile& profile : profiles->all) {
    std::printf("%s\"%" PRIu32 "\": [%s, %u]", first ? "" : ", ", profile.id, quoted(profile.name).c_str(),
                static_cast<unsigned>(profile.max_age));
    first = false;
  }
  std::printf("}, \"faults\": %" PRIu32 ", \"detail\": %s}\n", health.faults, quoted(health.detail).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--packs") == 0) {
    return packs(argv[2], static_cast<unsigned>(std::atoi(argv[3])));
  }
  if (argc != 5) {
    std::fprintf(stderr, "usage: state DATA PACK ITEMS AFTER | state --packs FOLDER ITEMS\n");
    return 2;
  }
  return state(argv[1], argv[2], static_cast<unsigned>(std::atoi(argv[3])),
               std::strtoull(argv[4], nullptr, 10));
}
