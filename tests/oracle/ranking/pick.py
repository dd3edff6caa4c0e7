"""What an answer says of one title."""

from __future__ import annotations

from dataclasses import dataclass

(
    NONE, WATCHED, SIMILAR, BY_PATTERN, POPULAR, NEW, BY_DAYPART, EXPLORING, CONTINUE, NEXT_EPISODE,
    QUERY, TASTE, LISTED, BY_GENRE, BY_ERA, TRENDING, LIVE, SOON, CHOSEN,
) = range(19)  # fmt: skip
"""TVB_REASON_*."""

OF_TERM = (
    WATCHED, SIMILAR, BY_PATTERN, POPULAR, NEW, BY_DAYPART, NONE, EXPLORING, BY_ERA, BY_GENRE,
    SIMILAR, NONE,
)  # fmt: skip
"""The reason that each term is."""


@dataclass
class Pick:
    key: int
    terms: tuple[int, ...]
    reason: int = NONE
    reason_key: int | None = None
    reason_genre: str = ""
    position: int = 0
    season: int = 0
    episode: int = 0
    airing: tuple[int, int, str] = (0, 0, "")  # start, end, channel
    propensity: int = 65536

    @property
    def score(self) -> int:
        return sum(self.terms)
