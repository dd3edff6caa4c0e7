#include "tvcore/snapshot.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include "check.hpp"
#include "sample_snapshot.hpp"
#include "temp_dir.hpp"
#include "tvcore/file.hpp"
#include "tvcore/hash.hpp"

using namespace tvcore;

namespace {

const std::string kGolden = std::string(TVBRAIN_SOURCE_DIR) + "/tests/golden/";

std::vector<uint8_t> contents(const std::string& path) {
  std::vector<uint8_t> out;
  REQUIRE_OK(read_all(path, &out, kMaxSnapshotSize));
  return out;
}

void write(const std::string& path, const std::vector<uint8_t>& bytes) {
  REQUIRE_OK(replace_file(path, bytes.data(), bytes.size()));
}

// The generation that loads, 0 if none does.
uint64_t loaded(const std::string& folder, std::string* detail = nullptr) {
  std::shared_ptr<const Snapshot> snapshot;
  std::string text;
  REQUIRE_OK(load_snapshot(folder, false, &snapshot, &text));
  if (detail != nullptr) *detail = text;
  return snapshot ? snapshot->generation : 0;
}

std::vector<std::string> names(const std::string& folder) {
  std::vector<std::string> out;
  REQUIRE_OK(list_folder(folder, &out));
  return out;
}

// The committed sample of 1.1: that of 1.0 with the sections that came later.
Snapshot full_snapshot(uint64_t generation = 7) {
  Snapshot out = sample_snapshot(generation);
  out.learned[1].row_use = {{3, 4, 700}};
  out.learned[1].channels = {{3, 900, 0x99}};
  return out;
}

// The committed sample of 1.2: that of 1.1 with a pattern of some weekdays.
Snapshot weekday_snapshot(uint64_t generation = 7) {
  Snapshot out = full_snapshot(generation);
  out.patterns.push_back({10, 0, 0x08, 1 << 18, 900, 3, std::vector<int8_t>(64, -2), 0x10});
  return out;
}

std::string name(uint64_t generation) { return snapshot_path("", generation).substr(1); }

struct Faulty {
  explicit Faulty(std::function<FileFault(const FileCall&)> fault) {
    set_file_fault(std::move(fault));
  }
  ~Faulty() { set_file_fault(nullptr); }
};

}  // namespace

TEST("what was encoded is decoded, every section of it") {
  const Snapshot wanted = full_snapshot();
  const std::vector<uint8_t> bytes = wanted.encode();
  Snapshot got;
  REQUIRE_OK(Snapshot::decode(bytes, "sample", &got));
  CHECK_EQ(got.learned_seq, 12u);
  CHECK_EQ(got.erasure_epoch, 2u);
  REQUIRE(got.learned.size() == 2 && got.learned.at(1).interests.size() == 2);
  CHECK_EQ(got.learned.at(1).interests[1].bias_q20, 78);
  CHECK(got.learned.at(1).interests[0].row == wanted.learned.at(1).interests[0].row);
  CHECK_EQ(got.learned.at(1).affinities[0].affinity_q12, -120);
  REQUIRE(got.learned.at(1).row_use.size() == 1 && got.learned.at(1).channels.size() == 1);
  CHECK_EQ(got.learned.at(1).row_use[0].use_q12, 700);
  CHECK_EQ(got.learned.at(1).channels[0].channel_hash, 0x99u);
  CHECK(got.learned.at(1).last_good == wanted.learned.at(1).last_good);
  CHECK(got.learned.at(0).weights_q12 == wanted.learned.at(0).weights_q12);
  CHECK_EQ(got.patterns[0].dayparts, 0x81);
  CHECK_EQ(got.patterns[0].bias_q20, -77);
  CHECK(got.folds.encode() == wanted.folds.encode());
  CHECK(got.encode() == bytes);
}

