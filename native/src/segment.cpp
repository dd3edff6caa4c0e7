#include "segment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>

#include "tvcore/file.hpp"
#include "tvcore/hash.hpp"

namespace tvcore {

namespace {

constexpr char kMagic[8] = {'T', 'V', 'B', 'J', 'R', 'N', 'L', '\0'};
constexpr uint16_t kMajor = 1, kMinor = 1;
constexpr char kExtension[] = ".tvj";
constexpr size_t kDigits = 16;

struct Header {
  char magic[8];
  uint16_t major, minor;
  uint32_t header_size;
  uint64_t id;
  uint64_t first_seq;
  int64_t created_ms;
  uint8_t reserved[20];
  uint32_t crc;
};
static_assert(sizeof(Header) == kSegmentHeaderSize && offsetof(Header, crc) == 60,
              "docs/formats.md");

struct RecordHeader {
  uint32_t crc;
  uint16_t size;
  uint8_t kind, reserved;
  uint64_t seq;
};
static_assert(sizeof(RecordHeader) == kRecordHeaderSize, "docs/formats.md");

constexpr size_t padded(size_t size) { return (size + 7) & ~size_t{7}; }

uint32_t record_crc(uint64_t id, const uint8_t* record, size_t size) {
  return crc32c(record + 4, size - 4, crc32c(&id, sizeof id));
}

// Why the header cannot be used, or nothing. A damaged version number is not a newer format: the checksum comes first.
AsideSegment judge(const Header& header, uint64_t first_seq) {
  AsideSegment aside;
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&header);
  if (std::all_of(bytes, bytes + sizeof header, [](uint8_t byte) { return byte == 0; })) {
    aside.why = "never synced";
  } else if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 ||
             header.crc != crc32c(&header, offsetof(Header, crc))) {
    aside.suffix = ".damaged";
    aside.why = "header is damaged";
  } else if (header.major > kMajor) {
    aside.suffix = ".newer";
    aside.why = "format " + std::to_string(header.major) + "." + std::to_string(header.minor) +
                " is newer than " + std::to_string(kMajor) + "." + std::to_string(kMinor);
  } else if (header.major != kMajor || header.header_size != kSegmentHeaderSize || header.id == 0 ||
             header.first_seq == 0 || header.first_seq != first_seq) {
    aside.suffix = ".damaged";
    aside.why = "header does not fit the file's name";
  }
  return aside;
}

// The first bytes of a file and its size; short files leave zeros.
Status peek(const std::string& path, Header* header, uint64_t* size) {
  File file;
  if (Status status = open_file(path, O_RDONLY, 0, &file); !status.ok()) return status;
  struct stat info{};
  if (::fstat(file.fd(), &info) != 0) return errno_status("stat", path);
  *size = static_cast<uint64_t>(info.st_size);
  std::memset(header, 0, sizeof *header);
  ssize_t got;
  do {
    got = ::pread(file.fd(), header, sizeof *header, 0);
  } while (got < 0 && errno == EINTR);
  return got < 0 ? errno_status("read", path) : Status();
}

}  // namespace

std::string segment_name(uint64_t first_seq) {
  static const char* digits = "0123456789abcdef";
  std::string name(kDigits, '0');
  for (size_t i = kDigits; i-- > 0; first_seq >>= 4) name[i] = digits[first_seq & 15];
  return name + kExtension;
}

bool parse_segment_name(const std::string& name, uint64_t* first_seq) {
  uint64_t value = 0;
  for (size_t i = 0; i < std::min(name.size(), kDigits); ++i) {
    const char c = name[i];
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value << 4 | static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return false;
    }
  }
  *first_seq = value;
  return name.size() == kDigits + sizeof kExtension - 1 &&
         name.compare(kDigits, 4, kExtension) == 0;
}

std::array<uint8_t, kSegmentHeaderSize> segment_header(uint64_t id, uint64_t first_seq,
                                                       int64_t created_ms) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.major = kMajor;
  header.minor = kMinor;
  header.header_size = kSegmentHeaderSize;
  header.id = id;
  header.first_seq = first_seq;
  header.created_ms = created_ms;
  header.crc = crc32c(&header, offsetof(Header, crc));
  std::array<uint8_t, kSegmentHeaderSize> bytes;
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

size_t record_size(const Event& event) {
  return padded(kRecordHeaderSize + kEventBodySize + event.added.size() + event.values.size());
}

void encode_record(uint64_t id, uint64_t seq, const Event& event, std::vector<uint8_t>* out) {
  const size_t begin = out->size();
  out->resize(begin + kRecordHeaderSize);
  encode_body(event, out);
  const size_t size = out->size() - begin;
  uint8_t* const record = out->data() + begin;
  RecordHeader header{};
  header.size = static_cast<uint16_t>(size - kRecordHeaderSize);
  header.kind = static_cast<uint8_t>(event.kind);
  header.seq = seq;
  std::memcpy(record, &header, sizeof header);
  header.crc = record_crc(id, record, size);
  std::memcpy(record, &header.crc, sizeof header.crc);
  out->resize(begin + padded(size));
}

