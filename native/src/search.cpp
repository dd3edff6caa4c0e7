#include "tvcore/search.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "tvcore/bitmap.hpp"
#include "tvcore/edits.hpp"
#include "tvcore/normal.hpp"

namespace tvcore {
namespace {

constexpr size_t kMaxWords = 16;   // of a text that is compared word by word
constexpr size_t kMaxUnknown = 2;  // of its words that no title has
constexpr size_t kLengths = 257;   // of a normal form, 0 to 255, and the end
constexpr uint32_t kFirstByteFrom =
    5;  // a beginning of so many bytes may have an error after its first byte
constexpr size_t kPostsATitle = 50;  // posts that are passed over in the time of comparing a title

struct Split {
  std::array<std::string_view, kMaxWords> words;
  size_t count = 0;
  bool whole = true;  // false: there were more
};

Split split(std::string_view normal) {
  Split out;
  while (!normal.empty()) {
    const size_t end = std::min(normal.find(' '), normal.size());
    if (end > 0) {
      if (out.count == kMaxWords) {
        out.whole = false;
        return out;
      }
      out.words[out.count++] = normal.substr(0, end);
    }
    normal.remove_prefix(std::min(end + 1, normal.size()));
  }
  return out;
}

// A normal form without its spaces.
struct Squeezed {
  char bytes[256];
  size_t size = 0;
  explicit Squeezed(std::string_view normal) {
    for (const char c : normal.substr(0, sizeof bytes)) {
      if (c != ' ') bytes[size++] = c;
    }
  }
  std::string_view view() const { return {bytes, size}; }
};

// Whether each word of `text` is one of the title `name`; the last need only begin one.
bool has_words(std::string_view name, const Split& text) {
  for (size_t i = 0; i < text.count; ++i) {
    const std::string_view wanted = text.words[i];
    bool has = false;
    for (size_t from = 0; !has && from < name.size();) {
      const size_t end = std::min(name.find(' ', from), name.size());
      const size_t size = i + 1 == text.count ? std::min(end - from, wanted.size()) : end - from;
      has = name.substr(from, size) == wanted;
      from = end + 1;
    }
    if (!has) return false;
  }
  return true;
}

// How the title `name`, which has the words of `normal`, holds it.
uint8_t phrase_match(std::string_view name, std::string_view normal) {
  uint8_t how = kMatchWords;
  for (size_t from = name.find(normal); from != std::string_view::npos;
       from = name.find(normal, from + 1)) {
    if (from == 0) return name.size() == normal.size() ? kMatchWhole : kMatchPrefix;
    if (name[from - 1] == ' ') how = kMatchPhrase;
  }
  return how;
}

uint32_t apart(uint32_t a, uint32_t b) { return a < b ? b - a : a - b; }

// Places of `count` things by ascending length, and where each length begins.
template <typename Length>
void by_length(uint32_t count, Length&& length, std::vector<uint32_t>* order,
               std::vector<uint32_t>* begins) {
  begins->assign(kLengths + 1, 0);
  for (uint32_t i = 0; i < count; ++i) ++(*begins)[length(i) + 1];
  std::partial_sum(begins->begin(), begins->end(), begins->begin());
  order->resize(count);
  std::vector<uint32_t> next(*begins);
  for (uint32_t i = 0; i < count; ++i) (*order)[next[length(i)]++] = i;
}

}  // namespace

TitleIndex::TitleIndex(const Stack& stack) : stack_(&stack) {
  bitmap_for_each(stack.live_bits(), stack.slots(),
                  [&](size_t slot) { slots_.push_back(static_cast<uint32_t>(slot)); });
  originals_ = static_cast<uint32_t>(slots_.size());
  for (uint32_t entry = 0; entry < originals_; ++entry) {
    const uint32_t slot = slots_[entry];
    const PackItem& item = stack.item(slot);
    if (item.localised == kNone) continue;
    const Pack& pack = *stack.packs()[stack.pack_of(slot)];
    const std::vector<uint32_t> pairs = pack.list32("LOCL", item.localised);
    for (size_t i = 1; i < pairs.size(); i += 2) {
      slots_.push_back(slot);
      local_at_.push_back(static_cast<uint32_t>(localised_.size()));
      localised_ += normal_form(pack.string(pairs[i]));
    }
  }
  local_at_.push_back(static_cast<uint32_t>(localised_.size()));
  slots_.shrink_to_fit();
  const auto count = static_cast<uint32_t>(slots_.size());

  // Words get numbers as they come and are put in order once each, not once a title: sorting all of a large catalogue's
  // words took most of the time to open.
  struct Found {
    uint32_t word, post;
  };
  std::vector<Found> found;
  std::vector<std::string_view> names;
  std::unordered_map<std::string_view, uint32_t> numbers;
  for (uint32_t entry = 0; entry < count; ++entry) {
    std::string_view rest = title(entry);
    const std::string_view all = rest;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const bool first = rest.data() == all.data();
      if (end > 0) {
        const auto number = static_cast<uint32_t>(names.size());
        const auto [known, fresh] = numbers.emplace(rest.substr(0, end), number);
        if (fresh) names.push_back(known->first);
        found.push_back(
            {known->second, entry << 2 | (first ? 2u : 0u) | (end == all.size() ? 1u : 0u)});
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  numbers = {};
  // Posts by word, in the order of titles within a word.
  std::vector<uint32_t> starts(names.size() + 1);
  for (const Found& one : found) ++starts[one.word + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<uint32_t> posts(found.size());
  std::vector<uint32_t> next(starts.begin(), starts.end() - 1);
  for (const Found& one : found) posts[next[one.word]++] = one.post;
  std::vector<uint32_t> order(names.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](uint32_t x, uint32_t y) { return names[x] < names[y]; });
  for (const uint32_t word : order) {
    word_at_.push_back(static_cast<uint32_t>(text_.size()));
    post_at_.push_back(static_cast<uint32_t>(posts_.size()));
    text_ += names[word];
    for (uint32_t i = starts[word]; i < starts[word + 1]; ++i) {
      if (i > starts[word] && posts[i] >> 2 == posts_.back() >> 2) {
        posts_.back() |= posts[i];  // a word that stands twice in its title
      } else {
        posts_.push_back(posts[i]);
      }
    }
  }
  word_at_.push_back(static_cast<uint32_t>(text_.size()));
  post_at_.push_back(static_cast<uint32_t>(posts_.size()));
  for (uint32_t id = 0; id + 1 < word_at_.size(); ++id) {
    ++words_from_[static_cast<uint8_t>(word(id)[0]) + 1u];
  }
  std::partial_sum(words_from_.begin(), words_from_.end(), words_from_.begin());
  for (auto* list : {&word_at_, &post_at_, &posts_}) list->shrink_to_fit();
  text_.shrink_to_fit();

  const auto words = static_cast<uint32_t>(word_at_.size() - 1);
  by_length(
      words, [this](uint32_t id) { return std::min<size_t>(word(id).size(), 255); },
      &words_by_length_, &word_length_at_);
  for (const uint32_t id : words_by_length_) word_signs_.add(word(id));
  by_length(
      count, [this](uint32_t entry) { return Squeezed(title(entry)).size; }, &titles_by_length_,
      &title_length_at_);
  for (const uint32_t entry : titles_by_length_) {
    const Squeezed name(title(entry));
    title_signs_.add(name.view());
    squeezed_ += name.view();
  }
  squeezed_.shrink_to_fit();
  for (uint32_t length = 0, at = 0; length < kLengths; ++length) {
    squeezed_at_.push_back(at);
    at += (title_length_at_[length + 1] - title_length_at_[length]) * length;
  }
  word_signs_.shrink_to_fit();
  title_signs_.shrink_to_fit();
}

std::string_view TitleIndex::title(uint32_t entry) const {
  if (entry >= originals_) {
    const uint32_t at = entry - originals_;
    return std::string_view(localised_).substr(local_at_[at], local_at_[at + 1] - local_at_[at]);
  }
  const uint32_t slot = slots_[entry];
  // A damaged pack may hold more than a normal form can be.
  return stack_->packs()[stack_->pack_of(slot)]->normal_title(stack_->row_of(slot)).substr(0, 255);
}

// The first word from `from` on that stands behind `start`: behind all that begin with it if `after`.
uint32_t TitleIndex::bound(std::string_view start, uint32_t from, uint32_t to, bool after) const {
  while (from < to) {
    const uint32_t middle = from + (to - from) / 2;
    const int order = word(middle).substr(0, start.size()).compare(start);
    if (order < 0 || (after && order == 0)) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

TitleIndex::Range TitleIndex::beginning(std::string_view start) const {
  const auto letter = static_cast<uint8_t>(start[0]);
  const uint32_t end = words_from_[letter + 1u];
  const uint32_t low = bound(start, words_from_[letter], end, false);
  return {low, bound(start, low, end, true)};
}

TitleIndex::Range TitleIndex::exactly(std::string_view wanted) const {
  const auto letter = static_cast<uint8_t>(wanted[0]);
  // The word itself stands before those that it begins.
  const uint32_t end = words_from_[letter + 1u];
  const uint32_t low = bound(wanted, words_from_[letter], end, false);
  return {low, low < end && word(low) == wanted ? low + 1 : low};
}

bool TitleIndex::stands_in(uint32_t id, uint32_t entry) const {
  const auto first = posts_.begin() + post_at_[id], last = posts_.begin() + post_at_[id + 1];
  const auto at = std::lower_bound(first, last, entry << 2);
  return at != last && *at >> 2 == entry;
}

void TitleIndex::one_word(std::string_view wanted, TitleMatches* matches) const {
  const Range range = beginning(wanted);
  for (uint32_t id = range.first; id < range.last; ++id) {
    const bool exact = word(id).size() == wanted.size();
    for (uint32_t at = post_at_[id]; at < post_at_[id + 1]; ++at) {
      const uint32_t post = posts_[at];
      matches->raise(slots_[post >> 2], (post & 2) == 0       ? kMatchPhrase
                                        : exact && (post & 1) ? kMatchWhole
                                                              : kMatchPrefix);
    }
  }
}

void TitleIndex::find(std::string_view normal, uint8_t* seen, TitleMatches* matches) const {
  const Split text = split(normal);
  if (text.count == 0 || !text.whole) return;
  if (text.count == 1) return one_word(text.words[0], matches);
  std::array<Range, kMaxWords> known;
  size_t all = 0, rarest = 0;
  for (size_t i = 0; i < text.count; ++i) {
    known[i] = i + 1 == text.count ? beginning(text.words[i]) : exactly(text.words[i]);
    if (known[i].first == known[i].last) return;
    all += posts_of(known[i]);
    if (posts_of(known[i]) < posts_of(known[rarest])) rarest = i;
  }
  if (posts_of(known[rarest]) * kPostsATitle < all) {
    for (uint32_t at = post_at_[known[rarest].first]; at < post_at_[known[rarest].last]; ++at) {
      const uint32_t entry = posts_[at] >> 2;
      // Of most titles the posts of the other words are enough to tell, and their bytes are not read.
      bool may = true;
      for (size_t i = 0; may && i + 1 < text.count; ++i) {
        may = i == rarest || stands_in(known[i].first, entry);
      }
      if (!may) continue;
      const std::string_view name = title(entry);
      if (has_words(name, text)) matches->raise(slots_[entry], phrase_match(name, normal));
    }
    return;
  }
  std::memset(seen, 0, entries());
  for (size_t i = 0; i < text.count; ++i) {
    for (uint32_t at = post_at_[known[i].first]; at < post_at_[known[i].last]; ++at) {
      const uint32_t entry = posts_[at] >> 2;
      if (seen[entry] != i) continue;
      seen[entry] = static_cast<uint8_t>(i + 1);
      if (i + 1 < text.count) continue;
      matches->raise(slots_[entry], phrase_match(title(entry), normal));
    }
  }
}

void TitleIndex::find_typed(std::string_view normal, uint8_t* seen, TitleMatches* matches) const {
  near_whole(normal, matches);
  typed_words(normal, seen, matches);
}

void TitleIndex::near_whole(std::string_view normal, TitleMatches* matches) const {
  const Squeezed text(normal);
  const auto limit = edits_forgiven(text.size);
  if (text.size == 0) return;
  const Signature sign = signature_of(text.view());
  const auto size = static_cast<uint32_t>(text.size);
  for (uint32_t length = size > limit ? size - limit : 0; length <= size + limit; ++length) {
    if (length + 1 >= kLengths) break;
    title_signs_.for_each_alike(
        title_length_at_[length], title_length_at_[length + 1], sign,
        signature_bounds(limit, apart(length, size)), [&](uint32_t at) {
          const uint32_t edits = edits_between(text.view(), squeezed(length, at), limit);
          if (edits > limit) return;
          matches->raise(slots_[titles_by_length_[at]], edits < 2 ? kMatchNear1 : kMatchNear2);
        });
  }
}

void TitleIndex::typed_words(std::string_view normal, uint8_t* seen, TitleMatches* matches) const {
  const Split text = split(normal);
  if (text.count == 0 || !text.whole) return;
  std::array<Range, kMaxWords> known;
  size_t unknown = 0;
  for (size_t i = 0; i < text.count; ++i) {
    known[i] = i + 1 == text.count ? beginning(text.words[i]) : exactly(text.words[i]);
    if (known[i].first != known[i].last) continue;
    if (++unknown > kMaxUnknown || edits_forgiven(text.words[i].size()) == 0) return;
  }
  if (unknown == 0) return;
  std::memset(seen, 0, entries());
  for (size_t i = 0; i < text.count; ++i) {
    const bool last = i + 1 == text.count;
    bool any = false;
    const auto take = [&](uint32_t first, uint32_t end) {
      for (uint32_t at = post_at_[first]; at < post_at_[end]; ++at) {
        const uint32_t entry = posts_[at] >> 2;
        if (seen[entry] != i) continue;
        seen[entry] = static_cast<uint8_t>(i + 1);
        any = true;
        if (last) matches->raise(slots_[entry], kMatchWordsTyped);
      }
    };
    const std::string_view wanted = text.words[i];
    if (known[i].first != known[i].last) {
      take(known[i].first, known[i].last);
    } else {
      const uint32_t limit = edits_forgiven(wanted.size());
      const Signature sign = signature_of(wanted);
      const auto size = static_cast<uint32_t>(wanted.size());
      for (uint32_t length = size - limit; length <= size + limit; ++length) {
        if (length + 1 >= kLengths) break;
        word_signs_.for_each_alike(word_length_at_[length], word_length_at_[length + 1], sign,
                                   signature_bounds(limit, apart(length, size)), [&](uint32_t at) {
                                     const uint32_t id = words_by_length_[at];
                                     if (edits_between(wanted, word(id), limit) <= limit) {
                                       take(id, id + 1);
                                     }
                                   });
      }
      if (last && wanted.size() >= kFirstByteFrom) {
        const Range range = beginning(wanted.substr(0, 1));
        for (uint32_t id = range.first; id < range.last; ++id) {
          if (one_edit_from_beginning(wanted, word(id))) take(id, id + 1);
        }
      }
    }
    if (!any) return;
  }
}

}  // namespace tvcore
