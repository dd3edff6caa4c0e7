/*
 * What Python needs beyond the public header: an internal C interface, without stability, compiled into the extension
 * tvbrain._native.core only. Every function here begins with tvn_. The same rules hold as in tvbrain.h: status codes,
 * caller-owned buffers, nothing thrown. build_native.py declares all of both headers to cffi.
 */
#ifndef TVN_H
#define TVN_H

#include "tvbrain.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The compiler that the core was built with, such as "gcc 12.2.0". Static storage. */
const char *tvn_compiler(void);

/* ---- Events ------------------------------------------------------------------------------------------------- */

/* One record of the journal: the values of its body (docs/formats.md). What the kind adds lies in a byte array that
 * belongs to the batch: `added_size` bytes from `added_at`, and after them an impression's `values_size`. */
typedef struct tvn_event {
  uint64_t seq;
  uint64_t item; /* key */
  int64_t at_ms;
  uint64_t session;
  uint64_t slate_id;
  uint32_t profile;
  uint32_t position_s;
  uint32_t duration_s;
  uint32_t added_at;
  uint32_t added_size;
  uint32_t values_size;
  int16_t utc_offset_min;
  uint16_t fields;
  int16_t rating_e4;
  uint16_t watched_e4;
  uint16_t season, episode, row, slot, slot_count;
  uint8_t kind;
  uint8_t reserved;
  uint32_t reserved1;
} tvn_event;

typedef struct tvn_kind {
  uint32_t kind;
  uint32_t durable_ms; /* within which a sync follows; 0: before observe returns */
  uint32_t needs_item;
  uint32_t from_host; /* 0: written by the brain itself */
  char name[32];
} tvn_kind;

/* The table of kinds, ascending; *count is their number, also with TVB_E_BUFFER. */
int32_t tvn_kinds(tvn_kind *out, uint32_t capacity, uint32_t *count);

/* ---- Journal ------------------------------------------------------------------------------------------------ */

typedef struct tvn_journal_page {
  uint64_t journal_id; /* 0: there is no journal */
  uint64_t added_size; /* bytes written to `added` */
  uint32_t count;      /* events written */
  uint32_t more;       /* 1: the arrays were full before the journal ended */
} tvn_journal_page;

/* Where a reader stopped; zeros at first. */
typedef struct tvn_journal_place {
  uint64_t id, seq, segment, begin;
} tvn_journal_place;

/* Records with numbers above `after`, in order, of whatever journal is in `folder`. What the kinds add goes to `added`,
 * of at least 65,536 bytes (TVB_E_BUFFER). A reader that gives back the `place` that its last call left pays for what is
 * new alone. */
int32_t tvn_journal_read(const char *folder, uint64_t after, tvn_journal_place *place, tvn_event *events,
                         uint32_t capacity, uint8_t *added, uint64_t added_capacity, tvn_journal_page *out);
/* Sync the segments that hold the records above `after` up to `upto`, and the folder. TVB_E_CORRUPT if the journal's id
 * is another. */
int32_t tvn_journal_sync(const char *folder, uint64_t journal_id, uint64_t after, uint64_t upto);

typedef struct tvn_segment {
  uint64_t first_seq;
  uint64_t last_seq; /* first_seq - 1 if it has no record */
  uint64_t bytes;    /* valid ones */
  uint64_t file_size;
  uint32_t torn;
  uint32_t reserved;
  char name[24];
} tvn_segment;

typedef struct tvn_journal_info {
  uint64_t journal_id;
  uint64_t last_seq; /* 0: no record */
  uint32_t segments;
  uint32_t reserved;
} tvn_journal_info;

/* Reads the whole journal. out->segments is their number, also with TVB_E_BUFFER. What could not be used is written to
 * `set_aside`, one file a line (cut at set_aside_capacity - 1 bytes). */
int32_t tvn_journal_scan(const char *folder, tvn_journal_info *out, tvn_segment *segments, uint32_t capacity,
                         char *set_aside, uint32_t set_aside_capacity);

/* ---- Profiles ----------------------------------------------------------------------------------------------- */

