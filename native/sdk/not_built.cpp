// Functions of the header that have no body yet. Each is weak: a file that defines one wins, and
// then its line here goes. They keep the library linkable and the header whole while the core
// grows.
#include "last_error.hpp"
#include "tvbrain.h"

#define TVB_NOT_BUILT(name, ...)                               \
  extern "C" __attribute__((weak)) int32_t name(__VA_ARGS__) { \
    return tvsdk::fail(TVB_E_INVALID, #name " is not built");  \
  }

TVB_NOT_BUILT(tvb_open, const char*, const char*, const tvb_open_options*, tvb_brain**)
TVB_NOT_BUILT(tvb_close, tvb_brain*)
TVB_NOT_BUILT(tvb_observe, tvb_brain*, const tvb_event*)
TVB_NOT_BUILT(tvb_recommend, tvb_brain*, const tvb_context*, tvb_slate*, tvb_slate_item*, uint32_t)
TVB_NOT_BUILT(tvb_rows, tvb_brain*, const tvb_context*, tvb_screen*, tvb_row*, uint32_t,
              tvb_slate_item*, uint32_t)
TVB_NOT_BUILT(tvb_similar, tvb_brain*, const char*, const tvb_context*, tvb_slate*, tvb_slate_item*,
              uint32_t)
TVB_NOT_BUILT(tvb_search, tvb_brain*, const char*, const tvb_context*, tvb_slate*, tvb_slate_item*,
              uint32_t)
TVB_NOT_BUILT(tvb_explain, tvb_brain*, const char*, const tvb_context*, tvb_explanation*)
TVB_NOT_BUILT(tvb_item_get, tvb_brain*, const char*, const char*, tvb_item*)
TVB_NOT_BUILT(tvb_offer_get, tvb_brain*, const char*, uint32_t, tvb_offer*)
TVB_NOT_BUILT(tvb_profile_create, tvb_brain*, tvb_profile*)
TVB_NOT_BUILT(tvb_profile_update, tvb_brain*, const tvb_profile*)
TVB_NOT_BUILT(tvb_profile_delete, tvb_brain*, uint32_t)
TVB_NOT_BUILT(tvb_profile_get, tvb_brain*, uint32_t, tvb_profile*)
TVB_NOT_BUILT(tvb_profile_find, tvb_brain*, const char*, tvb_profile*)
TVB_NOT_BUILT(tvb_profile_list, tvb_brain*, uint32_t*, uint32_t, uint32_t*)
TVB_NOT_BUILT(tvb_forget, tvb_brain*, int32_t, uint32_t, const char*)
TVB_NOT_BUILT(tvb_flush, tvb_brain*)
TVB_NOT_BUILT(tvb_pump, tvb_brain*, int64_t*)
TVB_NOT_BUILT(tvb_hint, tvb_brain*, int32_t, int32_t)
TVB_NOT_BUILT(tvb_health, tvb_brain*, tvb_health_info*)
