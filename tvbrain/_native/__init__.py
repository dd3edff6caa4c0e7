"""The native core: `ffi` and `lib` of the extension, and statuses turned into exceptions.

`lib.tvb_*` are the functions of sdk_headers/tvbrain.h, `lib.tvn_*` those of native/python/tvn.h.
cffi releases the interpreter lock around each call.
"""

from tvbrain._native.core import ffi, lib
from tvbrain._native.status import check

__all__ = ["check", "ffi", "lib"]
