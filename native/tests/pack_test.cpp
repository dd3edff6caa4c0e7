#include "tvcore/pack.hpp"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "check.hpp"
#include "pack_builder.hpp"
#include "temp_dir.hpp"
#include "tvcore/file.hpp"

using namespace tvcore;
using check::PackBuilder;

namespace {

PackBuilder sample() {
  PackBuilder builder;
  builder.dimension = 8;
  builder.residual_scale_q40 = 77;
  builder.mean = {0.5f, 0, 0, 0, 0, 0, 0, -0.25f};
  builder.with_weights = true;
  builder.prior = {{kTermCf, 2048, 4.0}, {kTermGenre, -100, 0.5}, {kTerms, 1 << 30, -1.0}};
  builder.source = "{}";
  builder.titles.resize(3);
  check::TestTitle& heat = builder.titles[0];
  heat.id = "netflix:s1";
  heat.title = "Heat";
  heat.genres = {"Crime", "Drama"};
  heat.offers = {{"netflix:s1", 16, {"DE", "AT"}, 1000, 2000, "app://1"}, {"prime:9", 255}};
  heat.people = {"Michael Mann", "Al Pacino"};
  heat.localised = {{"de", "Hitze"}};
  heat.year = 1995;
  heat.minutes = 170;
  heat.popularity = 7;
  heat.aliases = {"disney:old"};
  heat.vector = {1, -2, 3, -4, 5, -6, 7, -127};
  heat.weights = {{1, 5}, {2, -9}};
  builder.titles[1] = {"hulu:2", "Amélie & Co", 6, {"Drama"}, 9};
  builder.titles[1].type = 2;
  builder.titles[1].seasons = {10, 0, 8};
  builder.titles[1].group = "amelie";
  builder.titles[2] = {"ml:3", "Unknown", 255};
  builder.titles[2].weights = {{0, 1}};
  return builder;
}

Status open(const std::vector<uint8_t>& bytes, std::shared_ptr<const Pack>* out) {
  return Pack::open(Map::of(bytes), "test.tvpack", out);
}

// Everything that can be read from a pack, as one text.
std::string reading(const Pack& pack) {
  std::ostringstream out;
  const auto line = [&out](const auto&... values) { ((out << values << '|'), ...) << '\n'; };
  line(pack.rows(), pack.offers(), pack.side(), pack.base_hash(), pack.ordinal(), pack.space_id(),
       pack.rotation_seed(), pack.dimension(), pack.stride(), pack.max_popularity(),
       pack.built_at(), pack.name(), pack.version_text(), pack.source(), pack.content_hash());
  for (const auto name : pack.genres()) line(name);
  for (const auto name : pack.providers()) line(name);
  for (uint32_t row = 0; row < pack.rows(); ++row) {
    const PackItem& item = pack.item(row);
    line(item.key, item.genres, item.group, pack.string(item.id), pack.string(item.title),
         pack.string(item.artwork), pack.string(item.description), item.year, int{item.type},
         int{item.age}, item.minutes, item.popularity, item.added_day, pack.normal_title(row));
    for (const uint16_t value : pack.list16("SEAS", item.seasons)) line(value);
    for (const uint32_t value : pack.list32("PEOP", item.people)) line(pack.string(value));
    for (const uint32_t value : pack.list32("LOCL", item.localised)) line(pack.string(value));
    const OfferRange range = pack.offers_of(row);
    for (uint32_t i = range.begin; i < range.end; ++i) {
      const PackOffer& offer = pack.offer(i);
      line(offer.key, offer.start_ms, offer.end_ms, pack.string(offer.id),
           pack.string(offer.launch), int{offer.provider}, int{offer.age});
      for (const uint16_t value : pack.list16("REGN", offer.regions)) line(value);
    }
    const WeightRow weights = pack.weights(row);
    for (uint32_t i = 0; i < weights.count; ++i) {
      line(weights.columns[i], int{weights.values[i]}, weights.scale_q24);
    }
    if (!pack.has_vectors()) continue;
    line(pack.vector_scales()[row], pack.vector_biases()[row]);
    for (uint32_t i = 0; i < pack.stride(); ++i) line(int{pack.vectors()[row * pack.stride() + i]});
  }
  for (uint32_t i = 0; i < pack.dimension(); ++i) line(pack.mean()[i]);
  uint32_t count = 0;
  const PackKey* keys = pack.keys(&count);
  for (uint32_t i = 0; i < count; ++i) {
    PackKey found{};
    line(keys[i].key, keys[i].row, keys[i].kind, pack.find(keys[i].key, &found), found.row);
  }
  if (pack.prior() != nullptr) line(pack.prior()->mean_q12[0], pack.prior()->precision[0]);
  const Key* removed = pack.removed(&count);
  for (uint32_t i = 0; i < count; ++i) line(removed[i]);
  return out.str();
}

}  // namespace

