#include "tvcore/signature.hpp"

#include <string>
#include <vector>

#include "check.hpp"
#include "tvcore/edits.hpp"

using namespace tvcore;

namespace {

std::string random_text(check::Random& random, size_t longest, uint32_t letters) {
  std::string out;
  for (size_t i = random.below(longest + 1); i > 0; --i) {
    out.push_back(static_cast<char>('a' + random.below(letters)));
  }
  return out;
}

std::string mistyped(check::Random& random, std::string text) {
  const size_t at = random.below(text.size() + 1);
  const char letter = static_cast<char>('a' + random.below(26));
  switch (random.below(4)) {
    case 0:
      return text.insert(at, 1, letter);
    case 1:
      if (at < text.size()) text.erase(at, 1);
      return text;
    case 2:
      if (at < text.size()) text[at] = letter;
      return text;
    default:
      if (at + 1 < text.size()) std::swap(text[at], text[at + 1]);
      return text;
  }
}

uint32_t apart(size_t a, size_t b) { return static_cast<uint32_t>(a < b ? b - a : a - b); }

}  // namespace

TEST("no text within the errors forgiven is passed over, wherever it stands in the table") {
  check::Random random(11);
  for (int round = 0; round < check::scaled(400); ++round) {
    const std::string wanted = random_text(random, 14, round % 2 == 0 ? 26 : 4);
    for (uint32_t limit = 0; limit <= kMaxEdits; ++limit) {
      for (uint32_t longer = 0; longer <= limit; ++longer) {
        SignatureTable table;
        std::vector<std::string> texts;
        for (int i = 0; i < 150; ++i) {
          std::string text = mistyped(random, wanted);
          if (random.below(2) == 0) text = mistyped(random, text);
          if (apart(text.size(), wanted.size()) != longer) continue;
          table.add(text);
          texts.push_back(text);
        }
        const auto from = static_cast<uint32_t>(random.below(texts.size() + 1));
        std::vector<bool> seen(texts.size());
        table.for_each_alike(from, static_cast<uint32_t>(texts.size()), signature_of(wanted),
                             signature_bounds(limit, longer), [&](uint32_t at) {
                               REQUIRE(at >= from && at < texts.size() && !seen[at]);
                               seen[at] = true;
                             });
        for (size_t i = from; i < texts.size(); ++i) {
          CHECK(seen[i] || edits_between(wanted, texts[i], limit) > limit);
        }
      }
    }
  }
}

TEST("most texts that have little in common are passed over") {
  check::Random random(12);
  SignatureTable table;
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    while (text.size() < 8) text.push_back(static_cast<char>('a' + random.below(26)));
    table.add(text);
  }
  uint32_t visited = 0;
  table.for_each_alike(0, 1000, signature_of("daybreak"), signature_bounds(2, 0),
                       [&](uint32_t) { ++visited; });
  CHECK(visited < 20);
}
