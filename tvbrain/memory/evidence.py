"""What one record of the journal says about a viewer's taste."""

from __future__ import annotations

from dataclasses import dataclass

from tvbrain.memory.daypart import daypart

SLIP = 0.05
"""A title left before this share may have been opened by mistake: no evidence."""

ABANDONED = 0.20
"""Left before this share: evidence against."""

LIKED = 0.50
"""Left after this share: evidence for, as large as the share."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`strength` of liking, -1 to 1, never 0, for the title that `item` (a key) names."""

    profile: int
    item: int
    session: int
    at_ms: int
    daypart: int
    strength: float
    explicit: bool


def watch_strength(watched: float) -> float:
    """Strength of having watched a share and left: as tvcore::watch_strength_q12, as a number."""
    if watched < SLIP:
        return 0.0
    if watched < ABANDONED:
        return -0.25
    return watched if watched >= LIKED else watched - ABANDONED


def strength(
    kind: str, watched: float | None, rating: float | None, position_s: int, duration_s: int
) -> float:
    """-1 to 1, 0 where the kind says nothing. `watched` and `rating` are None if not given."""
    if rating is not None and kind in ("rate", "complete", "stop", "pick"):
        return max(-1.0, min(rating, 1.0))
    if kind == "complete":
        return max(1.0 if watched is None else watched, 0.5)
    if kind == "stop":
        if watched is None and duration_s > 0:
            watched = min(position_s / duration_s, 1.0)
        return 0.0 if watched is None else watch_strength(watched)
    return {"not_interested": -1.0, "pick": 0.6, "list_add": 0.2}.get(kind, 0.0)


EXPLICIT = frozenset({"rate", "not_interested"})
"""Kinds whose evidence `undo` takes back."""


def evidence(
    kind: str,
    *,
    profile: int,
    item: int,
    session: int,
    at_ms: int,
    utc_offset_min: int,
    watched: float | None,
    rating: float | None,
    position_s: int,
    duration_s: int,
) -> Evidence | None:
    """None where the record says nothing about a title. `at_ms` is a time that can be trusted."""
    weight = strength(kind, watched, rating, position_s, duration_s)
    if item == 0 or profile == 0 or weight == 0.0:
        return None
    part = daypart(at_ms, utc_offset_min)
    return Evidence(profile, item, session, at_ms, part, weight, kind in EXPLICIT)
