"""The stage that finds the week's patterns, and retires those that hold no more."""

from __future__ import annotations

from dataclasses import replace

from tvbrain.learning.effects import factor
from tvbrain.learning.mining import mine
from tvbrain.loops.job import Slice, Stage
from tvbrain.loops.learner import Learner
from tvbrain.loops.stages import profile_after
from tvbrain.memory.tiers import BY_NAME
from tvbrain.store import edges, patterns, viewings
from tvbrain.store.patterns import Pattern

OWN = "temporal"
"""The tier of patterns that are mined here; others come from other sets."""


def _mine(learner: Learner, now: float, cursor: str) -> Slice:
    """One profile a slice."""
    who = profile_after(learner.people(), cursor)
    if who is None:
        return Slice()
    known = patterns.patterns(learner.db, who)
    own = [one for one in known if one.tier == OWN]
    shared = [one for one in known if one.tier != OWN and not _over(one, now)]
    sittings = viewings.choices(learner.db, who)
    keys = sorted({choice.item for one in sittings for choice in one.chosen})
    _, genres = learner.facts().find(keys)
    came_of = edges.edges(learner.db, who)
    found = [
        replace(one, factor=factor(one, came_of))
        for one in mine(who, sittings, dict(zip(keys, genres, strict=True)), own, round(now * 1000))
    ]

    kept = sorted([*found, *shared], key=lambda one: one.id)

    def apply() -> None:
        patterns.set_patterns(learner.db, who, kept)
        learner.unpublished = learner.unpublished or kept != known

    return Slice(apply=apply, cursor=str(who))


def _over(one: Pattern, now: float) -> bool:
    """Whether its tier has kept it as long as it does."""
    retention = BY_NAME[one.tier].retention
    return retention is not None and one.seen_ms / 1000 < now - retention


MINE = Stage("mine", _mine)
