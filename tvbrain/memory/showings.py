"""What was shown and what came of it: impressions wait in the table `showing` until their outcome is known."""

from __future__ import annotations

import struct

from tvbrain.memory.daypart import daypart
from tvbrain.memory.evidence import Evidence
from tvbrain.memory.records import PLACE, Record
from tvbrain.sqlite import Database
from tvbrain.store import blends, edges
from tvbrain.store.blends import Showing

WINDOW_MS = 30 * 60_000
"""A title that is not played so long after it was shown was passed over."""

PLAYING = frozenset({"play_start", "progress", "complete"})

_HEAD = struct.Struct("<HH")


def shown(db: Database, row: Record, added: bytes, at_ms: int) -> None:
    """Remember the places of one impression, if its record has the values that their scores were made of."""
    values = added[row.added_at + row.added_size :][: row.values_size]
    part = daypart(at_ms, row.utc_offset_min)
    if len(values) < _HEAD.size:
        edges.note_unknown(db, row.profile, part, max(row.added_size // PLACE.size, 1), at_ms)
        return
    terms, _ = _HEAD.unpack_from(values)
    end = row.added_at + row.added_size // PLACE.size * PLACE.size
    for place, (key, q16, _) in enumerate(PLACE.iter_unpack(added[row.added_at : end])):
        begin = _HEAD.size + 2 * terms * place
        own = values[begin : begin + 2 * terms]
        if len(own) == 2 * terms and key:
            one = Showing(key, at_ms, False, row.row, row.slot + place, None, q16, part)
            blends.note_shown(db, row.profile, one, own, at_ms - WINDOW_MS)


def reacted(db: Database, name: str, row: Record, found: Evidence | None, at_ms: int) -> None:
    """Remember what this record says of a title that was shown, if anything."""
    played = outcome(name, found, watched=bool(row.watched_e4))
    if row.item and played is not None:
        blends.note_reaction(db, row.profile, row.item, at_ms, played, at_ms - WINDOW_MS)


def outcome(name: str, found: Evidence | None, *, watched: bool) -> bool | None:
    """Whether a kind of event means that a shown title was played (and not left at once); None: it says nothing."""
    if found is not None:
        return found.strength > 0
    if name in PLAYING:
        return True
    if name == "hide" or (name == "stop" and watched):
        return False
    return None
