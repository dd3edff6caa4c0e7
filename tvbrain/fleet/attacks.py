"""What hostile sets can do: to the place of a title that hardly anybody watches, and to what everybody is shown.

Beside a fold's honest sets stand hostile ones (at least one), as clever as the server lets them be: they are as many
weeks there, choose the best-known titles to speak of, and know the defences. Sums are made in memory by the server's
rules; without defences every push counts in full, as often as it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tvbrain.constellation.defences import Defences, released
from tvbrain.fleet.judge import Judge, Scores, present
from tvbrain.fleet.lives import WEEKS, Life, lives
from tvbrain.fleet.sums import Told
from tvbrain.fleet.telling import Flipped, Honest, Promoter, Scaled, Teller
from tvbrain.learning.couple_model import train_from_sums
from tvbrain.quality.metrics import LONG
from tvbrain.quality.split import Split
from tvbrain.wire.delta import Delta

NONE = Defences(share=0.0, slack=float("inf"))
"""Of the defences nothing but the minimum, which pushes that come again and again pass by themselves."""

SHARES = (0.001, 0.01, 0.1)


@dataclass(frozen=True, slots=True)
class Case:
    """kind: `promote N` (N couples name the title), `scaled` or `sign-flipped`. share: of the honest sets."""

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

    def __init__(self, split: Split, seed: int, weeks: int = WEEKS) -> None:
        self._titles, self._weeks = split.histories.titles, weeks
        self._judge, self._lives = Judge.of(split), lives(split.histories, weeks)
        self._random = np.random.default_rng(seed)
        support = split.histories.support()
        self._popular = np.argsort(-support, kind="stable").tolist()
        watched = support[support > 0]
        median = np.flatnonzero(support == np.sort(watched)[len(watched) // 2])
        self.title = int(self._random.choice(median))
        said = self._said([Honest(life, bytes(16)) for life in self._lives])
        self._honest = {d: Told.of(said, clipped=d) for d in (True, False)}
        self._before: dict[bool, Scores] = {}

    def attack(self, case: Case) -> Harm:
        sets = max(1, round(case.share * len(self._lives)))
        said = self._said([self._hostile(case.kind) for _ in range(sets)])
        if case.defended not in self._before:
            self._before[case.defended] = self._scores(case.defended, Told.of([]), 0)
        before = self._before[case.defended]
        after = self._scores(case.defended, Told.of(said, clipped=case.defended), sets)
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

    def _scores(self, defended: bool, hostile: Told, sets: int) -> Scores:
        counts = self._honest[defended].with_more(hostile).counts()
        rules = Defences() if defended else NONE
        sums = released(counts, self._titles, len(self._lives) + sets, rules)
        return self._judge.by_weights(train_from_sums(sums))

    def _hostile(self, kind: str) -> Teller:
        if kind.startswith("promote"):
            return Promoter(self.title, self._popular, bytes(16), int(kind.split()[1]))
        life: Life = self._lives[int(self._random.integers(len(self._lives)))]
        return (Scaled if kind == "scaled" else Flipped)(life, bytes(16))

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