#define TVN_PROFILES_GOOD 0
#define TVN_PROFILES_PREDECESSOR 1
#define TVN_PROFILES_LOST 2

typedef struct tvn_profiles_info {
  uint64_t generation;
  uint64_t erasure_epoch;
  uint64_t journal_id;
  uint32_t next_id;
  uint32_t count;
  int32_t state; /* TVN_PROFILES_* */
  uint32_t reserved;
} tvn_profiles_info;

/* Read profiles.tvp as serving would, renaming nothing; `out` has room for TVB_MAX_PROFILES. Why a file was not used is
 * written to `detail` (cut at detail_capacity - 1 bytes). */
int32_t tvn_profiles_read(const char *data_dir, tvn_profiles_info *info, tvb_profile *out, char *detail,
                          uint32_t detail_capacity);
/* What a profile_* or consent record adds: a generation and a profile. TVB_E_CORRUPT. */
int32_t tvn_profile_change(const uint8_t *added, uint64_t size, uint64_t *generation, tvb_profile *out);

/* ---- Folded histories --------------------------------------------------------------------------------------- */

/* The folded histories of all profiles. Not thread safe: one thread at a time. */
typedef struct tvn_folds tvn_folds;

typedef struct tvn_fold_info {
  uint32_t profile;
  uint32_t entries, kept;
  uint32_t ordinal, touch;
  uint32_t listed;
  int64_t last_ms;
  uint64_t session;
  int64_t session_start_ms;
} tvn_fold_info;

/* The 72 bytes of an entry and the 16 of the compact set, as docs/formats.md has them. */
typedef struct tvn_fold_entry {
  uint64_t key;
  int64_t last_ms;
  int64_t listed_ms;
  uint32_t touch;
  uint32_t ordinal;
  uint32_t resume_s;
  uint32_t duration_s;
  uint32_t impression_min;
  uint16_t impressions;
  uint16_t plays;
  int16_t implicit_q12;
  int16_t explicit_q12;
  uint16_t flags;
  uint16_t watched_e4;
  uint16_t season, episode;
  uint16_t done_season, done_episode;
  uint8_t undo_kind;
  uint8_t reserved0;
  uint16_t undo_flags;
  int16_t undo_explicit_q12;
  uint16_t reserved1;
} tvn_fold_entry;

typedef struct tvn_fold_kept {
  uint64_t key;
  uint32_t touch;
  uint32_t flags;
} tvn_fold_kept;

#define TVN_FOLD_FINISHED 1
#define TVN_FOLD_DISLIKED 2
#define TVN_FOLD_HIDDEN 4
#define TVN_FOLD_LISTED 8
#define TVN_FOLD_RATED 16
#define TVN_FOLD_STARTED 32
#define TVN_FOLD_NO_CONTINUE 64
#define TVN_FOLD_PICKED 128

/* Empty histories. To be freed with tvn_folds_free(); NULL is allowed there. */
int32_t tvn_folds_new(tvn_folds **out);
void tvn_folds_free(tvn_folds *folds);
/* Replace them by those in the bytes of a section FOLD. TVB_E_CORRUPT, and nothing changed. */
int32_t tvn_folds_decode(tvn_folds *folds, const uint8_t *bytes, uint64_t size);
/* Fold `count` records in order; places outside `added` are TVB_E_INVALID, and nothing is folded. */
int32_t tvn_folds_apply(tvn_folds *folds, const tvn_event *events, uint64_t count, const uint8_t *added,
                        uint64_t added_size);
/* The bytes of a section FOLD; *size is their number, also with TVB_E_BUFFER. */
int32_t tvn_folds_encode(const tvn_folds *folds, uint8_t *out, uint64_t capacity, uint64_t *size);
/* The profiles that have a history, ascending; *count is their number, also with TVB_E_BUFFER. */
int32_t tvn_folds_profiles(const tvn_folds *folds, uint32_t *ids, uint32_t capacity, uint32_t *count);
/* Of one profile; TVB_E_NO_PROFILE if it has no history. Arrays have room for what tvn_folds_info() said. */
int32_t tvn_folds_info(const tvn_folds *folds, uint32_t profile, tvn_fold_info *out);
int32_t tvn_folds_entries(const tvn_folds *folds, uint32_t profile, tvn_fold_entry *out, uint32_t capacity);
int32_t tvn_folds_kept(const tvn_folds *folds, uint32_t profile, tvn_fold_kept *out, uint32_t capacity);
/* What each entry says of taste now, Q12, in the order of tvn_folds_entries(). */
int32_t tvn_folds_strengths(const tvn_folds *folds, uint32_t profile, int32_t *out, uint32_t capacity);

