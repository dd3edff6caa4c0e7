// The folder of snapshots: which generation loads, how a new one comes, and the floor.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tvcore/file.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/snapshot.hpp"

namespace tvcore {

namespace {

constexpr char kEnding[] = ".tvs";
constexpr size_t kDigits = 16;

struct FloorFile {
  std::array<char, 8> magic;
  uint16_t major, minor;
  uint32_t reserved0;
  uint64_t journal_id, floor;
  uint32_t reserved1, crc;
};
static_assert(sizeof(FloorFile) == 40, "docs/formats.md");
constexpr std::array<char, 8> kFloorMagic = {'T', 'V', 'B', 'F', 'L', 'O', 'R', '\0'};

// The generation that a file name says, 0 if it names none.
uint64_t generation_of(const std::string& name) {
  if (name.size() != kDigits + std::strlen(kEnding) || name.substr(kDigits) != kEnding) return 0;
  uint64_t generation = 0;
  for (size_t i = 0; i < kDigits; ++i) {
    const char letter = name[i];
    const bool digit = letter >= '0' && letter <= '9';
    if (!digit && !(letter >= 'a' && letter <= 'f')) return 0;
    generation = generation << 4 | static_cast<uint64_t>(digit ? letter - '0' : letter - 'a' + 10);
  }
  return generation;
}

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

Status list_if_there(const std::string& folder, std::vector<std::string>* names) {
  names->clear();
  Status status = list_folder(folder, names);
  return status.code() == Code::kNoFile ? Status() : status;
}

// Whether the file's bytes are those that were once written; what they say is not looked at.
Status check_intact(const std::string& path) {
  std::vector<uint8_t> bytes;
  Status status = read_all(path, &bytes, kMaxSnapshotSize);
  Container container;
  if (status.ok()) status = Container::open(Map::of(bytes), kSnapshotMagic, path, &container);
  return status.ok() ? container.verify() : status;
}

Status remove_leftovers(const std::string& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!ends_with(name, ".tmp")) continue;
    if (Status status = remove_file(folder + "/" + name); !status.ok()) return status;
  }
  return {};
}

// Keep `published` and the newest intact one below it. One that cannot be read at the moment is left where it is, and
// the error is the result.
Status remove_older(const std::string& folder, uint64_t published) {
  std::vector<uint64_t> generations;
  if (Status status = list_snapshots(folder, &generations); !status.ok()) return status;
  bool kept = false;
  Status first;
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    if (*it == published) continue;
    const std::string path = snapshot_path(folder, *it);
    Status status = check_intact(path);
    if (status.ok() && !kept) {
      kept = true;
    } else if (status.ok() || status.code() == Code::kCorrupt) {
      status = remove_file(path);
    } else if (status.code() == Code::kVersion) {
      status = rename_file(path, path + ".newer");
    }
    if (!status.ok() && first.ok()) first = status;
  }
  return first;
}

Status read_one(const std::string& folder, uint64_t generation, Snapshot* out) {
  const std::string path = snapshot_path(folder, generation);
  std::vector<uint8_t> bytes;
  Status status = read_all(path, &bytes, kMaxSnapshotSize);
  if (status.ok()) status = Snapshot::decode(bytes, path, out);
  if (status.ok() && out->generation != generation) {
    return Status(Code::kCorrupt, path + ": generation is not the name's");
  }
  return status;
}

}  // namespace

std::string snapshot_path(const std::string& folder, uint64_t generation) {
  char digits[kDigits + 1];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(generation));
  return folder + "/" + digits + kEnding;
}

Status list_snapshots(const std::string& folder, std::vector<uint64_t>* generations) {
  generations->clear();
  std::vector<std::string> names;
  if (Status status = list_if_there(folder, &names); !status.ok()) return status;
  for (const std::string& name : names) {
    if (const uint64_t generation = generation_of(name); generation != 0) {
      generations->push_back(generation);
    }
  }
  std::sort(generations->begin(), generations->end());
  return {};
}

