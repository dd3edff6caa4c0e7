// tvcore::Snapshot, its folder and the floor for Python.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "last_error.hpp"
#include "tvcore/erasure.hpp"
#include "tvcore/file.hpp"
#include "tvcore/snapshot.hpp"
#include "tvcore/terms.hpp"
#include "tvn.h"

using tvcore::Learned;
using tvcore::Snapshot;
using tvcore::Status;

static_assert(sizeof(tvn_interest) == 16 && sizeof(tvn_weights) == 56 &&
                  sizeof(tvn_affinity) == 16 && sizeof(tvn_pattern) == 32 &&
                  sizeof(tvn_slate_place) == 16 && sizeof(tvn_row_use) == 8 &&
                  sizeof(tvn_channel) == 16 && sizeof(tvn_factor) == 16 + 4 * TVN_FACTOR,
              "arrays of these are numpy arrays");
static_assert(tvcore::kTerms == TVB_TERM_COUNT && tvcore::kFactor == TVN_FACTOR &&
                  sizeof(tvn_weights::weights_q12) / 4 == tvcore::kTerms,
              "one weight a term");

// A snapshot laid out as the arrays of tvn_snapshot_view.
struct tvn_snapshot {
  tvn_snapshot_view view{};
  std::vector<uint8_t> folds;
  std::vector<tvn_interest> interests;
  std::vector<int8_t> interest_rows, pattern_rows;
  std::vector<tvn_weights> weights;
  std::vector<tvn_factor> factors;
  std::vector<tvn_affinity> affinities;
  std::vector<tvn_pattern> patterns;
  std::vector<tvn_slate_place> slates;
  std::vector<tvn_row_use> row_use;
  std::vector<tvn_channel> channels;
};

