/*
 * tvbrain.h - a recommendation brain that lives inside the television.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * One header for two libraries: libtvbrain-serve.so.1 (serving plane alone, libc only) and libtvbrain.so.1 (the
 * same with the learning plane embedded). Everything here is native code in both.
 *
 * In ten lines
 *
 *     tvb_brain *brain;
 *     if (tvb_open("/data/tvbrain", "/usr/share/tv/catalogue.tvpack", NULL, &brain) != TVB_OK) return 1;
 *     tvb_event seen = TVB_EVENT_INIT;
 *     seen.kind = TVB_EVENT_COMPLETE;
 *     strcpy(seen.item, "netflix:s6");
 *     tvb_observe(brain, &seen);
 *     tvb_context context = TVB_CONTEXT_INIT;
 *     tvb_slate slate = TVB_SLATE_INIT;
 *     tvb_slate_item items[20];
 *     tvb_recommend(brain, &context, &slate, items, 20);
 *     tvb_close(brain);
 *
 * Conventions, true of every function unless its comment says otherwise
 *
 * - Result: int32_t, TVB_OK (0), TVB_PENDING (positive) or a negative TVB_E_* that names the cause. After a
 *   negative result tvb_last_error() has one sentence of detail for the calling thread. Nothing was changed, unless
 *   the function's comment says otherwise.
 * - Structs begin with struct_size, set by the TVB_*_INIT macros; the library reads and writes no byte beyond it,
 *   so a host built against an older or a newer header keeps working: fields it does not know are neither read nor
 *   written. A size smaller than the first release's, or over 64 KiB (never set), is TVB_E_INVALID. Structs without
 *   an INIT macro are zeroed and their struct_size set; array elements are zeroed where fields newer than the library
 *   matter. Reserved fields are 0. Fields are little-endian natural types of fixed width; no bool, enum, size_t or
 *   time_t.
 * - Text is UTF-8, NUL-terminated. Input longer than its field cannot be expressed; unterminated input or invalid
 *   UTF-8 is TVB_E_INVALID. Output that does not fit is cut at a character boundary. Paths are bytes, not text; a
 *   relative one is meant from the working folder of the call.
 * - Ownership: the caller owns every buffer; the library keeps no pointer past the call, save the callbacks and
 *   their user pointers in tvb_open_options, which must stay valid until tvb_close() returns.
 * - Threads: every function may be called from any thread at any time between tvb_open() and tvb_close() on that
 *   brain; tvb_close() itself must be the last call and alone. Callbacks may run on any thread that calls in and
 *   on the library's own threads; they must not call back into the library.
 * - Fork: a brain does not cross fork(). In the child every call, tvb_close() too, returns TVB_E_FORKED; open another
 *   there. A child that never calls exec() holds the serving lock on if its parent dies without tvb_close(). In a child
 *   of a process that learned, brains serve and do not learn.
 * - Signals: no handler is installed, and the mask of the caller's threads is afterwards as before.
 * - Storage: packs are mapped. A device that cannot read a block of a mapped pack raises SIGBUS, as it does for a
 *   program's own text; TVB_OPEN_LOCK_PACK reads the hot sections while opening. Nothing else is mapped.
 * - Time: milliseconds since 1970-01-01 UTC, clamped to 1990..2199. A field of 0 means "now" by the brain's clock;
 *   for the filters, while that clock is not trusted, at least the time at which the newest pack was built.
 * - Cost: "hot" functions (observe, recommend, rows, similar, search, explain, item_get) never wait for learning
 *   and never call the network. Only those marked "syncs" wait for the storage device.
 */
#ifndef TVBRAIN_H
#define TVBRAIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TVB_API __attribute__((visibility("default")))
#else
#define TVB_API
#endif

#define TVB_VERSION_MAJOR 0
#define TVB_VERSION_MINOR 1
#define TVB_VERSION_PATCH 0

#define TVB_ID_SIZE 64     /* an item, offer or session id with its NUL: at most 63 bytes */
#define TVB_TITLE_SIZE 160 /* a title with its NUL */
#define TVB_TEXT_SIZE 256  /* a launch string, an artwork key, a search text, with the NUL */
#define TVB_NAME_SIZE 64   /* a profile's name with its NUL */
#define TVB_PROVIDER_SIZE 32
#define TVB_GENRE_SIZE 32
#define TVB_REGION_SIZE 4 /* ISO 3166-1 alpha-2 with its NUL, padded */
#define TVB_MAX_K 200
#define TVB_MAX_PROFILES 32
#define TVB_MAX_ENTITLEMENTS 16

/* ---- Status codes ------------------------------------------------------------------------------------------- */

