// Random catalogues, people and requests for the ranker's tests: small, and full of ties, gaps and side packs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "check.hpp"
#include "histories.hpp"
#include "pack_builder.hpp"
#include "tvcore/ranker.hpp"

namespace check {

struct World {
  std::vector<PackBuilder> builders;  // base first
  std::shared_ptr<const tvcore::Stack> stack;
  std::vector<std::string> ids;  // every id that any pack names, and some that none does
};

struct Person {
  tvcore::Profile profile;
  tvcore::Fold fold{1};
  tvcore::Learned learned;
  uint64_t space_id = 0;
  std::vector<tvcore::PatternRow> patterns;  // of anybody
};

constexpr int64_t kWorldNow = 1700000000000;
constexpr int64_t kDay = 86400000;

class WorldMaker {
 public:
  explicit WorldMaker(uint64_t seed) : random(seed) {}
  Random random;

  World world(size_t titles) {
    World out;
    // Many titles of few groups: the pool must grow to find enough of them.
    crowded_ = titles > 500;
    dimension_ = random.chance(0.2) ? 0 : random.chance(0.5) ? 32 : 96;
    PackBuilder base;
    base.name = "base";
    base.dimension = dimension_;
    base.rotation_seed = random.next();
    for (uint32_t i = 0; i < dimension_; ++i) {
      base.mean.push_back(static_cast<float>(random.unit() - 0.5) * 0.2f);
    }
    base.with_weights = random.chance(0.85);
    for (size_t i = 0; i < titles; ++i) base.titles.push_back(title(i, "m" + std::to_string(i)));
    weigh(&base);
    out.builders.push_back(base);
    const auto base_pack = base.pack();
    std::vector<std::shared_ptr<const tvcore::Pack>> packs = {base_pack};
    for (uint32_t s = 1; s <= random.below(4); ++s) {
      PackBuilder side = PackBuilder::side_of(*base_pack, s);
      if (random.chance(0.3)) side.dimension = 0;
      side.with_weights = random.chance(0.4);
      for (size_t i = 0; i < titles / 6 + 1; ++i) {
        // Newer versions of older titles, and new ones.
        const bool newer = random.chance(0.5);
        const std::string name = newer ? "m" + std::to_string(random.below(titles))
                                       : "s" + std::to_string(s) + "n" + std::to_string(i);
        bool twice = false;
        for (const TestTitle& other : side.titles) twice |= other.id == "aa:" + name;
        if (!twice) side.titles.push_back(title(i, name));
      }
      for (uint64_t i = random.below(4); i > 0; --i) {
        const std::string gone = "aa:m" + std::to_string(random.below(titles));
        bool kept = false;
        for (const TestTitle& other : side.titles) kept |= other.id == gone;
        for (const std::string& other : side.removed) kept |= other == gone;
        if (!kept) side.removed.push_back(gone);
      }
      weigh(&side);
      out.builders.push_back(side);
      packs.push_back(side.pack());
    }
    out.stack = stack_of(packs);
    for (const PackBuilder& builder : out.builders) {
      for (const TestTitle& one : builder.titles) {
        out.ids.push_back(one.id);
        for (const TestOffer& offer : one.offers) out.ids.push_back(offer.id);
        for (const std::string& alias : one.aliases) out.ids.push_back(alias);
      }
    }
    out.ids.push_back("aa:unknown");
    return out;
  }

  static std::shared_ptr<const tvcore::Stack> stack_of(
      const std::vector<std::shared_ptr<const tvcore::Pack>>& packs) {
    std::shared_ptr<const tvcore::Stack> stack;
    const tvcore::Status status = tvcore::Stack::build(packs, &stack);
    if (!status.ok()) throw std::runtime_error(status.text());
    return stack;
  }

  tvcore::PatternRow pattern(const World& world) {
    tvcore::PatternRow out;
    out.id = random.chance(0.1) ? random.next() : random.below(5);
    out.profile = static_cast<uint32_t>(random.below(3));
    out.dayparts = static_cast<uint16_t>(random.chance(0.5) ? 255 : random.below(256));
    out.weekdays = static_cast<uint16_t>(random.chance(0.5) ? 0 : random.below(128));
    out.scale_q30 = scale();
    out.bias_q20 = bias();
    out.weight_q12 = static_cast<int32_t>(random.between(-1000, 5000));
    out.row = numbers(dimension_);
    out.row.resize(world.stack->stride());
    return out;
  }

