#include "brain.hpp"

extern "C" int32_t tvb_learn_now(tvb_brain* brain) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine&) {
    if (brain->learning != nullptr) return brain->learning->learn_now();
    return tvcore::Status(tvcore::Code::kNoLearner, brain->not_learning);
  });
}
