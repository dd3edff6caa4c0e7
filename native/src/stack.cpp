#include "tvcore/stack.hpp"

#include <algorithm>
#include <utility>

#include "tvcore/prior.hpp"

namespace tvcore {

namespace {

constexpr uint32_t kMaxSlots = 1u << 30;
constexpr int64_t kOpenStart = INT64_MIN, kOpenEnd = INT64_MAX;
constexpr uint32_t kCanonical = 1;

// Key to slot by open addressing with linear probing. Keys are XXH64 values, so their low bits are
// as good as any hash of them. Key 0 marks a free place.
class KeyTable {
 public:
  void reserve(size_t keys) {
    size_t places = 16;
    while (places < keys * 2) places *= 2;
    keys_.assign(places, 0);
    slots_.assign(places, kNone);
  }

  void put(Key key, uint32_t slot) {
    if (key == 0) return;
    const size_t place = place_of(key);
    keys_[place] = key;
    slots_[place] = slot;
  }

  uint32_t get(Key key) const { return key == 0 ? kNone : slots_[place_of(key)]; }

 private:
  size_t place_of(Key key) const {
    const size_t mask = keys_.size() - 1;
    size_t place = static_cast<size_t>(key) & mask;
    while (keys_[place] != 0 && keys_[place] != key) place = (place + 1) & mask;
    return place;
  }

  std::vector<Key> keys_;
  std::vector<uint32_t> slots_;
};

// The stack's bit of each bit of one pack; names not yet known are added.
Status join_names(const std::vector<std::string_view>& from, size_t limit, const char* what,
                  std::vector<std::string>* names, std::vector<uint8_t>* bits) {
  bits->clear();
  for (const std::string_view name : from) {
    const auto found = std::find(names->begin(), names->end(), name);
    bits->push_back(static_cast<uint8_t>(found - names->begin()));
    if (found != names->end()) continue;
    if (names->size() == limit) {
      return Status(Code::kLimit, std::string("the packs together have more than ") +
                                      std::to_string(limit) + " " + what);
    }
    names->emplace_back(name);
  }
  return {};
}

uint64_t translated(uint64_t bits, const std::vector<uint8_t>& to) {
  uint64_t result = 0;
  for (; bits != 0; bits &= bits - 1) {
    const size_t bit = static_cast<size_t>(__builtin_ctzll(bits));
    if (bit < to.size()) result |= uint64_t{1} << to[bit];
  }
  return result;
}

int index_of(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

}  // namespace

struct Stack::State {
  std::vector<std::shared_ptr<const Pack>> packs;
  std::vector<uint32_t> first;  // of each pack, then the number of slots
  uint32_t live = 0;
  KeyTable table;
  std::vector<uint32_t> current;
  std::vector<uint64_t> live_bits;
  std::vector<Key> keys;
  std::vector<uint64_t> genres, groups, open_providers;
  std::vector<uint8_t> ages;
  std::vector<uint32_t> bound;
  std::vector<int32_t> popularity;
  std::vector<std::string> genre_names, provider_names;
  Prior prior;

  bool is_live(uint32_t slot) const { return (live_bits[slot / 64] >> (slot % 64) & 1) != 0; }
  void set_live(uint32_t slot, bool live_now) {
    const uint64_t bit = uint64_t{1} << (slot % 64);
    live_bits[slot / 64] = live_now ? live_bits[slot / 64] | bit : live_bits[slot / 64] & ~bit;
  }

  Status check_packs() const {
    const Pack& base = *packs.front();
    if (base.side()) return Status(Code::kPack, base.file_name() + ": a side pack, not a base");
    uint32_t ordinal = 0;
    for (size_t i = 1; i < packs.size(); ++i) {
      const Pack& pack = *packs[i];
      const auto refuse = [&pack](const std::string& why) {
        return Status(Code::kPack, pack.file_name() + ": " + why);
      };
      if (!pack.side()) return refuse("a base pack, not a side pack");
      if (pack.base_hash() != base.content_hash()) return refuse("a side pack of another base");
      if (pack.has_vectors() && pack.space_id() != base.space_id()) {
        return refuse("vectors of another embedding space than the base's");
      }
      if (pack.ordinal() <= ordinal) return refuse("ordinal is not above that of the pack before");
      ordinal = pack.ordinal();
    }
    return {};
  }

  // The newest slot of packs before `before` whose canonical key this is; kNone if there is none.
  uint32_t older_slot(Key key, size_t before) const {
    for (size_t i = before; i-- > 0;) {
      PackKey found;
      if (packs[i]->find(key, &found) && found.kind == kCanonical) return first[i] + found.row;
    }
    return kNone;
  }

