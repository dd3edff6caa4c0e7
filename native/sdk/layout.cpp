// The layout of every struct that crosses the ABI, in bytes, the same on x86-64, aarch64 and armv7: a host and a library
// built apart must agree. Compiled into nothing. A new field goes at a struct's end, with a line here; no other line
// ever changes after a release.
#include <cstddef>

#include "tvbrain.h"

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#define FIELD(type, name, at) static_assert(offsetof(type, name) == (at), #type "." #name)

SIZE(tvb_version_info, 116);
FIELD(tvb_version_info, struct_size, 0);
FIELD(tvb_version_info, major, 4);
FIELD(tvb_version_info, minor, 6);
FIELD(tvb_version_info, patch, 8);
FIELD(tvb_version_info, pack_major, 10);
FIELD(tvb_version_info, snapshot_major, 12);
FIELD(tvb_version_info, profiles_major, 14);
FIELD(tvb_version_info, journal_major, 16);
FIELD(tvb_version_info, reserved, 18);
FIELD(tvb_version_info, kernel, 20);
FIELD(tvb_version_info, kernels, 36);
FIELD(tvb_version_info, form, 100);

// Pointers stand last: their size is the host's.
SIZE(tvb_open_options, 56 + 4 * sizeof(void*));
FIELD(tvb_open_options, struct_size, 0);
FIELD(tvb_open_options, flags, 4);
FIELD(tvb_open_options, seed, 8);
FIELD(tvb_open_options, journal_cap, 16);
FIELD(tvb_open_options, thread_nice, 20);
FIELD(tvb_open_options, thread_affinity, 24);
FIELD(tvb_open_options, thread_name, 32);
FIELD(tvb_open_options, clock_trusted, 48);
FIELD(tvb_open_options, reserved, 52);
FIELD(tvb_open_options, clock, 56);
FIELD(tvb_open_options, clock_user, 56 + 1 * sizeof(void*));
FIELD(tvb_open_options, log, 56 + 2 * sizeof(void*));
FIELD(tvb_open_options, log_user, 56 + 3 * sizeof(void*));

SIZE(tvb_event, 448);
FIELD(tvb_event, struct_size, 0);
FIELD(tvb_event, kind, 4);
FIELD(tvb_event, profile, 8);
FIELD(tvb_event, fields, 12);
FIELD(tvb_event, at, 16);
FIELD(tvb_event, utc_offset_min, 24);
FIELD(tvb_event, watched, 28);
FIELD(tvb_event, rating, 32);
FIELD(tvb_event, position_s, 36);
FIELD(tvb_event, duration_s, 40);
FIELD(tvb_event, season, 44);
FIELD(tvb_event, episode, 46);
FIELD(tvb_event, row, 48);
FIELD(tvb_event, slot, 50);
FIELD(tvb_event, slot_count, 52);
FIELD(tvb_event, reserved, 54);
FIELD(tvb_event, slate_id, 56);
FIELD(tvb_event, item, 64);
FIELD(tvb_event, session, 128);
FIELD(tvb_event, text, 192);

SIZE(tvb_context, 144);
FIELD(tvb_context, struct_size, 0);
FIELD(tvb_context, profile, 4);
FIELD(tvb_context, at, 8);
FIELD(tvb_context, utc_offset_min, 16);
FIELD(tvb_context, fields, 20);
FIELD(tvb_context, screen_token, 24);
FIELD(tvb_context, k, 32);
FIELD(tvb_context, row, 36);
FIELD(tvb_context, region, 40);
FIELD(tvb_context, genre, 44);
FIELD(tvb_context, reserved, 76);
FIELD(tvb_context, item, 80);

SIZE(tvb_slate_item, 312);
FIELD(tvb_slate_item, item, 0);
FIELD(tvb_slate_item, score, 64);
FIELD(tvb_slate_item, propensity, 68);
FIELD(tvb_slate_item, terms, 72);
FIELD(tvb_slate_item, reason, 120);
FIELD(tvb_slate_item, offer, 124);
FIELD(tvb_slate_item, reason_item, 128);
FIELD(tvb_slate_item, reason_genre, 192);
FIELD(tvb_slate_item, position_s, 224);
FIELD(tvb_slate_item, season, 228);
FIELD(tvb_slate_item, episode, 230);
FIELD(tvb_slate_item, start, 232);
FIELD(tvb_slate_item, end, 240);
FIELD(tvb_slate_item, channel, 248);