namespace {

std::unique_ptr<tvn_snapshot> laid_out(const Snapshot& from) {
  auto out = std::make_unique<tvn_snapshot>();
  out->folds = from.folds.encode();
  for (const auto& [profile, learned] : from.learned) {
    for (const tvcore::Interest& one : learned.interests) {
      out->interests.push_back({profile, one.scale_q30, one.weight_q12, one.bias_q20});
      out->interest_rows.insert(out->interest_rows.end(), one.row.begin(), one.row.end());
    }
    if (learned.has_weights) {
      tvn_weights row{};
      row.profile = profile;
      std::copy(learned.weights_q12.begin(), learned.weights_q12.end(), row.weights_q12);
      out->weights.push_back(row);
    }
    if (learned.explores) {
      const tvcore::Exploration& exploration = learned.exploration;
      tvn_factor row{};
      row.profile = profile;
      row.version = exploration.version;
      std::copy(exploration.factor_q20.begin(), exploration.factor_q20.end(), row.factor_q20);
      out->factors.push_back(row);
    }
    for (const tvcore::Affinity& one : learned.affinities) {
      out->affinities.push_back({profile, one.daypart, one.affinity_q12, one.genre_hash});
    }
    for (const tvcore::RowUse& one : learned.row_use) {
      out->row_use.push_back({profile, one.daypart, one.kind, one.use_q12});
    }
    for (const tvcore::ChannelAffinity& one : learned.channels) {
      out->channels.push_back({profile, one.daypart, one.affinity_q12, one.channel_hash});
    }
    uint32_t place = 0;
    for (const tvcore::Key key : learned.last_good) out->slates.push_back({profile, place++, key});
  }
  for (const tvcore::PatternRow& one : from.patterns) {
    out->patterns.push_back({one.id, one.profile, one.dayparts, one.weekdays, one.scale_q30,
                             one.weight_q12, one.bias_q20, 0});
    out->pattern_rows.insert(out->pattern_rows.end(), one.row.begin(), one.row.end());
  }
  tvn_snapshot_view& view = out->view;
  view.generation = from.generation;
  view.journal_id = from.journal_id;
  view.learned_seq = from.learned_seq;
  view.erasure_epoch = from.erasure_epoch;
  view.created_ms = from.created_ms;
  view.space_id = from.space_id;
  view.dimension = from.dimension;
  view.stride = from.stride;
  view.diversity_q12 = from.diversity_q12;
  view.folds = out->folds.data();
  view.folds_size = out->folds.size();
  view.interests = out->interests.data();
  view.interest_rows = out->interest_rows.data();
  view.weights = out->weights.data();
  view.factors = out->factors.data();
  view.affinities = out->affinities.data();
  view.patterns = out->patterns.data();
  view.pattern_rows = out->pattern_rows.data();
  view.slates = out->slates.data();
  view.row_use = out->row_use.data();
  view.channels = out->channels.data();
  view.interest_count = static_cast<uint32_t>(out->interests.size());
  view.weights_count = static_cast<uint32_t>(out->weights.size());
  view.factor_count = static_cast<uint32_t>(out->factors.size());
  view.affinity_count = static_cast<uint32_t>(out->affinities.size());
  view.pattern_count = static_cast<uint32_t>(out->patterns.size());
  view.slate_count = static_cast<uint32_t>(out->slates.size());
  view.row_use_count = static_cast<uint32_t>(out->row_use.size());
  view.channel_count = static_cast<uint32_t>(out->channels.size());
  return out;
}

std::vector<int8_t> numbers(const int8_t* rows, uint32_t index, uint32_t stride) {
  const int8_t* from = rows + uint64_t{index} * stride;
  return std::vector<int8_t>(from, from + stride);
}

Status from_view(const tvn_snapshot_view& view, Snapshot* out) {
  out->generation = view.generation;
  out->journal_id = view.journal_id;
  out->learned_seq = view.learned_seq;
  out->erasure_epoch = view.erasure_epoch;
  out->created_ms = view.created_ms;
  out->space_id = view.space_id;
  out->dimension = view.dimension;
  out->stride = view.stride;
  out->diversity_q12 = view.diversity_q12;
  for (uint32_t i = 0; i < view.interest_count; ++i) {
    const tvn_interest& row = view.interests[i];
    out->learned[row.profile].interests.push_back(
        {row.scale_q30, row.weight_q12, row.bias_q20, numbers(view.interest_rows, i, view.stride)});
  }
  for (uint32_t i = 0; i < view.weights_count; ++i) {
    const tvn_weights& row = view.weights[i];
    Learned& learned = out->learned[row.profile];
    learned.has_weights = true;
    std::copy(std::begin(row.weights_q12), std::end(row.weights_q12), learned.weights_q12.begin());
  }
  for (uint32_t i = 0; i < view.factor_count; ++i) {
    const tvn_factor& row = view.factors[i];
    Learned& learned = out->learned[row.profile];
    learned.explores = true;
    learned.exploration.version = row.version;
    std::copy(std::begin(row.factor_q20), std::end(row.factor_q20),
              learned.exploration.factor_q20.begin());
  }
  for (uint32_t i = 0; i < view.affinity_count; ++i) {
    const tvn_affinity& row = view.affinities[i];
    out->learned[row.profile].affinities.push_back({row.daypart, row.affinity_q12, row.genre_hash});
  }
  for (uint32_t i = 0; i < view.row_use_count; ++i) {
    const tvn_row_use& row = view.row_use[i];
    out->learned[row.profile].row_use.push_back({row.daypart, row.kind, row.use_q12});
  }
  for (uint32_t i = 0; i < view.channel_count; ++i) {
    const tvn_channel& row = view.channels[i];
    out->learned[row.profile].channels.push_back({row.daypart, row.affinity_q12, row.channel_hash});
  }
  for (uint32_t i = 0; i < view.slate_count; ++i) {
    const tvn_slate_place& row = view.slates[i];
    std::vector<tvcore::Key>& slate = out->learned[row.profile].last_good;
    if (row.place != slate.size()) {
      return Status(tvcore::Code::kInvalid, "snapshot: places of a slate are not 0, 1, 2 ...");
    }
    slate.push_back(row.key);
  }
  for (uint32_t i = 0; i < view.pattern_count; ++i) {
    const tvn_pattern& row = view.patterns[i];
    out->patterns.push_back({row.id, row.profile, row.dayparts, row.scale_q30, row.weight_q12,
                             row.bias_q20, numbers(view.pattern_rows, i, view.stride),
                             row.weekdays});
  }
  return tvcore::FoldSet::decode(view.folds, static_cast<size_t>(view.folds_size), &out->folds);
}

}  // namespace

