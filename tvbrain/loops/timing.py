"""When loops are due: the rule, without a clock or a database (docs/loops.md)."""

from __future__ import annotations

import struct

from tvbrain.loops.table import DAY, Loop
from tvbrain.pack.native import xxh64

SETTLES = 3600.0
UNKNOWN_OFF = DAY
"""Where no clock says how long a set was off, that counts as so long; what has come due meanwhile waits SETTLES."""
MINUTE = 60.0
JUMP = 60.0
"""The wall clock was set if it went so much faster or slower than the one that only ever passes."""
PLAUSIBLE = 1_577_836_800.0
"""2020-01-01: a clock before it has never been set."""
SPREAD = 24
"""A daily or longer loop comes up to this part of its period early."""


def interval(loop: Loop, device: int, runs: int) -> float:
    """Seconds from the end of run number `runs` to the next: the period, less what spreads the devices."""
    if device == 0 or loop.period < DAY:
        return loop.period
    drawn = xxh64(struct.pack("<QQ", device, runs) + loop.name.encode())
    return loop.period - drawn % int(loop.period // SPREAD)


def backoff(loop: Loop, failures: int) -> float:
    """Seconds after the failure number `failures` in a row."""
    first = MINUTE if loop.persisted else 2 * loop.period
    most = loop.period if loop.persisted else MINUTE
    return min(first * 2.0 ** min(failures - 1, 30), most)


def reopened(loop: Loop, known: float | None, left: float) -> float:
    """Seconds left after a restart, not positive if the time has come. `known`: until the due time, if the clocks of
    then and now can be compared; `left`: what was left when that was stored last.
    """
    if known is not None:
        return min(known, loop.period)
    left = min(left, loop.period)
    return max(left - UNKNOWN_OFF, min(left, SETTLES))