TEST("a snapshot whose patterns name weekdays says 1.2, and no weekday beyond Sunday is read") {
  Snapshot wanted = weekday_snapshot();
  const std::vector<uint8_t> bytes = wanted.encode();
  CHECK_EQ(bytes[10], 2);
  Snapshot got;
  REQUIRE_OK(Snapshot::decode(bytes, "sample", &got));
  CHECK_EQ(got.patterns[0].weekdays, 0);
  CHECK_EQ(got.patterns[1].weekdays, 0x10);
  CHECK(got.encode() == bytes);
  wanted.patterns[1].weekdays = 0x80;
  CHECK_EQ(Snapshot::decode(wanted.encode(), "sample", &got).code(), Code::kCorrupt);
}

TEST(
    "a snapshot that says how much alike titles lose says 1.3, and none beyond the whole is read") {
  Snapshot wanted = weekday_snapshot();
  wanted.diversity_q12 = 400;
  const std::vector<uint8_t> bytes = wanted.encode();
  CHECK_EQ(bytes[10], 3);
  Snapshot got;
  REQUIRE_OK(Snapshot::decode(bytes, "sample", &got));
  CHECK_EQ(got.diversity_q12, 400u);
  CHECK(got.encode() == bytes);
  wanted.diversity_q12 = 4097;
  CHECK_EQ(Snapshot::decode(wanted.encode(), "sample", &got).code(), Code::kCorrupt);
}

TEST("a snapshot says 1.1 where it has what 1.0 had not, and 1.0 where it has not") {
  const std::vector<uint8_t> later = full_snapshot().encode();
  Snapshot plain = sample_snapshot();
  plain.learned.erase(0);
  const std::vector<uint8_t> first = plain.encode();
  CHECK_EQ(later[8], 1);
  CHECK_EQ(later[10], 1);
  CHECK_EQ(first[8], 1);
  CHECK_EQ(first[10], 0);
}

TEST("the committed sample of format 1.3 is read") {
  const std::vector<uint8_t> bytes = contents(kGolden + "snapshot-1.3.tvs");
  CHECK_EQ(bytes[10], 3);
  Snapshot got;
  REQUIRE_OK(Snapshot::decode(bytes, "golden", &got));
  Snapshot wanted = weekday_snapshot();
  wanted.diversity_q12 = 400;
  CHECK(got.encode() == wanted.encode());
}

TEST("the committed sample of format 1.2 is read") {
  const std::vector<uint8_t> bytes = contents(kGolden + "snapshot-1.2.tvs");
  CHECK_EQ(bytes[10], 2);
  Snapshot got;
  REQUIRE_OK(Snapshot::decode(bytes, "golden", &got));
  CHECK(got.encode() == weekday_snapshot().encode());
}

TEST("the committed sample of format 1.1 is read") {
  const std::vector<uint8_t> bytes = contents(kGolden + "snapshot-1.1.tvs");
  CHECK_EQ(bytes[10], 1);
  Snapshot got;
  REQUIRE_OK(Snapshot::decode(bytes, "golden", &got));
  CHECK(got.encode() == full_snapshot().encode());
}

TEST("the committed sample of format 1.0 is read") {
  Snapshot got;
  REQUIRE_OK(Snapshot::decode(contents(kGolden + "snapshot-1.0.tvs"), "golden", &got));
  CHECK(got.encode() == sample_snapshot().encode());
  uint64_t floor = 0;
  const check::TempDir folder;
  write(folder / "floor", contents(kGolden + "floor-1.0"));
  REQUIRE_OK(read_floor(folder.path(), 0x1122334455667788, &floor));
  CHECK_EQ(floor, 12u);
}

TEST(
    "with any byte flipped or the end cut off, the previous generation loads and the text says "
    "why") {
  const check::TempDir folder;
  REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(1)));
  REQUIRE_OK(publish_snapshot(folder.path(), full_snapshot(2)));
  const std::string path = snapshot_path(folder.path(), 2);
  const std::vector<uint8_t> good = contents(path);
  for (size_t i = 0; i < good.size(); ++i) {
    std::vector<uint8_t> bytes = good;
    bytes[i] = static_cast<uint8_t>(bytes[i] ^ (1u << (i % 8)));
    Snapshot out;
    REQUIRE(!Snapshot::decode(bytes, "flipped", &out).ok());
    if (i % 16 == 0) {
      write(path, bytes);
      std::string detail;
      CHECK_EQ(loaded(folder.path(), &detail), 1u);
      CHECK(detail.find(path) != std::string::npos);
    }
    bytes.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i));
    REQUIRE(!Snapshot::decode(bytes, "cut", &out).ok());
  }
}