/* ---- Snapshots ---------------------------------------------------------------------------------------------- */

typedef struct tvn_interest { /* row i of its numbers: `stride` bytes from i x stride */
  uint32_t profile;
  uint32_t scale_q30;
  int32_t weight_q12;
  int32_t bias_q20;
} tvn_interest;

#define TVN_FACTOR 78

typedef struct tvn_weights {
  uint32_t profile; /* 0: all profiles without their own */
  uint32_t reserved;
  int32_t weights_q12[12]; /* in the order of TVB_TERM_* */
} tvn_weights;

typedef struct tvn_factor { /* with what the weights are sampled */
  uint32_t profile;
  uint32_t reserved;
  uint64_t version;
  int32_t factor_q20[TVN_FACTOR]; /* a lower triangle over the terms, row by row */
} tvn_factor;

typedef struct tvn_affinity {
  uint32_t profile;
  uint16_t daypart;
  int16_t affinity_q12;
  uint64_t genre_hash;
} tvn_affinity;

typedef struct tvn_row_use {
  uint32_t profile;
  uint8_t daypart;
  uint8_t kind; /* TVB_ROW_* */
  uint16_t use_q12;
} tvn_row_use;

typedef struct tvn_channel {
  uint32_t profile;
  uint16_t daypart;
  int16_t affinity_q12;
  uint64_t channel_hash;
} tvn_channel;

typedef struct tvn_pattern { /* numbers as of tvn_interest */
  uint64_t id;
  uint32_t profile;
  uint16_t dayparts;
  uint16_t weekdays; /* bit 0 is Monday; 0: all of them */
  uint32_t scale_q30;
  int32_t weight_q12;
  int32_t bias_q20;
  uint32_t reserved1;
} tvn_pattern;

typedef struct tvn_slate_place {
  uint32_t profile;
  uint32_t place;
  uint64_t key;
} tvn_slate_place;

/* A snapshot as arrays (docs/formats.md, "Snapshot"), going in and coming out. */
typedef struct tvn_snapshot_view {
  uint64_t generation, journal_id, learned_seq, erasure_epoch;
  int64_t created_ms;
  uint64_t space_id;
  uint32_t dimension, stride;
  uint32_t diversity_q12; /* what a title loses for being wholly like one chosen before it; 0: the ranker's own */
  uint32_t reserved;
  const uint8_t *folds; /* section FOLD */
  uint64_t folds_size;
  const tvn_interest *interests;
  const int8_t *interest_rows;
  const tvn_weights *weights;
  const tvn_factor *factors;
  const tvn_affinity *affinities;
  const tvn_pattern *patterns;
  const int8_t *pattern_rows;
  const tvn_slate_place *slates;
  const tvn_row_use *row_use;
  const tvn_channel *channels;
  uint32_t interest_count, weights_count, factor_count, affinity_count, pattern_count, slate_count, row_use_count,
      channel_count;
} tvn_snapshot_view;

typedef struct tvn_snapshot tvn_snapshot;

/* Publish as generation view->generation, larger than every one in `folder` (tvcore::publish_snapshot). Two writers at
 * a time are the caller's mistake. TVB_E_INVALID, TVB_E_CORRUPT (the folds), TVB_E_NO_SPACE, TVB_E_IO ... */
int32_t tvn_snapshot_publish(const char *folder, const tvn_snapshot_view *view);
/* The newest usable generation; *out is NULL if there is none. What was unusable is written to `detail` (cut at
 * capacity - 1 bytes). Free it with tvn_snapshot_free(); NULL is allowed there. */
