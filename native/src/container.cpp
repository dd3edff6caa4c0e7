#include "tvcore/container.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tvcore/hash.hpp"

namespace tvcore {

namespace {

constexpr uint64_t kHeaderSize = 64;
constexpr uint64_t kEntrySize = 40;
constexpr uint32_t kMaxSections = 256;

struct Header {
  Magic magic;
  uint16_t major, minor;
  uint32_t header_size;
  uint64_t file_size;
  uint32_t sections, flags;
  uint64_t content_hash;
  uint64_t reserved[2];
  uint64_t hash;
};
static_assert(sizeof(Header) == kHeaderSize, "docs/formats.md");

struct Entry {
  std::array<char, 4> kind;
  uint32_t element;
  uint64_t offset, size, count, hash;
};
static_assert(sizeof(Entry) == kEntrySize, "docs/formats.md");

constexpr uint64_t aligned(uint64_t offset) { return (offset + 63) & ~uint64_t{63}; }

std::string text_of(const std::array<char, 4>& kind) {
  std::string text(kind.data(), kind.size());
  for (char& letter : text) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return text;
}

Entry entry_of(const Map& map, uint32_t index) {
  Entry entry;
  std::memcpy(&entry, map.data() + kHeaderSize + index * kEntrySize, sizeof entry);
  return entry;
}

bool all_zero(const uint8_t* from, const uint8_t* to) {
  return std::all_of(from, to, [](uint8_t byte) { return byte == 0; });
}

}  // namespace

Status Container::open(std::shared_ptr<const Map> map, const Magic& magic, const std::string& name,
                       Container* out) {
  const auto corrupt = [&name](const std::string& what) {
    return Status(Code::kCorrupt, name + ": " + what);
  };
  if (map->size() < kHeaderSize) return corrupt("shorter than a header");
  Header header;
  std::memcpy(&header, map->data(), sizeof header);
  if (header.magic != magic) {
    return corrupt("magic is not " + std::string(magic.data()));
  }
  if (header.hash != xxh64(map->data(), kHeaderSize - sizeof header.hash)) {
    return corrupt("header hash is wrong");
  }
  if (header.major > kContainerMajor) {
    return Status(Code::kVersion, name + ": format " + std::to_string(header.major) + "." +
                                      std::to_string(header.minor) + " is newer than " +
                                      std::to_string(kContainerMajor) + "." +
                                      std::to_string(kContainerMinor));
  }
  if (header.major != kContainerMajor) return corrupt("major version is wrong");
  if (header.header_size != kHeaderSize) return corrupt("header size is wrong");
  if (header.file_size != map->size()) return corrupt("file size is wrong: truncated or extended");
  if (header.sections > kMaxSections) return corrupt("number of sections is over 256");
  uint64_t end = kHeaderSize + header.sections * kEntrySize;
  if (end > map->size()) return corrupt("section table is cut off");
  if (header.content_hash != xxh64(map->data() + kHeaderSize, header.sections * kEntrySize)) {
    return corrupt("section table hash is wrong");
  }
  for (uint32_t i = 0; i < header.sections; ++i) {
    const Entry entry = entry_of(*map, i);
    const std::string kind = "section " + text_of(entry.kind);
    if (entry.offset != aligned(end)) return corrupt(kind + ": offset is wrong");
    if (entry.offset > map->size() || entry.size > map->size() - entry.offset) {
      return corrupt(kind + ": ends after the file");
    }
    uint64_t bytes = 0;
    if (entry.element == 0 || __builtin_mul_overflow(entry.count, entry.element, &bytes) ||
        bytes != entry.size) {
      return corrupt(kind + ": size is not number x element size");
    }
    for (uint32_t before = 0; before < i; ++before) {
      if (entry_of(*map, before).kind == entry.kind) return corrupt(kind + ": stands twice");
    }
    end = entry.offset + entry.size;
  }
  if (end != map->size()) return corrupt("bytes after the last section");
  out->map_ = std::move(map);
  out->name_ = name;
  out->content_hash_ = header.content_hash;
  out->flags_ = header.flags;
  out->section_count_ = header.sections;
  return {};
}

Status Container::verify() const {
  const uint8_t* data = map_->data();
  uint64_t end = kHeaderSize + section_count_ * kEntrySize;
  for (uint32_t i = 0; i < section_count_; ++i) {
    const Entry entry = entry_of(*map_, i);
    if (!all_zero(data + end, data + entry.offset)) {
      return Status(Code::kCorrupt,
                    name_ + ": bytes before section " + text_of(entry.kind) + " are not 0");
    }
    // A file of any size is read with a megabyte of it in memory.
    const uint64_t found = xxh64_in_pieces(data + entry.offset, static_cast<size_t>(entry.size),
                                           1 << 20, [this] { map_->let_go(); });
    if (found != entry.hash) {
      return Status(Code::kCorrupt, name_ + ": section " + text_of(entry.kind) + ": hash is wrong");
    }
    end = entry.offset + entry.size;
  }
  return {};
}

Status Container::verify(const char (&kind)[5]) const {
  for (uint32_t i = 0; i < section_count_; ++i) {
    const Entry entry = entry_of(*map_, i);
    if (std::memcmp(entry.kind.data(), kind, 4) != 0) continue;
    if (xxh64(map_->data() + entry.offset, static_cast<size_t>(entry.size)) != entry.hash) {
      return Status(Code::kCorrupt, name_ + ": section " + kind + ": hash is wrong");
    }
  }
  return {};
}

Status Container::find(const char (&kind)[5], uint32_t element, Section* out) const {
  *out = Section();
  for (uint32_t i = 0; i < section_count_; ++i) {
    const Entry entry = entry_of(*map_, i);
    if (std::memcmp(entry.kind.data(), kind, 4) != 0) continue;
    if (entry.element < element) {
      return Status(Code::kCorrupt, name_ + ": section " + kind + ": element size is " +
                                        std::to_string(entry.element) + ", not " +
                                        std::to_string(element));
    }
    out->data = map_->data() + entry.offset;
    out->size = entry.size;
    out->count = entry.count;
    out->stride = entry.element;
    return {};
  }
  return {};
}

Status Container::need(const char (&kind)[5], uint32_t element, Section* out) const {
  Status status = find(kind, element, out);
  if (status.ok() && !*out) {
    return Status(Code::kCorrupt, name_ + ": section " + kind + " is missing");
  }
  return status;
}

std::vector<SectionInfo> Container::sections() const {
  std::vector<SectionInfo> all;
  for (uint32_t i = 0; i < section_count_; ++i) {
    const Entry entry = entry_of(*map_, i);
    all.push_back({text_of(entry.kind), entry.element, entry.offset, entry.size, entry.count,
                   map_->data() + entry.offset});
  }
  return all;
}

void ContainerWriter::add(const char (&kind)[5], uint32_t element, std::vector<uint8_t> bytes) {
  parts_.push_back({{kind[0], kind[1], kind[2], kind[3]}, element, std::move(bytes)});
}

std::vector<uint8_t> ContainerWriter::finish() const {
  std::vector<Entry> table;
  uint64_t end = kHeaderSize + parts_.size() * kEntrySize;
  for (const Part& part : parts_) {
    const uint64_t offset = aligned(end);
    table.push_back({part.kind, part.element, offset, part.bytes.size(),
                     part.bytes.size() / part.element,
                     xxh64(part.bytes.data(), part.bytes.size())});
    end = offset + part.bytes.size();
  }
  Header header{};
  header.magic = magic_;
  header.major = kContainerMajor;
  header.minor = minor_;
  header.header_size = kHeaderSize;
  header.file_size = end;
  header.sections = static_cast<uint32_t>(parts_.size());
  header.flags = flags_;
  header.content_hash = xxh64(table.data(), table.size() * kEntrySize);
  header.hash = xxh64(&header, kHeaderSize - sizeof header.hash);
  std::vector<uint8_t> file(static_cast<size_t>(end));
  std::memcpy(file.data(), &header, sizeof header);
  if (!table.empty())
    std::memcpy(file.data() + kHeaderSize, table.data(), table.size() * kEntrySize);
  for (size_t i = 0; i < parts_.size(); ++i) {
    const std::vector<uint8_t>& bytes = parts_[i].bytes;
    if (!bytes.empty()) std::memcpy(file.data() + table[i].offset, bytes.data(), bytes.size());
  }
  return file;
}

}  // namespace tvcore
