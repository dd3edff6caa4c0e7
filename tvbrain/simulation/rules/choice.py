"""How somebody answers a screen: what is looked at, what is taken, how long it is watched, what is said of it.

Rows are read from the top and from the left; each next one is looked at with less chance (position bias). A title that
was looked at and not taken wears off for a while. Whoever is bored leaves early; whoever liked it much may say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tvbrain.simulation.rules.taste import Taste, Title

NEXT_ROW, NEXT_PLACE = 0.85, 0.8
"""Chances of looking on: at the next row, at the next place of a row."""

TAKES = 0.5
"""Chance of taking a title that is looked at and liked as much as can be; it falls with the square of the liking."""

GOES_ON = 0.6
"""Liking of what was begun and not finished, where it is offered in a row of its own."""

WEARS, RECOVERS_DAYS = 0.7, 14
"""Each time a title is passed over its appeal is multiplied by this; so many days later that is forgotten."""

LEAVES_BELOW, LEAVES = 0.3, 0.6
"""Below this liking a title is left early with this chance."""

THINKS, THOUGHTS = 0.5, 30
"""Chance of thinking of a title where no screen had one to the taste; it is the best of so many."""

SAYS = 0.06
"""Chance of a thumb after a title was watched."""


@dataclass(slots=True)
class Memory:
    """What the viewers of a profile remember: what they passed over, and when; what they have begun."""

    passed: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Title -> times, day of the last."""
    place: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Series -> season and episode watched last."""
    begun: set[str] = field(default_factory=set)
    """Titles left in the middle."""

    def worn(self, title: str, day: int) -> float:
        times, last = self.passed.get(title, (0, day))
        return 1.0 if day - last >= RECOVERS_DAYS else WEARS**times

    def pass_over(self, title: str, day: int) -> None:
        times, last = self.passed.get(title, (0, day))
        self.passed[title] = (1 if day - last >= RECOVERS_DAYS else times + 1, day)


@dataclass(frozen=True, slots=True)
class Answer:
    """`looked`: of each row that was looked at, from the top, how many places; `taken`: row and place, if any."""

    looked: tuple[int, ...]
    taken: tuple[int, int] | None


def answer(
    rows: Sequence[Sequence[Title]],
    own: Sequence[bool],
    taste: Taste,
    memory: Memory,
    day: int,
    draw: Random,
) -> Answer:
    """To a screen of rows of titles; `own` tells the rows of what was begun."""
    looked: list[int] = []
    for at, row in enumerate(rows):
        if at and draw.random() > NEXT_ROW:
            break
        seen = 0
        for place, title in enumerate(row):
            if place and draw.random() > NEXT_PLACE:
                break
            seen += 1
            liking = taste.liking(title)
            if own[at] and (title.id in memory.begun or title.id in memory.place):
                liking = max(liking, GOES_ON) if liking > LEAVES_BELOW else liking
            appeal = TAKES * liking * liking * memory.worn(title.id, day)
            if draw.random() < appeal:
                looked.append(seen)
                return Answer(tuple(looked), (at, place))
            memory.pass_over(title.id, day)
        looked.append(seen)
    return Answer(tuple(looked), None)


def thought_of(taste: Taste, titles: Sequence[Title], draw: Random) -> Title | None:
    """A title that comes to mind where the screens had nothing, and is typed in; None: nothing does.

    Of THOUGHTS titles drawn at random the one that is liked most, if it is liked enough to be watched.
    """
    if draw.random() >= THINKS:
        return None
    best = max(draw.sample(titles, min(THOUGHTS, len(titles))), key=lambda one: taste.liking(one))
    return best if taste.liking(best) >= LEAVES_BELOW else None


def minutes_watched(liking: float, length: int, left: int, draw: Random) -> int:
    """Of a title of `length` minutes with `left` minutes of the sitting to go; at least 2."""
    if liking < LEAVES_BELOW and draw.random() < LEAVES:
        length = max(2, round(length * draw.uniform(0.05, 0.15)))
    return max(2, min(length, left + 10))


def thumb(liking: float, draw: Random) -> float | None:
    """What is said of a watched title, -1 or 1; mostly nothing."""
    if draw.random() >= SAYS:
        return None
    if liking > 0.6:
        return 1.0
    return -1.0 if liking < LEAVES_BELOW else None


def next_episode(title: Title, memory: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Season and episode that come now; the first again after the last."""
    season, episode = memory.get(title.id, (1, 0))
    lengths = title.seasons or (1,)
    if episode < lengths[season - 1]:
        return season, episode + 1
    return (season + 1, 1) if season < len(lengths) else (1, 1)