#define TVB_OK 0
#define TVB_PENDING 1          /* accepted and in force; a part waits for the learning plane (tvb_forget) */
#define TVB_E_INVALID (-1)     /* an argument, a field or a path is out of range: the text names it */
#define TVB_E_BUSY (-2)        /* another process holds this data directory: the text has its pid */
#define TVB_E_NO_FILE (-3)     /* a file or folder that must exist does not */
#define TVB_E_PERMISSION (-4)  /* the file system refused access */
#define TVB_E_NO_SPACE (-5)    /* the file system is full */
#define TVB_E_IO (-6)          /* the storage device reported an error */
#define TVB_E_NO_LOCKS (-7)    /* the file system has no open-file-description locks */
#define TVB_E_CORRUPT (-8)     /* checksum or structure of a file is wrong: the text names the file */
#define TVB_E_VERSION (-9)     /* a file of a newer major format: kept, not used */
#define TVB_E_NO_MEMORY (-10)  /* an allocation failed, or the process has no file descriptor left */
#define TVB_E_READ_ONLY (-11)  /* the brain is open read-only, or profiles are unreadable */
#define TVB_E_NO_PROFILE (-12) /* no profile of this id or name */
#define TVB_E_NO_ITEM (-13)    /* no pack in the stack knows this id */
#define TVB_E_LIMIT (-14)      /* a documented bound is reached: profiles, packs, list entries */
#define TVB_E_EXISTS (-15)     /* a profile of this name exists */
#define TVB_E_PACK (-16)       /* a side pack does not belong to the base pack in use */
#define TVB_E_FORKED (-17)     /* called in a child of the process that opened the brain */
#define TVB_E_BUFFER (-18)     /* the caller's buffer is too small: the needed size is in the output */
#define TVB_E_NO_LEARNER (-19) /* this brain does not learn in this process, or cannot: the text says why */

/* ---- Library ------------------------------------------------------------------------------------------------ */

typedef struct tvb_brain tvb_brain; /* opaque; one per data directory and process */

/* Version of the library and what it found on this chip. */
typedef struct tvb_version_info {
  uint32_t struct_size;
  uint16_t major, minor, patch;
  uint16_t pack_major, snapshot_major, profiles_major, journal_major; /* newest formats read */
  uint16_t reserved;
  char kernel[16];  /* vector kernel in use: "scalar", "avx2", "avx512vnni", "neon", "neondot" */
  char kernels[64]; /* every kernel this chip can run, comma separated; TVBRAIN_KERNEL forces one */
  char form[16];    /* "serve" or "full" */
} tvb_version_info;

/* Fill `out`. Needs no brain. TVB_E_INVALID if struct_size is wrong. */
TVB_API int32_t tvb_version(tvb_version_info *out);

/* The detail of the calling thread's last negative result: never NULL, valid until its next call. */
TVB_API const char *tvb_last_error(void);

/* The constant's name, such as "TVB_E_BUSY"; "TVB_E_UNKNOWN" for any other number. Static storage. */
TVB_API const char *tvb_status_name(int32_t status);

/* ---- Open and close ----------------------------------------------------------------------------------------- */

#define TVB_OPEN_READ_ONLY 1u  /* take no lock, write nothing: observe and profile changes return TVB_E_READ_ONLY */
#define TVB_OPEN_NO_THREAD 2u  /* nothing happens by itself: the host calls tvb_pump(), and tvb_learn_now() */
#define TVB_OPEN_LOCK_PACK 4u  /* pin the pack's hot sections in memory (mlock); failure is logged, not an error */
#define TVB_OPEN_NO_LEARNER 8u /* full library only: serve without starting the learning plane */

#define TVB_LOG_ERROR 1
#define TVB_LOG_WARNING 2
#define TVB_LOG_INFO 3

typedef void (*tvb_log_fn)(void *user, int32_t level, const char *message); /* message dies with the call */
typedef int64_t (*tvb_clock_fn)(void *user); /* milliseconds since the epoch; called on hot paths: be quick */

typedef struct tvb_open_options {
  uint32_t struct_size;
  uint32_t flags;            /* TVB_OPEN_* */
  uint64_t seed;             /* fixes the id of a new journal and slate ids, for reproducible runs; 0 draws one */
  uint32_t journal_cap;      /* bytes of journal kept without a learner; 0 means 16 MiB; at least 1 MiB */
  int32_t thread_nice;       /* nice value of the maintenance thread, 0 to 19 */
  uint64_t thread_affinity;  /* CPU mask of the maintenance thread; 0, or no such CPU, leaves it */
  char thread_name[16];      /* empty means "tvbrain" */
  uint32_t clock_trusted;    /* 1: the host's clock is known to be right at open; see TVB_HINT_TIME_TRUSTED */
  uint32_t reserved;         /* 0 */
  tvb_clock_fn clock;        /* NULL: the system's real-time clock */
  void *clock_user;
  tvb_log_fn log;            /* NULL: silent */
  void *log_user;
} tvb_open_options;

