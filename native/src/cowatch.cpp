#include "tvcore/cowatch.hpp"

#include <algorithm>
#include <utility>

namespace tvcore {

CoWatch::CoWatch(std::shared_ptr<const Stack> stack) : stack_(std::move(stack)) {
  const uint32_t slots = stack_->slots();
  speaker_.assign(slots, kNone);
  bool same = stack_->packs().size() == 1;
  std::vector<uint32_t> now(slots);
  for (uint32_t slot = 0; slot < slots; ++slot) {
    now[slot] = stack_->current(slot);
    same = same && now[slot] == slot;
    if (now[slot] == kNone) continue;
    const Pack& pack = *stack_->packs()[stack_->pack_of(slot)];
    if (!pack.has_weights()) continue;
    // Ascending, so that the newest version with weights stays.
    if (pack.weights(stack_->row_of(slot)).count != 0) speaker_[now[slot]] = slot;
  }
  if (!same) now_ = std::move(now);
}

CoWatch::Row CoWatch::row(uint32_t slot, int32_t h_q12) const {
  Row out;
  const uint32_t speaker = speaker_[slot];
  if (speaker == kNone) return out;
  const size_t at = stack_->pack_of(speaker);
  const Pack& pack = *stack_->packs()[at];
  out.weights = pack.weights(stack_->row_of(speaker));
  const int64_t factor = (static_cast<int64_t>(h_q12) * out.weights.scale_q24) >> 16;
  out.factor = static_cast<int32_t>(std::clamp<int64_t>(factor, -kFactorLimit, kFactorLimit));
  out.now = now_.empty() ? nullptr : now_.data() + stack_->first_slot(at);
  out.rows = pack.rows();
  return out;
}

void CoWatch::add(uint32_t slot, int32_t h_q12, int32_t* cf) const {
  const Row from = row(slot, h_q12);
  if (from.factor == 0) return;
  // Unsigned, because a damaged pack may repeat a column beyond what the factor's limit allows for.
  from.for_each([cf](uint32_t to, int32_t addend) {
    cf[to] = static_cast<int32_t>(static_cast<uint32_t>(cf[to]) + static_cast<uint32_t>(addend));
  });
}

int32_t CoWatch::addend(uint32_t from, int32_t h_q12, uint32_t to) const {
  uint32_t sum = 0;
  row(from, h_q12).for_each([to, &sum](uint32_t slot, int32_t addend) {
    if (slot == to) sum += static_cast<uint32_t>(addend);
  });
  return static_cast<int32_t>(sum);
}

}  // namespace tvcore