TEST("what the page says is what is read") {
  std::shared_ptr<const Pack> pack;
  REQUIRE_OK(open(sample().bytes(), &pack));
  REQUIRE_OK(pack->verify());
  CHECK_EQ(pack->rows(), 3u);
  CHECK_EQ(pack->name(), "test");
  CHECK_EQ(pack->max_popularity(), 9u);
  const PackItem& heat = pack->item(0);
  CHECK_EQ(pack->string(heat.id), "netflix:s1");
  CHECK_EQ(heat.key, key_of("netflix:s1"));
  CHECK_EQ(heat.genres, 3u);
  CHECK_EQ(heat.year, 1995);
  CHECK_EQ(heat.age, 16);
  CHECK_EQ(pack->string(pack->list32("PEOP", heat.people)[1]), "Al Pacino");
  CHECK_EQ(pack->string(pack->list32("LOCL", heat.localised)[1]), "Hitze");
  const PackOffer& offer = pack->offer(heat.first_offer);
  CHECK_EQ(offer.start_ms, 1000);
  CHECK_EQ(pack->string(offer.launch), "app://1");
  CHECK_EQ(pack->list16("REGN", offer.regions)[0], 'D' | 'E' << 8);
  CHECK_EQ(pack->normal_title(1), "amelie and co");
  CHECK_EQ(pack->list16("SEAS", pack->item(1).seasons).size(), 3u);
  CHECK_EQ(pack->item(2).age, 18);
  CHECK_EQ(pack->weights(0).count, 2u);
  CHECK_EQ(pack->weights(0).columns[1], 2u);
  CHECK_EQ(pack->weights(0).values[1], -9);
  CHECK_EQ(pack->weights(1).count, 0u);
  CHECK_EQ(pack->vectors()[7], -127);
  CHECK_EQ(reinterpret_cast<uintptr_t>(pack->vectors()) % 64, 0u);
  CHECK_EQ(pack->mean()[7], -0.25f);
  REQUIRE(pack->prior() != nullptr);
  CHECK_EQ(pack->prior()->mean_q12[kTermCf], 2048);
  CHECK_EQ(pack->prior()->precision[kTermGenre], 0.5);
  CHECK_EQ(pack->prior()->mean_q12[kTermText], kDefaultWeights[kTermText]);
  CHECK_EQ(pack->prior()->precision[kTermText], 0.0);
}

TEST("every id finds its row and says what it is") {
  const auto pack = sample().pack();
  PackKey found{};
  REQUIRE(pack->find(key_of("netflix:s1"), &found));
  CHECK_EQ(found.kind, 1u);
  REQUIRE(pack->find(key_of("prime:9"), &found));
  CHECK_EQ(found.row, 0u);
  CHECK_EQ(found.kind, 2u);
  REQUIRE(pack->find(key_of("disney:old"), &found));
  CHECK_EQ(found.row, 0u);
  CHECK_EQ(found.kind, 3u);
  CHECK(!pack->find(key_of("nobody:1"), &found));
  CHECK(!pack->find(0, &found));
}

TEST("a pack needs neither vectors nor weights nor titles") {
  PackBuilder builder;
  builder.titles = {{"a:1", "A"}};
  const auto pack = builder.pack();
  CHECK_OK(pack->verify());
  CHECK(!pack->has_vectors());
  CHECK_EQ(pack->dimension(), 0u);
  CHECK(!pack->has_weights());
  CHECK_EQ(pack->weights(0).count, 0u);
  CHECK(pack->prior() == nullptr);
  CHECK_OK(PackBuilder().pack()->verify());
}

