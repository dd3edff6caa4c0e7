"""Rows of a pack on the wire: ascending, so that the gaps between them are small numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tvbrain.wire import limits, varint
from tvbrain.wire.errors import MalformedError

Pair = tuple[int, int]
_PLACES = np.array([1, 2, 4], np.uint8)


def pack_pairs(pairs: Sequence[Pair]) -> bytes:
    """Pairs (a, b) with a < b, ascending, none twice: a - the a before, then b - a - 1, or with the same a as before
    b - the b before - 1. MalformedError where they are not so.
    """
    numbers: list[int] = []
    before = (0, 0)
    for at, (a, b) in enumerate(pairs):
        if not 0 <= a < b <= limits.POSITION or (at and (a, b) <= before):
            raise MalformedError(f"pairs: {(a, b)} is no pair, or does not stand after {before}")
        same = at > 0 and a == before[0]
        numbers += [a - before[0], b - (before[1] if same else a) - 1]
        before = (a, b)
    return varint.pack(numbers)


def unpack_pairs(data: bytes, most: int, what: str) -> tuple[Pair, ...]:
    """Raises MalformedError, OverLimitError."""
    numbers = varint.unpack_array(data, 2 * most, what)
    if len(numbers) % 2:
        raise MalformedError(f"{what}: half a pair")
    if not len(numbers):
        return ()
    gaps, steps = numbers[::2], np.cumsum(numbers[1::2] + 1)
    a = np.cumsum(gaps)
    begins = np.flatnonzero(gaps)  # where a is another one, b counts from it
    if not len(begins) or begins[0]:
        begins = np.concatenate(([0], begins))
    before = np.where(begins > 0, steps[begins - 1], 0)
    b = a + steps - np.repeat(before, np.diff(begins, append=len(a)))
    if int(b.max()) > limits.POSITION:
        raise MalformedError(f"{what}: row {b.max()}")
    return tuple(zip(a.tolist(), b.tolist(), strict=True))


def pack_order(order: Sequence[int]) -> bytes:
    """Three bits each, the first in the lowest; the last byte is filled with 0. MalformedError beyond 0 to 7."""
    bits = 0
    for at, one in enumerate(order):
        if not 0 <= one <= limits.ORDER:
            raise MalformedError(f"order: {one} is not 0 to {limits.ORDER}")
        bits |= one << (3 * at)
    return bits.to_bytes(-(-3 * len(order) // 8), "little")


def unpack_order(data: bytes, count: int, what: str) -> tuple[int, ...]:
    """That of `count` pairs. Raises MalformedError."""
    if len(data) != -(-3 * count // 8):
        raise MalformedError(f"{what}: {len(data)} bytes for {count} pairs")
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    if bits[3 * count :].any():
        raise MalformedError(f"{what}: bits after the last pair")
    return tuple((bits[: 3 * count].reshape(count, 3) @ _PLACES).tolist())


def pack_counted(items: Sequence[Pair]) -> bytes:
    """Rows with a count of 1 to 15 each, ascending, none twice: the gap to the row before (to -1 at first) less one,
    times 16, plus the count. MalformedError where they are not so.
    """
    numbers: list[int] = []
    before = -1
    for row, count in items:
        if not before < row <= limits.POSITION or not 1 <= count <= limits.ITEM_COUNT:
            raise MalformedError(f"items: {count} of row {row} after row {before}")
        numbers.append((row - before - 1) << 4 | count)
        before = row
    return varint.pack(numbers)


def unpack_counted(data: bytes, most: int, what: str) -> tuple[Pair, ...]:
    """Raises MalformedError, OverLimitError."""
    found: list[Pair] = []
    row = -1
    for number in varint.unpack(data, most, what):
        row += (number >> 4) + 1
        if row > limits.POSITION or not number & 15:
            raise MalformedError(f"{what}: a row or a count out of range")
        found.append((row, number & 15))
    return tuple(found)
