// A small snapshot with every section: that of tests/golden/snapshot-1.0.tvs.
#pragma once

#include "histories.hpp"
#include "tvcore/snapshot.hpp"

inline tvcore::Snapshot sample_snapshot(uint64_t generation = 7) {
  using tvcore::Kind;
  tvcore::Snapshot out;
  out.generation = generation;
  out.journal_id = 0x1122334455667788;
  out.learned_seq = 12;
  out.erasure_epoch = 2;
  out.created_ms = histories::kStart;
  out.space_id = 0xabcdef;
  out.dimension = 32;
  out.stride = 64;
  for (const uint32_t profile : {1u, 5u}) {
    out.folds.apply(histories::event(Kind::kComplete, 100 + profile, profile));
    tvcore::Event stop = histories::event(Kind::kStop, 200, profile);
    stop.fields = tvcore::kHasPosition | tvcore::kHasDuration;
    stop.position_s = 900;
    stop.duration_s = 3000;
    stop.session = 42;
    out.folds.apply(stop);
    out.folds.apply(histories::event(Kind::kHide, 300, profile));
  }
  tvcore::Learned& one = out.learned[1];
  one.interests.push_back({1 << 20, 4096, -77, std::vector<int8_t>(64, -3)});
  one.interests.push_back({1 << 21, 2048, 78, std::vector<int8_t>(64, 5)});
  one.affinities.push_back({3, -120, 0x1234});
  one.last_good = {101, 200, 300};
  out.learned[0].has_weights = true;
  out.learned[0].weights_q12 = {4096, 2048, 0, 512, 256, 128, -64, 32};
  out.patterns.push_back({9, 1, 0x81, 1 << 19, 1024, -77, std::vector<int8_t>(64, 7)});
  return out;
}
