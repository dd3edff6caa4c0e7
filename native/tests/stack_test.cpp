#include "tvcore/stack.hpp"

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "check.hpp"
#include "pack_builder.hpp"

using namespace tvcore;
using check::PackBuilder;

namespace {

using Packs = std::vector<std::shared_ptr<const Pack>>;

std::shared_ptr<const Stack> stack_of(Packs packs) {
  std::shared_ptr<const Stack> stack;
  REQUIRE_OK(Stack::build(std::move(packs), &stack));
  return stack;
}

bool live(const Stack& stack, uint32_t slot) {
  return (stack.live_bits()[slot / 64] >> (slot % 64) & 1) != 0;
}

std::string named(const Stack& stack, const std::string& id) {
  const uint32_t slot = stack.find(key_of(id));
  return slot == kNone ? "" : std::string(stack.id(slot)) + "=" + std::string(stack.title(slot));
}

PackBuilder base() {
  PackBuilder builder;
  builder.titles = {{"a:1", "One", 6, {"Drama"}, 3}, {"a:2", "Two", 18, {"Crime"}, 8}};
  builder.titles[0].offers = {{"a:1", 6}, {"b:1", 6}};
  builder.titles[0].aliases = {"c:1"};
  return builder;
}

}  // namespace

TEST("a base pack alone is a stack") {
  const auto stack = stack_of({base().pack()});
  CHECK_EQ(stack->slots(), 2u);
  CHECK_EQ(stack->live_count(), 2u);
  CHECK_EQ(named(*stack, "a:1"), "a:1=One");
  CHECK_EQ(named(*stack, "b:1"), "a:1=One");
  CHECK_EQ(named(*stack, "c:1"), "a:1=One");
  CHECK_EQ(named(*stack, "d:1"), "");
  CHECK_EQ(stack->find(0), kNone);
  CHECK_EQ(stack->ages()[1], 18);
  CHECK_EQ(stack->genres()[1], uint64_t{1} << stack->genre("Crime"));
  CHECK_EQ(stack->genre("Western"), -1);
  CHECK_EQ(stack->open_providers()[0],
           uint64_t{1} << stack->provider("a") | uint64_t{1} << stack->provider("b"));
  CHECK_EQ(stack->bound_slots().size(), 0u);
}

TEST("the topmost pack that brings a prior has it alone") {
  PackBuilder builder = base();
  CHECK(stack_of({builder.pack()})->prior().mean_q12 == kDefaultWeights);
  builder.prior = {{kTermCf, 2048, 4.0}, {kTermText, 7, 9.0}};
  const auto first = builder.pack();
  PackBuilder side = PackBuilder::side_of(*first, 1);
  side.prior = {{kTermText, 1000, 2.0}};
  const PackBuilder silent = PackBuilder::side_of(*first, 2);
  Weights wanted = kDefaultWeights;
  wanted[kTermText] = 1000;
  const auto stack = stack_of({first, side.pack(), silent.pack()});
  CHECK(stack->prior().mean_q12 == wanted);
  CHECK_EQ(stack->prior().precision[kTermText], 2.0);
  CHECK_EQ(stack->prior().precision[kTermCf], 0.0);
  CHECK_EQ(stack_of({first})->prior().mean_q12[kTermCf], 2048);
}

TEST("a side pack adds, changes and removes titles") {
  const auto first = base().pack();
  PackBuilder side = PackBuilder::side_of(*first, 1);
  side.titles = {{"a:9", "Nine", 12, {"Western", "Drama"}}, {"a:1", "One again", 6, {"Drama"}, 4}};
  side.removed = {"a:2"};
  const auto stack = stack_of({first, side.pack()});
  CHECK_EQ(stack->slots(), 4u);
  CHECK_EQ(stack->live_count(), 2u);
  CHECK_EQ(named(*stack, "a:9"), "a:9=Nine");
  CHECK_EQ(named(*stack, "a:1"), "a:1=One again");
  CHECK_EQ(named(*stack, "a:2"), "");
  // Ids that only the base knows go on resolving, to the newest row of their title.
  CHECK_EQ(named(*stack, "b:1"), "a:1=One again");
  CHECK_EQ(named(*stack, "c:1"), "a:1=One again");
  CHECK(!live(*stack, 0));
  CHECK(!live(*stack, 1));
  CHECK(live(*stack, 2));
  CHECK(live(*stack, 3));
  CHECK_EQ(stack->current(0), 3u);
  CHECK_EQ(stack->current(1), kNone);
  CHECK_EQ(stack->current(2), 2u);
  // Genres are joined by name.
  CHECK_EQ(stack->genres()[3], uint64_t{1} << stack->genre("Drama"));
  CHECK_EQ(stack->genres()[0], stack->genres()[3]);
  CHECK_EQ(stack->pack_of(2), 1u);
  CHECK_EQ(stack->row_of(3), 1u);
}

