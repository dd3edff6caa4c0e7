"""What regions and dayparts watch, as differences from the pack's own counts (`POPS`).

Groups ascending by region and daypart: region (0: all), daypart (8: all), number of rows, then as many gaps between
rows (to the one before less one, to -1 at first) and differences (zigzag, never 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from tvbrain.wire import limits, varint
from tvbrain.wire.errors import MalformedError, OverLimitError

ANY_DAYPART = 8
LARGEST_DIFFERENCE = (1 << 30) - 1
Count = tuple[int, int, int, int]
"""region (two letters as in a pack's `REGN`, 0 for all), daypart (0 to 7, 8 for all), row, difference."""


def pack(counts: Sequence[Count], what: str) -> bytes:
    """MalformedError where they are out of range, not ascending, or one stands twice."""
    numbers: list[int] = []
    if any(a[:3] >= b[:3] for a, b in pairwise(counts)):
        raise MalformedError(f"{what}: counts do not ascend")
    for (region, daypart), group in groupby(counts, key=lambda one: one[:2]):
        rows = list(group)
        if not 0 <= region <= 0xFFFF or not 0 <= daypart <= ANY_DAYPART:
            raise MalformedError(f"{what}: counts of region {region}, daypart {daypart}")
        numbers += [region, daypart, len(rows)]
        before = -1
        for _, _, row, difference in rows:
            if not 0 <= row <= limits.POSITION or not 0 < abs(difference) <= LARGEST_DIFFERENCE:
                raise MalformedError(f"{what}: a count of {difference} for row {row}")
            numbers += [row - before - 1, varint.zigzag(difference)]
            before = row
    return varint.pack(numbers)


def unpack(data: bytes, what: str) -> tuple[Count, ...]:
    """Raises MalformedError, OverLimitError."""
    numbers = iter(varint.unpack(data, 5 * limits.COUNTS, what))
    found: list[Count] = []
    for region in numbers:
        try:
            daypart, length = next(numbers), next(numbers)
            if not 1 <= length <= limits.COUNTS - len(found):
                raise OverLimitError(f"{what}: a group of {length} counts")
            row = -1
            for _ in range(length):
                row += next(numbers) + 1
                found.append((region, daypart, row, varint.unzigzag(next(numbers))))
        except StopIteration:
            raise MalformedError(f"{what}: ends within a group") from None
    if pack(found, what) != data:
        raise MalformedError(f"{what}: counts in another encoding")
    return tuple(found)
