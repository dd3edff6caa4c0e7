// The bytes of a snapshot: docs/formats.md, "Snapshot".
#include "tvcore/snapshot.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tvcore/dot.hpp"

namespace tvcore {

namespace {

struct MetaRow {
  uint64_t generation, journal_id, learned_seq, erasure_epoch;
  int64_t created_ms;
  uint64_t space_id;
  uint32_t dimension, stride;
  uint32_t diversity_q12;  // since 1.3
  uint32_t reserved;
};
static_assert(sizeof(MetaRow) == 64, "docs/formats.md");

struct InterestRow {  // then `stride` numbers
  uint32_t profile, scale_q30;
  int32_t weight_q12, bias_q20;
};
static_assert(sizeof(InterestRow) == 16, "docs/formats.md");

struct WeightHead {  // then `terms` weights
  uint32_t profile, terms;
};
static_assert(sizeof(WeightHead) == 8, "docs/formats.md");
constexpr uint16_t kLaterMinor = 1;     // of BLND that says how many terms, BLFC, ROWU, CHAF
constexpr uint16_t kWeekdaysMinor = 2;  // of PATT with weekdays
constexpr uint16_t kDiversityMinor = 3;
constexpr uint32_t kMostDiversity = 4096;
constexpr uint32_t kFirstTerms = 8;  // of records that do not say how many

struct FactorHead {  // then a triangle of as many rows as terms
  uint32_t profile, terms;
  uint64_t version;
};
static_assert(sizeof(FactorHead) == 16, "docs/formats.md");

struct AffinityRow {
  uint32_t profile;
  uint16_t daypart;
  int16_t affinity_q12;
  uint64_t genre_hash;
};
static_assert(sizeof(AffinityRow) == 16, "docs/formats.md");

struct UseRow {
  uint32_t profile;
  uint8_t daypart, kind;
  uint16_t use_q12;
};
static_assert(sizeof(UseRow) == 8, "docs/formats.md");

struct ChannelRow {
  uint32_t profile;
  uint16_t daypart;
  int16_t affinity_q12;
  uint64_t channel_hash;
};
static_assert(sizeof(ChannelRow) == 16, "docs/formats.md");

struct PatternHead {  // then `stride` numbers
  uint64_t id;
  uint32_t profile;
  uint16_t dayparts, weekdays;
  uint32_t scale_q30;
  int32_t weight_q12;
  int32_t bias_q20;
  uint32_t reserved1;
};
static_assert(sizeof(PatternHead) == 32, "docs/formats.md");

struct SlateRow {
  uint32_t profile, place;
  Key key;
};
static_assert(sizeof(SlateRow) == 16, "docs/formats.md");

constexpr uint16_t kDayparts = 8, kWeekdays = 7;

template <typename T>
void append(std::vector<uint8_t>* out, const T& row) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&row);
  out->insert(out->end(), bytes, bytes + sizeof row);
}

// Exactly `stride` numbers, whatever the row has: encode writes what decode can find.
void append_numbers(std::vector<uint8_t>* out, const std::vector<int8_t>& numbers,
                    uint32_t stride) {
  const size_t begin = out->size();
  out->resize(begin + stride);
  const size_t count = std::min<size_t>(stride, numbers.size());
  if (count != 0) std::memcpy(out->data() + begin, numbers.data(), count);
}

template <typename T>
T row_at(const Section& section, uint64_t index) {
  T row;
  std::memcpy(&row, section.data + index * section.stride, sizeof row);
  return row;
}

std::vector<int8_t> numbers_at(const Section& section, uint64_t index, size_t head,
                               uint32_t stride) {
  const uint8_t* from = section.data + index * section.stride + head;
  return std::vector<int8_t>(from, from + stride);
}

// Reads the sections of one container into a snapshot.
class Reader {
 public:
  Reader(const Container& container, const std::string& name, Snapshot* out)
      : container_(container), name_(name), out_(out) {}

