"""Forgetting: which tables of brain.db know a person or a title, and what an erasure takes from each.

Every table with a column `profile` is named here but `fold`, which follows the journal's own erasure; a test holds the
schema against it. What was learned of a profile is reset when one of its titles is forgotten, as nobody can say what
part of it that title had; only taste epochs stay, without the title's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tvbrain.memory import episodes, habits
from tvbrain.sqlite import Database
from tvbrain.store import (
    blends,
    consumption,
    edges,
    epochs,
    patterns,
    syncing,
    tastes,
    tunings,
    viewings,
)

OfProfile = Callable[[Database, int | None], object]
OfItem = Callable[[Database, int, int], object]


def _reset(of: OfProfile) -> OfItem:
    return lambda db, profile, item: of(db, profile)


def _keep(db: Database, profile: int, item: int) -> None:
    """It names no title."""


KNOWING: Mapping[str, tuple[OfProfile, OfItem]] = {
    "memory, episode": (episodes.forget, episodes.forget_item),
    "viewing": (viewings.forget, viewings.forget_item),
    "preference, interest": (tastes.reset, _reset(tastes.reset)),
    "habit, channel_on": (habits.forget, _reset(habits.forget)),
    "showing, blender": (blends.reset, _reset(blends.reset)),
    "judged": (tunings.reset, _reset(tunings.reset)),
    "pattern": (patterns.forget, _reset(patterns.forget)),
    "edge": (edges.forget, _reset(edges.forget)),
    "epoch, life_stage": (epochs.forget, epochs.forget_item),
    "unsaid": (syncing.forget, syncing.forget_item),
    "tally": (consumption.forget_tallies, _keep),
}
"""Tables: how a profile's rows (None: everybody's) are deleted, and how those that know a title of a profile."""


def forget_profile(db: Database, profile: int | None) -> None:
    """Drop what is remembered and learned of one profile, or of all (None). Inside a transaction."""
    for of_profile, _ in KNOWING.values():
        of_profile(db, profile)


def forget_item(db: Database, profile: int, item: int) -> None:
    """Every trace of one title (a key) in what is known of a profile. Inside a transaction."""
    for _, of_item in KNOWING.values():
        of_item(db, profile, item)
