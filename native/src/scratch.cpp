#include "tvcore/scratch.hpp"

#include "tvcore/bitmap.hpp"
#include "tvcore/fold.hpp"

namespace tvcore {

void Scratch::fit(const Stack& stack, size_t region_lists, const Kinds& kinds, size_t titles) {
  const size_t slots = stack.slots();
  if (fitted_slots != slots) {
    eligible.assign(bitmap_words(slots), 0);
    cold.assign(bitmap_words(slots), 0);
    usable.assign(bitmap_words(slots), 0);
    saved.assign(bitmap_words(slots), 0);
    for (Scores* scores : {&history, &other}) {
      for (std::vector<int32_t>* values : {&scores->cf, &scores->text, &scores->score}) {
        values->assign(slots, 0);
      }
    }
    popular.assign(slots, 0);
    pattern.assign(slots, 0);
    mark.assign(slots, 0);
    matches.fit(slots);
    pool.clear();
    pool.reserve(slots);
    in_pool.reserve(slots);
    heap.reserve(slots);
    groups.reserve(kMaxEntries);
    chosen.reserve(kMaxEntries);
    chosen_vectors.reserve(kMaxEntries);
    speakers.reserve(kMaxEntries);
    speaks.reserve(kMaxEntries);
    on_air.reserve(kMaxEntries);
    fitted_slots = slots;  // last: where an allocation failed, the next call begins anew
  }
  if (region_ok.size() < region_lists) region_ok.resize(region_lists);
  if (by_genres.size() < kinds.genre_sets) by_genres.resize(kinds.genre_sets);
  if (by_year.size() < kinds.years) by_year.resize(kinds.years);
  if (by_kind.size() < kinds.kinds) by_kind.resize(kinds.kinds);
  speaks.assign(titles, 0);
}

}  // namespace tvcore
