// Questions: contexts in, slates and screens out.
#include <cstring>
#include <string>

#include "brain.hpp"

namespace tvsdk {

namespace {

static_assert(TVB_TERM_COUNT == tvcore::kTerms && TVB_MAX_K == tvcore::kMaxK,
              "the header's bounds are the core's");
static_assert(TVB_REASON_ERA == static_cast<int>(tvcore::Reason::kEra) &&
                  TVB_REASON_CONTINUE == static_cast<int>(tvcore::Reason::kContinue) &&
                  TVB_ROW_POPULAR == static_cast<int>(tvcore::RowKind::kPopular) &&
                  TVB_ROW_STARTING_SOON == static_cast<int>(tvcore::RowKind::kStartingSoon) &&
                  TVB_NOT_GENRE == tvcore::kNotGenre && TVB_NOT_AGE == tvcore::kNotAge,
              "the header's codes are the core's");

constexpr float kQ20 = 1.0f / (1 << 20);

Status take_context(const tvb_context* given, tvcore::Ask* out) {
  tvb_context context;
  Status status = take_struct(given, "context", &context);
  if (!status.ok()) return status;
  if ((context.fields & ~static_cast<uint32_t>(TVB_HAS_OFFSET)) != 0) {
    return Status(Code::kInvalid, "context.fields: an unknown bit");
  }
  out->has_offset = (context.fields & TVB_HAS_OFFSET) != 0;
  if (out->has_offset && (context.utc_offset_min < -840 || context.utc_offset_min > 840)) {
    return Status(Code::kInvalid, "context.utc_offset_min: not -840 to 840");
  }
  if (context.k > TVB_MAX_K) return Status(Code::kInvalid, "context.k: more than 200");
  out->profile = context.profile;
  out->at_ms = context.at;
  out->utc_offset_min = context.utc_offset_min;
  out->screen_token = context.screen_token;
  out->k = context.k == 0 ? 20 : context.k;
  out->row = context.row;
  status = take_text(context.region, "context.region", &out->region);
  if (status.ok()) status = take_text(context.genre, "context.genre", &out->genre);
  if (status.ok()) status = take_text(context.item, "context.item", &out->item);
  return status;
}

// The caller's array of items, whose elements may be larger than ours.
class Items {
 public:
  static Status take(tvb_slate_item* items, uint32_t item_size, uint64_t capacity, uint64_t needed,
                     Items* out) {
    if (items == nullptr) return Status(Code::kInvalid, "items: NULL");
    if (item_size < kFirstSize<tvb_slate_item> || item_size > kLargestStruct)
      return Status(Code::kInvalid, "item_size: not a size of tvb_slate_item; use the INIT macro");
    if (capacity < needed) {
      return Status(Code::kBuffer, "items: room for " + std::to_string(capacity) + ", " +
                                       std::to_string(needed) + " are needed");
    }
    out->base_ = reinterpret_cast<uint8_t*>(items);
    out->stride_ = item_size;
    out->written_ = std::min<size_t>(item_size, sizeof(tvb_slate_item));
    return Status();
  }
  void put(size_t index, const tvb_slate_item& value) {
    std::memcpy(base_ + index * stride_, &value, written_);
  }

 private:
  uint8_t* base_ = nullptr;
  size_t stride_ = 0, written_ = 0;
};

tvb_slate_item item_of(const tvcore::Stack& stack, const tvcore::Pick& pick) {
  tvb_slate_item item{};
  give_text(item.item, stack.id(pick.slot));
  item.score = static_cast<float>(pick.score_q20) * kQ20;
  item.propensity = 1.0f;
  for (size_t t = 0; t < tvcore::kTerms; ++t)
    item.terms[t] = static_cast<float>(pick.terms_q20[t]) * kQ20;
  item.reason = static_cast<int32_t>(pick.reason);
  item.offer = pick.offer;
  if (pick.reason_slot != tvcore::kNone) give_text(item.reason_item, stack.id(pick.reason_slot));
  if (pick.reason_genre >= 0) {
    give_text(item.reason_genre, stack.genre_names()[static_cast<size_t>(pick.reason_genre)]);
  }
  item.position_s = pick.position_s;
  item.season = pick.season;
  item.episode = pick.episode;
  item.start = pick.start_ms;
  item.end = pick.end_ms;
  give_text(item.channel, pick.channel);
  return item;
}

// Any question whose answer is one slate.
template <typename Question>
int32_t ask_for_slate(tvb_brain* brain, const tvb_context* context, tvb_slate* slate,
                      tvb_slate_item* items, uint32_t capacity, Question&& question) {
  return with_engine(brain, [&](tvcore::Engine& engine) {
    tvcore::Ask ask;
    Status status = take_context(context, &ask);
    tvb_slate taken{};
    if (status.ok()) status = take_struct(slate, "slate", &taken);
    Items out;
    if (status.ok()) status = Items::take(items, taken.item_size, capacity, ask.k, &out);
    tvcore::Answer answer;
    if (status.ok()) status = question(engine, ask, &answer);
    if (!status.ok()) return status;
    for (size_t i = 0; i < answer.slate.picks.size(); ++i) {
      out.put(i, item_of(*answer.stack, answer.slate.picks[i]));
    }
    taken.slate_id = answer.slate_id;
    taken.count = static_cast<uint32_t>(answer.slate.picks.size());
    taken.eligible = answer.slate.eligible;
    return give_struct(taken, "slate", slate);
  });
}

}  // namespace

}  // namespace tvsdk

extern "C" int32_t tvb_recommend(tvb_brain* brain, const tvb_context* context, tvb_slate* slate,
                                 tvb_slate_item* items, uint32_t capacity) {
  return tvsdk::ask_for_slate(brain, context, slate, items, capacity,
                              [](tvcore::Engine& engine, const tvcore::Ask& ask,
                                 tvcore::Answer* out) { return engine.recommend(ask, out); });
}

