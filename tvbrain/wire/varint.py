"""Whole numbers in as few bytes as they need: seven bits a byte, low ones first, bit 7 where more follow (LEB128)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tvbrain.wire.errors import MalformedError, OverLimitError

LARGEST = (1 << 32) - 1
MOST_BYTES = 5


def pack(values: Iterable[int]) -> bytes:
    """Each number 0 to 2^32 - 1. Raises ValueError for another."""
    out = bytearray()
    for value in values:
        if not 0 <= value <= LARGEST:
            raise ValueError(f"{value} is not 0 to {LARGEST}")
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)
    return bytes(out)


def unpack(data: bytes, most: int, what: str) -> list[int]:
    """At most `most` numbers, each in its shortest form. MalformedError and OverLimitError name `what`."""
    found: list[int] = unpack_array(data, most, what).tolist()
    return found


def unpack_array(data: bytes, most: int, what: str) -> NDArray[np.int64]:
    """The same as an array (n,)."""
    if not data:
        return np.empty(0, np.int64)
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(raw < 0x80)
    if not len(ends) or ends[-1] != len(raw) - 1:
        raise MalformedError(f"{what}: ends within a number")
    if len(ends) > most:
        raise OverLimitError(f"{what}: more than {most} numbers")
    begins = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - begins
    longest = int(lengths.max())
    if longest >= MOST_BYTES:
        raise MalformedError(f"{what}: a number of more than 32 bits")
    values = raw[begins].astype(np.int64) & 0x7F
    for place in range(1, longest + 1):
        longer = np.flatnonzero(lengths >= place)
        digits = raw[begins[longer] + place].astype(np.int64) & 0x7F
        values[longer] |= digits << 7 * place
    if int(values.max()) > LARGEST or ((raw[ends] == 0) & (lengths > 0)).any():
        raise MalformedError(f"{what}: a number that is not in its shortest form or too large")
    return values


def zigzag(value: int) -> int:
    """A signed number as one that is small where it is."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def unzigzag(value: int) -> int:
    """The number of which `value` is the zigzag."""
    return -(value + 1 >> 1) if value & 1 else value >> 1