int32_t tvn_snapshot_load(const char *folder, int32_t may_rename, tvn_snapshot **out, char *detail,
                          uint32_t capacity);
/* One file, by path. TVB_E_NO_FILE, TVB_E_CORRUPT, TVB_E_VERSION. */
int32_t tvn_snapshot_open(const char *path, tvn_snapshot **out);
void tvn_snapshot_free(tvn_snapshot *snapshot);
/* Its arrays, which live as long as the snapshot. */
int32_t tvn_snapshot_get(const tvn_snapshot *snapshot, tvn_snapshot_view *out);
/* Generations present by name, ascending; *count is their number, also with TVB_E_BUFFER. */
int32_t tvn_snapshot_list(const char *folder, uint64_t *generations, uint32_t capacity, uint32_t *count);
/* The floor of this journal; 0 if there is none. TVB_E_CORRUPT, TVB_E_VERSION. */
int32_t tvn_floor_read(const char *folder, uint64_t journal_id, uint64_t *floor);
int32_t tvn_floor_write(const char *folder, uint64_t journal_id, uint64_t floor);

/* How far the files of a plane are free of what was forgotten; zeros if there is no such file. TVB_E_CORRUPT, TVB_E_VERSION. */
typedef struct tvn_erased {
  uint64_t journal_id, seq, epoch;
} tvn_erased;
int32_t tvn_erased_read(const char *path, tvn_erased *out);
int32_t tvn_erased_write(const char *path, const tvn_erased *value);
/* What terms weigh where no snapshot says otherwise; one number a TVB_TERM_*. */
void tvn_default_weights(int32_t *weights_q12);
/* What a title loses for being wholly like one chosen before it, where no snapshot says otherwise. */
int32_t tvn_default_diversity(void);
/* ---- hashes and texts (tvcore/hash.hpp, tvcore/normal.hpp) ---- */

uint64_t tvn_xxh64(const void *data, uint64_t size, uint64_t seed);
uint32_t tvn_crc32c(const void *data, uint64_t size, uint32_t crc);
uint64_t tvn_key(const char *id, uint32_t size);
/* The normal form of `size` bytes: at most 255 bytes into `out`, their number into *length. */
int32_t tvn_normal_form(const char *text, uint32_t size, char out[256], uint32_t *length);

/* ---- one pack (tvcore/pack.hpp) ---- */

typedef struct tvn_pack tvn_pack;

typedef struct tvn_section {
  char kind[8];
  uint32_t element, reserved;
  uint64_t offset, size, count;
  const uint8_t *data; /* as long as the pack is open */
} tvn_section;

int32_t tvn_pack_open(const char *path, tvn_pack **out);
void tvn_pack_close(tvn_pack *pack);
int32_t tvn_pack_verify(tvn_pack *pack);
uint64_t tvn_pack_content_hash(tvn_pack *pack);
int32_t tvn_pack_is_side(tvn_pack *pack);
/* Section `index` of the file; TVB_E_INVALID beyond the last. */
int32_t tvn_pack_section(tvn_pack *pack, uint32_t index, tvn_section *out);
/* The row that a key names, and how (1 canonical, 2 offer, 3 alias); TVB_E_NO_ITEM if none. */
int32_t tvn_pack_find(tvn_pack *pack, uint64_t key, uint32_t *row, uint32_t *kind);
/* Whether these packs, the base first, make a stack; how many titles are live. */
int32_t tvn_pack_stack(tvn_pack *const *packs, uint32_t count, uint32_t *live);

/* The graph over vectors as a pack stores them, `stride` bytes a row at a multiple of 64; rows of scale 0 are left out.
 * The same on any number of threads. Its sections are asked for by index, until TVB_E_INVALID; their data lives as long
 * as the graph. */
typedef struct tvn_graph tvn_graph;
int32_t tvn_graph_build(const int8_t *rows, const uint32_t *scales_q30, const int32_t *biases_q20, uint32_t count,
                        uint32_t dimension, uint32_t stride, uint32_t m, uint32_t ef_construction, uint64_t seed,
                        uint32_t threads, tvn_graph **out);
