"""A pattern on the wire: which entry of the codebook it is near, what is left of it, when it holds, and how much.

Records of one length, one after the other, in ascending order of their bytes and none twice: u16 code, u16 step, u8
weight in hundredths, u8 mask of dayparts, u8 mask of weekdays, in a release u16 support, then the residual's bits.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tvbrain.wire import limits, residual
from tvbrain.wire.errors import MalformedError, OverLimitError
from tvbrain.wire.residual import Residual

_SENT, _RELEASED = struct.Struct("<HHBBB"), struct.Struct("<HHBBBH")


@dataclass(frozen=True, slots=True)
class WirePattern:
    """code: row of the codebook. weight: 1 to 100 hundredths. dayparts: bits 0 to 7, at least one. weekdays: bits 0
    (Monday) to 6, 0 for every day. support: sets that a released pattern came from, clipped to 65,535; 0 in a delta.
    """

    code: int
    residual: Residual
    weight: int
    dayparts: int
    weekdays: int
    support: int = 0


@dataclass(frozen=True, slots=True)
class Coding:
    """What the records were made with: the codebook's version (1 to 65,535), the quantiser, the numbers of a vector."""

    codebook: int
    quantiser: int
    dimension: int

    def check(self, what: str) -> None:
        """Raises MalformedError."""
        good = (
            1 <= self.codebook <= 65_535
            and self.quantiser in residual.BITS
            and 32 <= self.dimension <= 1024
            and self.dimension % 32 == 0
        )
        if not good:
            raise MalformedError(f"{what}: no such codebook, quantiser or dimension: {self}")


def pack(patterns: Sequence[WirePattern], coding: Coding, released: bool) -> bytes:
    """Their records; MalformedError for a pattern that is out of range."""
    length = residual.size(coding.quantiser, coding.dimension)
    records = []
    for one in patterns:
        _check(one, coding, released, length)
        head = (one.code, one.residual.step, one.weight, one.dayparts, one.weekdays)
        record = _RELEASED.pack(*head, one.support) if released else _SENT.pack(*head)
        records.append(record + one.residual.data)
    if any(a >= b for a, b in pairwise(records)):
        raise MalformedError("patterns: not ascending, or one twice")
    return b"".join(records)


def ascending(patterns: Sequence[WirePattern]) -> tuple[WirePattern, ...]:
    """In the order of their records, each once."""

    def order(one: WirePattern) -> bytes:
        head = (one.code, one.residual.step, one.weight, one.dayparts, one.weekdays, one.support)
        return _RELEASED.pack(*head) + one.residual.data

    return tuple(sorted(set(patterns), key=order))


def unpack(
    data: bytes, coding: Coding, released: bool, most: int, what: str
) -> tuple[WirePattern, ...]:
    """Raises MalformedError, OverLimitError."""
    head = _RELEASED if released else _SENT
    rest = residual.size(coding.quantiser, coding.dimension)
    count, beyond = divmod(len(data), head.size + rest)
    if beyond:
        raise MalformedError(f"{what}: no whole number of patterns")
    if count > most:
        raise OverLimitError(f"{what}: {count} patterns; at most {most}")
    found = []
    for at in range(0, len(data), head.size + rest):
        code, step, weight, dayparts, weekdays, *support = head.unpack_from(data, at)
        left = Residual(step, data[at + head.size : at + head.size + rest])
        found.append(WirePattern(code, left, weight, dayparts, weekdays, *support))
    if pack(found, coding, released) != data:
        raise MalformedError(f"{what}: patterns in another encoding")
    return tuple(found)


def _check(one: WirePattern, coding: Coding, released: bool, length: int) -> None:
    good = (
        0 <= one.code <= 65_535
        and 0 <= one.residual.step <= residual.LARGEST_STEP
        and 1 <= one.weight <= limits.WEIGHT
        and 1 <= one.dayparts <= 255
        and 0 <= one.weekdays <= 127
        and (1 if released else 0) <= one.support <= (limits.SUPPORT if released else 0)
        and len(one.residual.data) == length
        and residual.is_valid(one.residual, coding.quantiser)
    )
    if not good:
        raise MalformedError(f"a pattern is out of range: code {one.code}, weight {one.weight}")