TEST("bytes changed under good checksums give an error or a snapshot within its bounds") {
  // What checksums cannot catch: the payload is rewritten by somebody who fixes them up.
  const Snapshot sample = full_snapshot();
  const std::vector<uint8_t> good = sample.encode();
  Container container;
  REQUIRE_OK(Container::open(Map::of(good), kSnapshotMagic, "sample", &container));
  const std::vector<SectionInfo> sections = container.sections();
  const auto kind_of = [](const std::string& text) {
    std::array<char, 5> kind{};
    std::memcpy(kind.data(), text.data(), 4);
    return kind;
  };
  int refused = 0;
  for (size_t i = good.size() - 1; i > 64 + sections.size() * 40; --i) {
    ContainerWriter writer(kSnapshotMagic);
    for (const SectionInfo& section : sections) {
      std::vector<uint8_t> bytes(
          good.begin() + static_cast<std::ptrdiff_t>(section.offset),
          good.begin() + static_cast<std::ptrdiff_t>(section.offset + section.size));
      if (i >= section.offset && i < section.offset + section.size) {
        bytes[i - section.offset] = static_cast<uint8_t>(bytes[i - section.offset] ^ 0x80);
      }
      const std::array<char, 5> kind = kind_of(section.kind);
      writer.add(reinterpret_cast<const char (&)[5]>(*kind.data()), section.element, bytes);
    }
    Snapshot out;
    const std::vector<uint8_t> changed = writer.finish();
    if (!Snapshot::decode(changed, "changed", &out).ok()) {
      ++refused;
      continue;
    }
    Snapshot again;
    CHECK_OK(Snapshot::decode(out.encode(), "again", &again));
  }
  CHECK(refused > 50);
}

TEST("unknown sections and appended fields of a later minor version are skipped") {
  const Snapshot sample = sample_snapshot();
  Container container;
  REQUIRE_OK(Container::open(Map::of(sample.encode()), kSnapshotMagic, "sample", &container));
  const auto longer = [&](const char (&kind)[5], size_t by) {
    Section section;
    REQUIRE_OK(container.need(kind, 1, &section));
    std::vector<uint8_t> out;
    for (uint64_t i = 0; i < section.count; ++i) {
      out.insert(out.end(), section.data + i * section.stride,
                 section.data + (i + 1) * section.stride);
      out.resize(out.size() + by, 0xee);
    }
    return std::make_pair(static_cast<uint32_t>(section.stride + by), out);
  };
  ContainerWriter writer(kSnapshotMagic);
  writer.add("NEWS", 3, {1, 2, 3});
  const auto [meta_size, meta] = longer("META", 8);
  writer.add("META", meta_size, meta);
  writer.add("FOLD", 1, sample.folds.encode());
  const auto [interest_size, interests] = longer("INTR", 12);
  writer.add("INTR", interest_size, interests);
  Snapshot out;
  REQUIRE_OK(Snapshot::decode(writer.finish(), "minor", &out));
  CHECK_EQ(out.generation, 7u);
  CHECK(out.learned.at(1).interests[1].row == std::vector<int8_t>(64, 5));
  CHECK(out.folds.encode() == sample.folds.encode());
}