TEST("later side packs win, and a title taken away may come back") {
  const auto first = base().pack();
  PackBuilder one = PackBuilder::side_of(*first, 1), two = PackBuilder::side_of(*first, 2),
              five = PackBuilder::side_of(*first, 5);
  one.removed = {"a:1"};
  one.titles = {{"a:2", "Two v1"}};
  two.titles = {{"a:1", "One is back"}, {"a:2", "Two v2"}};
  five.removed = {"a:2", "unknown:1"};
  const auto stack = stack_of({first, one.pack(), two.pack(), five.pack()});
  CHECK_EQ(named(*stack, "a:1"), "a:1=One is back");
  CHECK_EQ(named(*stack, "b:1"), "a:1=One is back");
  CHECK_EQ(named(*stack, "a:2"), "");
  CHECK_EQ(stack->live_count(), 1u);
}

TEST("an id that a later pack gives to another title names that title") {
  const auto first = base().pack();
  PackBuilder side = PackBuilder::side_of(*first, 1);
  side.titles = {{"a:9", "Nine"}};
  side.titles[0].aliases = {"b:1"};
  const auto stack = stack_of({first, side.pack()});
  CHECK_EQ(named(*stack, "b:1"), "a:9=Nine");
  CHECK_EQ(named(*stack, "a:1"), "a:1=One");
}

TEST("an alias in a side pack does not supersede the title it is canonical for") {
  const auto first = base().pack();
  PackBuilder side = PackBuilder::side_of(*first, 1);
  side.titles = {{"a:9", "Nine"}};
  side.titles[0].aliases = {"a:2"};
  const auto stack = stack_of({first, side.pack()});
  CHECK_EQ(stack->live_count(), 3u);
  CHECK_EQ(named(*stack, "a:2"), "a:9=Nine");
}

TEST("a side pack of another base, space or order is refused by cause") {
  const auto first = base().pack();
  PackBuilder other = base();
  other.titles[0].title = "Uno";
  const auto refused = [](Packs packs) {
    std::shared_ptr<const Stack> stack;
    return Stack::build(std::move(packs), &stack).code();
  };
  const auto stranger = PackBuilder::side_of(*other.pack(), 1).pack();
  CHECK_EQ(refused({first, stranger}), Code::kPack);
  CHECK_EQ(refused({stranger}), Code::kPack);
  CHECK_EQ(refused({first, first}), Code::kPack);
  const auto one = PackBuilder::side_of(*first, 1).pack();
  const auto two = PackBuilder::side_of(*first, 2).pack();
  CHECK_EQ(refused({first, two, one}), Code::kPack);
  CHECK_EQ(refused({first, one, one}), Code::kPack);
  CHECK_EQ(refused({first, one, two}), Code::kOk);
  PackBuilder vectors = PackBuilder::side_of(*first, 1);
  vectors.dimension = 8;
  CHECK_EQ(refused({first, vectors.pack()}), Code::kPack);
  CHECK_EQ(refused({}), Code::kInvalid);
  Packs many = {first};
  for (uint32_t i = 1; i < 16; ++i) many.push_back(PackBuilder::side_of(*first, i).pack());
  CHECK_EQ(refused(many), Code::kOk);
  many.push_back(PackBuilder::side_of(*first, 16).pack());
  CHECK_EQ(refused(many), Code::kLimit);
}

TEST("more than 64 genres together are refused") {
  const auto first = base().pack();
  PackBuilder side = PackBuilder::side_of(*first, 1);
  side.titles = {{"a:9", "Nine"}};
  for (int i = 0; i < 62; ++i) side.titles[0].genres.push_back("g" + std::to_string(i));
  std::shared_ptr<const Stack> stack;
  CHECK_OK(Stack::build({first, side.pack()}, &stack));
  side.titles[0].genres.push_back("one more");
  CHECK_EQ(Stack::build({first, side.pack()}, &stack).code(), Code::kLimit);
}

TEST("offers bound to a region or window are told from open ones") {
  PackBuilder builder;
  builder.titles = {{"a:1", "Open"}, {"a:2", "Bound"}, {"a:3", "Both"}};
  builder.titles[1].offers = {{"a:2", 0, {"DE"}}};
  builder.titles[2].offers = {{"a:3", 0, {}, 5, 6}, {"b:3", 0}};
  const auto stack = stack_of({builder.pack()});
  CHECK_EQ(stack->open_providers()[1], 0u);
  CHECK_EQ(stack->open_providers()[2], uint64_t{1} << stack->provider("b"));
  REQUIRE(stack->bound_slots().size() == 2);
  CHECK_EQ(stack->bound_slots()[0], 1u);
  CHECK_EQ(stack->bound_slots()[1], 2u);
}

