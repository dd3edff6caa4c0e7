#include "drawn.hpp"

#include <algorithm>

#include "choice.hpp"

namespace tvcore {
namespace {

// Numbers in the order of what rivals are worth, among equals the first rival first.
int64_t number_of(int32_t worth, size_t place) {
  const auto high = static_cast<uint64_t>(static_cast<uint32_t>(worth)) << 32;
  return static_cast<int64_t>(high | (UINT32_MAX - place));
}
size_t place_of(int64_t number) { return UINT32_MAX - static_cast<uint32_t>(number); }
int32_t worth_of(int64_t number) { return static_cast<int32_t>(number >> 32); }

}  // namespace

Tournament::Tournament(std::vector<int64_t>* memory, size_t places) {
  while (leaves_ < places) leaves_ *= 2;
  memory->assign(2 * leaves_, kOut);
  all_ = memory->data();
}

void Tournament::play() {
  for (size_t i = leaves_ - 1; i > 0; --i) all_[i] = std::max(all_[2 * i], all_[2 * i + 1]);
}

void Tournament::change(size_t place, int64_t number) {
  size_t i = leaves_ + place;
  for (all_[i] = number; i > 1; i /= 2) all_[i / 2] = std::max(all_[i], all_[i ^ 1]);
}

// What a rival was worth when last counted is a bound on what it is worth now, because excess only grows: so only the one
// that leads need be counted anew.
void count_drawn(Scratch& scratch, Excess excess, size_t count, uint32_t* within) {
  const std::vector<Scratch::Rival>& rivals = scratch.rivals;
  Tournament leads(&scratch.tournament, rivals.size());
  for (size_t i = 0; i < rivals.size(); ++i) leads.number(i) = number_of(scratch.worth[i], i);
  leads.play();
  scratch.counted.assign(rivals.size(), 0);
  for (uint32_t chosen = 0; chosen < count;) {
    const size_t place = place_of(leads.largest());
    const uint64_t genres = rivals[place].genres;
    if (scratch.counted[place] < chosen) {
      scratch.counted[place] = chosen;
      const int32_t worth = scratch.worth[place] - term_q20(kCalibrationQ12, excess.of_q20(genres));
      if (worth != worth_of(leads.largest())) {
        leads.change(place, number_of(worth, place));
        continue;
      }
    }
    if (place < count) ++within[place];
    leads.change(place, Tournament::kOut);
    excess.add(genres);
    ++chosen;
  }
}

}  // namespace tvcore
