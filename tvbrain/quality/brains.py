"""Ours, asked as a household asks it: a pack built by the pack writer, a fresh `Brain` a person, events, a slate."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import TvbrainError
from tvbrain.events import ViewingEvent
from tvbrain.learning.ease import train_weights
from tvbrain.pack.catalogue import Title
from tvbrain.pack.writer import Contents, Vectors, write_pack
from tvbrain.quality.metrics import LONG, Rows
from tvbrain.quality.split import Person, Watch
from tvbrain.types import Slate, ViewContext

MAX_K = 200
"""The longest slate that the public interface gives."""

LOSS = 100 / 4096
"""The most that diversity takes off a score (docs/ranking.md, "Order and slate")."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`shipped`: the slate of 20. `ranked`: the slate of 200 put in order of score, its first 20, which is the ranking
    without diversity; `proven` if no title that is not among the 200 can have a higher score than the 20th.
    """

    shipped: Rows
    ranked: Rows
    proven: bool


def build_pack(
    path: Path, titles: Sequence[Title], train: csr_matrix, vectors: Vectors | None
) -> dict[str, int]:
    """Writes a base pack; its bytes, and those of its item-item weights (columns, values, ends, scales)."""
    weights = train_weights(train)
    popularity = np.asarray(train.sum(axis=0)).ravel().astype(np.uint32)
    contents = Contents(
        titles=titles,
        name="quality",
        version="1",
        built_at=0,
        popularity=popularity,
        vectors=vectors,
        weights=weights,
    )
    stored = 5 * len(weights.values) + 4 * len(weights.indptr) + 4 * len(weights.scale)
    return {"pack": write_pack(path, contents), "weights": stored}


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


def ask(
    pack: Path,
    titles: Sequence[Title],
    row_of: Mapping[str, int],
    person: Person,
    *,
    with_low: bool,
    scratch: Path,
) -> Answer:
    """One life: observe in order on a clock that follows the events, learn what is due, be asked at the last event.

    TvbrainError if the brain leaves out other titles than those it was told of: it would not be comparable.
    """
    seen = person.seen(with_low=with_low)
    clock = VirtualClock(float(seen[0].at))
    with (
        tempfile.TemporaryDirectory(dir=scratch) as folder,
        Brain.open(Path(folder, "tv"), pack=pack, clock=clock, seed=1) as brain,
    ):
        for event in events(titles, seen):
            clock.set_now(float(event.at or 0.0))
            brain.observe(event)
        brain.learn_now()
        shipped = brain.recommend(ViewContext(k=LONG))
        long = brain.recommend(ViewContext(k=MAX_K))
    told = len({watch.row for watch in seen})
    if long.eligible != len(titles) - told:
        raise TvbrainError(f"{long.eligible} of {len(titles)} titles were eligible after {told} watched")
    order = sorted(long, key=lambda entry: -entry.score)
    edge = long[-1].score + LOSS if len(long) == MAX_K else float("-inf")
    ranked = np.array([row_of[entry.item] for entry in order[:LONG]], np.int64)
    return Answer(_rows(shipped, row_of), ranked, order[:LONG][-1].score >= edge)


def _rows(slate: Slate, row_of: Mapping[str, int]) -> Rows:
    return np.array([row_of[entry.item] for entry in slate], np.int64)
