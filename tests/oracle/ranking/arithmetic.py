"""The tables, hashes and calendar of docs/ranking.md. Python's `>>` and `//` round down, as the page wants it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

ONE_Q20 = 1 << 20
DAY_MS = 86_400_000
MASK64 = 2**64 - 1


def cut(x: int, low: int, high: int) -> int:
    return max(low, min(high, x))


TENTH, THIRTIETH = 1001836546, 1049217527
"""2^(-1/10) and 2^(-1/30), Q30."""


def falling(factor: int, first: int = 1 << 30) -> Iterator[int]:
    """Each is the one before times the factor, Q30."""
    while True:
        yield first
        first = first * factor >> 30


def q12(q30: int) -> int:
    return (q30 + (1 << 17)) >> 18


def _years(factor: int) -> tuple[int, ...]:
    """By years from 0 on, Q20; the last is of 64 and more."""
    return (*((v + (1 << 9)) >> 10 for v in islice(falling(factor), 64)), 0)


_SHORT = 912680550
DECAY = tuple(
    q12(fast + slow)
    for fast, slow in islice(
        zip(falling(934746550, _SHORT), falling(1066324947, (1 << 30) - _SHORT), strict=True), 1024
    )
)
ERA = _years(836230973)
FRESH = _years(769369636)


def log2_q16(n: int) -> int:
    """For 1 <= n < 2^33."""
    whole = n.bit_length() - 1
    m = n << (31 - whole) if whole <= 31 else n >> (whole - 31)
    result = whole
    for _ in range(16):
        m = m * m >> 31
        bit = int(m >= 1 << 32)
        m >>= bit
        result = result << 1 | bit
    return result


def mix(x: int) -> int:
    """splitmix64."""
    z = (x + 0x9E3779B97F4A7C15) & MASK64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK64
    return z ^ z >> 31


def tie(token: int, key: int) -> int:
    return mix(token ^ key)


def moment(at_ms: int) -> int:
    """A time that no calendar chokes on: within 10^7 days of the epoch."""
    return cut(at_ms, -(10**7) * DAY_MS, 10**7 * DAY_MS)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def year_of(day: int) -> int:
    """Of a day since the epoch, in the proleptic Gregorian calendar, by counting."""
    cycles, day = divmod(day, 146_097)  # days of 400 years
    year = 1970 + 400 * cycles
    while day >= (length := 366 if _is_leap(year) else 365):
        day -= length
        year += 1
    return year


def weekday(at_ms: int, utc_offset_min: int) -> int:
    """Monday is 0."""
    day = (moment(at_ms) + utc_offset_min * 60_000) // DAY_MS
    return (day + 3) % 7  # the epoch was a Thursday, 3 days after a Monday


def daypart(at_ms: int, utc_offset_min: int) -> int:
    """4 on Saturday and Sunday, plus the quarter of the local day."""
    in_day = (moment(at_ms) + utc_offset_min * 60_000) % DAY_MS
    return 4 * (weekday(at_ms, utc_offset_min) >= 5) + in_day // (6 * 3_600_000)
