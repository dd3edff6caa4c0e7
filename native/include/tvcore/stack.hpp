// The pack stack: a base pack and its side packs seen as one catalogue. Immutable; replaced as a whole.
//
// A slot is the pack's first slot + row. `live` slots are those neither superseded nor removed; each array below has
// one place a slot and is built once at load, so that scoring touches no string and no file page it does not need.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tvcore/pack.hpp"

namespace tvcore {

constexpr size_t kMaxPacks = 16, kMaxGenres = 64, kMaxProviders = 64;

class Stack {
 public:
  // Base first, then side packs in ascending ordinal. kPack if a side pack is not of this base; kLimit over 16 packs or
  // 64 genre or provider names together.
  static Status build(std::vector<std::shared_ptr<const Pack>> packs,
                      std::shared_ptr<const Stack>* out);

  uint32_t slots() const;  // of all packs
  uint32_t live_count() const;
  const std::vector<std::shared_ptr<const Pack>>& packs() const;
  uint32_t first_slot(size_t pack) const;
  size_t pack_of(uint32_t slot) const;
  uint32_t row_of(uint32_t slot) const;

  // The live slot that a key names, through offers and aliases of every pack in the stack; kNone if none or removed.
  uint32_t find(Key key) const;
  // The slot that now stands for `slot`: itself, a superseding one, or kNone if removed.
  uint32_t current(uint32_t slot) const;

  const PackItem& item(uint32_t slot) const;
  std::string_view string(uint32_t slot, uint32_t reference) const;
  std::string_view id(uint32_t slot) const;
  std::string_view title(uint32_t slot) const;
  std::string_view localised_title(uint32_t slot,
                                   std::string_view language) const;  // the original if it has none
  std::vector<uint16_t> seasons(uint32_t slot) const;

  // One place a slot:
  const uint64_t* live_bits() const;  // bit slot % 64 of word slot / 64
  const Key* keys() const;            // canonical
  const uint64_t* genres() const;     // bits over genre_names()
  const uint64_t* groups() const;
  const uint8_t* ages() const;
  const uint64_t* open_providers()
      const;  // providers with an offer bound to no region and no window
  const std::vector<uint32_t>& bound_slots()
      const;                              // slots with at least one offer bound to region or window
  const int32_t* popularity_q20() const;  // log2(1 + n) / log2(1 + largest of the stack), Q20

  const std::vector<std::string>& genre_names() const;
  const std::vector<std::string>& provider_names() const;
  int genre(std::string_view name) const;     // bit, -1 if none
  int provider(std::string_view name) const;  // bit, -1 if none

  const Prior& prior() const;  // of the topmost pack that brings one; the built-in one without

  uint64_t space_id() const;  // of the base
  uint32_t dimension() const;
  uint32_t stride() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

// log2 of n >= 1 as Q16, by repeated squaring in integers: the same on every chip.
uint32_t log2_q16(uint64_t n);

}  // namespace tvcore
