// tvcore::FoldSet for Python.
#include <cstring>
#include <new>
#include <vector>

#include "event_binding.hpp"
#include "last_error.hpp"
#include "tvcore/fold.hpp"
#include "tvn.h"

using tvcore::Entry;
using tvcore::Fold;
using tvcore::FoldSet;
using tvcore::Kept;

struct tvn_folds {
  FoldSet set;
};

static_assert(sizeof(tvn_fold_entry) == sizeof(Entry) && sizeof(tvn_fold_kept) == sizeof(Kept) &&
                  offsetof(tvn_fold_entry, undo_explicit_q12) == offsetof(Entry, undo_explicit_q12),
              "both are the bytes of docs/formats.md");
static_assert(TVN_FOLD_FINISHED == tvcore::kFinished && TVN_FOLD_DISLIKED == tvcore::kDisliked &&
                  TVN_FOLD_HIDDEN == tvcore::kHidden && TVN_FOLD_LISTED == tvcore::kListed &&
                  TVN_FOLD_RATED == tvcore::kRated && TVN_FOLD_STARTED == tvcore::kStarted &&
                  TVN_FOLD_NO_CONTINUE == tvcore::kNoContinue && TVN_FOLD_PICKED == tvcore::kPicked,
              "the flags are the core's");

namespace {

template <typename To, typename From>
int32_t copy_all(const std::vector<From>& from, To* out, uint32_t capacity) {
  static_assert(sizeof(To) == sizeof(From), "the same bytes");
  if (from.size() > capacity) return tvsdk::fail(TVB_E_BUFFER, "fold: the array is too small");
  if (!from.empty()) std::memcpy(out, from.data(), from.size() * sizeof(From));
  return TVB_OK;
}

template <typename Body>
int32_t with_fold(const tvn_folds* folds, uint32_t profile, Body&& body) {
  return tvsdk::guarded([&] {
    const Fold* fold = folds->set.find(profile);
    if (fold == nullptr) {
      const std::string text = "profile " + std::to_string(profile) + " has no history";
      return tvsdk::fail(TVB_E_NO_PROFILE, text.c_str());
    }
    return body(*fold);
  });
}

}  // namespace

extern "C" int32_t tvn_folds_new(tvn_folds** out) {
  *out = new (std::nothrow) tvn_folds;
  return *out != nullptr ? TVB_OK : tvsdk::fail(TVB_E_NO_MEMORY, "an allocation failed");
}

extern "C" void tvn_folds_free(tvn_folds* folds) { delete folds; }

extern "C" int32_t tvn_folds_decode(tvn_folds* folds, const uint8_t* bytes, uint64_t size) {
  return tvsdk::guarded([&] {
    return tvsdk::result(FoldSet::decode(bytes, static_cast<size_t>(size), &folds->set));
  });
}

extern "C" int32_t tvn_folds_apply(tvn_folds* folds, const tvn_event* events, uint64_t count,
                                   const uint8_t* added, uint64_t added_size) {
  return tvsdk::guarded([&] {
    tvcore::Event event;
    for (uint64_t i = 0; i < count; ++i) {
      if (!tvpy::from_tvn(events[i], added, added_size, &event)) {
        return tvsdk::fail(TVB_E_INVALID, "events: what one adds lies outside the bytes");
      }
    }
    for (uint64_t i = 0; i < count; ++i) {
      (void)tvpy::from_tvn(events[i], added, added_size, &event);
      folds->set.apply(event);
    }
    return TVB_OK;
  });
}

extern "C" int32_t tvn_folds_encode(const tvn_folds* folds, uint8_t* out, uint64_t capacity,
                                    uint64_t* size) {
  return tvsdk::guarded([&] {
    const std::vector<uint8_t> bytes = folds->set.encode();
    *size = bytes.size();
    if (bytes.size() > capacity) return tvsdk::fail(TVB_E_BUFFER, "fold: the buffer is too small");
    if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
    return TVB_OK;
  });
}

extern "C" int32_t tvn_folds_profiles(const tvn_folds* folds, uint32_t* ids, uint32_t capacity,
                                      uint32_t* count) {
  const auto& all = folds->set.all();
  *count = static_cast<uint32_t>(all.size());
  if (*count > capacity) return tvsdk::fail(TVB_E_BUFFER, "fold: the array is too small");
  for (const auto& [profile, fold] : all) *ids++ = profile;
  return TVB_OK;
}

extern "C" int32_t tvn_folds_info(const tvn_folds* folds, uint32_t profile, tvn_fold_info* out) {
  return with_fold(folds, profile, [&](const Fold& fold) {
    *out = {};
    out->profile = profile;
    out->entries = static_cast<uint32_t>(fold.entries().size());
    out->kept = static_cast<uint32_t>(fold.kept().size());
    out->ordinal = fold.ordinal();
    out->touch = fold.touch();
    out->listed = fold.listed();
    out->last_ms = fold.last_ms();
    out->session = fold.session();
    out->session_start_ms = fold.session_start_ms();
    return TVB_OK;
  });
}

extern "C" int32_t tvn_folds_entries(const tvn_folds* folds, uint32_t profile, tvn_fold_entry* out,
                                     uint32_t capacity) {
  return with_fold(folds, profile,
                   [&](const Fold& fold) { return copy_all(fold.entries(), out, capacity); });
}

extern "C" int32_t tvn_folds_kept(const tvn_folds* folds, uint32_t profile, tvn_fold_kept* out,
                                  uint32_t capacity) {
  return with_fold(folds, profile,
                   [&](const Fold& fold) { return copy_all(fold.kept(), out, capacity); });
}

extern "C" int32_t tvn_folds_strengths(const tvn_folds* folds, uint32_t profile, int32_t* out,
                                       uint32_t capacity) {
  return with_fold(folds, profile, [&](const Fold& fold) {
    std::vector<int32_t> strengths;
    strengths.reserve(fold.entries().size());
    for (const Entry& entry : fold.entries()) strengths.push_back(tvcore::strength_q12(entry));
    return copy_all(strengths, out, capacity);
  });
}
