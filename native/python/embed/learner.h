/*
 * Between libtvbrain and the learning plane in Python (learner.so): an internal interface, without stability; both are
 * built and installed together. build_learner.py reads it for cffi.
 *
 * The library has one thread a brain that calls tvl_start, tvl_step … and tvl_stop, in this order; no other thread of
 * the process ever enters Python. What a tvl_host points to lives until tvl_stop has returned.
 */
#ifndef TVL_LEARNER_H
#define TVL_LEARNER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TVL_OK 1 /* not 0: that is what cffi answers when an entry could not be run at all */

#define TVL_LOG_WARNING 2
#define TVL_LOG_INFO 3

typedef struct tvl_host {
  const char* data_dir;
  const char* pack;
  int32_t clock_trusted;
  int32_t by_itself; /* 0: the host says when, and `clock` is the only one that is read */
  int32_t watch;     /* out, by tvl_start: readable when the journal has grown; drain it */
  int32_t reserved;
  uint64_t since; /* the journal's last record when the host opened it: what was hinted at up to there is over */
  void* self;
  int64_t (*clock)(void* clock_user); /* ms since the epoch; NULL: the machine's */
  void* clock_user;
  void (*log)(void* self, int32_t level, const char* text);
  /* Why nothing is learned, or which loops fail; "" if all is well. */
  void (*say)(void* self, const char* text);
  /* The host ends its Python: returns once no thread of ours is in it. */
  void (*ending)(void* self);
} tvl_host;

#pragma GCC visibility push(default)

/*
 * Start Python if nobody has, with the standard library and the packages under `home` and nothing of the environment,
 * else add those packages behind the host's. TVL_OK, or `error` says what is wrong. Once it has returned TVL_OK, later
 * calls do nothing.
 */
int32_t tvl_boot(const char* home, char* error, uint32_t capacity);

/*
 * In Python (tvbrain/sdk/embedded.py): TVL_OK, or said why not; tvl_step the ms until it is to be called again, or -1 and
 * said why. After tvl_stop the plane is gone in any case.
 */
int32_t tvl_start(tvl_host* host);
int64_t tvl_step(tvl_host* host, int32_t hurry);
int32_t tvl_stop(tvl_host* host);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif /* TVL_LEARNER_H */
