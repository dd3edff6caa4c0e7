"""Sets with a whole brain in them: what they watch becomes what they tell, and what they pull changes their slates.

A home is one of a fold's own people, whom no other set belongs to. It lives its history over the weeks, an evening a
day, and after each it learns and syncs as a set does (`Brain.sync_now`). After the release it is judged on what its
person liked next, by slates of before the pull and after it: brain, history and moment are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.fleet.lives import EPOCH_S, FIRST_EPOCH, Life, of_items
from tvbrain.fleet.served import TENANT, Served
from tvbrain.quality.metrics import ndcg
from tvbrain.quality.split import Person
from tvbrain.sync.errors import UnreachableError
from tvbrain.types import ViewContext

DAY, HOUR = 86_400, 3_600
EVENINGS = 6
"""Of a week; on its last day what was watched is over, and told."""

LONG = 20
"""Titles of a slate; the first ten count."""

ATTEMPTS = 5
"""At one exchange: a server that shares its cores with a fleet may be slower than a set waits."""


@dataclass(slots=True)
class Found:
    """What became of a home. did: all that its exchanges did, in words. before, after: titles by row, best first; cf:
    how many of the slate's titles have weights of what was watched behind them.
    """

    did: list[str] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    cf_before: int = 0
    cf_after: int = 0


class Home:
    """Guest of a fleet. `ids`: of the titles, by row. Its files lie in `folder`."""

    def __init__(self, person: Person, ids: Sequence[str], folder: Path, weeks: int) -> None:
        self.person, self.found = person, Found()
        self._life: Life = of_items([watch.row for watch in person.history], weeks)
        self._ids, self._folder = ids, folder
        self._row_of = {name: row for row, name in enumerate(ids)}

    def arrive(self, served: Served, pack: Path, now: float) -> None:
        self._clock = VirtualClock(now)
        self._brain = Brain.open(
            self._folder, pack=pack, clock=self._clock, seed=self.person.number
        )
        self._brain.update_profile("household", consent=True)
        self._brain.learn_now()
        self._patiently(lambda: self._brain.sync().enrol(served.url, TENANT, served.token))
        self._exchange()  # what was watched before the first look is not told

    def live(self, week: int) -> None:
        titles = self._life.weeks[week]
        end = (FIRST_EPOCH + week + 0.5) * EPOCH_S
        for day in range(EVENINGS):
            evening = end - EPOCH_S + day * DAY + 7 * HOUR  # weeks end at noon
            self._until(evening)
            for row in titles[len(titles) * day // EVENINGS : len(titles) * (day + 1) // EVENINGS]:
                self._watch(row, f"{week}/{day}")
            self._brain.learn_now()
        self._until(end)
        self._brain.learn_now()
        self._exchange()

    def leave(self) -> None:
        with self._brain as brain:
            self.found.before, self.found.cf_before = self._slate()
            self._exchange()
            brain.learn_now()
            self.found.after, self.found.cf_after = self._slate()

    def ndcg(self, slate: Sequence[int]) -> float:
        """NDCG@10 of what the person liked next."""
        return ndcg(np.array(slate), self.person.target)

    def _watch(self, row: int, session: str) -> None:
        for kind, watched in (("play_start", None), ("complete", 1.0)):
            self._brain.observe(
                ViewingEvent(
                    kind=kind,
                    item=self._ids[row],
                    at=self._clock.now(),
                    watched=watched,
                    session=session,
                )
            )
            self._clock.advance(HOUR)

    def _until(self, moment: float) -> None:
        self._clock.advance(max(0.0, moment - self._clock.now()))

    def _exchange(self) -> None:
        self.found.did += self._patiently(self._brain.sync_now)

    def _patiently(self, ask: Callable[[], tuple[str, ...] | None]) -> tuple[str, ...]:
        """UnreachableError after `ATTEMPTS`."""
        for left in reversed(range(ATTEMPTS)):
            try:
                return ask() or ()
            except UnreachableError:
                if not left:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _slate(self) -> tuple[list[int], int]:
        slate = self._brain.recommend(ViewContext(at=self._clock.now(), k=LONG))
        by_cf = sum(one.terms.get("cf", 0.0) > 0 for one in slate)
        return [self._row_of[one.item] for one in slate], by_cf