/*
 * Open the data directory `data_dir` (created with mode 0700 if its parent exists) on the factory pack `pack_path`.
 *
 * Takes the serving lock, reads profiles and the newest valid snapshot, replays the journal's tail and is ready to
 * recommend; a newer base pack installed under data_dir/packs is used instead of the factory pack, and so are its
 * side packs. A damaged pack, snapshot or profile file under data_dir is set aside for its predecessor, said in
 * tvb_health() and the log; only a factory pack that cannot be used fails the call (TVB_E_NO_FILE, TVB_E_CORRUPT,
 * TVB_E_VERSION). Read-only, the history is that of the moment of opening; tvb_pump() takes up newer snapshots and
 * packs. `options` may be NULL. On success *out is the brain, to be closed with tvb_close(); otherwise NULL.
 * A side pack as the factory pack is TVB_E_PACK. Where nothing can be written (TVB_E_NO_SPACE, TVB_E_PERMISSION) a host
 * still has its screens with TVB_OPEN_READ_ONLY. Errors also: TVB_E_INVALID, TVB_E_BUSY (this process too may hold the
 * directory), TVB_E_IO, TVB_E_NO_LOCKS, TVB_E_NO_MEMORY.
 * Cost: tens of milliseconds; reads the journal's tail. Syncs.
 *
 * The full library then starts the learning plane on a thread of its own and low priority, and does not wait for it.
 * Where it cannot start, serving goes on: tvb_health() says so (learning, learning_detail) and it is tried again, later
 * and later. Not with TVB_OPEN_READ_ONLY or TVB_OPEN_NO_LEARNER.
 */
TVB_API int32_t tvb_open(const char *data_dir, const char *pack_path, const tvb_open_options *options,
                         tvb_brain **out);

/*
 * Sync what was acknowledged, stop the brain's threads, release the lock and free the brain. NULL is allowed.
 * The result is that of the last sync; the brain is gone in any case (but TVB_E_FORKED). The full library waits for the
 * loop under way, most often none and at most seconds, and stores what it has not read yet. Syncs.
 */
TVB_API int32_t tvb_close(tvb_brain *brain);

/* ---- Observe ------------------------------------------------------------------------------------------------ */

/*      name                           code    durable within (after a power cut; kill -9 loses nothing)  */
#define TVB_EVENT_IMPRESSION 1u           /* 60 s  a range of a row came on screen */
#define TVB_EVENT_SELECT 2u               /* 1 s   the details of a title were opened */
#define TVB_EVENT_PLAY_START 3u           /* 1 s */
#define TVB_EVENT_PROGRESS 4u             /* 60 s  still playing; position_s */
#define TVB_EVENT_PAUSE 5u                /* 60 s */
#define TVB_EVENT_SEEK 6u                 /* 60 s */
#define TVB_EVENT_STOP 7u                 /* 1 s   playback left; position_s or watched */
#define TVB_EVENT_COMPLETE 8u             /* 1 s   played to the credits */
#define TVB_EVENT_RATE 9u                 /* now   rating -1 to 1; at -0.5 or less it is not offered again */
#define TVB_EVENT_NOT_INTERESTED 10u      /* now   never show again, and counts as a dislike */
#define TVB_EVENT_HIDE 11u                /* now   never show again, says nothing about taste */
#define TVB_EVENT_UNHIDE 12u              /* now */
#define TVB_EVENT_LIST_ADD 13u            /* now   onto "My list" */
#define TVB_EVENT_LIST_REMOVE 14u         /* now */
#define TVB_EVENT_REMOVE_FROM_CONTINUE 15u /* now  off "Continue watching" without counting as watched or unwatched */
#define TVB_EVENT_PICK 16u                /* now   chosen at onboarding */
#define TVB_EVENT_UNDO 17u                /* now   takes back this item's last rate, not_interested or hide */
#define TVB_EVENT_SEARCH 18u              /* 60 s  text */
#define TVB_EVENT_CHANNEL_CHANGE 19u      /* 60 s  text: the channel now on; empty where none is */
#define TVB_EVENT_WAKE 20u                /* 1 s */
#define TVB_EVENT_STANDBY 21u             /* 1 s */

/* Bits of tvb_event.fields: which of the optional numbers are given. */
#define TVB_HAS_WATCHED 1u
#define TVB_HAS_RATING 2u
#define TVB_HAS_POSITION 4u
#define TVB_HAS_DURATION 8u
#define TVB_HAS_EPISODE 16u /* season and episode */
#define TVB_HAS_PLACE 32u   /* row and slot */
#define TVB_HAS_OFFSET 64u  /* utc_offset_min */
#define TVB_CLOCK_UNTRUSTED 128u /* `at` comes from a clock known to be wrong */