TEST(
    "weights of fewer and of more terms than are known are read, and of more than are there "
    "refused") {
  const auto read = [](const std::vector<uint32_t>& record) {
    ContainerWriter writer(kSnapshotMagic);
    const Snapshot sample = sample_snapshot();
    Container container;
    REQUIRE_OK(Container::open(Map::of(sample.encode()), kSnapshotMagic, "sample", &container));
    Section meta;
    REQUIRE_OK(container.need("META", 1, &meta));
    writer.add("META", meta.stride, std::vector<uint8_t>(meta.data, meta.data + meta.size));
    writer.add("FOLD", 1, sample.folds.encode());
    const auto* bytes = reinterpret_cast<const uint8_t*>(record.data());
    const auto size = static_cast<uint32_t>(record.size() * 4);
    writer.add("BLND", size, std::vector<uint8_t>(bytes, bytes + size));
    Snapshot out;
    const Status status = Snapshot::decode(writer.finish(), "weights", &out);
    return std::make_pair(status.ok(), out.learned[3].weights_q12);
  };
  std::vector<uint32_t> record = {3, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  const auto old = read(record);
  CHECK(old.first);
  CHECK(old.second == (std::array<int32_t, kTerms>{1, 2, 3, 4, 5, 6, 7, 8}));
  record = {3, kTerms + 1};
  for (uint32_t i = 0; i <= kTerms; ++i) record.push_back(100 + i);
  const auto later = read(record);
  CHECK(later.first);
  CHECK_EQ(later.second[kTerms - 1], 100 + static_cast<int32_t>(kTerms) - 1);
  record[1] = kTerms + 2;
  CHECK(!read(record).first);
}

TEST("a newer major version is set aside, and left alone by a reader that may not rename") {
  const check::TempDir folder;
  REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(1)));
  std::vector<uint8_t> bytes = sample_snapshot(2).encode();
  bytes[8] = 2;
  const uint64_t hash = xxh64(bytes.data(), 56);
  std::memcpy(&bytes[56], &hash, 8);
  write(snapshot_path(folder.path(), 2), bytes);
  CHECK_EQ(loaded(folder.path()), 1u);
  CHECK_EQ(names(folder.path()).back(), name(2));
  std::shared_ptr<const Snapshot> snapshot;
  std::string detail;
  REQUIRE_OK(load_snapshot(folder.path(), true, &snapshot, &detail));
  CHECK_EQ(snapshot->generation, 1u);
  CHECK_EQ(names(folder.path()).back(), name(2) + ".newer");
  CHECK(detail.find("newer") != std::string::npos);
  CHECK(contents(snapshot_path(folder.path(), 2) + ".newer") == bytes);
}

TEST("a file whose name says another generation is not used") {
  const check::TempDir folder;
  write(snapshot_path(folder.path(), 3), sample_snapshot(2).encode());
  std::string detail;
  CHECK_EQ(loaded(folder.path(), &detail), 0u);
  CHECK(detail.find("generation") != std::string::npos);
}

TEST("a folder that is missing or has other files in it has no snapshot") {
  const check::TempDir folder;
  CHECK_EQ(loaded(folder / "missing"), 0u);
  write(folder / "floor", {1});
  write(folder / "000000000000000G.tvs", {1});
  write(folder / "0000000000000001.tvs.newer", {1});
  CHECK_EQ(loaded(folder.path()), 0u);
}

TEST("two generations are kept, and a damaged one does not push out the intact one before it") {
  const check::TempDir folder;
  for (uint64_t generation = 1; generation <= 3; ++generation) {
    REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(generation)));
  }
  CHECK(names(folder.path()) == (std::vector<std::string>{name(2), name(3)}));
  std::vector<uint8_t> bytes = contents(snapshot_path(folder.path(), 3));
  bytes.back() = static_cast<uint8_t>(bytes.back() ^ 1);
  write(snapshot_path(folder.path(), 3), bytes);
  REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(4)));
  CHECK(names(folder.path()) == (std::vector<std::string>{name(2), name(4)}));
}

