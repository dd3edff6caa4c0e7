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

#ifdef __cplusplus
}
#endif
#endif /* TVN_H */
