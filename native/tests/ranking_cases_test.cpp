// Random cases with the answers of the native ranker, written as JSON for tests/oracle/ranking to judge. Without
// TVBRAIN_RANKING_CASES (a folder; TVBRAIN_RANKING_COUNT cases from TVBRAIN_RANKING_SEED on) it only checks that they
// can be made.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "check.hpp"
#include "ranking_world.hpp"
#include "tvcore/normal.hpp"
#include "tvcore/rows.hpp"

using namespace tvcore;

namespace {

std::string hex(const std::vector<uint8_t>& bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

// JSON of what the ranker answers; keys as numbers, which Python reads whole.
class Writer {
 public:
  explicit Writer(const Stack& stack) : stack_(stack) {}
  std::ostringstream out;

  std::string key(uint32_t slot) const {
    return slot == kNone ? "null" : std::to_string(stack_.keys()[slot]);
  }
  void pick(const Pick& one) {
    out << "{\"key\":" << key(one.slot) << ",\"score\":" << one.score_q20 << ",\"terms\":[";
    for (size_t t = 0; t < kTerms; ++t) out << (t != 0 ? "," : "") << one.terms_q20[t];
    out << "],\"reason\":" << static_cast<int>(one.reason)
        << ",\"reason_key\":" << key(one.reason_slot) << ",\"reason_genre\":\""
        << (one.reason_genre < 0 ? "" : stack_.genre_names()[static_cast<size_t>(one.reason_genre)])
        << "\",\"offer\":" << static_cast<int32_t>(one.offer) << ",\"position\":" << one.position_s
        << ",\"season\":" << one.season << ",\"episode\":" << one.episode << ",\"channel\":\""
        << one.channel << "\",\"start\":" << one.start_ms << ",\"end\":" << one.end_ms
        << ",\"propensity\":" << one.propensity_q16 << "}";
  }
  void picks(const std::vector<Pick>& all, size_t first, size_t count) {
    out << "[";
    for (size_t i = first; i < first + count; ++i) {
      if (i != first) out << ",\n";
      pick(all[i]);
    }
    out << "]";
  }
  void slate(const char* name, const Slate& one) {
    out << "\"" << name << "\":{\"eligible\":" << one.eligible << ",\"picks\":";
    picks(one.picks, 0, one.picks.size());
    out << "},\n";
  }

 private:
  const Stack& stack_;
};

std::string names(const std::vector<std::string>& all) {
  std::string out = "[";
  for (const std::string& one : all) out += (out.size() > 1 ? ",\"" : "\"") + one + "\"";
  return out + "]";
}

std::string one_case(uint64_t seed) {
  check::WorldMaker maker(seed);
  const check::World world = maker.world(static_cast<size_t>(
      maker.random.chance(0.02) ? maker.random.between(800, 1500) : maker.random.between(3, 60)));
  const check::Person person =
      maker.person(world, static_cast<size_t>(maker.random.between(0, 80)));
  const Request request = maker.request(world, person);
  const Stack& stack = *world.stack;
  const auto view = HistoryView::build(world.stack, person.fold, &person.learned, person.space_id,
                                       nullptr, &person.patterns);
  const auto ranker = Ranker::build(world.stack);
  Scratch scratch;
  Writer writer(stack);
  std::ostringstream& out = writer.out;

  out << "{\"seed\":" << seed << ",\"packs\":[";
  for (size_t i = 0; i < world.builders.size(); ++i) {
    out << (i != 0 ? ",\"" : "\"") << hex(world.builders[i].bytes()) << "\"";
  }
  std::vector<uint8_t> fold;
  person.fold.encode(&fold);
  out << "],\n\"fold\":\"" << hex(fold) << "\",\n\"space_id\":" << person.space_id
      << ",\"interests\":[";
  for (size_t i = 0; i < person.learned.interests.size(); ++i) {
    const Interest& one = person.learned.interests[i];
    out << (i != 0 ? "," : "") << "[" << one.scale_q30 << "," << one.bias_q20 << ",\""
        << hex({one.row.begin(), one.row.end()}) << "\"]";
  }
  out << "],\"patterns\":[";
  for (size_t i = 0; i < person.patterns.size(); ++i) {
    const PatternRow& one = person.patterns[i];
    out << (i != 0 ? "," : "") << "[" << one.id << "," << one.profile << "," << one.dayparts << ","
        << one.weekdays << "," << one.scale_q30 << "," << one.weight_q12 << ",\""
        << hex({one.row.begin(), one.row.end()}) << "\"]";
  }
  out << "],\"affinities\":[";
  for (size_t i = 0; i < person.learned.affinities.size(); ++i) {
    const Affinity& one = person.learned.affinities[i];
    out << (i != 0 ? "," : "") << "[" << one.daypart << "," << one.affinity_q12 << ","
        << one.genre_hash << "]";
  }
  out << "],\"row_use\":[";
  for (size_t i = 0; i < person.learned.row_use.size(); ++i) {
    const RowUse& one = person.learned.row_use[i];
    out << (i != 0 ? "," : "") << "[" << static_cast<int>(one.daypart) << ","
        << static_cast<int>(one.kind) << "," << one.use_q12 << "]";
  }
  out << "],\"channels\":[";
  for (size_t i = 0; i < person.learned.channels.size(); ++i) {
    const ChannelAffinity& one = person.learned.channels[i];
    out << (i != 0 ? "," : "") << "[" << one.daypart << "," << one.affinity_q12 << ","
        << one.channel_hash << "]";
  }
  const Rules& rules = request.rules;
  std::string region;
  if (rules.region != 0) {
    region = {static_cast<char>(rules.region & 255), static_cast<char>(rules.region >> 8)};
  }
  const std::string genre = rules.genre == kAnyGenre ? ""
                            : rules.genre == kUnknownGenre
                                ? "no such genre"
                                : stack.genre_names()[static_cast<size_t>(rules.genre)];
  out << "],\n\"request\":{\"max_age\":" << static_cast<int>(rules.max_age)
      << ",\"entitlements\":" << names(person.profile.entitlements) << ",\"region\":\"" << region
      << "\",\"genre\":\"" << genre << "\",\"at_ms\":" << rules.at_ms
      << ",\"utc_offset_min\":" << request.utc_offset_min << ",\"k\":" << request.k
      << ",\"screen_token\":" << request.screen_token
      << ",\"like\":" << (request.like == kNone ? "0" : writer.key(request.like))
      << ",\"weights\":[";
  for (size_t t = 0; t < kTerms; ++t) out << (t != 0 ? "," : "") << request.weights_q12[t];
  out << "],\"exploration\":";
  if (request.exploration == nullptr) {
    out << "null";
  } else {
    out << "{\"version\":" << request.exploration->version << ",\"factor\":[";
    for (size_t i = 0; i < kFactor; ++i) {
      out << (i != 0 ? "," : "") << request.exploration->factor_q20[i];
    }
    out << "]}";
  }
  out << "},\n";

  Slate slate;
  ranker->recommend(*view, request, scratch, &slate);
  writer.slate("recommend", slate);
  Screen screen;
  const uint32_t capacity = static_cast<uint32_t>(maker.random.between(1, 14));
  rows(*ranker, *view, request, capacity, scratch, &screen);
  out << "\"row_capacity\":" << capacity << ",\"rows\":[";
  for (size_t i = 0; i < screen.rows.size(); ++i) {
    const Row& row = screen.rows[i];
    out << (i != 0 ? "," : "") << "{\"kind\":" << static_cast<int>(row.kind)
        << ",\"reason_key\":" << writer.key(row.reason_slot) << ",\"picks\":";
    writer.picks(screen.picks, row.first, row.count);
    out << "}";
  }
  out << "],\n";
  uint32_t asked = kNone;
  for (int i = 0; i < 20 && asked == kNone; ++i) {
    asked = stack.find(key_of(world.ids[maker.random.below(world.ids.size())]));
  }
  if (asked != kNone) {
    out << "\"asked\":" << writer.key(asked) << ",";
    ranker->similar(*view, asked, request, scratch, &slate);
    writer.slate("similar", slate);
    Explanation why;
    ranker->explain(*view, asked, request, scratch, &why);
    out << "\"explain\":{\"why_not\":" << why.why_not << ",\"pick\":";
    writer.pick(why.pick);
    out << ",\"witnesses\":[";
    for (uint32_t i = 0; i < why.witness_count; ++i) {
      out << (i != 0 ? "," : "") << "[" << writer.key(why.witnesses[i].slot) << ","
          << why.witnesses[i].cf_q20 << "]";
    }
    out << "]},\n";
  }
  const char* const texts[] = {
      "red",  "the",         "s",          "star of",  "der rote stern", "e", "e war", "xyz",
      "stra", "sta rof war", "nigth reds", "th estar", "war star red of"};
  const std::string text = normal_form(texts[maker.random.below(13)]);
  // Half of the searches know what the text means.
  std::vector<int8_t> row(stack.stride());
  for (uint32_t i = 0; i < stack.dimension(); ++i) {
    row[i] = static_cast<int8_t>(maker.random.between(-127, 127));
  }
  const QueryVector meaning{row.data(), static_cast<uint32_t>(maker.random.between(1, 1 << 20)),
                            static_cast<int32_t>(maker.random.between(-(1 << 19), 1 << 19))};
  const bool means = stack.dimension() != 0 && maker.random.chance(0.5);
  ranker->search(*view, text, means ? &meaning : nullptr, request, scratch, &slate);
  if (means) {
    out << "\"meaning\":[" << meaning.scale_q30 << "," << meaning.bias_q20 << ",\""
        << hex({row.begin(), row.begin() + stack.dimension()}) << "\"],";
  }
  writer.slate("search", slate);
  out << "\"text\":\"" << text << "\"}\n";
  return out.str();
}

uint64_t number(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

TEST("cases for the oracle can be made") {
  const char* folder = std::getenv("TVBRAIN_RANKING_CASES");
  const uint64_t seed = number("TVBRAIN_RANKING_SEED", 1);
  const uint64_t count = number("TVBRAIN_RANKING_COUNT", 5);
  for (uint64_t i = seed; i < seed + count; ++i) {
    const std::string text = one_case(i);
    CHECK(text.size() > 100);
    if (folder == nullptr) continue;
    std::ofstream file(std::string(folder) + "/" + std::to_string(i) + ".json");
    file << text;
    CHECK(file.good());
  }
}