typedef struct tvb_event {
  uint32_t struct_size;
  uint32_t kind;          /* TVB_EVENT_* */
  uint32_t profile;       /* profile id; 1 is "household" */
  uint32_t fields;        /* TVB_HAS_* */
  int64_t at;             /* ms since the epoch; 0 = now. Clamped to 1990..2199 */
  int32_t utc_offset_min; /* local time minus UTC, -840 to 840 */
  float watched;          /* share of the title seen in all, 0 to 1 */
  float rating;           /* -1 (hate) to 1 (love) */
  uint32_t position_s;    /* resume point */
  uint32_t duration_s;
  uint16_t season;        /* from 1 */
  uint16_t episode;       /* from 1, within the season */
  uint16_t row;           /* row on the screen, from 0 */
  uint16_t slot;          /* place in the row, from 0; of an impression: the first of slot_count */
  uint16_t slot_count;    /* impressions: how many places; 0 counts as 1 */
  uint16_t reserved;      /* 0 */
  uint64_t slate_id;      /* the slate acted upon; 0 unknown */
  char item[TVB_ID_SIZE];    /* any offer's id of the title; empty where the kind needs none */
  char session[TVB_ID_SIZE]; /* the host's name of the sitting; may be empty */
  char text[TVB_TEXT_SIZE];  /* search text; of a channel change the channel's name, as airings name it */
} tvb_event;

#define TVB_EVENT_INIT {sizeof(tvb_event), 0, 1, 0, 0, 0, 0.0f, 0.0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}, {0}, {0}}

/*
 * Record one event and fold it into the live state: the next slate knows it.
 *
 * When it returns TVB_OK the event survives a crash of the process; a power cut within the time in the table above
 * may lose it (kinds marked "now" sync before they return). An id that no pack knows is recorded all the same (its
 * pack may come later). Where the sync of a "now" kind fails, the error says so and the event is
 * recorded all the same. Errors: TVB_E_INVALID, TVB_E_NO_PROFILE, TVB_E_READ_ONLY, TVB_E_NO_SPACE, TVB_E_IO,
 * TVB_E_PERMISSION, TVB_E_NO_MEMORY, TVB_E_LIMIT (My list is full: 512 titles). Hot: one write to the page cache; "now"
 * kinds sync, and so does an event that finds 1 MiB unsynced or no journal segment ready (the maintenance thread or
 * tvb_pump() sees to both in time).
 */
TVB_API int32_t tvb_observe(tvb_brain *brain, const tvb_event *event);

/* ---- Recommend ---------------------------------------------------------------------------------------------- */

typedef struct tvb_context {
  uint32_t struct_size;
  uint32_t profile;       /* profile id; 1 is "household" */
  int64_t at;             /* ms since the epoch; 0 = now */
  int32_t utc_offset_min; /* local time minus UTC; used when fields has TVB_HAS_OFFSET */
  uint32_t fields;        /* TVB_HAS_OFFSET */
  uint64_t screen_token;  /* the same token and context give the same order; draw a new one a screen */
  uint32_t k;             /* titles wanted, 1 to TVB_MAX_K; 0 means 20 */
  uint32_t row;           /* for the propensity log */
  char region[TVB_REGION_SIZE]; /* empty: the profile's */
  char genre[TVB_GENRE_SIZE];   /* only titles of this genre; empty: all */
  uint32_t reserved;            /* not read: padding before `item` was there */
  char item[TVB_ID_SIZE];       /* tvb_rows: what the row "More like this" is like; empty: no such row */
} tvb_context;

#define TVB_CONTEXT_INIT {sizeof(tvb_context), 1, 0, 0, 0, 0, 20, 0, {0}, {0}, 0, {0}}

