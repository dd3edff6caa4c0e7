"""The evening itself: what two profiles watch, and what the brain shows them. Values out, no printing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.types import HOUSEHOLD, Row, Slate, SlateItem, ViewContext

CHILD, CHILDS_AGE = "kids", 7
SHOWN = 5
"""Titles a row."""
COMPARED = 10
"""Places of the lists that are compared."""

FRIDAY = 1_700_244_000.0
"""18:00 UTC on a Friday in November; the set stands at UTC."""
HOUR = 3600.0

LAST_WEEK = (
    (-145.0, HOUSEHOLD, "demo:blade-runner-1982"),
    (-121.5, HOUSEHOLD, "demo:breaking-bad-2008"),
    (-104.0, CHILD, "kids:toy-story-1995"),
    (-93.5, HOUSEHOLD, "demo:alien-1979"),
    (-73.0, CHILD, "demo:finding-nemo-2003"),
    (-45.5, HOUSEHOLD, "demo:inception-2010"),
    (-25.0, CHILD, "kids:the-lion-king-1994"),
)
"""Hours before Friday 18:00, who, what."""
STARTED = "demo:stranger-things-2016"
TONIGHT = "demo:the-matrix-1999"
CHILD_TONIGHT = "cinema:paddington-2014"


@dataclass(frozen=True, slots=True)
class Watched:
    """One line of the log: the hour is the set's own."""

    profile: str
    title: str
    year: int
    how: str
    at: float


@dataclass(frozen=True, slots=True)
class Home:
    """A profile's home screen at a moment, with the years of its titles by id."""

    profile: str
    at: float
    rows: tuple[Row, ...]
    years: dict[str, int]
    eligible: int
    catalogue: int


@dataclass(frozen=True, slots=True)
class Change:
    """The best titles before and after something happened."""

    what: str
    subject: str
    before: tuple[SlateItem, ...]
    after: tuple[SlateItem, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of Python calls: one event before every tenth recommendation."""

    recommend: tuple[float, ...]
    observe: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Evening:
    """All that `tvbrain demo` tells. `above_age` counts the child's titles above its age."""

    watched: tuple[Watched, ...]
    homes: tuple[Home, ...]
    changes: tuple[Change, ...]
    latency: Latency
    childs_slates: int
    childs_titles: int
    above_age: int
    loops: tuple[str, ...]


def play(data_dir: Path, *, calls: int) -> Evening:
    """Play the evening in a new data directory and measure `calls` recommendations at its end."""
    clock = VirtualClock(FRIDAY - 7 * 24 * HOUR)
    with Brain.open(data_dir, clock=clock, seed=1) as brain:
        return _Living(brain, clock).evening(calls)


class _Living:
    def __init__(self, brain: Brain, clock: VirtualClock) -> None:
        self._brain = brain
        self._clock = clock
        self._log: list[Watched] = []

    def evening(self, calls: int) -> Evening:
        brain, clock = self._brain, self._clock
        brain.create_profile(CHILD, max_age=CHILDS_AGE)
        for hours, profile, item in LAST_WEEK:
            clock.advance(FRIDAY + hours * HOUR - clock.now())
            self._watch(profile, item)
        clock.advance(FRIDAY - clock.now())
        self._watch(CHILD, CHILD_TONIGHT)
        clock.advance(2 * HOUR)
        self._stop_in_the_middle(STARTED)
        loops = brain.learn_now()
        homes = (self._home(CHILD), self._home(HOUSEHOLD))
        changes = (self._after_the_film(), self._after_a_thumbs_down())
        childs_slates, childs_titles, above_age = self._childs_slates(50)
        return Evening(
            tuple(self._log),
            homes,
            changes,
            self._measure(calls),
            childs_slates,
            childs_titles,
            above_age,
            tuple(loops),
        )

    def _watch(self, profile: str, item: str) -> None:
        self._brain.observe(ViewingEvent(kind="complete", item=item, profile=profile))
        self._note(profile, item, "to the end")

    def _stop_in_the_middle(self, item: str) -> None:
        started = ViewingEvent(
            kind="play_start", item=item, season=1, episode=1, position_s=0, duration_s=3000
        )
        self._brain.observe([started, replace(started, kind="stop", position_s=1260)])
        self._note(HOUSEHOLD, item, "21 of 50 minutes")
        self._clock.advance(0.5 * HOUR)

    def _note(self, profile: str, item: str, how: str) -> None:
        facts = self._brain.item(item)
        self._log.append(Watched(profile, facts.title, facts.year, how, self._clock.now()))

    def _home(self, profile: str) -> Home:
        brain = self._brain
        context = ViewContext(profile=profile, k=SHOWN, utc_offset_min=0)
        rows = brain.rows(context).rows
        years = {entry.item: brain.item(entry.item).year for row in rows for entry in row.items}
        eligible = brain.recommend(context).eligible
        titles = brain.health().serving["items"]
        assert isinstance(titles, int)
        return Home(profile, self._clock.now(), rows, years, eligible, titles)

    def _best(self) -> Slate:
        return self._brain.recommend(ViewContext(k=COMPARED, utc_offset_min=0))

    def _after_the_film(self) -> Change:
        before = self._best()
        self._watch(HOUSEHOLD, TONIGHT)
        after = self._best()
        self._clock.advance(2.2 * HOUR)
        title = self._log[-1].title
        named = [entry for entry in after if entry.reason_item == TONIGHT]
        return Change(
            f"The household watched {title} to the end",
            title,
            before.items,
            after.items,
            f"{len(named)} of the {len(after)} are there because of it; {title} itself will not come again.",
        )

    def _after_a_thumbs_down(self) -> Change:
        before = self._best()
        target = before[0]
        self._brain.observe(ViewingEvent(kind="not_interested", item=target.item))
        after = self._best()
        self._brain.observe(ViewingEvent(kind="undo", item=target.item))
        back = [entry.item for entry in self._best()].index(target.item) + 1
        return Change(
            f"Thumbs down for {target.title}",
            target.title,
            before.items,
            after.items,
            f"{target.title} is gone, and what is close to it sinks. An undo puts it back at place {back}.",
        )

    def _childs_slates(self, count: int) -> tuple[int, int, int]:
        titles: set[str] = set()
        for token in range(count):
            at = self._clock.now() + token * HOUR
            slate = self._brain.recommend(
                ViewContext(profile=CHILD, k=50, at=at, screen_token=token)
            )
            titles |= {entry.item for entry in slate}
            titles |= {entry.reason_item for entry in slate if entry.reason_item}
        above = sum(self._brain.item(item).age > CHILDS_AGE for item in titles)
        return count, len(titles), above

    def _measure(self, calls: int) -> Latency:
        kinds = ("select", "progress", "stop")
        items = [item for _, profile, item in LAST_WEEK if profile == HOUSEHOLD]
        recommend, observe = [], []
        for call in range(calls):
            self._clock.advance(7)
            if call % 10 == 0:
                kind = kinds[call // 10 % len(kinds)]
                event = ViewingEvent(kind=kind, item=items[call % len(items)], watched=0.5)
                observe.append(self._timed(partial(self._brain.observe, event)))
            context = ViewContext(screen_token=call + 1)
            recommend.append(self._timed(partial(self._brain.recommend, context)))
        return Latency(tuple(recommend), tuple(observe))

    @staticmethod
    def _timed(call: Callable[[], object]) -> float:
        started = time.perf_counter_ns()
        call()
        return (time.perf_counter_ns() - started) / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """The value that at most (1 - share) of `values`, of which there is at least one, exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
