"""The stage that finds the week's patterns, and retires those that hold no more."""

from __future__ import annotations

from dataclasses import replace

from tvbrain.learning.effects import factor
from tvbrain.learning.mining import mine
from tvbrain.loops.job import DONE, Slice, Stage
from tvbrain.loops.learner import Learner
from tvbrain.store import edges, patterns, viewings


def _mine(learner: Learner, now: float, cursor: str) -> Slice:
    """One profile a slice."""
    done = int(cursor) if cursor != DONE else 0
    people = [one for one in learner.people() if one > done]
    if not people:
        return Slice()
    who = people[0]
    known = patterns.patterns(learner.db, who)
    sittings = viewings.viewings(learner.db, who)
    keys = sorted({choice.item for one in sittings for choice in one.chosen})
    _, genres = learner.facts().find(keys)
    came_of = edges.edges(learner.db, who)
    found = [
        replace(one, factor=factor(one, came_of))
        for one in mine(
            who, sittings, dict(zip(keys, genres, strict=True)), known, round(now * 1000)
        )
    ]

    def apply() -> None:
        patterns.set_patterns(learner.db, who, found)
        learner.unpublished = learner.unpublished or found != known

    return Slice(apply=apply, cursor=str(who))


MINE = Stage("mine", _mine)
