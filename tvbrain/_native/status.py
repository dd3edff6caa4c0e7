"""A status code of the ABI as a result or an exception."""

from tvbrain import errors
from tvbrain._native.core import ffi, lib


def check(status: int) -> int:
    """Return a status that is not negative; raise the exception of any other.

    Its text is the thread's last error: call this directly on the result of a `lib` function,
    before another call on this thread replaces the text.
    """
    if status >= 0:
        return status
    text: str = ffi.string(lib.tvb_last_error()).decode("utf-8", "replace")
    name: str = ffi.string(lib.tvb_status_name(status)).decode("ascii")
    raise errors.from_status(name, text)