extern "C" int32_t tvn_snapshot_publish(const char* folder, const tvn_snapshot_view* view) {
  return tvsdk::guarded([&] {
    Snapshot snapshot;
    Status status = from_view(*view, &snapshot);
    if (status.ok()) status = tvcore::publish_snapshot(folder, snapshot);
    return tvsdk::result(status);
  });
}

extern "C" int32_t tvn_snapshot_load(const char* folder, int32_t may_rename, tvn_snapshot** out,
                                     char* detail, uint32_t capacity) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    std::shared_ptr<const Snapshot> snapshot;
    std::string text;
    const Status status = tvcore::load_snapshot(folder, may_rename != 0, &snapshot, &text);
    if (capacity != 0) {
      const size_t size = std::min<size_t>(text.size(), capacity - 1);
      std::memcpy(detail, text.data(), size);
      detail[size] = '\0';
    }
    if (status.ok() && snapshot) *out = laid_out(*snapshot).release();
    return tvsdk::result(status);
  });
}

extern "C" int32_t tvn_snapshot_open(const char* path, tvn_snapshot** out) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    std::vector<uint8_t> bytes;
    Snapshot snapshot;
    Status status = tvcore::read_all(path, &bytes, tvcore::kMaxSnapshotSize);
    if (status.ok()) status = Snapshot::decode(bytes, path, &snapshot);
    if (status.ok()) *out = laid_out(snapshot).release();
    return tvsdk::result(status);
  });
}

extern "C" void tvn_snapshot_free(tvn_snapshot* snapshot) { delete snapshot; }

extern "C" int32_t tvn_snapshot_get(const tvn_snapshot* snapshot, tvn_snapshot_view* out) {
  *out = snapshot->view;
  return TVB_OK;
}

extern "C" int32_t tvn_snapshot_list(const char* folder, uint64_t* generations, uint32_t capacity,
                                     uint32_t* count) {
  *count = 0;
  return tvsdk::guarded([&] {
    std::vector<uint64_t> all;
    if (const Status status = tvcore::list_snapshots(folder, &all); !status.ok()) {
      return tvsdk::result(status);
    }
    *count = static_cast<uint32_t>(all.size());
    if (all.size() > capacity) return tvsdk::fail(TVB_E_BUFFER, "more generations than fit");
    std::copy(all.begin(), all.end(), generations);
    return TVB_OK;
  });
}

extern "C" int32_t tvn_floor_read(const char* folder, uint64_t journal_id, uint64_t* floor) {
  return tvsdk::guarded(
      [&] { return tvsdk::result(tvcore::read_floor(folder, journal_id, floor)); });
}

extern "C" int32_t tvn_floor_write(const char* folder, uint64_t journal_id, uint64_t floor) {
  return tvsdk::guarded(
      [&] { return tvsdk::result(tvcore::write_floor(folder, journal_id, floor)); });
}

extern "C" int32_t tvn_erased_read(const char* path, tvn_erased* out) {
  return tvsdk::guarded([&] {
    tvcore::Erased found;
    const tvcore::Status status = tvcore::read_erased(path, &found);
    *out = {found.journal_id, found.seq, found.epoch};
    return tvsdk::result(status);
  });
}

extern "C" int32_t tvn_erased_write(const char* path, const tvn_erased* value) {
  return tvsdk::guarded([&] {
    return tvsdk::result(tvcore::write_erased(path, {value->journal_id, value->seq, value->epoch}));
  });
}

extern "C" void tvn_default_weights(int32_t* weights_q12) {
  std::copy(tvcore::kDefaultWeights.begin(), tvcore::kDefaultWeights.end(), weights_q12);
}

extern "C" int32_t tvn_default_diversity() { return tvcore::kDefaultDiversity; }
