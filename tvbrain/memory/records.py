"""Journal records as plain integers, for code that looks at them one by one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from numpy.typing import NDArray

PLACE = struct.Struct("<QII")
"""One place that an impression adds to its record: key, propensity Q16, 0."""


class Record(NamedTuple):
    """One row of EVENT, field by field; the names and units are those of docs/formats.md."""

    seq: int
    item: int
    at_ms: int
    session: int
    slate_id: int
    profile: int
    position_s: int
    duration_s: int
    added_at: int
    added_size: int
    values_size: int
    utc_offset_min: int
    fields: int
    rating_e4: int
    watched_e4: int
    season: int
    episode: int
    row: int
    slot: int
    slot_count: int
    kind: int
    reserved: int
    reserved1: int


def records(events: NDArray[Any]) -> Iterator[Record]:
    """The rows in order. A test compares the fields with those of the core's struct."""
    return (Record(*row) for row in events.tolist())
