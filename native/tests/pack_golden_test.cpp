// The packs that tests/pack/test_golden.py wrote once: every later version reads them.
#include <string>

#include "check.hpp"
#include "tvcore/hnsw.hpp"
#include "tvcore/pack.hpp"
#include "tvcore/prior.hpp"
#include "tvcore/stack.hpp"

using namespace tvcore;

namespace {

std::shared_ptr<const Pack> golden(const std::string& name) {
  std::shared_ptr<const Pack> pack;
  REQUIRE_OK(Pack::open(std::string(TVBRAIN_SOURCE_DIR) + "/tests/golden/" + name, &pack));
  REQUIRE_OK(pack->verify());
  return pack;
}

}  // namespace

TEST("the base pack of 1.0 is read") {
  const auto pack = golden("pack-1.0.tvpack");
  CHECK_EQ(pack->name(), "golden");
  CHECK_EQ(pack->built_at(), 1700000000);
  REQUIRE(pack->rows() == 3);
  const PackItem& heat = pack->item(0);
  CHECK_EQ(pack->string(heat.title), "Heat");
  CHECK_EQ(heat.age, 16);
  CHECK_EQ(heat.year, 1995);
  CHECK_EQ(heat.added_day, 19000);
  CHECK_EQ(heat.directors, 1);
  CHECK_EQ(heat.popularity, 7u);
  CHECK_EQ(pack->string(pack->list32("PEOP", heat.people)[2]), "Robert De Niro");
  const OfferRange offers = pack->offers_of(0);
  REQUIRE(offers.end - offers.begin == 2);
  const PackOffer& offer = pack->offer(offers.begin);
  CHECK_EQ(pack->string(offer.launch), "app://netflix/1");
  CHECK_EQ(offer.start_ms, 1700000000000);
  CHECK_EQ(offer.end_ms, 1800000000000);
  CHECK_EQ(pack->list16("REGN", offer.regions)[1], 'D' | 'E' << 8);
  CHECK_EQ(pack->offer(offers.begin + 1).age, 255);
  const PackItem& dark = pack->item(1);
  CHECK_EQ(dark.type, 2);
  CHECK_EQ(dark.group, key_of("dark"));
  CHECK_EQ(pack->list16("SEAS", dark.seasons)[2], 8);
  CHECK_EQ(pack->normal_title(1), "dark and suss");
  CHECK_EQ(pack->item(2).age, 18);
  CHECK_EQ(pack->dimension(), 32u);
  CHECK_EQ(pack->rotation_seed(), 42u);
  CHECK_EQ(pack->vector_biases()[0], 1 << 14);
  CHECK_EQ(pack->weights(0).values[1], -9);
  CHECK_EQ(pack->weights(0).scale_q24, 1u << 16);
}

TEST("the side pack of 1.0 stacks on it") {
  std::shared_ptr<const Stack> stack;
  REQUIRE_OK(Stack::build({golden("pack-1.0.tvpack"), golden("pack-1.0-side.tvpack")}, &stack));
  CHECK_EQ(stack->live_count(), 3u);
  CHECK_EQ(stack->title(stack->find(key_of("hulu:2"))), "Dark");
  CHECK_EQ(stack->title(stack->find(key_of("disney:old"))), "Heat");
  CHECK_EQ(stack->localised_title(stack->find(key_of("prime:9")), "de"), "Hitze");
  CHECK_EQ(stack->find(key_of("ml:1")), kNone);
  CHECK_EQ(stack->ages()[stack->find(key_of("hulu:2"))], 16);
}

TEST("the first pack with residuals is read") {
  CHECK_OK(golden("pack-1.5-rerank.tvpack")->verify());
}

TEST("the first pack with a graph is read") {
  const auto pack = golden("pack-1.3-graph.tvpack");
  REQUIRE(pack->graph() != nullptr);
  CHECK_EQ(pack->graph()->rows, 40u);
  CHECK_EQ(pack->graph()->levels, 3u);
  CHECK_EQ(pack->graph()->upper_at[7], kNotInGraph);
  CHECK(golden("pack-1.0.tvpack")->graph() == nullptr);
}

TEST("the first pack with a prior is read") {
  const auto pack = golden("pack-1.4-prior.tvpack");
  REQUIRE(pack->prior() != nullptr);
  CHECK_EQ(pack->prior()->mean_q12[kTermCf], 2048);
  CHECK_EQ(pack->prior()->precision[kTermEra], 100.0);
  CHECK(golden("pack-1.0.tvpack")->prior() == nullptr);
}