TEST("references that lead nowhere read as empty") {
  const auto pack = sample().pack();
  CHECK_EQ(pack->string(0xfffffff0u), "");
  CHECK_EQ(pack->list16("REGN", 1000).size(), 0u);
  CHECK_EQ(pack->list32("PEOP", kNone).size(), 0u);
  CHECK_EQ(pack->list32("NONE", 0).size(), 0u);
  CHECK_EQ(pack->weights(77).count, 0u);
}

TEST("every byte flipped in turn: verify tells, and reading never leaves the map") {
  const std::vector<uint8_t> good = sample().bytes();
  for (size_t at = 0; at < good.size(); ++at) {
    for (const uint8_t flip : {0x01, 0x80, 0xff}) {
      std::vector<uint8_t> bad = good;
      bad[at] = static_cast<uint8_t>(bad[at] ^ flip);
      std::shared_ptr<const Pack> pack;
      if (!open(bad, &pack).ok()) continue;
      CHECK_EQ(pack->verify().code(), Code::kCorrupt);
      (void)reading(*pack);
    }
  }
}

TEST("a pack cut at any length is refused at open") {
  const std::vector<uint8_t> good = sample().bytes();
  std::shared_ptr<const Pack> pack;
  for (size_t size = 0; size < good.size(); ++size) {
    CHECK_EQ(open({good.begin(), good.begin() + static_cast<long>(size)}, &pack).code(),
             Code::kCorrupt);
  }
}

TEST("contents that contradict the page are refused by verify, whatever their hashes") {
  // Change any byte of any section and make every hash right again: verify either refuses it, or
  // the pack still reads without leaving the map (a changed description is no contradiction).
  const std::vector<uint8_t> good = sample().bytes();
  const auto rehashed = [](std::vector<uint8_t> bytes) {
    uint32_t sections;
    std::memcpy(&sections, bytes.data() + 24, 4);
    for (uint32_t i = 0; i < sections; ++i) {
      uint64_t offset, size;
      std::memcpy(&offset, bytes.data() + 64 + i * 40 + 8, 8);
      std::memcpy(&size, bytes.data() + 64 + i * 40 + 16, 8);
      const uint64_t hash = xxh64(bytes.data() + offset, size);
      std::memcpy(bytes.data() + 64 + i * 40 + 32, &hash, 8);
    }
    const uint64_t table = xxh64(bytes.data() + 64, sections * 40);
    std::memcpy(bytes.data() + 32, &table, 8);
    const uint64_t header = xxh64(bytes.data(), 56);
    std::memcpy(bytes.data() + 56, &header, 8);
    return bytes;
  };
  check::Random random(5);
  int refused = 0, accepted = 0;
  for (size_t at = 64 + good[24] * 40u; at < good.size(); ++at) {
    std::vector<uint8_t> bad = good;
    bad[at] = static_cast<uint8_t>(bad[at] ^ (1u << random.below(8)));
    std::shared_ptr<const Pack> pack;
    if (!open(rehashed(bad), &pack).ok()) {
      ++refused;
      continue;
    }
    const Status status = pack->verify();
    status.ok() ? ++accepted : ++refused;
    (void)reading(*pack);
  }
  CHECK(refused > accepted);
}

TEST("verify names what is wrong") {
  const auto fault = [](auto change) {
    PackBuilder builder = sample();
    change(builder);
    std::shared_ptr<const Pack> pack;
    const Status status = open(builder.bytes(), &pack);
    return status.ok() ? pack->verify().text() : status.text();
  };
  CHECK_EQ(fault([](PackBuilder& b) { b.titles[1].title = "\xff"; }),
           "test.tvpack: row 1: a text is wrong");
  CHECK_EQ(fault([](PackBuilder& b) { b.titles[1].type = 3; }),
           "test.tvpack: row 1: type is neither 1 nor 2");
  CHECK_EQ(fault([](PackBuilder& b) { b.titles[1].id = "nocolon"; }),
           "test.tvpack: row 1: canonical id or its key is wrong");
  CHECK_EQ(fault([](PackBuilder& b) { b.titles[0].weights[9] = 1; }),
           "test.tvpack: WCOL names no row");
  CHECK_EQ(fault([](PackBuilder& b) { b.titles[0].scale_q30 = 1u << 25; }),
           "test.tvpack: VSCL is out of range");
  CHECK_EQ(fault([](PackBuilder& b) { b.residual_scale_q40 = 1u << 27; }),
           "test.tvpack: VRSC is out of range");
  CHECK_EQ(fault([](PackBuilder& b) { b.titles[0].offers[0].end_ms = 1000; }),
           "test.tvpack: row 0: an offer's window ends before it starts");
  CHECK_EQ(fault([](PackBuilder& b) { b.removed = {"x:1"}; }), "test.tvpack: REMV in a base pack");
  CHECK_EQ(fault([](PackBuilder& b) { b.ordinal = 1; }),
           "test.tvpack: a side pack has a base and an ordinal, a base pack neither");
}

