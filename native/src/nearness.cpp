#include "tvcore/nearness.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "tvcore/bitmap.hpp"
#include "tvcore/centred_scan.hpp"
#include "tvcore/terms.hpp"

namespace tvcore {
namespace {

// The beam of a search for k titles (docs/adr/0010 has what it finds): it grows with k, because the last of many are the
// easiest to miss.
size_t beam_for(size_t k) { return std::max<size_t>(48, 16 + 8 * k / 5); }

// Modulo 2^32, as the kernels add.
int32_t wrapping_sum(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

VectorTable rows_of(const VectorTable& table, size_t from, size_t to) {
  VectorTable out = table;
  out.rows += from * table.stride;
  out.scale_q30 += from;
  out.bias_q20 += from;
  out.count = to - from;
  return out;
}

// The square of the mean vector, Q20. Doubles in a fixed order: each product is exact, and every chip rounds the sums
// alike.
int32_t square_q20(const float* mean, uint32_t dimension) {
  double sum = 0;
  for (uint32_t i = 0; i < dimension; ++i) {
    const double value = mean[i];
    sum += value * value;
  }
  return sum < 16.0 ? static_cast<int32_t>(sum * 0x1p20 + 0.5) : 0;
}

}  // namespace

Nearness::Nearness(std::shared_ptr<const Stack> stack) : stack_(std::move(stack)) {
  for (size_t p = 0; p < stack_->packs().size(); ++p) {
    const Pack& pack = *stack_->packs()[p];
    const uint32_t dimension = pack.dimension();
    Part part{{}, stack_->first_slot(p), pack.rows(), nullptr};
    if (pack.has_vectors() && dimension % 32 == 0 && dimension <= kMaxDimension) {
      part.table = {pack.vectors(), pack.vector_scales(), pack.vector_biases(), pack.stride(),
                    dimension,      pack.rows()};
      part.graph = pack.graph();
      mean_square_q20_ = square_q20(pack.mean(), dimension);
    }
    for (uint32_t row = 0; row < part.rows; ++row) {
      if (part.table.count == 0 || part.table.scale_q30[row] == 0) {
        without_.push_back(part.first_slot + row);
      }
    }
    parts_.push_back(part);
  }
}

// The base's whole words of the bitmap hold its rows alone. Its last rows share a word with a side pack's, whose rows
// begin anywhere in a word: these are few, so all of them are scored.
size_t Nearness::whole_rows(const Part& part) {
  return part.first_slot == 0 ? part.rows / kBlockRows * kBlockRows : 0;
}

const Nearness::Part& Nearness::part_of(uint32_t slot) const {
  size_t p = 0;
  while (p + 1 < parts_.size() && parts_[p + 1].first_slot <= slot) ++p;
  return parts_[p];
}

QueryVector Nearness::vector(uint32_t slot) const {
  const Part& part = part_of(slot);
  const size_t row = slot - part.first_slot;
  if (part.table.count == 0 || part.table.scale_q30[row] == 0) return {nullptr, 0, 0};
  return {part.table.rows + row * part.table.stride, part.table.scale_q30[row],
          part.table.bias_q20[row]};
}

void Nearness::scan(const QueryVector* queries, size_t count, const uint64_t* eligible,
                    int32_t* text) const {
  if (count == 0) {
    std::fill(text, text + stack_->slots(), 0);
    return;
  }
  for (const Part& part : parts_) {
    int32_t* out = text + part.first_slot;
    if (part.table.count == 0) continue;
    const size_t whole = whole_rows(part);
    if (whole != 0) scan_all(rows_of(part.table, 0, whole), queries, count, eligible, out);
    if (whole != part.rows) {
      scan_all(rows_of(part.table, whole, part.rows), queries, count, nullptr, out + whole);
    }
    const int32_t less = -mean_square_q20_;
    uint32_t row = 0;
    for (; row + kBlockRows <= part.rows; row += kBlockRows) {  // of a fixed length: vectorised
      int32_t* const block = out + row;
      for (uint32_t i = 0; i < kBlockRows; ++i) {
        const int32_t value = wrapping_sum(block[i], less);
        const int32_t positive = value > 0 ? value : 0;
        block[i] = positive < kOneQ20 ? positive : kOneQ20;
      }
    }
    for (; row < part.rows; ++row) out[row] = value_q20(out[row]);
  }
  for (uint32_t slot : without_) text[slot] = 0;
}

int32_t Nearness::value_q20(int32_t score) const {
  return std::clamp(wrapping_sum(score, -mean_square_q20_), 0, kOneQ20);
}

bool Nearness::graph_helps(const uint64_t* eligible, size_t k) const {
  const Part& base = parts_.front();
  return base.graph != nullptr &&
         graph_is_cheaper(bitmap_count(eligible, base.rows), base.rows, beam_for(k));
}

void Nearness::find(const QueryVector& query, const uint64_t* eligible, size_t k, uint64_t* bits,
                    int32_t* scores, HnswScratch& scratch, std::vector<Scored>* out) const {
  const Part& base = parts_.front();
  // The base's last word may hold slots of a side pack.
  bitmap_fill(bits, base.rows);
  bitmap_and(bits, eligible, base.rows);
  for (const uint32_t slot : without_) {
    if (slot < base.rows) bitmap_reset(bits, slot);
  }
  out->resize(k);
  out->resize(nearest_top_k({base.table, base.graph}, query, bits, k, beam_for(k), NearestBy::kPlan,
                            scratch, out->data())
                  .count);
  for (const Part& part : parts_) {
    if (part.first_slot == 0 || part.table.count == 0) continue;
    scan_all(part.table, &query, 1, nullptr, scores);
    for (uint32_t row = 0; row < part.rows; ++row) {
      const uint32_t slot = part.first_slot + row;
      if (part.table.scale_q30[row] == 0 || !bitmap_test(eligible, slot)) continue;
      out->push_back({scores[row], slot, 0});
    }
  }
  for (Scored& one : *out) one.score = value_q20(one.score);
  out->erase(
      std::remove_if(out->begin(), out->end(), [](const Scored& one) { return one.score == 0; }),
      out->end());
}

bool Nearness::mean_of(const uint32_t* slots, const uint32_t* weights_q12, size_t count,
                       MeanVector* out) const {
  const size_t dimension = stack_->dimension();
  int64_t sum[kMaxDimension] = {};
  int64_t weight = 0;
  for (size_t i = 0; i < count; ++i) {
    const QueryVector one = vector(slots[i]);
    const int64_t factor = static_cast<int64_t>(weights_q12[i]) * one.scale_q30;
    for (size_t d = 0; d < dimension; ++d) sum[d] += factor * one.row[d];
    weight += weights_q12[i];
  }
  int64_t most = 0;
  for (size_t d = 0; d < dimension; ++d) most = std::max(most, std::abs(sum[d]));
  if (most == 0 || weight == 0) return false;
  // Down to 2^31, so that the quotients below are of 64 bits.
  int shift = 0;
  while ((most >> shift) >= int64_t{1} << 31) ++shift;
  const int64_t scaled = most >> shift;
  for (size_t d = 0; d < dimension; ++d) {
    const int64_t size = ((std::abs(sum[d]) >> shift) * 254 + scaled) / (2 * scaled);
    out->row[d] = static_cast<int8_t>(sum[d] < 0 ? -size : size);
  }
  out->scale_q30 =
      static_cast<uint32_t>(std::min<int64_t>(most / (127 * weight), int64_t{kScaleLimitQ30} - 1));
  return true;
}

int32_t Nearness::centred_q20(const QueryVector& query, uint32_t slot) const {
  const QueryVector item = vector(slot);
  const int32_t dot = active_kernel().pair(query.row, item.row, stack_->dimension());
  return similarity(dot, item.scale_q30, query.scale_q30);
}

int32_t Nearness::sim_q20(const QueryVector& query, const QueryVector& item) const {
  const int32_t dot = active_kernel().pair(query.row, item.row, stack_->dimension());
  const int32_t sim = similarity(dot, item.scale_q30, query.scale_q30);
  return wrapping_sum(wrapping_sum(sim, wrapping_sum(query.bias_q20, item.bias_q20)),
                      -mean_square_q20_);
}

void Nearness::scan_centred(const Asked& asked) const {
  for (const Part& part : parts_) {
    const uint32_t from = part.first_slot;
    std::array<int32_t*, kMaxQueries> each{};
    for (size_t q = 0; q < asked.each_count; ++q) {
      each[q] = asked.each_values[q] + from;
      if (part.table.count == 0) std::fill(each[q], each[q] + part.rows, 0);
    }
    if (part.table.count == 0) {
      int32_t* const first = asked.of_eligible.values + from;
      if (asked.of_eligible.count != 0) std::fill(first, first + part.rows, 0);
      continue;
    }
    const auto greatest = [from](const Asked::Greatest& of, const uint64_t* wanted) {
      return QuerySet{of.queries, of.count, wanted, from, {of.values + from}, false};
    };
    tvcore::scan_centred(part.table,
                         {{asked.each, asked.each_count, asked.eligible, from, each, true},
                          greatest(asked.of_eligible, asked.eligible),
                          greatest(asked.of_some, asked.some)});
  }
}

int32_t Nearness::genres_in_common_q20(uint32_t a, uint32_t b) const {
  const uint64_t left = stack_->genres()[a], right = stack_->genres()[b];
  if ((left | right) == 0) return 0;
  return static_cast<int32_t>((count_bits(left & right) << 20) / count_bits(left | right));
}

}  // namespace tvcore
