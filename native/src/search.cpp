#include "tvcore/search.hpp"

#include <algorithm>
#include <cstring>

#include "tvcore/bitmap.hpp"
#include "tvcore/normal.hpp"

namespace tvcore {

TitleIndex::TitleIndex(const Stack& stack) {
  const auto add = [this](uint32_t slot, std::string_view title) {
    if (title.empty()) return;
    starts_.push_back(static_cast<uint32_t>(text_.size()));
    slots_.push_back(slot);
    text_.append(title);
    text_.push_back('\0');
  };
  bitmap_for_each(stack.live_bits(), stack.slots(), [&](size_t place) {
    const auto slot = static_cast<uint32_t>(place);
    const Pack& pack = *stack.packs()[stack.pack_of(slot)];
    add(slot, pack.normal_title(stack.row_of(slot)));
    const PackItem& item = stack.item(slot);
    if (item.localised == kNone) return;
    const std::vector<uint32_t> pairs = pack.list32("LOCL", item.localised);
    for (size_t i = 1; i < pairs.size(); i += 2) add(slot, normal_form(pack.string(pairs[i])));
  });
  starts_.push_back(static_cast<uint32_t>(text_.size()));
  text_.shrink_to_fit();
  starts_.shrink_to_fit();
  slots_.shrink_to_fit();
}

void TitleIndex::find(std::string_view normal, uint8_t* match) const {
  if (normal.empty() || normal.find('\0') != std::string_view::npos) return;
  const char* const begin = text_.data();
  const char* const end = begin + text_.size();
  size_t title = 0;
  for (const char* from = begin; from < end;) {
    const void* hit = memmem(from, static_cast<size_t>(end - from), normal.data(), normal.size());
    if (hit == nullptr) return;
    const char* const at = static_cast<const char*>(hit);
    const auto offset = static_cast<uint32_t>(at - begin);
    // Hits are ascending: the title is found by going on from the last one.
    const auto above = std::upper_bound(starts_.begin() + static_cast<std::ptrdiff_t>(title),
                                        starts_.end(), offset);
    title = static_cast<size_t>(above - starts_.begin()) - 1;
    const bool to_end = at[normal.size()] == '\0';
    const uint8_t how = offset == starts_[title] ? (to_end ? kMatchWhole : kMatchPrefix)
                        : at[-1] == ' '          ? kMatchWord
                                                 : kMatchInside;
    uint8_t& best = match[slots_[title]];
    best = std::max(best, how);
    // A better place in the same title can only be the beginning of a word.
    from = how >= kMatchWord ? begin + starts_[title + 1] : at + 1;
  }
}

}  // namespace tvcore
