"""What a person likes, as rules over what a title's page says: genres, cast, type, age. No vectors, no weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

INDIFFERENT = 0.04
"""What a genre that the taste does not name counts."""

SPOILED = 0.1
"""What an avoided genre leaves of a liking."""

FAVOURITE = 1.5
"""Of a title with somebody whom the person likes to see."""


@dataclass(frozen=True, slots=True)
class Title:
    """What a title's page says. `people`: cast and directors. `seasons`: episodes of each, empty for a film."""

    id: str
    genres: frozenset[str]
    people: frozenset[str]
    series: bool
    age: int
    minutes: int
    seasons: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Taste:
    """`genres`: liking of each, 0 to 1; those not named are INDIFFERENT. `series`: liking of series, films have the
    rest to 1. `max_age`: titles for older ones are not watched.
    """

    genres: Mapping[str, float]
    avoids: frozenset[str] = frozenset()
    people: frozenset[str] = field(default=frozenset())
    series: float = 0.6
    max_age: int = 18

    def liking(self, title: Title) -> float:
        """How much this title is to the taste, 0 to 1: the mean of its best two genres, and what spoils or lifts it."""
        if title.age > self.max_age or not title.genres:
            return 0.0
        likings = sorted(
            (self.genres.get(genre, INDIFFERENT) for genre in title.genres), reverse=True
        )
        value = sum(likings[:2]) / len(likings[:2])
        value *= 2 * (self.series if title.series else 1 - self.series)
        if not self.avoids.isdisjoint(title.genres):
            value *= SPOILED
        if not self.people.isdisjoint(title.people):
            value *= FAVOURITE
        return min(value, 1.0)
