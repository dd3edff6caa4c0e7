"""The core's structs as numpy's: one declaration, in native/python/tvn.h, for both."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tvbrain._native.core import ffi

Rows = npt.NDArray[np.void]
"""A structured array: one element a C struct."""

_NUMBERS: dict[str, npt.DTypeLike] = {
    f"{sign}int{bits}_t": f"<{sign or 'i'}{bits // 8}"
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
}


def dtype_of(struct: str) -> np.dtype[np.void]:
    """The numpy type with the names, places and size of a C struct of fixed-width integers."""
    kind = ffi.typeof(struct)
    names, formats, offsets = [], [], []
    for name, field in kind.fields:
        array = field.type.kind == "array"
        number = np.dtype(_NUMBERS[(field.type.item if array else field.type).cname])
        names.append(name)
        formats.append((number, (field.type.length,)) if array else number)
        offsets.append(field.offset)
    return np.dtype(
        {"names": names, "formats": formats, "offsets": offsets, "itemsize": ffi.sizeof(kind)}
    )


def pointer(struct: str, rows: npt.NDArray[Any]) -> Any:
    """A `struct *` to the elements of a contiguous array, which must outlive its use."""
    if not rows.flags.c_contiguous or rows.dtype.itemsize != ffi.sizeof(struct):
        raise TypeError(f"not a contiguous array of {struct}: {rows.dtype}")
    return ffi.cast(f"{struct} *", rows.ctypes.data)


EVENT = dtype_of("tvn_event")
"""One journal record: keys instead of ids, integers instead of floats (docs/formats.md)."""
