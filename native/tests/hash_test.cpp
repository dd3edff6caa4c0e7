#include "tvcore/hash.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "check.hpp"

using tvcore::crc32c;
using tvcore::crc32c_by_table;
using tvcore::key_of;
using tvcore::xxh64;

namespace {

uint64_t xxh64_of(const std::string& text) { return xxh64(text.data(), text.size()); }
uint32_t crc_of(const std::string& text) { return crc32c(text.data(), text.size()); }

// A bit at a time: the oracle of the table.
uint32_t slow_crc32c(const std::vector<uint8_t>& bytes) {
  uint32_t crc = 0xffffffffu;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  return ~crc;
}

std::vector<uint8_t> random_bytes(check::Random* random, size_t size) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random->next());
  return bytes;
}

}  // namespace

TEST("XXH64 gives the published values") {
  CHECK_EQ(xxh64_of(""), 0xEF46DB3751D8E999ull);
  CHECK_EQ(xxh64_of("a"), 0xD24EC4F1A98C6E5Bull);
  CHECK_EQ(xxh64_of("abc"), 0x44BC2CF5AD770999ull);
  CHECK_EQ(xxh64_of("asdf"), 0x415872F599CEA71Eull);
  CHECK_EQ(xxh64_of("Call me Ishmael. Some years ago--never mind how long precisely-"),
           0x02A2E85470D6FD96ull);
}

TEST("XXH64's sanity buffer gives the reference implementation's values, seeded too") {
  // The generator and the values are those of the reference implementation's self test.
  std::vector<uint8_t> buffer(101);
  uint32_t generator = 2654435761u;
  for (uint8_t& byte : buffer) {
    byte = static_cast<uint8_t>(generator >> 24);
    generator *= generator;
  }
  const uint64_t seed = 2654435761u;
  CHECK_EQ(xxh64(buffer.data(), 1), 0x4FCE394CC88952D8ull);
  CHECK_EQ(xxh64(buffer.data(), 1, seed), 0x739840CB819FA723ull);
  CHECK_EQ(xxh64(buffer.data(), 14), 0xCFFA8DB881BC3A3Dull);
  CHECK_EQ(xxh64(buffer.data(), 101), 0x0EAB543384F878ADull);
  CHECK_EQ(xxh64(buffer.data(), 101, seed), 0xCAA65939306F1E21ull);
}

TEST("XXH64 in pieces is XXH64, and each piece but the rest is told of once") {
  check::Random random(11);
  for (size_t size = 0; size < 400; ++size) {
    const std::vector<uint8_t> bytes = random_bytes(&random, size);
    for (const size_t piece : {size_t{32}, size_t{96}, size_t{1024}}) {
      size_t told = 0;
      const auto count = [&told] { ++told; };
      CHECK_EQ(tvcore::xxh64_in_pieces(bytes.data(), size, piece, count),
               xxh64(bytes.data(), size));
      CHECK_EQ(told, size / piece);
    }
  }
}

TEST("CRC-32C gives the values of RFC 3720 and the usual check value") {
  CHECK_EQ(crc_of("123456789"), 0xE3069283u);
  CHECK_EQ(crc_of(std::string(32, '\0')), 0x8A9136AAu);
  CHECK_EQ(crc_of(std::string(32, '\xff')), 0x62A8AB43u);
  std::string up(32, '\0');
  for (int i = 0; i < 32; ++i) up[static_cast<size_t>(i)] = static_cast<char>(i);
  CHECK_EQ(crc_of(up), 0x46DD794Eu);
  CHECK_EQ(crc_of(std::string(up.rbegin(), up.rend())), 0x113FDB5Cu);
  CHECK_EQ(crc_of(""), 0u);
}

TEST("CRC-32C equals the bit at a time, at every length and split, by instruction and by table") {
  check::Random random(7);
  for (size_t size = 0; size < 80; ++size) {
    const std::vector<uint8_t> bytes = random_bytes(&random, size);
    const uint32_t whole = slow_crc32c(bytes);
    for (size_t cut = 0; cut <= size; ++cut) {
      const uint32_t first = crc32c(bytes.data(), cut);
      CHECK_EQ(crc32c(bytes.data() + cut, size - cut, first), whole);
      CHECK_EQ(crc32c_by_table(bytes.data(), cut), first);
      CHECK_EQ(crc32c_by_table(bytes.data() + cut, size - cut, first), whole);
    }
  }
}

TEST("the key of an id is its XXH64, and no id has no key") {
  CHECK_EQ(key_of("abc"), 0x44BC2CF5AD770999ull);
  CHECK_EQ(key_of(""), 0ull);
}
