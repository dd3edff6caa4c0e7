"""What hostile sets can do: to the place of a title that hardly anybody watches, and to what everybody is shown.

Beside a fold's honest sets stand hostile ones (at least one), as clever as the server lets them be: they are as many
weeks there, choose the best-known titles to speak of, and know the defences. Sums are made in memory by the server's
rules; without defences every push counts in full, as often as it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation.defences import Defences
from tvbrain.constellation.teaching import taught
from tvbrain.fleet.judge import Judge, Scores, present
from tvbrain.fleet.lives import WEEKS, lives
from tvbrain.fleet.sums import Told
from tvbrain.fleet.telling import Flipped, Honest, Promoter, Scaled, Teller
from tvbrain.quality.metrics import LONG
from tvbrain.quality.split import Split
from tvbrain.wire.delta import Delta

NONE = Defences(slack=float("inf"), bounded=False)
"""Of the defences nothing but the minimum, which pushes that come again and again pass by themselves."""

SHARES = (0.001, 0.01, 0.1)


@dataclass(frozen=True, slots=True)
class Case:
    """kind: `promote N` (N couples name the title), `promote N x M` (and as many each of M titles liked by as many
    people), `scaled` or `sign-flipped`. share: of the honest sets.
    """

    kind: str
    share: float
    defended: bool


@dataclass(frozen=True, slots=True, eq=False)
class Harm:
    """Of one case and fold, each (people,): whether the title stands in the top 20, before and after, its place, the
    share of the top 20 that has changed, and NDCG@10. `sets`: the hostile ones.
    """

    sets: int
    before: np.ndarray
    after: np.ndarray
    place_before: np.ndarray
    place_after: np.ndarray
    drift: np.ndarray
    ndcg: np.ndarray


class Battlefield:
    """One fold, and what its honest sets said."""

    def __init__(
        self,
        split: Split,
        seed: int,
        weeks: int = WEEKS,
        *,
        size: int | None = None,
        liked: int | None = None,
    ) -> None:
        """`size`: so many honest sets, drawn from the people with replacement; the people themselves if left out.
        `liked`: by how many people the promoted title is; the median of watched titles if left out.
        """
        self._titles, self._weeks = split.histories.titles, weeks
        self._judge, self._lives = Judge.of(split), lives(split.histories, weeks)
        self._random = np.random.default_rng(seed)
        support = split.histories.support()
        self._popular = np.argsort(-support, kind="stable").tolist()
        watched = support[support > 0]
        wanted = np.sort(watched)[len(watched) // 2] if liked is None else liked
        self._alike = np.flatnonzero(support == wanted)
        self.title = int(self._random.choice(self._alike))
        self._many = np.ones(len(self._lives), np.int64)
        if size is not None:
            self._many = self._drawn(size)
        said = self._said([Honest(life, bytes(16)) for life in self._lives])
        self._honest = {d: Told.of(said, clipped=d) for d in (True, False)}
        self._before: dict[bool, Scores] = {}

    def attack(self, case: Case) -> Harm:
        sets = max(1, round(case.share * int(self._many.sum())))
        tellers, many = self._hostile(case.kind, sets)
        said = self._said(tellers)
        if case.defended not in self._before:
            self._before[case.defended] = self._scores(case.defended, Told.of([]), many[:0])
        before = self._before[case.defended]
        after = self._scores(case.defended, Told.of(said, clipped=case.defended), many)
        places = [self._judge.places(scores, self.title) for scores in (before, after)]
        return Harm(
            sets,
            before=present(places[0]),
            after=present(places[1]),
            place_before=places[0],
            place_after=places[1],
            drift=_changed(before, after),
            ndcg=self._judge.ndcg(after),
        )

    def _scores(self, defended: bool, hostile: Told, many: NDArray[np.int64]) -> Scores:
        told = self._honest[defended].with_more(hostile)
        counts = told.counts(np.concatenate([self._many, many]))
        weights = taught(counts, self._titles, Defences() if defended else NONE)[1]
        return self._judge.by_weights(weights)

    def _hostile(self, kind: str, sets: int) -> tuple[list[Teller], NDArray[np.int64]]:
        """Those that say different things, and how many sets say the same as each."""
        name, *numbers = kind.split()
        if name == "promote":
            couples, titles = int(numbers[0]), int(numbers[-1]) if len(numbers) > 1 else 1
            near = self._alike[np.argsort(np.abs(self._alike - self.title), kind="stable")]
            one = Promoter(near[:titles].tolist(), self._popular, bytes(16), couples)
            return [one], np.array([sets])
        many = self._drawn(sets)
        made = Scaled if name == "scaled" else Flipped
        chosen = np.flatnonzero(many)
        return [made(self._lives[at], bytes(16)) for at in chosen], many[chosen]

    def _drawn(self, sets: int) -> NDArray[np.int64]:
        """How often each person is drawn."""
        return self._random.multinomial(sets, np.full(len(self._lives), 1 / len(self._lives)))

    def _said(self, tellers: Sequence[Teller]) -> list[tuple[int, Delta]]:
        return [
            (number, said)
            for number, teller in enumerate(tellers)
            for week in range(self._weeks)
            if (said := teller.tell(week)) is not None
        ]


def _changed(before: Scores, after: Scores) -> np.ndarray:
    """(people,): the share of the first 20 that was not there before."""
    tops = [np.argpartition(-scores, LONG, axis=1)[:, :LONG] for scores in (before, after)]
    return np.array(
        [1 - len(set(a.tolist()) & set(b.tolist())) / LONG for a, b in zip(*tops, strict=True)]
    )
