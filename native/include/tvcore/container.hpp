// The container of docs/formats.md: header, section table, sections. Packs, profiles and snapshots
// are one each.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tvcore/file.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

// The newest version read; the minor of what has nothing that came later.
constexpr uint16_t kContainerMajor = 1, kContainerMinor = 0;

using Magic = std::array<char, 8>;
constexpr Magic kPackMagic = {'T', 'V', 'B', 'P', 'A', 'C', 'K', '\0'};
constexpr Magic kProfilesMagic = {'T', 'V', 'B', 'P', 'R', 'O', 'F', '\0'};
constexpr Magic kSnapshotMagic = {'T', 'V', 'B', 'S', 'N', 'A', 'P', '\0'};

// A section's bytes inside the map. `stride` is the element size in the file, at least what the
// reader asked for.
struct Section {
  const uint8_t* data = nullptr;
  uint64_t size = 0;
  uint64_t count = 0;
  uint32_t stride = 0;
  explicit operator bool() const { return data != nullptr; }
};

// A section as the table has it, for people and tools.
struct SectionInfo {
  std::string kind;
  uint32_t element;
  uint64_t offset, size, count;
  const uint8_t* data;
};

class Container {
 public:
  // Checks magic, version, header and table hashes, bounds, order and alignment of every section;
  // not the payload's hashes. kVersion for a newer major, kCorrupt otherwise; the text names `name`
  // and the field.
  static Status open(std::shared_ptr<const Map> map, const Magic& magic, const std::string& name,
                     Container* out);
  // Every section's hash and every gap. Reads the whole file.
  Status verify() const;
  // The same for the payload of one section; a section that is not there is fine.
  Status verify(const char (&kind)[5]) const;
  // The section of this kind, empty if there is none. kCorrupt if its element size is below
  // `element`.
  Status find(const char (&kind)[5], uint32_t element, Section* out) const;
  // As find, but kCorrupt if missing.
  Status need(const char (&kind)[5], uint32_t element, Section* out) const;
  uint64_t content_hash() const { return content_hash_; }
  uint32_t flags() const { return flags_; }
  const std::shared_ptr<const Map>& map() const { return map_; }
  std::vector<SectionInfo> sections() const;

 private:
  std::shared_ptr<const Map> map_;
  std::string name_;
  uint64_t content_hash_ = 0;
  uint32_t flags_ = 0;
  uint32_t section_count_ = 0;
};

// Lays sections out in the order they are added.
class ContainerWriter {
 public:
  // `minor`: the first version that has everything that is in the file.
  explicit ContainerWriter(const Magic& magic, uint32_t flags = 0, uint16_t minor = kContainerMinor)
      : magic_(magic), flags_(flags), minor_(minor) {}
  // `bytes` hold whole elements; `element` > 0.
  void add(const char (&kind)[5], uint32_t element, std::vector<uint8_t> bytes);
  std::vector<uint8_t> finish() const;

 private:
  struct Part {
    std::array<char, 4> kind;
    uint32_t element;
    std::vector<uint8_t> bytes;
  };
  Magic magic_;
  uint32_t flags_;
  uint16_t minor_;
  std::vector<Part> parts_;
};

}  // namespace tvcore