Status load_snapshot(const std::string& folder, bool may_rename,
                     std::shared_ptr<const Snapshot>* out, std::string* detail) {
  out->reset();
  detail->clear();
  std::vector<uint64_t> generations;
  if (Status status = list_snapshots(folder, &generations); !status.ok()) return status;
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    auto snapshot = std::make_shared<Snapshot>();
    Status status = read_one(folder, *it, snapshot.get());
    if (status.ok()) {
      *out = std::move(snapshot);
      return {};
    }
    if (status.code() == Code::kNoMemory) return status;  // says nothing about the file
    *detail += (detail->empty() ? "" : "\n") + status.text();
    if (status.code() == Code::kVersion && may_rename) {
      const std::string path = snapshot_path(folder, *it);
      status = rename_file(path, path + ".newer");
      *detail += status.ok() ? "; set aside" : "\n" + status.text();
    }
  }
  return {};
}

std::shared_ptr<const Snapshot> load_last_good(const std::string& folder) {
  std::vector<uint64_t> generations;
  if (!list_snapshots(folder, &generations).ok()) return nullptr;
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    const std::string path = snapshot_path(folder, *it);
    std::vector<uint8_t> bytes;
    auto snapshot = std::make_shared<Snapshot>();
    if (!read_all(path, &bytes, kMaxSnapshotSize).ok()) continue;
    if (Snapshot::decode_slates(bytes, path, snapshot.get()).ok()) return snapshot;
  }
  return nullptr;
}

Status publish_snapshot(const std::string& folder, const Snapshot& snapshot) {
  const std::vector<uint8_t> bytes = snapshot.encode();
  const std::string path = snapshot_path(folder, snapshot.generation);
  Snapshot read;
  if (Status status = Snapshot::decode(bytes, path, &read); !status.ok()) {
    return Status(Code::kInvalid, "not published: " + status.text());
  }
  if (bytes.size() > kMaxSnapshotSize) {
    return Status(Code::kInvalid, "not published: " + path + " would be over 16 MiB");
  }
  if (Status status = make_folder(folder, 0700); !status.ok()) return status;
  std::vector<std::string> names;
  if (Status status = list_folder(folder, &names); !status.ok()) return status;
  uint64_t newest = 0;
  for (const std::string& name : names) newest = std::max(newest, generation_of(name));
  if (snapshot.generation <= newest) {
    return Status(Code::kInvalid, "not published: generation " +
                                      std::to_string(snapshot.generation) + " is not above " +
                                      std::to_string(newest));
  }
  if (Status status = remove_leftovers(folder, names); !status.ok()) return status;
  if (Status status = replace_file(path, bytes.data(), bytes.size()); !status.ok()) return status;
  return remove_older(folder, snapshot.generation);
}

Status read_floor(const std::string& folder, uint64_t journal_id, uint64_t* floor) {
  *floor = 0;
  const std::string path = folder + "/floor";
  std::vector<uint8_t> bytes;
  Status status = read_all(path, &bytes, sizeof(FloorFile));
  if (status.code() == Code::kNoFile) return {};
  if (!status.ok()) return status;
  const auto corrupt = [&path](const char* what) {
    return Status(Code::kCorrupt, path + ": " + what);
  };
  if (bytes.size() != sizeof(FloorFile)) return corrupt("size is wrong");
  FloorFile file;
  std::memcpy(&file, bytes.data(), sizeof file);
  if (file.magic != kFloorMagic) return corrupt("magic is not TVBFLOR");
  if (file.crc != crc32c(&file, sizeof file - sizeof file.crc)) return corrupt("CRC is wrong");
  if (file.major > 1) return Status(Code::kVersion, path + ": a newer format");
  if (file.major != 1) return corrupt("major version is wrong");
  if (file.journal_id == journal_id) *floor = file.floor;
  return {};
}

Status write_floor(const std::string& folder, uint64_t journal_id, uint64_t floor) {
  FloorFile file{};
  file.magic = kFloorMagic;
  file.major = 1;
  file.journal_id = journal_id;
  file.floor = floor;
  file.crc = crc32c(&file, sizeof file - sizeof file.crc);
  if (Status status = make_folder(folder, 0700); !status.ok()) return status;
  return replace_file(folder + "/floor", &file, sizeof file);
}

}  // namespace tvcore