  // What pack `index` takes away or supersedes in the packs before it.
  void apply_side(size_t index) {
    const Pack& pack = *packs[index];
    uint32_t count = 0;
    const Key* removed = pack.removed(&count);
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t older = older_slot(removed[i], index);
      if (older == kNone) continue;
      current[older] = kNone;
      set_live(older, false);
    }
    for (uint32_t row = 0; row < pack.rows(); ++row) {
      const uint32_t older = older_slot(pack.item(row).key, index);
      if (older == kNone) continue;
      current[older] = first[index] + row;
      set_live(older, false);
    }
  }

  Status add_pack(size_t index) {
    const Pack& pack = *packs[index];
    std::vector<uint8_t> genre_bits, provider_bits;
    if (Status s = join_names(pack.genres(), kMaxGenres, "genres", &genre_names, &genre_bits);
        !s.ok()) {
      return s;
    }
    if (Status s = join_names(pack.providers(), kMaxProviders, "providers", &provider_names,
                              &provider_bits);
        !s.ok()) {
      return s;
    }
    for (uint32_t row = 0; row < pack.rows(); ++row) {
      const uint32_t slot = first[index] + row;
      const PackItem& item = pack.item(row);
      keys[slot] = item.key;
      genres[slot] = translated(item.genres, genre_bits);
      groups[slot] = item.group;
      ages[slot] = item.age;
      popularity[slot] = static_cast<int32_t>(std::min<uint32_t>(item.popularity, INT32_MAX));
      current[slot] = slot;
      set_live(slot, true);
      bool bound_offer = false;
      const OfferRange range = pack.offers_of(row);
      for (uint32_t i = range.begin; i < range.end; ++i) {
        const PackOffer& offer = pack.offer(i);
        if (offer.regions != kNone || offer.start_ms != kOpenStart || offer.end_ms != kOpenEnd) {
          bound_offer = true;
        } else if (offer.provider < provider_bits.size()) {
          open_providers[slot] |= uint64_t{1} << provider_bits[offer.provider];
        }
      }
      if (bound_offer) bound.push_back(slot);
    }
    if (pack.prior() != nullptr) prior = *pack.prior();
    if (index > 0) apply_side(index);
    uint32_t count = 0;
    const PackKey* all = pack.keys(&count);
    for (uint32_t i = 0; i < count; ++i) {
      if (all[i].row < pack.rows()) table.put(all[i].key, first[index] + all[i].row);
    }
    return {};
  }

  // Superseding always points to a later pack, so one pass from the end resolves every chain.
  void resolve() {
    for (uint32_t slot = first.back(); slot-- > 0;) {
      const uint32_t next = current[slot];
      if (next != slot && next != kNone) current[slot] = current[next];
      live += is_live(slot) ? 1 : 0;
    }
    bound.erase(std::remove_if(bound.begin(), bound.end(),
                               [this](uint32_t slot) { return !is_live(slot); }),
                bound.end());
    bound.shrink_to_fit();
  }