int32_t tvn_graph_section(const tvn_graph *graph, uint32_t index, tvn_section *out);
void tvn_graph_free(tvn_graph *graph);

/* ---- The packs in use ----------------------------------------------------------------------------------------- */

/* The titles that serving shows: the factory pack or a newer base installed in `packs_folder`, with its side packs. */
typedef struct tvn_titles tvn_titles;

typedef struct tvn_titles_head {
  uint64_t space_id; /* of the vectors; 0 without */
  uint32_t dimension, stride;
  uint32_t genre_count;
  uint32_t live;
  double mean_square; /* of the mean that the vectors are centred by; 0 without */
} tvn_titles_head;

typedef struct tvn_vector {
  uint32_t scale_q30; /* 0: the title has no vector */
  int32_t bias_q20;
} tvn_vector;

#define TVN_NO_SLOT 0xffffffffu

/* Errors as of tvb_open(). Free it with tvn_titles_free(); NULL is allowed there. */
int32_t tvn_titles_open(const char *factory, const char *packs_folder, tvn_titles **out);
void tvn_titles_free(tvn_titles *titles);
int32_t tvn_titles_info(const tvn_titles *titles, tvn_titles_head *out);
/* The name of a genre's bit, NUL-terminated. TVB_E_INVALID beyond the last, TVB_E_BUFFER. */
int32_t tvn_titles_genre(const tvn_titles *titles, uint32_t index, char *out, uint32_t capacity);
/* For each key the slot of the title that it names, TVN_NO_SLOT if none, and the bits of its genres. */
int32_t tvn_titles_find(const tvn_titles *titles, const uint64_t *keys, uint32_t count, uint32_t *slots,
                        uint64_t *genres);
/* For each slot its vector as the pack stores it: `stride` bytes a slot into `rows`. */
int32_t tvn_titles_vectors(const tvn_titles *titles, const uint32_t *slots, uint32_t count, int8_t *rows,
                           tvn_vector *out);
/* What terms weigh before anything is learned; one number a TVB_TERM_*. A precision of 0: the built-in one. */
void tvn_titles_prior(const tvn_titles *titles, int32_t *weights_q12, double *precisions);
/* Canonical id and title of a slot, cut at a character boundary. */
int32_t tvn_titles_name(const tvn_titles *titles, uint32_t slot, char id[64], char title[160]);

/* ---- Search --------------------------------------------------------------------------------------------------- */

#define TVN_MEANING_NONE 0    /* titles alone */
#define TVN_MEANING_ENCODER 1 /* the pack's static encoder */
#define TVN_MEANING_MODEL 2   /* the vector given */

/* tvb_search() with the text's vector by the model: `row` of `dimension` numbers in the space `space_id`, or NULL to
 * have the pack's encoder make one, as happens where the packs in use have another space. `meaning`: TVN_MEANING_*. */
int32_t tvn_search(tvb_brain *brain, const char *text, const int8_t *row, uint32_t dimension, uint64_t space_id,
                   uint32_t scale_q30, int32_t bias_q20, const tvb_context *context, tvb_slate *slate,
                   tvb_slate_item *items, uint32_t capacity, int32_t *meaning);

/* The encoder of the base pack in the file `pack`: errors as of tvn_pack_open(). What it makes of `text` (UTF-8 of `size` bytes): `dimension` numbers into `row` (room for
 * `capacity`). TVB_E_INVALID where it says nothing or the pack has none; TVB_E_BUFFER. */
typedef struct tvn_encoder tvn_encoder;
int32_t tvn_encoder_open(const char *pack, tvn_encoder **out);
void tvn_encoder_free(tvn_encoder *encoder);
int32_t tvn_encode(const tvn_encoder *encoder, const char *text, uint32_t size, int8_t *row, uint32_t capacity,
                   uint32_t *scale_q30, int32_t *bias_q20);

/* Errors between two texts of less than 256 bytes, at most limit + 1; limit up to 2. */
uint32_t tvn_edits(const char *a, uint32_t a_size, const char *b, uint32_t b_size, uint32_t limit);

