"""Sittings as a person may read them: what was offered, what was chosen, how it went."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tvbrain.brain.recalling import named, units
from tvbrain.errors import InvalidArgumentError
from tvbrain.loops.learner import Learner
from tvbrain.pack.facts import PackFacts
from tvbrain.pack.native import key_of
from tvbrain.store import viewings
from tvbrain.store.viewings import NOWHERE, Viewing
from tvbrain.types import ChosenTitle, ViewingEpisode


def episodes(
    learner: Learner,
    facts: PackFacts,
    profile: int,
    *,
    like: str = "",
    daypart: int | None = None,
    weekday: int | None = None,
    limit: int = 20,
) -> tuple[ViewingEpisode, ...]:
    """As Brain.episodes."""
    found = [
        one
        for one in reversed(viewings.viewings(learner.db, profile))
        if daypart in (None, one.daypart) and weekday in (None, one.weekday)
    ]
    if not like:
        return tuple(_told(facts, one) for one in found[:limit])
    (own,) = units(facts, [key_of(like)])
    if own is None:
        raise InvalidArgumentError(f"like: {like!r} names no title with a vector")
    alike = []
    for one in found:
        vectors = [v for v in units(facts, [c.item for c in one.chosen]) if v is not None]
        if vectors:
            mean = np.mean(vectors, axis=0)
            length = float(np.linalg.norm(mean))
            alike.append((float(mean @ own) / length if length > 0 else 0.0, one))
    best = sorted(alike, key=lambda pair: -pair[0])[:limit]
    return tuple(replace(_told(facts, one), likeness=near) for near, one in best)


def _told(facts: PackFacts, one: Viewing) -> ViewingEpisode:
    chosen = []
    for choice in one.chosen:
        item, title = named(facts, choice.item)
        known = choice.row != NOWHERE
        chosen.append(
            ChosenTitle(
                item,
                title,
                choice.row if known else None,
                choice.place if known else None,
                choice.watched,
                choice.strength,
            )
        )
    said = one.judged
    return ViewingEpisode(
        one.started_ms / 1000,
        one.ended_ms / 1000,
        one.daypart,
        one.weekday,
        one.shown,
        tuple(named(facts, offer.item)[0] for offer in one.offered),
        tuple(chosen),
        None if said is None else said.reward,
        None if said is None else said.success,
        "" if said is None else said.critique,
        None,
    )