  Status read() {
    Status status = meta();
    if (status.ok()) status = folds();
    if (status.ok()) status = interests();
    if (status.ok()) status = weights();
    if (status.ok()) status = factors();
    if (status.ok()) status = affinities();
    if (status.ok()) status = row_use();
    if (status.ok()) status = channels();
    if (status.ok()) status = patterns();
    if (status.ok()) status = slates();
    if (status.ok() && out_->learned.size() > kMaxProfiles + 1) return bad("too many profiles");
    return status;
  }

  Status read_slates() {
    Status status = meta();
    if (status.ok()) status = slates();
    if (status.ok() && out_->learned.size() > kMaxProfiles + 1) return bad("too many profiles");
    return status;
  }

 private:
  Status bad(const std::string& what) const { return Status(Code::kCorrupt, name_ + ": " + what); }

  Status meta() {
    Section section;
    if (Status status = container_.need("META", sizeof(MetaRow), &section); !status.ok()) {
      return status;
    }
    if (section.count != 1) return bad("META: not one row");
    const auto row = row_at<MetaRow>(section, 0);
    if (row.dimension > kMaxDimension) return bad("META: dimension");
    if (row.stride != (row.dimension + 63) / 64 * 64) return bad("META: stride");
    if ((row.space_id == 0) != (row.dimension == 0)) return bad("META: space without dimension");
    if (row.diversity_q12 > kMostDiversity) return bad("META: diversity");
    out_->diversity_q12 = row.diversity_q12;
    out_->generation = row.generation;
    out_->journal_id = row.journal_id;
    out_->learned_seq = row.learned_seq;
    out_->erasure_epoch = row.erasure_epoch;
    out_->created_ms = row.created_ms;
    out_->space_id = row.space_id;
    out_->dimension = row.dimension;
    out_->stride = row.stride;
    return {};
  }

  Status folds() {
    Section section;
    if (Status status = container_.need("FOLD", 1, &section); !status.ok()) return status;
    Status status = FoldSet::decode(section.data, static_cast<size_t>(section.size), &out_->folds);
    return status.ok() ? status : bad("FOLD: " + status.text());
  }

