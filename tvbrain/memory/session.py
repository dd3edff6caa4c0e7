"""The sittings going on now, in memory alone: the `session` tier.

What is heard waits until a loop looks at it: reactions for the reflexive loop, what was shown for the reactive one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

MOST = 32
"""Titles remembered of a sitting by what they said; the newest stay."""
MOST_SHOWN = 512
"""Titles remembered as shown, and as played; what comes after them is not noted."""
MOST_WAITING = 2048
"""Reactions and places that wait for their loop, each; the oldest go."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a record said of liking a title, 0 if nothing, and whether the title was played."""

    item: int
    strength: float
    played: bool


def _waiting() -> deque[int]:
    return deque(maxlen=MOST_WAITING)


def _reactions() -> deque[Reaction]:
    return deque(maxlen=MOST_WAITING)


@dataclass(slots=True)
class Session:
    """What one profile did since it sat down, at a daypart and weekday: titles by key, oldest first, with what they
    said last; which were shown, in how many places in all; which were played. `resting`: patterns that were offered
    in vain.
    """

    key: int = 0
    last_ms: int = 0
    daypart: int = 0
    weekday: int = 0
    titles: dict[int, float] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)
    places: int = 0
    played: set[int] = field(default_factory=set)
    resting: frozenset[int] = frozenset()
    heard_reactions: deque[Reaction] = field(default_factory=_reactions)
    heard_places: deque[int] = field(default_factory=_waiting)

    def begin(self, key: int, daypart: int, weekday: int) -> None:
        """Another sitting: nothing of the last one stays."""
        self.key, self.daypart, self.weekday = key, daypart, weekday
        self.places, self.resting = 0, frozenset()
        for one in (self.titles, self.shown, self.played, self.heard_reactions, self.heard_places):
            one.clear()

    def hear(self, reaction: Reaction) -> None:
        """A title was reacted to or played."""
        self.heard_reactions.append(reaction)

    def hear_shown(self, items: Iterable[int]) -> None:
        """Titles were shown, each in a place; 0 where it is not known which."""
        self.heard_places.extend(items)

    def react(self) -> None:
        """What was reacted to is known; the last title becomes the newest."""
        while self.heard_reactions:
            one = self.heard_reactions.popleft()
            if one.played and len(self.played) < MOST_SHOWN:
                self.played.add(one.item)
            if one.strength:
                self.titles.pop(one.item, None)
                self.titles[one.item] = one.strength
        while len(self.titles) > MOST:
            del self.titles[next(iter(self.titles))]

    def look(self) -> None:
        """What was shown is known."""
        self.places += len(self.heard_places)
        room = MOST_SHOWN - len(self.shown)
        new = dict.fromkeys(item for item in self.heard_places if item and item not in self.shown)
        self.shown.update(list(new)[:room])
        self.heard_places.clear()