TEST("a snapshot that no reader would accept is not published") {
  const check::TempDir folder;
  Snapshot bad = sample_snapshot(1);
  bad.learned[1].interests.resize(5);
  CHECK_EQ(publish_snapshot(folder.path(), bad).code(), Code::kInvalid);
  bad = sample_snapshot(1);
  bad.patterns.resize(kMaxPatterns + 1);
  CHECK_EQ(publish_snapshot(folder.path(), bad).code(), Code::kInvalid);
  CHECK(names(folder.path()).empty());
  REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(4)));
  CHECK_EQ(publish_snapshot(folder.path(), sample_snapshot(4)).code(), Code::kInvalid);
  CHECK_EQ(publish_snapshot(folder.path(), sample_snapshot(3)).code(), Code::kInvalid);
}

TEST("whichever file operation of a publication fails, the old or the new generation loads") {
  int failures = 0;
  for (const uint64_t written : {0, 100}) {
    for (int failing = 0;; ++failing) {
      const check::TempDir folder;
      REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(1)));
      REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(2)));
      write(folder / "left.tvs", {1});
      REQUIRE_OK(rename_file(folder / "left.tvs", folder / "0000000000000003.tvs.tmp"));
      int calls = 0;
      Status status;
      {
        const Faulty faulty([&](const FileCall&) {
          return calls++ == failing ? FileFault{EIO, written} : FileFault{};
        });
        status = publish_snapshot(folder.path(), sample_snapshot(3));
      }
      const uint64_t generation = loaded(folder.path());
      if (status.ok()) {
        CHECK_EQ(generation, 3u);
        break;
      }
      ++failures;
      CHECK_EQ(status.code(), Code::kIo);
      CHECK(generation == 2 || generation == 3);
      REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(4)));
      CHECK(names(folder.path()) == (std::vector<std::string>{name(generation), name(4)}));
    }
  }
  CHECK_EQ(failures, 22);  // eleven operations, twice
}

TEST("a process killed before any operation of a publication leaves a generation that loads") {
  // As the fault test, but nothing after the failing operation happens at all, not even tidying up.
  int kills = 0;
  for (int dying = 0;; ++dying) {
    const check::TempDir folder;
    REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(1)));
    REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(2)));
    struct Killed {};
    int calls = 0;
    bool killed = false;
    {
      const Faulty faulty([&](const FileCall&) -> FileFault {
        if (calls++ == dying) throw Killed{};
        return {};
      });
      try {
        CHECK_OK(publish_snapshot(folder.path(), sample_snapshot(3)));
      } catch (const Killed&) {
        killed = true;
      }
    }
    const uint64_t generation = loaded(folder.path());
    CHECK(generation == 2 || generation == 3);
    REQUIRE_OK(publish_snapshot(folder.path(), sample_snapshot(4)));
    CHECK(names(folder.path()) == (std::vector<std::string>{name(generation), name(4)}));
    if (!killed) break;
    ++kills;
  }
  CHECK_EQ(kills, 10);
}

TEST("the floor is its journal's, and a damaged one is an error and 0") {
  const check::TempDir folder;
  uint64_t floor = 9;
  REQUIRE_OK(read_floor(folder.path(), 5, &floor));
  CHECK_EQ(floor, 0u);
  REQUIRE_OK(write_floor(folder.path(), 5, 1234));
  REQUIRE_OK(read_floor(folder.path(), 5, &floor));
  CHECK_EQ(floor, 1234u);
  REQUIRE_OK(read_floor(folder.path(), 6, &floor));
  CHECK_EQ(floor, 0u);
  const std::vector<uint8_t> good = contents(folder / "floor");
  CHECK_EQ(good.size(), 40u);
  for (size_t i = 0; i < good.size(); ++i) {
    std::vector<uint8_t> bytes = good;
    bytes[i] = static_cast<uint8_t>(bytes[i] ^ 1);
    write(folder / "floor", bytes);
    floor = 9;
    CHECK_EQ(read_floor(folder.path(), 5, &floor).code(), Code::kCorrupt);
    CHECK_EQ(floor, 0u);
    bytes.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i));
    write(folder / "floor", bytes);
    CHECK_EQ(read_floor(folder.path(), 5, &floor).code(), Code::kCorrupt);
  }
}