  Person person(const World& world, size_t events) {
    Person out;
    out.profile.id = 1;
    out.profile.max_age = static_cast<uint8_t>(random.chance(0.5) ? 18 : random.below(19));
    if (random.chance(0.5)) out.profile.entitlements = {"aa", "zz"};
    if (random.chance(0.5)) out.profile.region = "DE";
    int64_t now = kWorldNow - 20 * kDay;
    for (size_t i = 0; i < events; ++i) {
      now += random.between(0, kDay / 3);
      out.fold.apply(event(world, now));
    }
    if (random.chance(0.6)) {
      out.space_id = random.chance(0.9) ? world.stack->space_id() : 1;
      for (uint64_t i = random.below(5); i > 0; --i) {
        tvcore::Interest interest;
        interest.scale_q30 = scale();
        interest.bias_q20 = bias();
        interest.row = numbers(dimension_);
        interest.row.resize(world.stack->stride());
        out.learned.interests.push_back(interest);
      }
      for (uint64_t i = random.below(30); i > 0; --i) {
        const std::string genre = "g" + std::to_string(random.below(7));
        out.learned.affinities.push_back({static_cast<uint16_t>(random.below(8)),
                                          static_cast<int16_t>(random.between(-5000, 5000)),
                                          tvcore::xxh64(genre.data(), genre.size())});
      }
    }
    for (uint64_t i = random.below(30); i > 0; --i) {
      const char* const channels[] = {"One", "Two", "Drei", "none"};
      const std::string channel = channels[random.below(4)];
      out.learned.channels.push_back({static_cast<uint16_t>(random.below(8)),
                                      static_cast<int16_t>(random.between(-5000, 5000)),
                                      tvcore::xxh64(channel.data(), channel.size())});
    }
    if (random.chance(0.5)) {
      for (uint64_t i = random.below(60); i > 0; --i) {
        out.learned.row_use.push_back({static_cast<uint8_t>(random.below(8)),
                                       static_cast<uint8_t>(random.below(18)),
                                       static_cast<uint16_t>(random.below(5000))});
      }
    }
    if (random.chance(0.4)) {
      out.learned.explores = true;
      out.learned.exploration.version = random.chance(0.1) ? random.next() : random.below(100);
      // From what a set learns, of which a weight moves by thousandths, to what only a damaged file says.
      const int64_t most = int64_t{1} << (random.chance(0.1) ? 31 : random.between(4, 18));
      for (int32_t& value : out.learned.exploration.factor_q20) {
        value = static_cast<int32_t>(random.between(-most, most - 1));
      }
    }
    if (random.chance(0.5)) {
      for (uint64_t i = random.below(12); i > 0; --i) out.patterns.push_back(pattern(world));
    }
    return out;
  }

  tvcore::Request request(const World& world, const Person& person) {
    const char* const regions[] = {"", "DE", "FR", "US"};
    const int64_t at = kWorldNow + random.between(-3 * kDay, 3 * kDay);
    std::string genre;
    if (random.chance(0.2)) genre = "g" + std::to_string(random.below(8));
    tvcore::Request out;
    out.rules =
        tvcore::make_rules(person.profile, *world.stack, regions[random.below(4)], genre, at);
    out.utc_offset_min = static_cast<int32_t>(random.between(-840, 840));
    out.k =
        static_cast<uint32_t>(random.chance(0.2) ? random.between(1, 200) : random.between(1, 12));
    out.screen_token = random.chance(0.3) ? 0 : random.next();
    if (random.chance(0.5)) {
      out.like = world.stack->find(tvcore::key_of(world.ids[random.below(world.ids.size())]));
    }
    if (random.chance(0.4)) {
      for (int32_t& weight : out.weights_q12) {
        weight = static_cast<int32_t>(random.between(-1000, 5000));
      }
      if (random.chance(0.1)) out.weights_q12[random.below(tvcore::kTerms)] = 1 << 20;
    }
    if (person.learned.explores) out.exploration = &person.learned.exploration;
    return out;
  }

  tvcore::Event event(const World& world, int64_t now) {
    tvcore::Event out = histories::random_event(&random, 1, now);
    const auto any = [&] { return tvcore::key_of(world.ids[random.below(world.ids.size())]); };
    out.item = any();
    out.profile = 1;
    out.at_ms = now;
    if (out.kind == tvcore::Kind::kImpression) {
      std::vector<tvcore::Key> shown;
      for (uint64_t i = random.below(8); i > 0; --i) shown.push_back(any());
      out.added = histories::places(shown);
    }
    // Bans are one in a hundred here: random kinds would leave nothing to recommend.
    const bool ban = out.kind == tvcore::Kind::kHide || out.kind == tvcore::Kind::kNotInterested;
    if (ban && random.chance(0.7)) out.kind = tvcore::Kind::kStop;
    out.duration_s = static_cast<uint32_t>(random.below(7200));
    out.position_s = static_cast<uint32_t>(random.below(7200));
    out.rating_e4 = static_cast<int16_t>(random.between(-10000, 10000));
    out.watched_e4 = static_cast<uint16_t>(random.below(10001));
    return out;
  }