  Status interests() {
    Section section;
    const auto head = static_cast<uint32_t>(sizeof(InterestRow));
    if (Status status = container_.find("INTR", head + out_->stride, &section); !status.ok()) {
      return status;
    }
    if (section.count != 0 && out_->dimension == 0) return bad("INTR: without a space");
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto row = row_at<InterestRow>(section, i);
      std::vector<Interest>& all = out_->learned[row.profile].interests;
      if (all.size() == kMaxInterests) return bad("INTR: more than four of a profile");
      all.push_back({row.scale_q30, row.weight_q12, row.bias_q20,
                     numbers_at(section, i, head, out_->stride)});
    }
    return {};
  }

  Status weights() {
    Section section;
    if (Status status = container_.find("BLND", sizeof(WeightHead), &section); !status.ok()) {
      return status;
    }
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto head = row_at<WeightHead>(section, i);
      const size_t terms = head.terms == 0 ? kFirstTerms : head.terms;
      if (terms > (section.stride - sizeof head) / sizeof(int32_t)) return bad("BLND: terms");
      Learned& learned = out_->learned[head.profile];
      if (learned.has_weights) return bad("BLND: a profile twice");
      learned.has_weights = true;
      std::memcpy(learned.weights_q12.data(), section.data + i * section.stride + sizeof head,
                  std::min(terms, kTerms) * sizeof(int32_t));
    }
    return {};
  }

  Status factors() {
    Section section;
    if (Status status = container_.find("BLFC", sizeof(FactorHead), &section); !status.ok()) {
      return status;
    }
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto head = row_at<FactorHead>(section, i);
      const uint64_t terms = head.terms;
      const uint64_t numbers = (section.stride - sizeof head) / sizeof(int32_t);
      if (terms == 0 || terms * (terms + 1) / 2 > numbers) return bad("BLFC: terms");
      Learned& learned = out_->learned[head.profile];
      if (learned.explores) return bad("BLFC: a profile twice");
      learned.explores = true;
      learned.exploration.version = head.version;
      // The rows of further terms come after those of ours.
      std::memcpy(learned.exploration.factor_q20.data(),
                  section.data + i * section.stride + sizeof head,
                  std::min<uint64_t>(terms * (terms + 1) / 2, kFactor) * sizeof(int32_t));
    }
    return {};
  }

  Status affinities() {
    Section section;
    if (Status status = container_.find("AFFN", sizeof(AffinityRow), &section); !status.ok()) {
      return status;
    }
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto row = row_at<AffinityRow>(section, i);
      if (row.daypart >= kDayparts) return bad("AFFN: daypart");
      out_->learned[row.profile].affinities.push_back(
          {row.daypart, row.affinity_q12, row.genre_hash});
    }
    return {};
  }

  Status row_use() {
    Section section;
    if (Status status = container_.find("ROWU", sizeof(UseRow), &section); !status.ok()) {
      return status;
    }
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto row = row_at<UseRow>(section, i);
      if (row.daypart >= kDayparts) return bad("ROWU: daypart");
      out_->learned[row.profile].row_use.push_back({row.daypart, row.kind, row.use_q12});
    }
    return {};
  }

  Status channels() {
    Section section;
    if (Status status = container_.find("CHAF", sizeof(ChannelRow), &section); !status.ok()) {
      return status;
    }
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto row = row_at<ChannelRow>(section, i);
      if (row.daypart >= kDayparts) return bad("CHAF: daypart");
      out_->learned[row.profile].channels.push_back(
          {row.daypart, row.affinity_q12, row.channel_hash});
    }
    return {};
  }

  Status patterns() {
    Section section;
    const auto head = static_cast<uint32_t>(sizeof(PatternHead));
    if (Status status = container_.find("PATT", head + out_->stride, &section); !status.ok()) {
      return status;
    }
    if (section.count != 0 && out_->dimension == 0) return bad("PATT: without a space");
    if (section.count > kMaxPatterns) return bad("PATT: more than 64");
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto row = row_at<PatternHead>(section, i);
      if (row.dayparts >> kDayparts != 0) return bad("PATT: dayparts");
      if (row.weekdays >> kWeekdays != 0) return bad("PATT: weekdays");
      out_->patterns.push_back({row.id, row.profile, row.dayparts, row.scale_q30, row.weight_q12,
                                row.bias_q20, numbers_at(section, i, head, out_->stride),
                                row.weekdays});
    }
    return {};
  }

  Status slates() {
    Section section;
    if (Status status = container_.find("SLAT", sizeof(SlateRow), &section); !status.ok()) {
      return status;
    }
    for (uint64_t i = 0; i < section.count; ++i) {
      const auto row = row_at<SlateRow>(section, i);
      std::vector<Key>& slate = out_->learned[row.profile].last_good;
      if (row.place != slate.size() || slate.size() == kMaxLastGood) return bad("SLAT: place");
      slate.push_back(row.key);
    }
    return {};
  }

  const Container& container_;
  const std::string& name_;
  Snapshot* out_;
};

}  // namespace

