"""Ours, asked as a household asks it: a fresh `Brain` on a pack, events in order of time, a slate."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import TvbrainError
from tvbrain.events import ViewingEvent
from tvbrain.learning import blender
from tvbrain.learning.training import prior_of
from tvbrain.pack.catalogue import Title
from tvbrain.quality.metrics import LONG, Rows
from tvbrain.quality.split import Watch
from tvbrain.store import snapshot
from tvbrain.types import HOUSEHOLD, TERMS, Slate, ViewContext

MAX_K = 200
"""The longest slate that the public interface gives."""

LOSS = 100 / 4096
"""The most that diversity takes off a score (docs/ranking.md, "Order and slate")."""

ONE_Q20 = 1 << 20
Structs = NDArray[np.void]
"""Rows of a snapshot's table."""

TermWeights = Mapping[str, int]
"""By name of the term, Q12; terms that it lacks keep their default."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`shipped`: the slate of 20. `ranked`: the slate of 200 put in order of score, its first 20, which is the ranking
    without diversity; `proven` if no title that is not among the 200 can have a higher score than the 20th.
    """

    shipped: Rows
    ranked: Rows
    proven: bool


def events(titles: Sequence[Title], seen: Sequence[Watch]) -> list[ViewingEvent]:
    """Each title watched to its end and rated: (stars - 3) / 2 cut to -1..1."""
    return [
        ViewingEvent(
            kind="complete",
            item=titles[watch.row].id,
            at=float(watch.at),
            watched=1.0,
            rating=max(-1.0, min(1.0, (watch.stars - 3.0) / 2.0)),
        )
        for watch in seen
    ]


@dataclass(frozen=True, slots=True)
class Life:
    """A brain that has lived; it is asked at the moment of its last event. `candidates`: the titles it may show."""

    brain: Brain
    folder: Path
    row_of: Mapping[str, int]
    candidates: int

    def shipped(self, *, region: str = "", screen_token: int = 0) -> Rows:
        """The slate of 20, all defaults."""
        return self._rows(self._slate(LONG, region, screen_token))

    def answer(self, *, region: str = "") -> Answer:
        """TvbrainError if other titles can be shown than `candidates`: it would not be comparable."""
        shipped, long = self._slate(LONG, region), self._slate(MAX_K, region)
        order = sorted(long, key=lambda entry: -entry.score)[:LONG]
        edge = long[-1].score + LOSS if len(long) == MAX_K else float("-inf")
        ranked = np.array([self.row_of[entry.item] for entry in order], np.int64)
        return Answer(self._rows(shipped), ranked, bool(order) and order[-1].score >= edge)

    def weigh(self, weights: TermWeights) -> None:
        """From now on terms weigh this, for all profiles, and nothing is explored."""
        row = np.zeros(1, snapshot.WEIGHTS)
        row["weights_q12"] = snapshot.default_weights()
        for term, weight in weights.items():
            row["weights_q12"][0, TERMS.index(term)] = weight
        self._publish(row, np.zeros(0, snapshot.FACTOR))

    def explore(self) -> None:
        """From now on slates are explored as for who has reacted to next to nothing: as much as ever."""
        household = self.brain.profile(HOUSEHOLD).id
        prior = prior_of(snapshot.default_weights())
        row, factor = np.zeros(1, snapshot.WEIGHTS), np.zeros(1, snapshot.FACTOR)
        row["profile"] = factor["profile"] = household
        row["weights_q12"] = snapshot.default_weights()
        factor["version"] = 1
        rows = blender.factor(blender.fresh(prior), len(TERMS))
        factor["factor_q20"] = [round(value * ONE_Q20) for one in rows for value in one]
        self._publish(row, factor)

    def _publish(self, weights: Structs, factors: Structs) -> None:
        """The newest snapshot again, with these; what they are for is how a set is told too."""
        newest = snapshot.load(self.folder / "snapshot").snapshot
        if newest is None:
            raise TvbrainError("nothing was learned that weights could be published with")
        generation = newest.generation + 1
        again = replace(newest, generation=generation, weights=weights, factors=factors)
        snapshot.publish(self.folder / "snapshot", again)
        self.brain.learn_now()
        taken = self.brain.health().serving["snapshot_generation"]
        if taken != generation:
            raise TvbrainError(f"snapshot {generation} was published, but {taken} is served")

    def _slate(self, k: int, region: str, screen_token: int = 0) -> Slate:
        context = ViewContext(k=k, region=region, screen_token=screen_token)
        slate = self.brain.recommend(context)
        if slate.eligible != self.candidates:
            raise TvbrainError(f"{slate.eligible} titles were eligible, not {self.candidates}")
        return slate

    def _rows(self, slate: Slate) -> Rows:
        return np.array([self.row_of[entry.item] for entry in slate], np.int64)


@contextmanager
def lived(
    pack: Path,
    titles: Sequence[Title],
    row_of: Mapping[str, int],
    seen: Sequence[Watch],
    *,
    scratch: Path,
    candidates: int | None = None,
) -> Iterator[Life]:
    """One life: observe in order on a clock that follows the events, then learn what is due.

    candidates: titles that may be shown; all but those of `seen` if left out.
    """
    clock = VirtualClock(float(seen[0].at))
    if candidates is None:
        candidates = len(titles) - len({watch.row for watch in seen})
    with tempfile.TemporaryDirectory(dir=scratch) as made:
        folder = Path(made, "tv")
        with Brain.open(folder, pack=pack, clock=clock, seed=1) as brain:
            for event in events(titles, seen):
                clock.set_now(float(event.at or 0.0))
                brain.observe(event)
            brain.learn_now()
            yield Life(brain, folder, row_of, candidates)