SIZE(tvb_slate, 24);
FIELD(tvb_slate, struct_size, 0);
FIELD(tvb_slate, item_size, 4);
FIELD(tvb_slate, slate_id, 8);
FIELD(tvb_slate, count, 16);
FIELD(tvb_slate, eligible, 20);

SIZE(tvb_row, 80);
FIELD(tvb_row, kind, 0);
FIELD(tvb_row, first, 4);
FIELD(tvb_row, count, 8);
FIELD(tvb_row, reserved, 12);
FIELD(tvb_row, reason_item, 16);

SIZE(tvb_screen, 32);
FIELD(tvb_screen, struct_size, 0);
FIELD(tvb_screen, row_size, 4);
FIELD(tvb_screen, item_size, 8);
FIELD(tvb_screen, row_count, 12);
FIELD(tvb_screen, item_count, 16);
FIELD(tvb_screen, reserved, 20);
FIELD(tvb_screen, slate_id, 24);

SIZE(tvb_explanation, 616);
FIELD(tvb_explanation, struct_size, 0);
FIELD(tvb_explanation, eligible, 4);
FIELD(tvb_explanation, why_not, 8);
FIELD(tvb_explanation, score, 12);
FIELD(tvb_explanation, terms, 16);
FIELD(tvb_explanation, reason, 64);
FIELD(tvb_explanation, witness_count, 68);
FIELD(tvb_explanation, witness, 72);

SIZE(tvb_item, 764);
FIELD(tvb_item, struct_size, 0);
FIELD(tvb_item, type, 4);
FIELD(tvb_item, item, 8);
FIELD(tvb_item, title, 72);
FIELD(tvb_item, artwork, 232);
FIELD(tvb_item, year, 488);
FIELD(tvb_item, runtime_min, 490);
FIELD(tvb_item, seasons, 492);
FIELD(tvb_item, age, 494);
FIELD(tvb_item, offer_count, 496);
FIELD(tvb_item, popularity, 500);
FIELD(tvb_item, genre_count, 504);
FIELD(tvb_item, genres, 508);

SIZE(tvb_offer, 376);
FIELD(tvb_offer, struct_size, 0);
FIELD(tvb_offer, age, 4);
FIELD(tvb_offer, start, 8);
FIELD(tvb_offer, end, 16);
FIELD(tvb_offer, offer, 24);
FIELD(tvb_offer, provider, 88);
FIELD(tvb_offer, launch, 120);

SIZE(tvb_profile, 600);
FIELD(tvb_profile, struct_size, 0);
FIELD(tvb_profile, id, 4);
FIELD(tvb_profile, max_age, 8);
FIELD(tvb_profile, consent, 12);
FIELD(tvb_profile, entitlement_count, 16);
FIELD(tvb_profile, region, 20);
FIELD(tvb_profile, name, 24);
FIELD(tvb_profile, entitlements, 88);

SIZE(tvb_health_info, 656);
FIELD(tvb_health_info, struct_size, 0);
FIELD(tvb_health_info, mode, 4);
FIELD(tvb_health_info, faults, 8);
FIELD(tvb_health_info, learner, 12);
FIELD(tvb_health_info, journal_id, 16);
FIELD(tvb_health_info, last_seq, 24);
FIELD(tvb_health_info, synced_seq, 32);
FIELD(tvb_health_info, learned_seq, 40);
FIELD(tvb_health_info, floor_seq, 48);
FIELD(tvb_health_info, checkpoint_seq, 56);
FIELD(tvb_health_info, snapshot_generation, 64);
FIELD(tvb_health_info, journal_bytes, 72);
FIELD(tvb_health_info, erasure_epoch, 80);
FIELD(tvb_health_info, pack_hash, 88);
FIELD(tvb_health_info, segments, 96);
FIELD(tvb_health_info, packs, 100);
FIELD(tvb_health_info, items, 104);
FIELD(tvb_health_info, profiles, 108);
FIELD(tvb_health_info, observes, 112);
FIELD(tvb_health_info, recommends, 120);
FIELD(tvb_health_info, detail, 128);
FIELD(tvb_health_info, learning, 384);
FIELD(tvb_health_info, reserved, 388);
FIELD(tvb_health_info, learning_detail, 392);
FIELD(tvb_health_info, erased_epoch, 648);