TEST("a title's language is found, or its closest, or the original") {
  PackBuilder builder;
  builder.titles = {{"a:1", "Heat"}};
  builder.titles[0].localised = {{"de", "Hitze"}, {"pt-BR", "Fogo Contra Fogo"}};
  const auto stack = stack_of({builder.pack()});
  CHECK_EQ(stack->localised_title(0, "de"), "Hitze");
  CHECK_EQ(stack->localised_title(0, "de-AT"), "Hitze");
  CHECK_EQ(stack->localised_title(0, "pt-BR"), "Fogo Contra Fogo");
  CHECK_EQ(stack->localised_title(0, "pt"), "Heat");
  CHECK_EQ(stack->localised_title(0, ""), "Heat");
}

TEST("popularity runs from 0 to 1 over what is live") {
  PackBuilder builder;
  builder.titles = {
      {"a:1", "None", 0, {}, 0}, {"a:2", "Some", 0, {}, 3}, {"a:3", "Most", 0, {}, 15}};
  const auto stack = stack_of({builder.pack()});
  CHECK_EQ(stack->popularity_q20()[0], 0);
  CHECK_EQ(stack->popularity_q20()[1], 1 << 19);  // log2(4) / log2(16)
  CHECK_EQ(stack->popularity_q20()[2], 1 << 20);
}

TEST("the integer logarithm agrees with the real one") {
  check::Random random(2);
  CHECK_EQ(log2_q16(1), 0u);
  CHECK_EQ(log2_q16(2), 1u << 16);
  CHECK_EQ(log2_q16(uint64_t{1} << 63), 63u << 16);
  for (int i = 0; i < 2000; ++i) {
    const uint64_t n = (random.next() >> random.below(64)) | 1;
    const double real = std::log2(static_cast<double>(n)) * 65536;
    CHECK(std::abs(log2_q16(n) - real) < 2.0);
  }
}

TEST("over random stacks, every id names what replaying the packs one by one says") {
  check::Random random(17);
  for (int round = 0; round < check::scaled(300); ++round) {
    std::map<std::string, std::string> titles;     // canonical id -> title, while live
    std::map<std::string, std::string> canonical;  // any id -> canonical id
    Packs packs;
    const size_t count = 1 + random.below(5);
    for (size_t p = 0; p < count; ++p) {
      PackBuilder builder =
          p == 0 ? PackBuilder() : PackBuilder::side_of(*packs[0], static_cast<uint32_t>(p));
      std::set<std::string> used, aliases;
      for (uint64_t n = random.below(12); n > 0; --n) {
        const std::string id = "a:" + std::to_string(random.below(20));
        if (!used.insert(id).second) continue;
        check::TestTitle title{id, id + " v" + std::to_string(p)};
        const std::string alias = "x:" + std::to_string(random.below(30));
        if (random.chance(0.5) && aliases.insert(alias).second) {
          title.aliases = {alias};
          canonical[alias] = id;
        }
        canonical[id] = id;
        builder.titles.push_back(title);
      }
      for (uint64_t n = p == 0 ? 0 : random.below(4); n > 0; --n) {
        const std::string id = "a:" + std::to_string(random.below(20));
        if (used.insert(id).second) {
          builder.removed.push_back(id);
          titles.erase(id);
        }
      }
      for (const auto& title : builder.titles) titles[title.id] = title.title;
      packs.push_back(builder.pack());
      CHECK_OK(packs.back()->verify());
    }
    const auto stack = stack_of(packs);
    CHECK_EQ(stack->live_count(), titles.size());
    for (const auto& [id, owner] : canonical) {
      const auto found = titles.find(owner);
      CHECK_EQ(named(*stack, id), found == titles.end() ? "" : owner + "=" + found->second);
    }
  }
}

TEST("a stack of damaged packs builds or is refused, and never crashes") {
  const auto first = base();
  const std::vector<uint8_t> good = first.bytes();
  for (size_t at = 64; at < good.size(); ++at) {
    std::vector<uint8_t> bad = good;
    bad[at] = static_cast<uint8_t>(bad[at] ^ 0xff);
    std::shared_ptr<const Pack> pack;
    if (!Pack::open(Map::of(bad), "bad", &pack).ok()) continue;
    std::shared_ptr<const Stack> stack;
    if (!Stack::build({pack}, &stack).ok()) continue;
    for (const char* id : {"a:1", "a:2", "b:1", "c:1"}) {
      const uint32_t slot = stack->find(key_of(id));
      if (slot != kNone) CHECK(slot < stack->slots());
    }
    for (uint32_t slot = 0; slot < stack->slots(); ++slot) {
      (void)stack->title(slot);
      (void)stack->localised_title(slot, "de");
      (void)stack->seasons(slot);
    }
  }
}
