"""The stage that judges sittings which are over."""

from __future__ import annotations

from dataclasses import replace

from tvbrain.learning.critique import judge
from tvbrain.loops.job import Slice, Stage
from tvbrain.loops.learner import Learner
from tvbrain.loops.stages import profile_after
from tvbrain.memory.sittings import SILENCE_MS
from tvbrain.store import viewings
from tvbrain.store.viewings import Viewing


def _judge(learner: Learner, now: float, cursor: str) -> Slice:
    """One profile a slice."""
    before_ms = round(now * 1000) - SILENCE_MS
    who = profile_after(viewings.profiles_unjudged(learner.db, before_ms), cursor)
    if who is None:
        return Slice()
    found = _judged(learner, viewings.unjudged(learner.db, who, before_ms))

    def apply() -> None:
        for one in found:
            viewings.put(learner.db, one)

    return Slice(apply=apply, cursor=str(who))


def _judged(learner: Learner, sittings: list[Viewing]) -> list[Viewing]:
    keys = sorted(
        {one.item for sitting in sittings for one in sitting.offered}
        | {one.item for sitting in sittings for one in sitting.chosen}
    )
    _, genres = learner.facts().find(keys)
    genres_of = dict(zip(keys, genres, strict=True))
    return [replace(sitting, judged=judge(sitting, genres_of)) for sitting in sittings]


JUDGE = Stage("judge", _judge)