extern "C" int32_t tvb_similar(tvb_brain* brain, const char* item, const tvb_context* context,
                               tvb_slate* slate, tvb_slate_item* items, uint32_t capacity) {
  return tvsdk::ask_for_slate(
      brain, context, slate, items, capacity,
      [item](tvcore::Engine& engine, const tvcore::Ask& ask, tvcore::Answer* out) {
        std::string id;
        const tvcore::Status status = tvsdk::take_id(item, "item", &id);
        return status.ok() ? engine.similar(id, ask, out) : status;
      });
}

int32_t tvsdk::search(tvb_brain* brain, const char* text, const tvcore::MeaningVector* meaning,
                      const tvb_context* context, tvb_slate* slate, tvb_slate_item* items,
                      uint32_t capacity, tvcore::Meaning* used) {
  return ask_for_slate(brain, context, slate, items, capacity,
                       [&](tvcore::Engine& engine, const tvcore::Ask& ask, tvcore::Answer* out) {
                         using tvcore::Code;
                         using tvcore::Status;
                         if (text == nullptr) return Status(Code::kInvalid, "text: NULL");
                         std::string query;
                         Status status = take_text(text, TVB_TEXT_SIZE, "text", &query);
                         if (!status.ok()) return status;
                         if (query.empty()) return Status(Code::kInvalid, "text: empty");
                         status = engine.search(query, meaning, ask, out);
                         if (used != nullptr) *used = out->slate.meaning;
                         return status;
                       });
}

extern "C" int32_t tvb_search(tvb_brain* brain, const char* text, const tvb_context* context,
                              tvb_slate* slate, tvb_slate_item* items, uint32_t capacity) {
  return tvsdk::search(brain, text, nullptr, context, slate, items, capacity, nullptr);
}

extern "C" int32_t tvb_rows(tvb_brain* brain, const tvb_context* context, tvb_screen* screen,
                            tvb_row* rows, uint32_t row_capacity, tvb_slate_item* items,
                            uint32_t item_capacity) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    using tvcore::Code;
    using tvcore::Status;
    tvcore::Ask ask;
    Status status = tvsdk::take_context(context, &ask);
    tvb_screen taken{};
    if (status.ok()) status = tvsdk::take_struct(screen, "screen", &taken);
    if (status.ok() && (rows == nullptr || row_capacity == 0))
      status = Status(Code::kInvalid, "rows: NULL or no room");
    if (status.ok() &&
        (taken.row_size < tvsdk::kFirstSize<tvb_row> || taken.row_size > tvsdk::kLargestStruct)) {
      status = Status(Code::kInvalid, "screen.row_size: not a size of tvb_row; use the INIT macro");
    }
    tvsdk::Items out;
    if (status.ok()) {
      status = tvsdk::Items::take(items, taken.item_size, item_capacity,
                                  uint64_t{row_capacity} * ask.k, &out);
    }
    tvcore::ScreenAnswer answer;
    if (status.ok()) status = engine.rows(ask, row_capacity, &answer);
    if (!status.ok()) return status;
    const tvcore::Stack& stack = *answer.stack;
    auto* row_bytes = reinterpret_cast<uint8_t*>(rows);
    for (size_t i = 0; i < answer.screen.rows.size(); ++i) {
      const tvcore::Row& row = answer.screen.rows[i];
      tvb_row value{};
      value.kind = static_cast<int32_t>(row.kind);
      value.first = row.first;
      value.count = row.count;
      if (row.reason_slot != tvcore::kNone)
        tvsdk::give_text(value.reason_item, stack.id(row.reason_slot));
      std::memcpy(row_bytes + i * taken.row_size, &value,
                  std::min<size_t>(taken.row_size, sizeof value));
    }
    for (size_t i = 0; i < answer.screen.picks.size(); ++i)
      out.put(i, tvsdk::item_of(stack, answer.screen.picks[i]));
    taken.row_count = static_cast<uint32_t>(answer.screen.rows.size());
    taken.item_count = static_cast<uint32_t>(answer.screen.picks.size());
    taken.slate_id = answer.slate_id;
    return tvsdk::give_struct(taken, "screen", screen);
  });
}

extern "C" int32_t tvb_explain(tvb_brain* brain, const char* item, const tvb_context* context,
                               tvb_explanation* out) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    tvcore::Ask ask;
    std::string id;
    tvcore::Status status = tvsdk::take_context(context, &ask);
    if (status.ok()) status = tvsdk::take_id(item, "item", &id);
    std::shared_ptr<const tvcore::Stack> stack;
    tvcore::Explanation explanation;
    if (status.ok()) status = engine.explain(id, ask, &stack, &explanation);
    if (!status.ok()) return status;
    tvb_explanation value{};
    value.eligible = explanation.eligible ? 1 : 0;
    value.why_not = explanation.why_not;
    value.score = static_cast<float>(explanation.pick.score_q20) * tvsdk::kQ20;
    for (size_t t = 0; t < tvcore::kTerms; ++t) {
      value.terms[t] = static_cast<float>(explanation.pick.terms_q20[t]) * tvsdk::kQ20;
    }
    value.reason = static_cast<int32_t>(explanation.pick.reason);
    value.witness_count = explanation.witness_count;
    for (uint32_t i = 0; i < explanation.witness_count; ++i) {
      tvsdk::give_text(value.witness[i].item, stack->id(explanation.witnesses[i].slot));
      value.witness[i].cf = static_cast<float>(explanation.witnesses[i].cf_q20) * tvsdk::kQ20;
    }
    return tvsdk::give_struct(value, "explanation", out);
  });
}