/* Why a title is there: its largest term. Text is the host's business; ids are what it needs to write it. */
#define TVB_REASON_NONE 0
#define TVB_REASON_WATCHED 1     /* people who watched reason_item watch this: "Because you watched ..." */
#define TVB_REASON_SIMILAR 2     /* its description is close to reason_item, which was watched or chosen */
#define TVB_REASON_PATTERN 3     /* this household at this time of the week */
#define TVB_REASON_POPULAR 4     /* many people watch it */
#define TVB_REASON_NEW 5         /* it is new */
#define TVB_REASON_DAYPART 6     /* reason_genre is what is watched at this time of day */
#define TVB_REASON_EXPLORE 7     /* something different */
#define TVB_REASON_CONTINUE 8    /* started and not finished */
#define TVB_REASON_NEXT_EPISODE 9 /* the episode after the last finished one */
#define TVB_REASON_QUERY 10      /* it matches the search text or the title asked about */
#define TVB_REASON_TASTE 11      /* it fits what was watched or chosen, and no single title may be named */
#define TVB_REASON_LISTED 12     /* it is on the profile's list */
#define TVB_REASON_GENRE 13      /* reason_genre is liked here more than elsewhere */
#define TVB_REASON_ERA 14        /* it is of the years that are liked */
#define TVB_REASON_TRENDING 15   /* many people watch it these days */
#define TVB_REASON_LIVE 16       /* it is on a channel now */
#define TVB_REASON_SOON 17       /* it will be on a channel soon */
#define TVB_REASON_CHOSEN 18     /* as WATCHED, but reason_item was picked, listed, rated or opened, and not watched */

/* Places in tvb_slate_item.terms: the addends of the score. */
#define TVB_TERM_CF 0         /* item-item weights of what was watched */
#define TVB_TERM_TEXT 1       /* nearness to the last titles that were liked, by description */
#define TVB_TERM_PATTERN 2
#define TVB_TERM_POPULARITY 3 /* less with each title that was liked, 0 from ten on */
#define TVB_TERM_FRESH 4      /* new here, or of these years */
#define TVB_TERM_DAYPART 5
#define TVB_TERM_FATIGUE 6    /* shown and passed over: not positive */
#define TVB_TERM_EXPLORE 7
#define TVB_TERM_ERA 8        /* nearness of its year to those of what was watched */
#define TVB_TERM_GENRE 9      /* genres that are watched here more than elsewhere */
#define TVB_TERM_NEAREST 10   /* nearness to one interest, of titles that no item-item weights know */
#define TVB_TERM_CHANNEL 11   /* the channel of what is live, at this time of day */
#define TVB_TERM_COUNT 12

typedef struct tvb_slate_item {
  char item[TVB_ID_SIZE]; /* canonical id */
  float score;            /* the sum of terms; comparable within this slate only */
  float propensity;       /* probability that the policy put this title at this place, 0 to 1; 1 without exploration */
  float terms[TVB_TERM_COUNT];
  int32_t reason;                /* TVB_REASON_* */
  uint32_t offer;                /* index of the first offer open to this profile now, for tvb_offer_get() */
  char reason_item[TVB_ID_SIZE]; /* canonical id, or empty; passes the same filter as the slate */
  char reason_genre[TVB_GENRE_SIZE];
  uint32_t position_s; /* resume point, where reason is TVB_REASON_CONTINUE */
  uint16_t season;     /* the episode to play, 0 for films */
  uint16_t episode;
  int64_t start; /* of the airing, where reason is TVB_REASON_LIVE or TVB_REASON_SOON: ms since the epoch */
  int64_t end;
  char channel[TVB_NAME_SIZE];
} tvb_slate_item;

typedef struct tvb_slate {
  uint32_t struct_size;
  uint32_t item_size; /* sizeof(tvb_slate_item) as the host compiled it: the stride of its array */
  uint64_t slate_id;  /* out: name it in the events that follow from this slate */
  uint32_t count;     /* out: items written */
  uint32_t eligible;  /* out: titles that passed every filter */
} tvb_slate;

#define TVB_SLATE_INIT {sizeof(tvb_slate), sizeof(tvb_slate_item), 0, 0, 0}

/*
 * The best `context->k` titles for this profile, best first, into `items` (room for `capacity`, at least k, else
 * TVB_E_BUFFER). Every title has an age at most the profile's and an offer that its entitlements, the region and the
 * time allow; none is finished, hidden, disliked or rated down; there are k of them whenever k are eligible,
 * a series counting once. Errors: TVB_E_INVALID, TVB_E_NO_PROFILE. Hot: about 0.3 ms at 23,000 titles.
 */
TVB_API int32_t tvb_recommend(tvb_brain *brain, const tvb_context *context, tvb_slate *slate, tvb_slate_item *items,
                              uint32_t capacity);

#define TVB_ROW_CONTINUE 1       /* begun: a film from 3 % or 2 minutes on, an episode from 2 minutes on */
#define TVB_ROW_BECAUSE 2        /* "Because you watched": reason_item of the row; up to two such rows */
#define TVB_ROW_TOP_PICKS 3
#define TVB_ROW_POPULAR 4
#define TVB_ROW_NEXT_EPISODE 5   /* the episode after the last finished one */
#define TVB_ROW_MY_LIST 6        /* the latest listed first */
#define TVB_ROW_NEW 7            /* recently added or released, the best for this profile first */
#define TVB_ROW_KIDS 8           /* of age 7 at most; of profiles that watch such titles or have a limit up to 12 */
#define TVB_ROW_MORE_LIKE_THIS 9 /* like context.item: reason_item of the row, if the profile may see that title */
#define TVB_ROW_TRENDING 10      /* what most people in the region watch now; in all regions where nobody counted there */
#define TVB_ROW_LIVE_NOW 11      /* on a channel now: channel, start and end of the item */
#define TVB_ROW_STARTING_SOON 12 /* on a channel within 2 hours */
#define TVB_ROW_KINDS 12         /* the largest of these */