std::vector<uint8_t> Snapshot::encode() const {
  std::vector<uint8_t> interests, weights, factors, affinities, uses, channels, pattern_rows,
      slates, meta;
  append(&meta, MetaRow{generation, journal_id, learned_seq, erasure_epoch, created_ms, space_id,
                        dimension, stride, diversity_q12, 0});
  for (const auto& [profile, one] : learned) {
    for (const Interest& interest : one.interests) {
      append(&interests,
             InterestRow{profile, interest.scale_q30, interest.weight_q12, interest.bias_q20});
      append_numbers(&interests, interest.row, stride);
    }
    if (one.has_weights) {
      append(&weights, WeightHead{profile, kTerms});
      append(&weights, one.weights_q12);
    }
    if (one.explores) {
      append(&factors, FactorHead{profile, kTerms, one.exploration.version});
      append(&factors, one.exploration.factor_q20);
    }
    for (const Affinity& affinity : one.affinities) {
      append(&affinities,
             AffinityRow{profile, affinity.daypart, affinity.affinity_q12, affinity.genre_hash});
    }
    for (const RowUse& use : one.row_use) {
      append(&uses, UseRow{profile, use.daypart, use.kind, use.use_q12});
    }
    for (const ChannelAffinity& channel : one.channels) {
      append(&channels,
             ChannelRow{profile, channel.daypart, channel.affinity_q12, channel.channel_hash});
    }
    for (size_t place = 0; place < one.last_good.size(); ++place) {
      append(&slates, SlateRow{profile, static_cast<uint32_t>(place), one.last_good[place]});
    }
  }
  bool has_weekdays = false;
  for (const PatternRow& pattern : patterns) {
    append(&pattern_rows,
           PatternHead{pattern.id, pattern.profile, pattern.dayparts, pattern.weekdays,
                       pattern.scale_q30, pattern.weight_q12, pattern.bias_q20, 0});
    has_weekdays = has_weekdays || pattern.weekdays != 0;
    append_numbers(&pattern_rows, pattern.row, stride);
  }
  const bool has_later = !weights.empty() || !factors.empty() || !uses.empty() || !channels.empty();
  const uint16_t minor = diversity_q12 != 0 ? kDiversityMinor
                         : has_weekdays     ? kWeekdaysMinor
                         : has_later        ? kLaterMinor
                                            : kContainerMinor;
  ContainerWriter writer(kSnapshotMagic, 0, minor);
  writer.add("META", sizeof(MetaRow), std::move(meta));
  writer.add("FOLD", 1, folds.encode());
  if (!interests.empty()) writer.add("INTR", sizeof(InterestRow) + stride, std::move(interests));
  if (!weights.empty()) {
    writer.add("BLND", sizeof(WeightHead) + sizeof(Learned::weights_q12), std::move(weights));
  }
  if (!factors.empty()) {
    writer.add("BLFC", sizeof(FactorHead) + kFactor * sizeof(int32_t), std::move(factors));
  }
  if (!affinities.empty()) writer.add("AFFN", sizeof(AffinityRow), std::move(affinities));
  if (!uses.empty()) writer.add("ROWU", sizeof(UseRow), std::move(uses));
  if (!channels.empty()) writer.add("CHAF", sizeof(ChannelRow), std::move(channels));
  if (!pattern_rows.empty()) {
    writer.add("PATT", sizeof(PatternHead) + stride, std::move(pattern_rows));
  }
  if (!slates.empty()) writer.add("SLAT", sizeof(SlateRow), std::move(slates));
  return writer.finish();
}

Status Snapshot::decode(const std::vector<uint8_t>& bytes, const std::string& name, Snapshot* out) {
  Container container;
  Status status = Container::open(Map::of(bytes), kSnapshotMagic, name, &container);
  if (status.ok()) status = container.verify();
  Snapshot read;
  if (status.ok()) status = Reader(container, name, &read).read();
  if (status.ok()) *out = std::move(read);
  return status;
}

Status Snapshot::decode_slates(const std::vector<uint8_t>& bytes, const std::string& name,
                               Snapshot* out) {
  Container container;
  Status status = Container::open(Map::of(bytes), kSnapshotMagic, name, &container);
  if (status.ok()) status = container.verify("META");
  if (status.ok()) status = container.verify("SLAT");
  Snapshot read;
  if (status.ok()) status = Reader(container, name, &read).read_slates();
  if (status.ok()) *out = std::move(read);
  return status;
}

}  // namespace tvcore