  void scale_popularity() {
    int32_t largest = 0;
    for (uint32_t slot = 0; slot < first.back(); ++slot) {
      if (is_live(slot)) largest = std::max(largest, popularity[slot]);
    }
    const uint64_t whole = log2_q16(uint64_t{1} + static_cast<uint32_t>(largest));
    for (int32_t& count : popularity) {
      const uint64_t part = log2_q16(uint64_t{1} + static_cast<uint32_t>(std::min(count, largest)));
      count = whole == 0 ? 0 : static_cast<int32_t>((part << 20) / whole);
    }
  }
};

Status Stack::build(std::vector<std::shared_ptr<const Pack>> packs,
                    std::shared_ptr<const Stack>* out) {
  if (packs.empty()) return Status(Code::kInvalid, "a stack needs a base pack");
  if (packs.size() > kMaxPacks) return Status(Code::kLimit, "a stack has at most 16 packs");
  auto state = std::make_shared<State>();
  state->packs = std::move(packs);
  if (Status status = state->check_packs(); !status.ok()) return status;
  uint64_t slots = 0, keys = 0;
  for (const auto& pack : state->packs) {
    state->first.push_back(static_cast<uint32_t>(slots));
    slots += pack->rows();
    uint32_t count = 0;
    pack->keys(&count);
    keys += count;
    if (slots > kMaxSlots) return Status(Code::kLimit, "the packs have over 2^30 rows");
  }
  state->first.push_back(static_cast<uint32_t>(slots));
  const size_t size = static_cast<size_t>(slots);
  state->table.reserve(static_cast<size_t>(keys));
  state->current.resize(size);
  state->live_bits.resize((size + 63) / 64);
  state->keys.resize(size);
  state->genres.resize(size);
  state->groups.resize(size);
  state->open_providers.resize(size);
  state->ages.resize(size);
  state->popularity.resize(size);
  for (size_t i = 0; i < state->packs.size(); ++i) {
    if (Status status = state->add_pack(i); !status.ok()) return status;
  }
  state->resolve();
  state->scale_popularity();
  auto stack = std::make_shared<Stack>();
  stack->state_ = std::move(state);
  *out = std::move(stack);
  return {};
}

uint32_t Stack::slots() const { return state_->first.back(); }
uint32_t Stack::live_count() const { return state_->live; }
const std::vector<std::shared_ptr<const Pack>>& Stack::packs() const { return state_->packs; }
uint32_t Stack::first_slot(size_t pack) const { return state_->first[pack]; }

size_t Stack::pack_of(uint32_t slot) const {
  const auto& first = state_->first;
  return static_cast<size_t>(std::upper_bound(first.begin(), first.end() - 1, slot) -
                             first.begin()) -
         1;
}

uint32_t Stack::row_of(uint32_t slot) const { return slot - state_->first[pack_of(slot)]; }

uint32_t Stack::find(Key key) const {
  const uint32_t slot = state_->table.get(key);
  return slot == kNone ? kNone : state_->current[slot];
}

uint32_t Stack::current(uint32_t slot) const { return state_->current[slot]; }

const PackItem& Stack::item(uint32_t slot) const {
  const size_t pack = pack_of(slot);
  return state_->packs[pack]->item(slot - state_->first[pack]);
}

std::string_view Stack::string(uint32_t slot, uint32_t reference) const {
  return state_->packs[pack_of(slot)]->string(reference);
}

std::string_view Stack::id(uint32_t slot) const { return string(slot, item(slot).id); }
std::string_view Stack::title(uint32_t slot) const { return string(slot, item(slot).title); }

std::string_view Stack::localised_title(uint32_t slot, std::string_view language) const {
  const Pack& pack = *state_->packs[pack_of(slot)];
  const std::vector<uint32_t> pairs = pack.list32("LOCL", item(slot).localised);
  for (const std::string_view wanted : {language, language.substr(0, language.find('-'))}) {
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
      if (pack.string(pairs[i]) == wanted) return pack.string(pairs[i + 1]);
    }
  }
  return title(slot);
}

std::vector<uint16_t> Stack::seasons(uint32_t slot) const {
  return state_->packs[pack_of(slot)]->list16("SEAS", item(slot).seasons);
}

const uint64_t* Stack::live_bits() const { return state_->live_bits.data(); }
const Key* Stack::keys() const { return state_->keys.data(); }
const uint64_t* Stack::genres() const { return state_->genres.data(); }
const uint64_t* Stack::groups() const { return state_->groups.data(); }
const uint8_t* Stack::ages() const { return state_->ages.data(); }
const uint64_t* Stack::open_providers() const { return state_->open_providers.data(); }
const std::vector<uint32_t>& Stack::bound_slots() const { return state_->bound; }
const int32_t* Stack::popularity_q20() const { return state_->popularity.data(); }

const std::vector<std::string>& Stack::genre_names() const { return state_->genre_names; }
const std::vector<std::string>& Stack::provider_names() const { return state_->provider_names; }
int Stack::genre(std::string_view name) const { return index_of(state_->genre_names, name); }
int Stack::provider(std::string_view name) const { return index_of(state_->provider_names, name); }

const Prior& Stack::prior() const { return state_->prior; }

uint64_t Stack::space_id() const { return state_->packs.front()->space_id(); }
uint32_t Stack::dimension() const { return state_->packs.front()->dimension(); }
uint32_t Stack::stride() const { return state_->packs.front()->stride(); }

uint32_t log2_q16(uint64_t n) {
  const uint32_t whole = 63 - static_cast<uint32_t>(__builtin_clzll(n));
  uint64_t mantissa = whole <= 31 ? n << (31 - whole) : n >> (whole - 31);  // Q31 in [1, 2)
  uint32_t result = whole;
  for (int bit = 0; bit < 16; ++bit) {
    mantissa = (mantissa * mantissa) >> 31;
    const uint32_t one = mantissa >= (uint64_t{1} << 32) ? 1 : 0;
    mantissa >>= one;
    result = (result << 1) | one;
  }
  return result;
}

}  // namespace tvcore
