"""Jobs compute first and write afterwards: nothing is worked out while the database is held."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.learner.viewing import MONDAY_EVENING, open_brain
from tvbrain import ViewContext, ViewingEvent
from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.learning import blender
from tvbrain.loops import learner as learners
from tvbrain.loops import lifetimes, mining, sittings, tasting, tuner
from tvbrain.loops.table import DAY

COMPUTING = {
    "the blender": (blender, "learn"),
    "edges": (learners, "add"),
    "preferences": (tasting, "preferences"),
    "interests": (tasting, "medoids"),
    "sittings": (sittings, "judge"),
    "patterns": (mining, "mine"),
    "the review": (tuner, "review"),
    "epochs": (lifetimes, "fold"),
    "stages of life": (lifetimes, "stages"),
}


def live(brain: Brain, clock: VirtualClock, days: int) -> None:
    """Something is shown, and the first of it watched to its end, every evening."""
    for _ in range(days):
        slate = brain.recommend(ViewContext(k=10, at=clock.now()))
        first, of = slate[0].item, slate.slate_id
        brain.observe(
            ViewingEvent(
                kind="impression", item=first, slate_id=of, row=0, slot=0, slot_count=len(slate)
            )
        )
        brain.observe(ViewingEvent(kind="play_start", item=first, slate_id=of, row=0, slot=0))
        brain.observe(ViewingEvent(kind="complete", item=first, watched=1.0))
        clock.advance(DAY)
        brain.learn_now()


def test_nothing_is_computed_inside_a_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    outside: dict[str, int] = dict.fromkeys(COMPUTING, 0)
    inside: dict[str, int] = dict.fromkeys(COMPUTING, 0)
    with open_brain(tmp_path, clock) as brain:
        with brain._learning().looking() as learner:
            db = learner.db

        def noted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
            def noting(*given: Any, **more: Any) -> Any:
                (inside if db.in_transaction else outside)[name] += 1
                return call(*given, **more)

            return noting

        for name, (home, word) in COMPUTING.items():
            monkeypatch.setattr(home, word, noted(name, getattr(home, word)))
        live(brain, clock, 9)
        clock.advance(3660 * DAY)
        brain.learn_now()
    assert inside == dict.fromkeys(COMPUTING, 0)
    assert all(count > 0 for count in outside.values()), outside
