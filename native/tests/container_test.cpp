#include "tvcore/container.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "check.hpp"
#include "tvcore/hash.hpp"

using namespace tvcore;

namespace {

std::vector<uint8_t> sample() {
  ContainerWriter writer(kPackMagic, 1);
  writer.add("META", 3, {1, 2, 3});
  writer.add("NONE", 8, {});
  writer.add("LONG", 4, std::vector<uint8_t>(100, 7));
  return writer.finish();
}

Status open(const std::vector<uint8_t>& bytes, Container* out) {
  return Container::open(Map::of(bytes), kPackMagic, "test.tvpack", out);
}

Status open_and_verify(const std::vector<uint8_t>& bytes) {
  Container container;
  Status status = open(bytes, &container);
  return status.ok() ? container.verify() : status;
}

template <typename T>
void put(std::vector<uint8_t>* bytes, size_t at, T value) {
  std::memcpy(bytes->data() + at, &value, sizeof value);
}

// Makes a changed header or table right again, so that what lies behind the hashes is tested.
std::vector<uint8_t> rehashed(std::vector<uint8_t> bytes) {
  uint32_t sections;
  std::memcpy(&sections, bytes.data() + 24, 4);
  put(&bytes, 32, xxh64(bytes.data() + 64, sections * 40));
  put(&bytes, 56, xxh64(bytes.data(), 56));
  return bytes;
}

}  // namespace

TEST("what a writer laid out is read back") {
  Container container;
  REQUIRE_OK(open(sample(), &container));
  CHECK_OK(container.verify());
  CHECK_EQ(container.flags(), 1u);
  Section section;
  REQUIRE_OK(container.need("META", 3, &section));
  CHECK_EQ(section.size, 3u);
  CHECK_EQ(section.count, 1u);
  CHECK_EQ(section.stride, 3u);
  CHECK_EQ(section.data[2], 3);
  REQUIRE_OK(container.need("NONE", 8, &section));
  CHECK(static_cast<bool>(section));
  CHECK_EQ(section.count, 0u);
  REQUIRE_OK(container.need("LONG", 4, &section));
  CHECK_EQ(section.count, 25u);
  CHECK_EQ(reinterpret_cast<uintptr_t>(section.data) % 64, 0u);
}

TEST("a section may have larger elements than its reader knows, never smaller ones") {
  Container container;
  REQUIRE_OK(open(sample(), &container));
  Section section;
  CHECK_OK(container.find("LONG", 2, &section));
  CHECK_EQ(section.stride, 4u);
  CHECK_EQ(container.find("LONG", 5, &section).code(), Code::kCorrupt);
}

TEST("a missing section is empty, or an error where it is needed") {
  Container container;
  REQUIRE_OK(open(sample(), &container));
  Section section;
  CHECK_OK(container.find("GONE", 1, &section));
  CHECK(!section);
  const Status status = container.need("GONE", 1, &section);
  CHECK_EQ(status.code(), Code::kCorrupt);
  CHECK_EQ(status.text(), "test.tvpack: section GONE is missing");
}

TEST("an empty container is one") {
  CHECK_OK(open_and_verify(ContainerWriter(kPackMagic).finish()));
}

TEST("every byte flipped in turn is found out") {
  const std::vector<uint8_t> good = sample();
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int bit : {0, 7}) {
      std::vector<uint8_t> bad = good;
      bad[at] = static_cast<uint8_t>(bad[at] ^ (1 << bit));
      CHECK_EQ(open_and_verify(bad).code(), Code::kCorrupt);
    }
  }
}

TEST("a file cut at any length, or with a byte more, is refused at open") {
  const std::vector<uint8_t> good = sample();
  Container container;
  for (size_t size = 0; size < good.size(); ++size) {
    CHECK_EQ(open({good.begin(), good.begin() + static_cast<long>(size)}, &container).code(),
             Code::kCorrupt);
  }
  std::vector<uint8_t> longer = good;
  longer.push_back(0);
  CHECK_EQ(open(longer, &container).code(), Code::kCorrupt);
}

TEST("a newer major version is told from damage, a newer minor is read") {
  std::vector<uint8_t> newer = sample();
  put<uint16_t>(&newer, 8, 2);
  Container container;
  CHECK_EQ(open(newer, &container).code(), Code::kCorrupt);  // a flipped bit, not a version
  CHECK_EQ(open(rehashed(newer), &container).code(), Code::kVersion);
  std::vector<uint8_t> minor = sample();
  put<uint16_t>(&minor, 10, 9);
  CHECK_OK(open_and_verify(rehashed(minor)));
}

TEST("another magic is named") {
  Container container;
  const Status status = Container::open(Map::of(sample()), kSnapshotMagic, "test.tvs", &container);
  CHECK_EQ(status.code(), Code::kCorrupt);
  CHECK_EQ(status.text(), "test.tvs: magic is not TVBSNAP");
}

TEST("a table that lies is refused even with right hashes") {
  const auto refused = [](size_t at, auto value, size_t entry) {
    std::vector<uint8_t> bytes = sample();
    put(&bytes, 64 + entry * 40 + at, value);
    Container container;
    return open(rehashed(bytes), &container).code() == Code::kCorrupt;
  };
  CHECK(refused(4, uint32_t{0}, 0));                              // element size
  CHECK(refused(8, uint64_t{191}, 0));                            // not aligned
  CHECK(refused(8, uint64_t{256}, 0));                            // a gap of 64
  CHECK(refused(8, ~uint64_t{63}, 2));                            // far away
  CHECK(refused(16, uint64_t{1} << 63, 2));                       // size over the end
  CHECK(refused(24, uint64_t{26}, 2));                            // count
  CHECK(refused(24, (uint64_t{1} << 62) + 25, 2));                // count that overflows
  CHECK(refused(0, std::array<char, 4>{'M', 'E', 'T', 'A'}, 2));  // twice
  std::vector<uint8_t> many = sample();
  put<uint32_t>(&many, 24, 257);
  put(&many, 56, xxh64(many.data(), 56));
  Container container;
  CHECK_EQ(open(many, &container).text(), "test.tvpack: number of sections is over 256");
}

TEST("random bytes behind a right header never crash") {
  check::Random random(11);
  for (int i = 0; i < check::scaled(20000); ++i) {
    std::vector<uint8_t> bytes = sample();
    for (int changes = 0; changes < 4; ++changes) {
      bytes[64 + random.below(120)] = static_cast<uint8_t>(random.next());
    }
    CHECK(!open_and_verify(rehashed(bytes)).ok() || bytes.size() == sample().size());
  }
}
