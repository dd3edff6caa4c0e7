#include "brain.hpp"

namespace tvsdk {

namespace {

static_assert(TVB_HAS_WATCHED == tvcore::kHasWatched && TVB_HAS_RATING == tvcore::kHasRating &&
                  TVB_HAS_POSITION == tvcore::kHasPosition &&
                  TVB_HAS_DURATION == tvcore::kHasDuration &&
                  TVB_HAS_EPISODE == tvcore::kHasEpisode && TVB_HAS_PLACE == tvcore::kHasPlace &&
                  TVB_HAS_OFFSET == tvcore::kHasOffset &&
                  TVB_CLOCK_UNTRUSTED == tvcore::kClockUntrusted,
              "the header's bits are the journal's");

constexpr int32_t kMostOffset = 840;

// Half away from zero. Not lroundf: the library needs libc alone, and that lives in libm.
int32_t ten_thousandths(float value) {
  const double scaled = static_cast<double>(value * 10000.0f);
  return static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

Status invalid(const char* what) { return Status(Code::kInvalid, what); }

Status take_event(const tvb_event* given, tvcore::Event* out) {
  tvb_event event;
  Status status = take_struct(given, "event", &event);
  if (!status.ok()) return status;
  std::string_view item, session, text;
  status = view_text(event.item, "event.item", &item);
  if (status.ok()) status = view_text(event.session, "event.session", &session);
  if (status.ok()) status = view_text(event.text, "event.text", &text);
  if (!status.ok()) return status;
  constexpr uint32_t kKnown = 2 * TVB_CLOCK_UNTRUSTED - 1;
  if ((event.fields & ~kKnown) != 0) return invalid("event.fields: an unknown bit");
  if (event.reserved != 0) return invalid("event.reserved: not 0");
  const tvcore::KindRow* row = tvcore::find_kind(event.kind);
  if (row == nullptr || !row->from_host)
    return invalid("event.kind: not one that a host may observe");
  if ((event.fields & TVB_HAS_WATCHED) != 0 && !(event.watched >= 0.0f && event.watched <= 1.0f)) {
    return invalid("event.watched: not 0 to 1");
  }
  if ((event.fields & TVB_HAS_RATING) != 0 && !(event.rating >= -1.0f && event.rating <= 1.0f)) {
    return invalid("event.rating: not -1 to 1");
  }
  if (row->kind == tvcore::Kind::kRate && (event.fields & TVB_HAS_RATING) == 0) {
    return invalid("event.rating: a rate needs one (set TVB_HAS_RATING)");
  }
  if ((event.fields & TVB_HAS_OFFSET) != 0 &&
      (event.utc_offset_min < -kMostOffset || event.utc_offset_min > kMostOffset)) {
    return invalid("event.utc_offset_min: not -840 to 840");
  }
  out->kind = row->kind;
  out->item = tvcore::key_of(item);
  out->at_ms = event.at;
  out->profile = event.profile;
  out->fields = static_cast<uint16_t>(event.fields);
  if ((event.fields & TVB_HAS_OFFSET) != 0)
    out->utc_offset_min = static_cast<int16_t>(event.utc_offset_min);
  out->session = tvcore::key_of(session);
  out->slate_id = event.slate_id;
  if ((event.fields & TVB_HAS_POSITION) != 0) out->position_s = event.position_s;
  if ((event.fields & TVB_HAS_DURATION) != 0) out->duration_s = event.duration_s;
  if ((event.fields & TVB_HAS_RATING) != 0) {
    out->rating_e4 = static_cast<int16_t>(ten_thousandths(event.rating));
  }
  if ((event.fields & TVB_HAS_WATCHED) != 0) {
    out->watched_e4 = static_cast<uint16_t>(ten_thousandths(event.watched));
  }
  if ((event.fields & TVB_HAS_EPISODE) != 0) {
    out->season = event.season;
    out->episode = event.episode;
  }
  if ((event.fields & TVB_HAS_PLACE) != 0 || event.kind == TVB_EVENT_IMPRESSION) {
    out->row = event.row;
    out->slot = event.slot;
    out->slot_count = event.slot_count;
  }
  if (row->kind == tvcore::Kind::kSearch || row->kind == tvcore::Kind::kChannelChange) {
    out->added.assign(text.begin(), text.end());
  }
  return Status();
}

}  // namespace

}  // namespace tvsdk

extern "C" int32_t tvb_observe(tvb_brain* brain, const tvb_event* event) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    tvcore::Event taken;
    const tvcore::Status status = tvsdk::take_event(event, &taken);
    return status.ok() ? engine.observe(std::move(taken)) : status;
  });
}

extern "C" int32_t tvb_forget(tvb_brain* brain, int32_t scope, uint32_t profile, const char* item) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    std::string id;
    if (scope == TVB_FORGET_ITEM) {
      const tvcore::Status status = tvsdk::take_id(item, "item", &id);
      if (!status.ok()) return status;
    }
    return engine.forget(static_cast<uint32_t>(scope), profile, tvcore::key_of(id));
  });
}

extern "C" int32_t tvb_flush(tvb_brain* brain) {
  return tvsdk::with_engine(brain, [](tvcore::Engine& engine) { return engine.flush(); });
}

extern "C" int32_t tvb_pump(tvb_brain* brain, int64_t* next_ms) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) { return engine.pump(next_ms); });
}

extern "C" int32_t tvb_hint(tvb_brain* brain, int32_t hint, int32_t value) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    const tvcore::Status status = engine.hint(hint, value);
    const bool counts = hint == TVB_HINT_PLAYBACK && status.code() != tvcore::Code::kInvalid;
    if (counts && brain->learning != nullptr) brain->learning->pause(value == 1);
    return status;
  });
}