typedef struct tvb_row {
  int32_t kind;         /* TVB_ROW_* */
  uint32_t first;       /* the row's place in the items array */
  uint32_t count;       /* its length */
  uint32_t reserved;
  char reason_item[TVB_ID_SIZE];
} tvb_row;

typedef struct tvb_screen {
  uint32_t struct_size;
  uint32_t row_size;  /* sizeof(tvb_row) */
  uint32_t item_size; /* sizeof(tvb_slate_item) */
  uint32_t row_count;  /* out */
  uint32_t item_count; /* out */
  uint32_t reserved;
  uint64_t slate_id;  /* out: one for the whole screen */
} tvb_screen;

#define TVB_SCREEN_INIT {sizeof(tvb_screen), sizeof(tvb_row), sizeof(tvb_slate_item), 0, 0, 0, 0}

/*
 * A home screen: up to `row_capacity` rows of up to `context->k` titles, no title twice; rows without titles are
 * left out. Room for 13 rows holds every screen (two may be TVB_ROW_BECAUSE). `items` must have room for row_capacity x k, else TVB_E_BUFFER.
 * Filters as tvb_recommend(). Errors as there; also TVB_E_NO_ITEM of context.item. Hot.
 */
TVB_API int32_t tvb_rows(tvb_brain *brain, const tvb_context *context, tvb_screen *screen, tvb_row *rows,
                         uint32_t row_capacity, tvb_slate_item *items, uint32_t item_capacity);

/*
 * "More like this": titles nearest to `item` by description and by item-item weights, filtered for the profile as
 * in tvb_recommend(), `item` itself left out. `item` need not pass that filter. Errors also: TVB_E_NO_ITEM. Hot.
 */
TVB_API int32_t tvb_similar(tvb_brain *brain, const char *item, const tvb_context *context, tvb_slate *slate,
                            tvb_slate_item *items, uint32_t capacity);

/*
 * Titles that `text` names, then titles that it describes. Named: whole titles before beginnings, before words'
 * beginnings, before the same words in another order; where fewer than three match, titles with one or two typing
 * errors; case, accents and punctuation do not count; more popular first among equals. Described: by the text encoder
 * of the pack, if it has one, nearest first. Filtered for the profile; finished, hidden, disliked and rated down titles
 * are found too. `eligible` counts what was found. An empty text is TVB_E_INVALID. Hot.
 */
TVB_API int32_t tvb_search(tvb_brain *brain, const char *text, const tvb_context *context, tvb_slate *slate,
                           tvb_slate_item *items, uint32_t capacity);

/* One title's score taken apart. */
typedef struct tvb_explanation {
  uint32_t struct_size;
  uint32_t eligible; /* 1, or 0 with the bits of why not */
  uint32_t why_not;  /* TVB_NOT_* */
  float score;
  float terms[TVB_TERM_COUNT];
  int32_t reason;
  uint32_t witness_count; /* titles that speak most for or against it: */
  struct {
    char item[TVB_ID_SIZE];
    float cf; /* its addend to terms[TVB_TERM_CF] */
  } witness[8];
} tvb_explanation;

#define TVB_NOT_AGE 1u
#define TVB_NOT_ENTITLED 2u
#define TVB_NOT_IN_REGION 4u
#define TVB_NOT_IN_WINDOW 8u
#define TVB_NOT_FINISHED 16u /* it is finished */
#define TVB_NOT_HIDDEN 32u   /* it is hidden, disliked or rated down */
#define TVB_NOT_GENRE 64u

/*
 * Why `item` has the score it has in `context`, eligible or not. Only witnesses that pass the profile's filter are
 * named. Errors: TVB_E_NO_ITEM, TVB_E_NO_PROFILE, TVB_E_INVALID. Set struct_size before the call.
 */
TVB_API int32_t tvb_explain(tvb_brain *brain, const char *item, const tvb_context *context, tvb_explanation *out);

/* ---- Items -------------------------------------------------------------------------------------------------- */

#define TVB_TYPE_MOVIE 1
#define TVB_TYPE_SERIES 2