 private:
  uint32_t scale() { return static_cast<uint32_t>(random.between(1 << 20, 1 << 21)); }
  int32_t bias() { return static_cast<int32_t>(random.between(-(1 << 17), 1 << 18)); }
  std::vector<int8_t> numbers(uint32_t count) {
    std::vector<int8_t> out;
    for (uint32_t i = 0; i < count; ++i) {
      out.push_back(static_cast<int8_t>(random.between(-127, 127)));
    }
    return out;
  }

  TestTitle title(size_t number, const std::string& name) {
    const char* const words[] = {"Red", "the", "Star", "of", "War", "a", "Night", "Reds", "é"};
    TestTitle out;
    out.id = "aa:" + name;
    for (uint64_t i = 0; i <= random.below(3); ++i) {
      out.title += (i != 0 ? " " : "") + std::string(words[random.below(9)]);
    }
    if (random.chance(0.2)) out.localised = {{"de", "Der rote Stern"}, {"fr", "Étoile"}};
    for (uint64_t i = random.below(4); i > 0; --i) {
      const std::string genre =
          random.chance(0.2) ? "Family" : "g" + std::to_string(random.below(7));
      if (std::find(out.genres.begin(), out.genres.end(), genre) == out.genres.end()) {
        out.genres.push_back(genre);
      }
    }
    out.popularity = static_cast<uint32_t>(random.chance(0.5) ? 0 : random.below(50));
    if (random.chance(crowded_ ? 0.98 : 0.3))
      out.group = "group:" + std::to_string(random.below(5));
    out.year = random.chance(0.2) ? 0 : static_cast<int>(random.between(2019, 2024));
    if (random.chance(0.3)) {
      out.added_day = static_cast<int32_t>(kWorldNow / kDay + random.between(-80, 3));
    }
    if (random.chance(0.4)) {
      out.type = 2;
      for (uint64_t i = random.below(4); i > 0; --i) {
        out.seasons.push_back(static_cast<uint16_t>(random.below(4)));
      }
    }
    const int age = static_cast<int>(random.below(19));
    const char* const providers[] = {"aa", "bb", "cc"};
    for (uint64_t i = 0; i <= random.below(3); ++i) {
      TestOffer offer;
      offer.id =
          i == 0 ? out.id
                 : std::string(providers[random.below(3)]) + ":" + name + "o" + std::to_string(i);
      offer.age = random.chance(0.2) ? 255 : age;
      if (random.chance(0.2)) offer.regions = {"DE", "FR"};
      if (random.chance(0.2)) offer.start_ms = kWorldNow + random.between(-3 * kDay, 3 * kDay);
      if (random.chance(0.2)) offer.end_ms = kWorldNow + random.between(-3 * kDay, 3 * kDay);
      out.offers.push_back(offer);
    }
    if (random.chance(0.2)) out.aliases = {"old:" + name};
    constexpr int64_t kHour = 3600000;
    std::vector<std::string> channels = {"One", "Two", "Drei"};
    for (uint64_t i = random.chance(0.4) ? random.below(4) : 0; i > 0; --i) {
      const size_t at = random.below(channels.size());
      const int64_t start = kWorldNow + random.between(-80, 80) * kHour;
      out.airings.push_back({channels[at], start, start + random.between(1, 24) * kHour});
      channels.erase(channels.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (random.chance(0.5)) {
      for (const char* region : {"", "DE", "FR"}) {
        for (const uint8_t window : {uint8_t{0}, uint8_t{1}}) {
          const auto people =
              static_cast<uint32_t>(random.between(1, random.chance(0.2) ? 4000 : 40));
          if (random.chance(0.3)) out.counts.push_back({region, 255, window, people});
          for (const uint8_t daypart : {uint8_t{1}, uint8_t{3}, uint8_t{7}}) {
            if (random.chance(0.1)) out.counts.push_back({region, daypart, window, people});
          }
        }
      }
    }
    if (dimension_ != 0 && random.chance(0.9)) {
      // Some vectors twice, so that titles tie.
      out.vector = number % 5 == 1 && !last_.empty() ? last_ : numbers(dimension_);
      last_ = out.vector;
      out.scale_q30 = scale();
      out.bias_q20 = bias();
    }
    return out;
  }

  void weigh(PackBuilder* pack) {
    if (!pack->with_weights) return;
    for (TestTitle& one : pack->titles) {
      if (random.chance(0.2)) continue;
      for (uint64_t i = random.below(12); i > 0; --i) {
        one.weights[static_cast<uint32_t>(random.below(pack->titles.size()))] =
            static_cast<int8_t>(random.between(-128, 127));
      }
      one.weight_scale_q24 = static_cast<uint32_t>(random.chance(0.1) ? random.below(1u << 26)
                                                                      : random.below(1u << 17));
    }
  }

  uint32_t dimension_ = 0;
  bool crowded_ = false;
  std::vector<int8_t> last_;
};

}  // namespace check
