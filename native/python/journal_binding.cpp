// The table of kinds and the journal's reader for Python.
#include <cstring>
#include <string>
#include <vector>

#include "event_binding.hpp"
#include "last_error.hpp"
#include "text_binding.hpp"
#include "tvcore/journal.hpp"
#include "tvn.h"

using tvcore::Status;

namespace {

constexpr uint64_t kLargestBody = 65536;

}  // namespace

extern "C" int32_t tvn_kinds(tvn_kind* out, uint32_t capacity, uint32_t* count) {
  return tvsdk::guarded([&] {
    const tvcore::KindTable& kinds = tvcore::kinds();
    *count = static_cast<uint32_t>(kinds.size());
    if (kinds.size() > capacity) return tvsdk::fail(TVB_E_BUFFER, "kinds: the array is too small");
    for (const tvcore::KindRow& row : kinds) {
      out->kind = static_cast<uint32_t>(row.kind);
      out->durable_ms = row.durable_ms;
      out->needs_item = row.needs_item ? 1 : 0;
      out->from_host = row.from_host ? 1 : 0;
      tvpy::put_text(row.name, out->name, sizeof out->name);
      ++out;
    }
    return TVB_OK;
  });
}

extern "C" int32_t tvn_journal_read(const char* folder, uint64_t after, tvn_journal_place* place,
                                    tvn_event* events, uint32_t capacity, uint8_t* added,
                                    uint64_t added_capacity, tvn_journal_page* out) {
  return tvsdk::guarded([&] {
    *out = tvn_journal_page{};
    if (capacity == 0 || added_capacity < kLargestBody) {
      return tvsdk::fail(TVB_E_BUFFER, "journal: the arrays are too small for one record");
    }
    std::vector<uint8_t> bytes;
    tvcore::JournalPlace at{place->id, place->seq, place->segment, place->begin};
    const Status status = tvcore::follow_journal(
        folder, after,
        [&](const tvcore::Event& event) {
          const size_t size = bytes.size() + event.added.size() + event.values.size();
          if (out->count == capacity || size > added_capacity) {
            out->more = 1;
            return tvcore::Visit::kStop;
          }
          events[out->count++] = tvpy::to_tvn(event, &bytes);
          return tvcore::Visit::kNext;
        },
        &at, &out->journal_id);
    if (!status.ok()) return tvsdk::result(status);
    if (!bytes.empty()) std::memcpy(added, bytes.data(), bytes.size());
    *place = {at.id, at.seq, at.segment, at.begin};
    out->added_size = bytes.size();
    return TVB_OK;
  });
}

extern "C" int32_t tvn_journal_sync(const char* folder, uint64_t journal_id, uint64_t after,
                                    uint64_t upto) {
  return tvsdk::guarded(
      [&] { return tvsdk::result(tvcore::sync_journal(folder, journal_id, after, upto)); });
}

extern "C" int32_t tvn_journal_scan(const char* folder, tvn_journal_info* out,
                                    tvn_segment* segments, uint32_t capacity, char* set_aside,
                                    uint32_t set_aside_capacity) {
  return tvsdk::guarded([&] {
    tvcore::JournalInfo info;
    const Status status = tvcore::read_journal_info(folder, &info);
    if (!status.ok()) return tvsdk::result(status);
    *out = tvn_journal_info{};
    out->journal_id = info.id;
    out->last_seq = info.last_seq;
    out->segments = static_cast<uint32_t>(info.segments.size());
    tvpy::put_text(info.set_aside, set_aside, set_aside_capacity);
    if (info.segments.size() > capacity) {
      return tvsdk::fail(TVB_E_BUFFER, "journal: the array is too small for its segments");
    }
    for (const tvcore::SegmentInfo& from : info.segments) {
      *segments = tvn_segment{};
      segments->first_seq = from.first_seq;
      segments->last_seq = from.last_seq;
      segments->bytes = from.bytes;
      segments->file_size = from.file_size;
      segments->torn = from.torn ? 1 : 0;
      tvpy::put_text(from.path.substr(from.path.rfind('/') + 1), segments->name,
                     sizeof segments->name);
      ++segments;
    }
    return TVB_OK;
  });
}