/* ---- Vectors by key ------------------------------------------------------------------------------------------- */

#define TVN_BY_PLAN 0 /* by the graph where that costs less than a scan */
#define TVN_BY_GRAPH 1
#define TVN_BY_SCAN 2

typedef struct tvn_index tvn_index;

typedef struct tvn_index_head {
  uint64_t rotation_seed;
  uint64_t seed; /* of the graph's levels */
  uint64_t size; /* vectors; not read by tvn_index_new() */
  uint32_t dimension;
  uint32_t has_graph;
  uint32_t m;
  uint32_t ef_construction;
  uint32_t rerank;
  uint32_t reserved;
} tvn_index_head;

typedef struct tvn_found {
  uint64_t key;
  float score;
  uint32_t reserved;
} tvn_found;

/* An empty index over the space of `mean` (dimension numbers) and the rotation's seed. TVB_E_INVALID. Searches may run at
 * the same time as any other call. Free it with tvn_index_free(); NULL is allowed there. */
int32_t tvn_index_new(const tvn_index_head *head, const float *mean, tvn_index **out);
int32_t tvn_index_open(const char *path, tvn_index **out);
void tvn_index_free(tvn_index *index);
int32_t tvn_index_save(const tvn_index *index, const char *path);
void tvn_index_info(const tvn_index *index, tvn_index_head *out);
void tvn_index_mean(const tvn_index *index, float *out);
/* Its keys; *count is their number, also with TVB_E_BUFFER. */
int32_t tvn_index_keys(const tvn_index *index, uint64_t *out, uint64_t capacity, uint64_t *count);
int32_t tvn_index_has(const tvn_index *index, uint64_t key);
/* `count` vectors, one after the other; a key that is there gets the new one. TVB_E_INVALID changes nothing. */
int32_t tvn_index_add(tvn_index *index, const uint64_t *keys, const float *vectors, uint64_t count,
                      uint32_t threads);
/* The same of vectors quantised in the index's space, dimension bytes a row; residuals where it reranks, else NULL. */
typedef struct tvn_stored_vectors {
  const int8_t *rows;
  const uint32_t *scales_q30;
  const int32_t *biases_q20;
  const int8_t *residual_rows;
  const uint32_t *residual_scales_q40;
} tvn_stored_vectors;
int32_t tvn_index_add_stored(tvn_index *index, const uint64_t *keys, const tvn_stored_vectors *stored, uint64_t count,
                             uint32_t threads);
int32_t tvn_index_remove(tvn_index *index, const uint64_t *keys, uint64_t count, uint32_t threads,
                         uint64_t *removed);
/* The best k (up to 1,000) into `out`, best first, among `allowed` keys alone if that is not NULL. `by`: TVN_BY_*;
 * *exact: 1 if all that may be found were scanned. TVB_E_INVALID. */
int32_t tvn_index_search(const tvn_index *index, const float *vector, uint32_t k, uint32_t ef,
                         int32_t by, const uint64_t *allowed, uint64_t allowed_count,
                         tvn_found *out, uint32_t *count, int32_t *exact);

/* ---- The learning plane --------------------------------------------------------------------------------------- */

/* An open-file-description lock on `path` (created). TVB_E_BUSY with the holder's pid in the text, TVB_E_NO_LOCKS. Freed,
 * and let go, with tvn_lock_free(); NULL is allowed there. */
typedef struct tvn_lock tvn_lock;
int32_t tvn_lock_take(const char *path, tvn_lock **out);
void tvn_lock_free(tvn_lock *lock);
/* 1 if somebody holds it, with the pid (0: not known); else 0. */
int32_t tvn_lock_held(const char *path, int32_t *pid);
/* An inotify descriptor, readable after a file in `folder` was written, created or renamed to. The caller closes it. */
int32_t tvn_watch_open(const char *folder, int32_t *descriptor);
/* Give memory that was freed back to the kernel, where the allocator can be asked to (malloc_trim). */
void tvn_give_back(void);

#ifdef __cplusplus
}
#endif
#endif /* TVN_H */
