"""What the demo's invented people watched: histories from which item-item weights can be trained.

A person has a main persona (about 3 sessions in 4), a second one (about 1 in 6), and now and then follows
popularity alone. A session draws one to three titles in proportion to affinity squared times the weight of fame;
parts of a franchise are begun at the beginning and tend to be continued in the next session. Everything comes from
one `random.Random`, and draws use additions, products and comparisons only, so a seed gives the same histories on
every machine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from tvbrain.pack.demo.franchises import FRANCHISES
from tvbrain.pack.demo.personas import PERSONAS, Persona
from tvbrain.pack.demo.titles import DemoTitle

Viewing = tuple[str, float, int]
"""Title id, stars (0.5 to 5 in halves), seconds since the epoch."""

FAME_WEIGHT = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16}
"""How much oftener a title of each fame is drawn: each step doubles."""

MIN_VIEWERS = 3
"""Every title has at least so many viewers, given at least so many people."""

_DAY = 86_400
_EPOCH = 1_672_531_200
"""2023-01-01 00:00 UTC: the first evenings fall in the days after it."""


@dataclass(slots=True)
class Viewer:
    """One invented person: two tastes and what was watched, in time order."""

    main: Persona
    second: Persona
    history: list[Viewing]


def histories(titles: Sequence[DemoTitle], seed: int, people: int = 600) -> Iterator[list[Viewing]]:
    """The history of each of `people` invented people, in time order, each title at most once a person."""
    for viewer in viewers(titles, seed, people):
        yield viewer.history


def viewers(titles: Sequence[DemoTitle], seed: int, people: int = 600) -> list[Viewer]:
    """As `histories`, with the personas behind them. The result depends on the arguments alone."""
    rng = Random(seed)
    draws = {
        persona.name: _Draw([_pull(persona, title) for title in titles]) for persona in PERSONAS
    }
    popular = [float(FAME_WEIGHT[title.fame]) for title in titles]
    sequels = _sequels(titles)
    crowd: list[Viewer] = []
    for _ in range(people):
        main, second = _two_personas(rng)
        crowd.append(_Evenings(rng, titles, draws, sequels, main, second, popular).watch())
    _fill_up(rng, titles, crowd)
    return crowd


class _Draw:
    """Draws an index in proportion to its weight."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._sums = list(accumulate(weights))
        self._last = max(index for index, weight in enumerate(weights) if weight > 0)

    def __call__(self, rng: Random) -> int:
        return min(bisect_right(self._sums, rng.random() * self._sums[-1]), self._last)


def _pull(persona: Persona, title: DemoTitle) -> float:
    affinity = persona.affinity(title)
    return affinity * affinity * FAME_WEIGHT[title.fame]


def _two_personas(rng: Random) -> tuple[Persona, Persona]:
    shares = [persona.share for persona in PERSONAS]
    main, second = rng.choices(PERSONAS, shares, k=2)
    return main, second


def _sequels(titles: Sequence[DemoTitle]) -> dict[int, list[int]]:
    """For each title that is part of a franchise, all its parts in order."""
    row = {title.key: index for index, title in enumerate(titles)}
    chains = [[row[key] for key in keys if key in row] for keys in FRANCHISES]
    return {index: chain for chain in chains for index in chain}


class _Evenings:
    """One person's sessions, from the first to the last."""

    def __init__(
        self,
        rng: Random,
        titles: Sequence[DemoTitle],
        draws: dict[str, _Draw],
        sequels: dict[int, list[int]],
        main: Persona,
        second: Persona,
        popular: Sequence[float],
    ) -> None:
        self._rng, self._titles, self._draws, self._sequels = rng, titles, draws, sequels
        self._main, self._second = main, second
        self._limit = max(main.max_age, second.max_age)
        open_to = [
            weight if title.age <= self._limit else 0.0
            for weight, title in zip(popular, titles, strict=True)
        ]
        self._popular = _Draw(open_to)
        self._seen: set[int] = set()
        self._mildness = rng.random() - 0.5

    def watch(self) -> Viewer:
        rng = self._rng
        wanted = 12 + int(45 * rng.random() * rng.random()) + rng.randrange(8)
        day = rng.randrange(200)
        history: list[Viewing] = []
        next_part: int | None = None
        while len(history) < wanted:
            day += 1 + rng.randrange(6)
            second = _EPOCH + day * _DAY + 17 * 3600 + rng.randrange(4 * 3600)
            draw = self._mood()
            for _ in range(1 + rng.randrange(3)):
                index = next_part if next_part is not None else self._pick(draw)
                if index is None:
                    break
                self._seen.add(index)
                title = self._titles[index]
                history.append((title.id, self._stars(title), second))
                second += (title.runtime_min + 5) * 60
                next_part = self._next_part(index)
        return Viewer(self._main, self._second, history)

    def _mood(self) -> _Draw:
        roll = self._rng.random()
        if roll < 0.76:
            return self._draws[self._main.name]
        return self._draws[self._second.name] if roll < 0.92 else self._popular

    def _pick(self, draw: _Draw) -> int | None:
        """An unseen title, or None where the taste is as good as exhausted."""
        for _ in range(200):
            index = draw(self._rng)
            for part in self._sequels.get(index, [index]):
                if part not in self._seen and self._titles[part].age <= self._limit:
                    return part
        return None

    def _next_part(self, index: int) -> int | None:
        for part in self._sequels.get(index, []):
            unseen = part not in self._seen and self._titles[part].age <= self._limit
            if unseen and self._rng.random() < 0.7:
                return part
            if unseen:
                return None
        return None

    def _stars(self, title: DemoTitle) -> float:
        liking = max(self._main.affinity(title), 0.7 * self._second.affinity(title))
        noise = self._rng.random() + self._rng.random() - 1.0
        return _halves(
            2.4 + 0.75 * min(liking, 2.2) + 0.12 * (title.fame - 3) + self._mildness + 0.9 * noise
        )


def _halves(stars: float) -> float:
    return min(max(int(stars * 2 + 0.5) / 2, 0.5), 5.0)


def _fill_up(rng: Random, titles: Sequence[DemoTitle], crowd: Sequence[Viewer]) -> None:
    """Give every title `MIN_VIEWERS`: one more evening for those whose main persona likes it best."""
    seen = [{viewing[0] for viewing in viewer.history} for viewer in crowd]
    count = Counter(item for items in seen for item in items)
    for title in titles:
        missing = MIN_VIEWERS - count[title.id]
        if missing <= 0:
            continue
        able = [i for i, viewer in enumerate(crowd) if title.id not in seen[i]]
        lot = {i: rng.random() for i in able}
        able.sort(key=lambda i: (-crowd[i].main.affinity(title), lot[i]))
        for i in able[:missing]:
            viewer = crowd[i]
            at = viewer.history[-1][2] + (1 + rng.randrange(6)) * _DAY
            stars = _halves(3.2 + 0.4 * min(viewer.main.affinity(title), 2.2) + rng.random() - 0.5)
            viewer.history.append((title.id, stars, at))
            seen[i].add(title.id)