typedef struct tvb_item {
  uint32_t struct_size;
  int32_t type;          /* TVB_TYPE_* */
  char item[TVB_ID_SIZE]; /* canonical id */
  char title[TVB_TITLE_SIZE];
  char artwork[TVB_TEXT_SIZE];
  uint16_t year; /* 0 unknown */
  uint16_t runtime_min;
  uint16_t seasons;
  uint16_t age;         /* 0 to 18, 18 where unknown */
  uint32_t offer_count; /* see tvb_offer_get() */
  uint32_t popularity;
  uint32_t genre_count;
  char genres[8][TVB_GENRE_SIZE];
} tvb_item;

typedef struct tvb_offer {
  uint32_t struct_size;
  uint32_t age;  /* 0 to 18; 255 where this offer's is unknown */
  int64_t start; /* ms; INT64_MIN for open */
  int64_t end;   /* ms, exclusive; INT64_MAX for open */
  char offer[TVB_ID_SIZE];
  char provider[TVB_PROVIDER_SIZE];
  char launch[TVB_TEXT_SIZE]; /* opaque to the brain */
} tvb_offer;

/*
 * Facts about the title that `item` (any of its offers' ids) names; `language` ("de", "pt-BR") picks a localised
 * title where the pack has one, NULL or "" the original. TVB_E_NO_ITEM. Hot.
 */
TVB_API int32_t tvb_item_get(tvb_brain *brain, const char *item, const char *language, tvb_item *out);

/* The title's offer number `index`, from 0; TVB_E_LIMIT past the last. Hot. */
TVB_API int32_t tvb_offer_get(tvb_brain *brain, const char *item, uint32_t index, tvb_offer *out);

/* ---- Profiles ----------------------------------------------------------------------------------------------- */

typedef struct tvb_profile {
  uint32_t struct_size;
  uint32_t id;      /* out of tvb_profile_create(); ids are never used twice */
  uint32_t max_age; /* 0 to 18: no title above it, ever */
  uint32_t consent; /* 1: statistics may leave the set (see the documentation of sync); 0 is the default */
  uint32_t entitlement_count; /* 0: every provider */
  char region[TVB_REGION_SIZE]; /* empty: offers bound to regions are left out */
  char name[TVB_NAME_SIZE];
  char entitlements[TVB_MAX_ENTITLEMENTS][TVB_PROVIDER_SIZE]; /* provider names, as before the colon of offer ids */
} tvb_profile;

/* Create a profile; `profile->id` is set. TVB_E_EXISTS, TVB_E_LIMIT, TVB_E_INVALID, TVB_E_READ_ONLY. Syncs. */
TVB_API int32_t tvb_profile_create(tvb_brain *brain, tvb_profile *profile);
/*
 * Replace everything but the id. In force for every call that starts after it returns, and also where the result is
 * that of a failed sync (the text says "recorded"). Errors as tvb_profile_create(), and TVB_E_NO_PROFILE. Syncs.
 */
TVB_API int32_t tvb_profile_update(tvb_brain *brain, const tvb_profile *profile);
/*
 * Delete a profile and forget its history: in force on TVB_OK, and files that knew it are rewritten by the learning
 * plane as after tvb_forget(). "household" (1) cannot be deleted: TVB_E_INVALID. TVB_E_NO_PROFILE. Syncs.
 */
TVB_API int32_t tvb_profile_delete(tvb_brain *brain, uint32_t id);
/* By id. TVB_E_NO_PROFILE. */
TVB_API int32_t tvb_profile_get(tvb_brain *brain, uint32_t id, tvb_profile *out);
/* By name, exactly. TVB_E_NO_PROFILE. */
TVB_API int32_t tvb_profile_find(tvb_brain *brain, const char *name, tvb_profile *out);
/* The ids in use, ascending, into `ids`; *count is their number, also with TVB_E_BUFFER. */
TVB_API int32_t tvb_profile_list(tvb_brain *brain, uint32_t *ids, uint32_t capacity, uint32_t *count);

/* ---- Forget ------------------------------------------------------------------------------------------------- */

#define TVB_FORGET_ITEM 1
#define TVB_FORGET_PROFILE 2
#define TVB_FORGET_ALL 3

/*
 * Forget one title of a profile, a profile's history, or everything watched. Hidden at once and durable on return;
 * TVB_PENDING until the learning plane has rewritten every file that knew it. `item` is read for TVB_FORGET_ITEM,
 * `profile` for that and TVB_FORGET_PROFILE. This is how a profile is reset: what it watched, rated, hid and listed goes
 * with everything learned from it; its id, name, age limit, entitlements, region and consent stay. Syncs.
 */
TVB_API int32_t tvb_forget(tvb_brain *brain, int32_t scope, uint32_t profile, const char *item);

/* ---- Running ------------------------------------------------------------------------------------------------ */

