// Files whose checksums are right and whose contents are nonsense: a defect of a builder, or of a learner, or a bit that
// flipped before the checksum was made. Opened through the C interface and asked everything: no crash, no endless work,
// no answer that breaks a promise. Run it under the sanitizers, and for a long time: TVBRAIN_TEST_SCALE=100.
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "host.hpp"
#include "rehash.hpp"
#include "tvcore/snapshot.hpp"

namespace {

using host::Host;
namespace fs = std::filesystem;

constexpr uint32_t kChild = 2;

// A pack with everything that one can have.
check::PackBuilder rich() {
  check::PackBuilder builder = host::catalogue();
  builder.dimension = 32;
  builder.residual_scale_q40 = 5000;
  builder.titles[0].localised = {{"de", "Hitze"}, {"fr", "La Chaleur"}};
  builder.titles[1].people = {"One Person", "Another Person"};
  builder.titles[2].aliases = {"a:collateral-old"};
  builder.titles[3].group = "toys";
  builder.titles[4].group = "toys";
  builder.titles[6].offers = {{"a:both", 12, {}, host::kNow - 1000, host::kNow + 1000},
                              {"b:two", 12}};
  check::Random random(5);
  for (check::TestTitle& title : builder.titles) {
    for (uint32_t i = 0; i < builder.dimension; ++i) {
      title.vector.push_back(static_cast<int8_t>(random.between(-127, 127)));
    }
  }
  return builder;
}

int32_t open_reader(const std::string& data, const std::string& pack, uint32_t flags,
                    tvb_brain** out) {
  tvb_open_options options;
  std::memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = flags | TVB_OPEN_NO_THREAD;
  return tvb_open(data.c_str(), pack.c_str(), &options, out);
}

bool terminated(const char* text, size_t size) { return strnlen(text, size) < size; }

// Ask everything for `profile` and look at every answer.
void ask_everything(tvb_brain* brain, uint32_t profile, uint32_t max_age) {
  tvb_context context = TVB_CONTEXT_INIT;
  context.profile = profile;
  context.at = host::kNow;
  context.screen_token = 9;
  std::strcpy(context.region, "CH");
  tvb_slate slate = TVB_SLATE_INIT;
  static tvb_slate_item items[TVB_MAX_K];
  const auto judge = [&](int32_t result, uint32_t count, uint32_t most) {
    if (result < 0) return;
    CHECK(count <= most);
    for (uint32_t i = 0; i < count; ++i) {
      CHECK(terminated(items[i].item, sizeof items[i].item));
      CHECK(std::isfinite(items[i].score));
      tvb_item facts;
      facts.struct_size = sizeof facts;
      // Found by its id, unless the id's text is not what the keys were made of.
      if (tvb_item_get(brain, items[i].item, "de-CH", &facts) == TVB_OK &&
          std::strcmp(facts.item, items[i].item) == 0) {
        CHECK(facts.genre_count <= 8);
        tvb_offer offer;
        offer.struct_size = sizeof offer;
        (void)tvb_offer_get(brain, items[i].item, items[i].offer, &offer);
        (void)tvb_offer_get(brain, items[i].item, UINT32_MAX, &offer);
      }
    }
  };
  (void)max_age;
  int32_t result = tvb_recommend(brain, &context, &slate, items, TVB_MAX_K);
  judge(result, slate.count, context.k);
  for (const char* text : {"a", "the", "heat"}) {
    result = tvb_search(brain, text, &context, &slate, items, TVB_MAX_K);
    judge(result, slate.count, context.k);
  }
  for (const char* id : {"a:heat", "b:two", "a:saga", "a:collateral-old"}) {
    result = tvb_similar(brain, id, &context, &slate, items, TVB_MAX_K);
    judge(result, slate.count, context.k);
    tvb_explanation why;
    why.struct_size = sizeof why;
    result = tvb_explain(brain, id, &context, &why);
    if (result >= 0) CHECK(why.witness_count <= 8);
    tvb_item facts;
    facts.struct_size = sizeof facts;
    (void)tvb_item_get(brain, id, "fr", &facts);
  }
  tvb_screen screen = TVB_SCREEN_INIT;
  tvb_row rows[6];
  context.k = 20;
  result = tvb_rows(brain, &context, &screen, rows, 6, items, TVB_MAX_K);
  judge(result, screen.item_count, 120);
  context.k = TVB_MAX_K;
  context.at = INT64_MAX;
  std::strcpy(context.genre, "Thriller");
  result = tvb_recommend(brain, &context, &slate, items, TVB_MAX_K);
  judge(result, slate.count, context.k);
}

// A history over the catalogue in `data`, and the files it left.
void live(Host* host) {
  host->create("child", 6);
  for (const char* id : {"a:heat", "b:toys", "b:two"}) host->observe(TVB_EVENT_COMPLETE, id);
  host->observe(TVB_EVENT_COMPLETE, "b:toys", kChild);
  tvb_event event = host->event(TVB_EVENT_STOP, "a:saga");
  event.fields = TVB_HAS_POSITION | TVB_HAS_DURATION | TVB_HAS_EPISODE;
  event.position_s = 900;
  event.duration_s = 3000;
  event.season = event.episode = 1;
  host::must(tvb_observe(host->brain, &event));
  host->observe(TVB_EVENT_HIDE, "a:collateral");
  (void)host->ids();
  event = host->event(TVB_EVENT_IMPRESSION, "");
  event.slate_id = host->slate.slate_id;
  event.slot_count = 3;
  host::must(tvb_observe(host->brain, &event));
}

uint64_t seed_of(uint64_t fallback) {
  const char* text = std::getenv("TVBRAIN_FUZZ_SEED");
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST("packs of nonsense under right checksums are refused or answer within their promises") {
  Host host;
  live(&host);
  host.close();
  const check::TempDir folder;
  const std::string path = folder / "pack.tvpack";
  const auto good = rich().bytes();
  check::Random random(seed_of(11));
  const size_t table_end = 64 + 40 * size_t{check::get_at<uint32_t>(good, 24)};
  int opened = 0, runs = check::scaled(10000);
  for (int i = 0; i < runs; ++i) {
    auto bytes = good;
    if (random.chance(0.85)) {
      check::mutate(random, &bytes, table_end, bytes.size());
    } else {
      check::mutate(random, &bytes, 8, table_end);
    }
    check::rehash_container(&bytes);
    host::write_file(path, bytes);
    tvb_brain* brain = nullptr;
    const int32_t result = open_reader(host.data(), path, TVB_OPEN_READ_ONLY, &brain);
    if (result < 0) {
      if (result != TVB_E_CORRUPT && result != TVB_E_VERSION && result != TVB_E_PACK) {
        check::fail("open", result, tvb_last_error());
      }
      continue;
    }
    ++opened;
    ask_everything(brain, 1, 18);
    ask_everything(brain, kChild, 6);
    int64_t next = 0;
    host::must(tvb_pump(brain, &next));
    host::must(tvb_close(brain));
  }
  std::printf("  %d of %d opened\n", opened, runs);
  CHECK(opened > 0);
  host.open();
}

TEST("side packs of nonsense under right checksums cost themselves at most") {
  Host host;
  live(&host);
  host.close();
  const auto base = rich();
  host::write_file(host.pack(), base.bytes());
  auto side = check::PackBuilder::side_of(*base.pack(), 1);
  check::TestTitle fresh = base.titles[0];
  fresh.weights.clear();
  side.with_weights = true;
  fresh.age = 18;
  side.titles.push_back(fresh);
  fresh.id = "c:new";
  fresh.aliases.clear();
  fresh.offers = {{"c:new", 0, {"CH", "DE"}}};
  fresh.weights = {{0, 50}};
  side.titles.push_back(fresh);
  side.removed = {"b:ants"};
  const auto good = side.bytes();
  const size_t table_end = 64 + 40 * size_t{check::get_at<uint32_t>(good, 24)};
  check::Random random(seed_of(12));
  int used = 0, runs = check::scaled(5000);
  for (int i = 0; i < runs; ++i) {
    auto bytes = good;
    check::mutate(random, &bytes, random.chance(0.85) ? table_end : 8, bytes.size());
    check::rehash_container(&bytes);
    host::write_file(host.data("packs/side-01.tvpack"), bytes);
    tvb_brain* brain = nullptr;
    host::must(open_reader(host.data(), host.pack(), TVB_OPEN_READ_ONLY, &brain));
    if (brain == nullptr) continue;
    tvb_health_info health;
    health.struct_size = sizeof health;
    host::must(tvb_health(brain, &health));
    used += health.packs == 2 ? 1 : 0;
    ask_everything(brain, 1, 18);
    ask_everything(brain, kChild, 6);
    host::must(tvb_close(brain));
  }
  std::printf("  %d of %d used\n", used, runs);
  fs::remove(host.data("packs/side-01.tvpack"));
  host.open();
}

TEST("profiles, snapshots, checkpoints and segments of nonsense under right checksums do no harm") {
  Host host;
  live(&host);
  tvcore::Snapshot snapshot;
  snapshot.generation = 1;
  snapshot.journal_id = host.health().journal_id;
  snapshot.learned_seq = 3;
  snapshot.dimension = 32;
  snapshot.stride = 64;
  snapshot.space_id = rich().pack()->space_id();
  for (uint32_t profile : {1u, 2u}) {
    for (const char* id : {"a:heat", "b:toys", "a:saga"}) {
      tvcore::Event event;
      event.kind = tvcore::Kind::kComplete;
      event.profile = profile;
      event.item = tvcore::key_of(id);
      event.at_ms = host::kNow;
      event.seq = 1;
      snapshot.folds.apply(event);
    }
    tvcore::Learned& learned = snapshot.learned[profile];
    learned.interests.push_back({1 << 20, 4096, -77, std::vector<int8_t>(64, 0)});
    learned.interests.back().row[3] = 100;
    learned.affinities.push_back({3, -120, 0x1234});
    learned.last_good = {tvcore::key_of("a:heat")};
    learned.has_weights = true;
    learned.weights_q12 = {4096, 2048, 0, 512, 256, 128, -64, 32};
  }
  host.close();
  host::write_file(host.pack(), rich().bytes());
  const auto published = tvcore::publish_snapshot(host.data("snapshot"), snapshot);
  if (!published.ok()) check::fail("publish", 0, published.text());
  snapshot.learned.clear();
  snapshot.learned_seq = 4;
  const auto checkpoint = snapshot.encode();
  host::write_file(host.data("journal/checkpoint.tvs"), checkpoint);
  const check::TempDir original;
  fs::copy(host.data(), original / "data", fs::copy_options::recursive);
  fs::remove(original / "data/journal/next");

  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(original / "data")) {
    const std::string name = fs::relative(entry.path(), original / "data").string();
    if (entry.is_regular_file() && name != "serving.lock") files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  check::Random random(seed_of(13));
  int opened = 0, runs = check::scaled(2000);
  for (int i = 0; i < runs; ++i) {
    const check::TempDir copy;
    const bool writer = random.chance(0.1);
    fs::copy(original / "data", copy / "data", fs::copy_options::recursive);
    const std::string& file = files[random.below(files.size())];
    auto bytes = host::read_file(original / ("data/" + file));
    const bool segment = file.find(".tvj") != std::string::npos;
    size_t end = bytes.size();
    while (end > 0 && bytes[end - 1] == 0) --end;
    check::mutate(random, &bytes, random.chance(0.9) ? 64 : 0, end + 64);
    if (segment) {
      check::rehash_segment(&bytes);
    } else {
      check::rehash_container(&bytes);
    }
    host::write_file(copy / ("data/" + file), bytes);
    tvb_brain* brain = nullptr;
    const int32_t result =
        open_reader(copy / "data", host.pack(), writer ? 0 : TVB_OPEN_READ_ONLY, &brain);
    if (result < 0) {
      check::fail(file.c_str(), result, tvb_last_error());
      continue;
    }
    ++opened;
    ask_everything(brain, 1, 18);
    ask_everything(brain, kChild, 6);
    if (writer) {
      tvb_event event = host.event(TVB_EVENT_COMPLETE, "a:ronin");
      const int32_t observed = tvb_observe(brain, &event);
      if (observed < 0 && observed != TVB_E_READ_ONLY && observed != TVB_E_NO_PROFILE) {
        check::fail("observe", observed, tvb_last_error());
      }
      (void)tvb_forget(brain, TVB_FORGET_ALL, 1, nullptr);
      int64_t next = 0;
      host::must(tvb_pump(brain, &next));
    }
    host::must(tvb_close(brain));
  }
  std::printf("  %d of %d opened\n", opened, runs);
  host.open();
}