size_t end_of_records(const std::vector<uint8_t>& records, uint64_t seq) {
  size_t at = 0;
  while (at < records.size()) {
    RecordHeader header;
    std::memcpy(&header, records.data() + at, sizeof header);
    if (header.seq > seq) break;
    at += padded(kRecordHeaderSize + header.size);
  }
  return at;
}

uint64_t first_of_records(const std::vector<uint8_t>& records) {
  if (records.empty()) return UINT64_MAX;
  RecordHeader header;
  std::memcpy(&header, records.data(), sizeof header);
  return header.seq;
}

RecordWalk::RecordWalk(uint64_t id, uint64_t first_seq, const std::vector<uint8_t>& bytes)
    : id_(id),
      bytes_(bytes),
      at_(std::min(kSegmentHeaderSize, bytes.size())),
      seq_(first_seq - 1) {}

bool RecordWalk::fits(size_t at, RecordView* out) const {
  if (at > bytes_.size() || bytes_.size() - at < kRecordHeaderSize) return false;
  RecordHeader header;
  std::memcpy(&header, bytes_.data() + at, sizeof header);
  const size_t size = kRecordHeaderSize + header.size;
  if (header.kind == 0 || header.seq <= seq_ || size > bytes_.size() - at) return false;
  if (header.crc != record_crc(id_, bytes_.data() + at, size)) return false;
  out->kind = header.kind;
  out->seq = header.seq;
  out->body = bytes_.data() + at + kRecordHeaderSize;
  out->size = header.size;
  out->begin = at;
  out->end = std::min(at + padded(size), bytes_.size());
  return true;
}

bool RecordWalk::next(RecordView* out) {
  if (!fits(at_, out)) return false;
  at_ = out->end;
  seq_ = out->seq;
  return true;
}

bool RecordWalk::torn() const {
  return std::any_of(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), bytes_.end(),
                     [](uint8_t byte) { return byte != 0; });
}

uint64_t RecordWalk::lost_seq() const {
  uint64_t lost = 0;
  RecordView record;
  for (size_t at = at_; at < bytes_.size(); at += 8) {
    // Only what this version writes: a checksum at every place would be slow on a segment full of garbage.
    uint16_t size;
    if (bytes_.size() - at < kSmallestRecord) break;
    std::memcpy(&size, bytes_.data() + at + 4, sizeof size);
    if (size < kEventBodySize || size > kEventBodySize + kMaxAdded + kMaxValues) continue;
    if (fits(at, &record)) lost = std::max(lost, record.seq);
  }
  return lost;
}

Status find_journal(const std::string& folder, FoundJournal* out) {
  *out = FoundJournal();
  std::vector<std::string> names;
  if (Status status = list_folder(folder, &names); !status.ok()) {
    return status.code() == Code::kNoFile ? Status() : status;
  }
  struct Candidate {
    FoundSegment segment;
    uint64_t id;
  };
  std::vector<Candidate> candidates;
  std::map<uint64_t, size_t> votes;
  for (const std::string& name : names) {
    uint64_t first_seq = 0, size = 0;
    if (!parse_segment_name(name, &first_seq)) continue;
    Header header;
    AsideSegment aside;
    Status status = peek(folder + "/" + name, &header, &size);
    if (status.code() == Code::kNoFile) continue;  // deleted since the folder was listed
    if (status.code() == Code::kIo) {              // a bad block: the others are still good
      aside.suffix = ".damaged";
      aside.why = status.text();
    } else if (!status.ok()) {
      return status;
    } else {
      aside = judge(header, first_seq);
    }
    if (aside.why.empty() && size > kLargestSegment) {
      aside.suffix = ".damaged";
      aside.why = "longer than any segment";
    }
    if (aside.why.empty()) {
      candidates.push_back({{name, first_seq, header.created_ms, size}, header.id});
      ++votes[header.id];
    } else {
      aside.name = name;
      aside.first_seq = first_seq;
      aside.file_size = size;
      out->aside.push_back(std::move(aside));
    }
  }
  size_t most = 0;
  for (const Candidate& candidate : candidates) {
    if (votes[candidate.id] >= most) {
      most = votes[candidate.id];
      out->id = candidate.id;
    }
  }
  for (Candidate& candidate : candidates) {
    FoundSegment& segment = candidate.segment;
    if (candidate.id == out->id) {
      out->segments.push_back(std::move(segment));
    } else {
      out->aside.push_back({segment.name, segment.first_seq, segment.file_size, ".foreign",
                            "belongs to another journal"});
    }
  }
  return {};
}

std::string describe(const std::vector<AsideSegment>& aside) {
  std::string text;
  for (const AsideSegment& one : aside) {
    if (!one.suffix.empty()) text += one.name + ": " + one.why + "\n";
  }
  return text;
}

Status read_segment(const std::string& path, std::vector<uint8_t>* bytes, bool* gone) {
  Status status = read_all(path, bytes, kLargestSegment);
  *gone = status.code() == Code::kNoFile;
  if (*gone) bytes->clear();
  return *gone ? Status() : status;
}

}  // namespace tvcore