/* Make everything acknowledged durable against power cuts now. Syncs. */
TVB_API int32_t tvb_flush(tvb_brain *brain);

/*
 * Do what the maintenance thread would do now: due syncs, a newer snapshot, new packs, deletion of journal segments
 * below the floor. *next_ms: when it wants to be called again at the latest, -1 for "after the next event". May sync.
 * Harmless beside a maintenance thread.
 */
TVB_API int32_t tvb_pump(tvb_brain *brain, int64_t *next_ms);

/*
 * Full library: learn everything observed so far and run what is due, to the end; returns when it is done. For tests,
 * benches, and hosts that know a good moment, such as the way to standby. TVB_E_NO_LEARNER in the serving library, and
 * where learning cannot start or go on. Takes milliseconds to seconds; may sync.
 */
TVB_API int32_t tvb_learn_now(tvb_brain *brain);

#define TVB_HINT_PLAYBACK 1     /* 1 while something plays: learning pauses; 0, also once after opening beside `tvbrain run` */
#define TVB_HINT_POWER 2        /* 0 standby, 1 on, 2 about to lose power: flush now */
#define TVB_HINT_TIME_TRUSTED 3 /* 1 once the clock is known to be right, 0 when not */
#define TVB_HINT_MEMORY_LOW 4   /* 1: give back caches */

/* What the host knows and the brain cannot: recorded, and passed on to the learning plane. TVB_E_INVALID. */
TVB_API int32_t tvb_hint(tvb_brain *brain, int32_t hint, int32_t value);

#define TVB_MODE_FULL 0        /* serving and learning */
#define TVB_MODE_NO_LEARNING 1 /* no snapshot for long, or no learner: serving from the journal */
#define TVB_MODE_READ_ONLY 2   /* events are refused, or the last one was; ends by itself when storage works again */
#define TVB_MODE_POPULARITY 3  /* no usable history: what was last shown by it comes first, then what is popular */

/* Bits of tvb_health_info.faults. */
#define TVB_FAULT_PROFILES_LOST 1u      /* profiles unreadable: everything runs at age 0 */
#define TVB_FAULT_PROFILES_OLD 2u       /* the predecessor is in use */
#define TVB_FAULT_SNAPSHOT 4u           /* the newest snapshot was unusable: its predecessor is in use, or none */
#define TVB_FAULT_PACK 8u               /* an installed pack was unusable and set aside */
#define TVB_FAULT_JOURNAL 16u           /* the last journal write or sync failed */
#define TVB_FAULT_GAP 32u               /* events were folded into a checkpoint before a learner saw them */
#define TVB_FAULT_TORN 64u              /* at open the journal's tail was torn and cut, or a segment was set aside */

#define TVB_FAULT_LEARNER 128u          /* learning in this process failed: learning_detail says why */

/* Learning in this process: tvb_health_info.learning. */
#define TVB_LEARNING_NONE 0     /* the serving library, TVB_OPEN_NO_LEARNER, or read-only */
#define TVB_LEARNING_STARTING 1
#define TVB_LEARNING_RUNNING 2  /* asleep most of the time */
#define TVB_LEARNING_PAUSED 3   /* by TVB_HINT_PLAYBACK */
#define TVB_LEARNING_FAILED 4   /* could not start: tried again after a minute, then less and less often */

typedef struct tvb_health_info {
  uint32_t struct_size;
  int32_t mode;      /* TVB_MODE_* */
  uint32_t faults;   /* TVB_FAULT_* */
  uint32_t learner;  /* 1 while a learning plane holds its lock */
  uint64_t journal_id;
  uint64_t last_seq;    /* of the newest event */
  uint64_t synced_seq;  /* of the newest event safe from power cuts */
  uint64_t learned_seq; /* of the snapshot in use */
  uint64_t floor_seq;   /* segments wholly below are deleted */
  uint64_t checkpoint_seq;
  uint64_t snapshot_generation;
  uint64_t journal_bytes;
  uint64_t erasure_epoch;
  uint64_t pack_hash;   /* of the base pack */
  uint32_t segments, packs, items, profiles;
  uint64_t observes, recommends; /* since open */
  char detail[256];     /* the newest fault in words, or empty */
  uint32_t learning;    /* TVB_LEARNING_* */
  uint32_t reserved;
  char learning_detail[256]; /* why nothing is learned here, or which loops fail; empty if all is well */
  uint64_t erased_epoch; /* no file knows what was forgotten up to here: all is complete if equal to erasure_epoch */
} tvb_health_info;

/* Set struct_size before the call. Never fails on a valid brain. */
TVB_API int32_t tvb_health(tvb_brain *brain, tvb_health_info *out);

#ifdef __cplusplus
}
#endif
#endif /* TVBRAIN_H */