TEST("a prior that is out of range or says a term twice is refused when the pack is opened") {
  const auto fault = [](std::vector<PackPrior> prior) {
    PackBuilder builder = sample();
    builder.prior = std::move(prior);
    std::shared_ptr<const Pack> pack;
    return open(builder.bytes(), &pack).text();
  };
  const double none = std::numeric_limits<double>::quiet_NaN();
  CHECK_EQ(fault({{kTermCf, 4096, 4.0}}), "");
  CHECK_EQ(fault({{kTermText, 1, 4.0}, {kTermText, 1, 4.0}}), "test.tvpack: PRIO is not ascending");
  CHECK_EQ(fault({{kTermEra, 1, 4.0}, {kTermText, 1, 4.0}}), "test.tvpack: PRIO is not ascending");
  CHECK_EQ(fault({{kTermExplore, 0, 4.0}}),
           "test.tvpack: PRIO: exploration is sampled, no prior is about it");
  CHECK_EQ(fault({{kTermCf, 255, 4.0}}), "test.tvpack: PRIO: a mean is out of range");
  CHECK_EQ(fault({{kTermText, 16385, 4.0}}), "test.tvpack: PRIO: a mean is out of range");
  CHECK_EQ(fault({{kTermText, 1, none}}), "test.tvpack: PRIO: a precision is out of range");
  CHECK_EQ(fault({{kTermText, 1, 0.0}}), "test.tvpack: PRIO: a precision is out of range");
  CHECK_EQ(fault({{kTermText, 1, 1e300}}), "test.tvpack: PRIO: a precision is out of range");
}

TEST("two builds of one input are the same bytes, and the content hash follows the content") {
  CHECK(sample().bytes() == sample().bytes());
  PackBuilder changed = sample();
  changed.titles[2].title = "Other";
  CHECK(changed.pack()->content_hash() != sample().pack()->content_hash());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose own memory counts too
namespace {

// The most that was in memory since `forget`, in KiB.
int peak_kib(bool forget) {
  if (forget) std::ofstream("/proc/self/clear_refs") << "5";
  std::ifstream status("/proc/self/status");
  int found = 0;
  for (std::string line; std::getline(status, line);) {
    if (std::sscanf(line.c_str(), "VmHWM: %d kB", &found) == 1) return found;
  }
  return -1;
}

}  // namespace

TEST("verifying a pack has not half of it in memory at any moment") {
  const check::TempDir folder;
  const std::string path = folder / "large.tvpack";
  {
    check::PackBuilder builder;
    builder.dimension = 1024;
    builder.mean.assign(builder.dimension, 0.0f);
    for (int i = 0; i < 18000; ++i) {
      check::TestTitle one;
      one.id = "a:" + std::to_string(i);
      one.title = "Title";
      one.vector.assign(builder.dimension, 1);
      builder.titles.push_back(one);
    }
    const std::vector<uint8_t> bytes = builder.bytes();
    REQUIRE_OK(tvcore::replace_file(path, bytes.data(), bytes.size()));
  }
  std::shared_ptr<const Pack> pack;
  REQUIRE_OK(Pack::open(path, &pack));
  pack->let_go();
  const int before = peak_kib(true);
  REQUIRE_OK(pack->verify());
  const auto size_kib = static_cast<int>(std::filesystem::file_size(path) / 1024);
  CHECK(size_kib > 18'000);
  CHECK(peak_kib(false) - before < size_kib / 2);
}
#endif
