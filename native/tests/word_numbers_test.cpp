// Words numbered as they come, beside a map and a sort.
#include "../src/word_numbers.hpp"

#include <deque>
#include <map>
#include <random>
#include <string>

#include "check.hpp"

namespace {

// Short words over few letters come again and share beginnings; some are longer than eight bytes, some hold zeros.
std::string some_word(std::mt19937& draw) {
  static const char letters[] = {'a', 'b', 'z', '\0', '\xc3'};
  std::string out(draw() % 4 == 0 ? 7 : 0, 'a');
  for (size_t left = 1 + draw() % 5; left > 0; --left) out += letters[draw() % sizeof letters];
  return out;
}

void same_as_a_map(uint32_t seed, size_t count) {
  std::mt19937 draw(seed);
  std::deque<std::string> kept;
  std::map<std::string, uint32_t> known;
  tvcore::WordNumbers numbers;
  for (size_t i = 0; i < count; ++i) {
    kept.push_back(some_word(draw));
    const auto next = static_cast<uint32_t>(known.size());
    const uint32_t wanted = known.emplace(kept.back(), next).first->second;
    CHECK_EQ(numbers.number(kept.back()), wanted);
  }
  CHECK_EQ(numbers.size(), known.size());
  const std::vector<uint32_t> order = numbers.in_order();
  CHECK_EQ(order.size(), known.size());
  size_t at = 0;
  for (const auto& [word, number] : known) {
    CHECK_EQ(order[at], number);
    CHECK(numbers.word(number) == word);
    ++at;
  }
}

}  // namespace

TEST("words are numbered as a map would, and ordered as their bytes are") {
  for (uint32_t seed = 0; seed < 20; ++seed) same_as_a_map(seed, 300);
}

TEST("a table that has grown knows every word still") { same_as_a_map(99, 60000); }

TEST("no words have no order") { same_as_a_map(7, 0); }
