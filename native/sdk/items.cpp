#include "brain.hpp"

namespace tvsdk {

namespace {

constexpr size_t kLanguageSize = 36;  // no BCP 47 tag in use is longer than 35 bytes

struct Found {
  std::shared_ptr<const tvcore::Stack> stack;
  uint32_t slot = 0;
};

Status find(const tvcore::Engine& engine, const char* item, Found* out) {
  std::string id;
  const Status status = take_id(item, "item", &id);
  return status.ok() ? engine.find_item(id, &out->stack, &out->slot) : status;
}

}  // namespace

}  // namespace tvsdk

extern "C" int32_t tvb_item_get(tvb_brain* brain, const char* item, const char* language,
                                tvb_item* out) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    tvsdk::Found found;
    tvcore::Status status = tvsdk::find(engine, item, &found);
    std::string wanted;
    if (status.ok() && language != nullptr) {
      status = tvsdk::take_text(language, tvsdk::kLanguageSize, "language", &wanted);
    }
    if (!status.ok()) return status;
    const tvcore::Stack& stack = *found.stack;
    const tvcore::PackItem& facts = stack.item(found.slot);
    tvb_item value{};
    value.type = facts.type;
    tvsdk::give_text(value.item, stack.id(found.slot));
    tvsdk::give_text(value.title, stack.localised_title(found.slot, wanted));
    tvsdk::give_text(value.artwork, stack.string(found.slot, facts.artwork));
    value.year = facts.year;
    value.runtime_min = facts.minutes;
    value.seasons = static_cast<uint16_t>(stack.seasons(found.slot).size());
    value.age = facts.age;
    value.offer_count = facts.offer_count;
    value.popularity = facts.popularity;
    constexpr uint32_t kShown = sizeof value.genres / sizeof value.genres[0];
    const uint64_t genres = stack.genres()[found.slot];
    for (size_t bit = 0; bit < stack.genre_names().size() && value.genre_count < kShown; ++bit) {
      if ((genres >> bit & 1) != 0) {
        tvsdk::give_text(value.genres[value.genre_count++], stack.genre_names()[bit]);
      }
    }
    return tvsdk::give_struct(value, "item", out);
  });
}

extern "C" int32_t tvb_offer_get(tvb_brain* brain, const char* item, uint32_t index,
                                 tvb_offer* out) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    tvsdk::Found found;
    const tvcore::Status status = tvsdk::find(engine, item, &found);
    if (!status.ok()) return status;
    const tvcore::Stack& stack = *found.stack;
    const tvcore::PackItem& facts = stack.item(found.slot);
    const tvcore::Pack& pack = *stack.packs()[stack.pack_of(found.slot)];
    if (index >= facts.offer_count || facts.first_offer + index >= pack.offers()) {
      return tvcore::Status(
          tvcore::Code::kLimit,
          "index: the title has " + std::to_string(facts.offer_count) + " offers");
    }
    const tvcore::PackOffer& offer = pack.offer(facts.first_offer + index);
    tvb_offer value{};
    value.age = offer.age;
    value.start = offer.start_ms;
    value.end = offer.end_ms;
    tvsdk::give_text(value.offer, pack.string(offer.id));
    if (offer.provider < pack.providers().size()) {
      tvsdk::give_text(value.provider, pack.providers()[offer.provider]);
    }
    tvsdk::give_text(value.launch, pack.string(offer.launch));
    return tvsdk::give_struct(value, "offer", out);
  });
}
