"""What a catalogue says about its titles, before it becomes a pack.

Every reader (provider CSV, MovieLens, JSONL) yields `Title` values with one offer each or several; merging joins
titles that are the same work; the writer lays them out. Nothing here does I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TitleType = Literal["movie", "series"]

MAX_ID_BYTES = 63
"""An id is at most this long in UTF-8 (docs/formats.md, "Ids and keys")."""

UNKNOWN_AGE = 18
"""The age of an offer whose maturity rating is missing or not understood: adult, never a guess."""

ANY_DAYPART = 255


@dataclass(frozen=True, slots=True)
class Offer:
    """One provider's way to watch a title.

    `id` is `provider:show_id`, at most 63 bytes of UTF-8, unique over the whole catalogue. `age` is 0 to 18, None
    where the provider gives no usable rating. `regions` are ISO 3166-1 alpha-2 codes, empty for everywhere.
    `start` and `end` bound the availability window in seconds since the epoch, None for open. `launch` is opaque
    to us and handed back to the host.
    """

    id: str
    age: int | None = None
    launch: str = ""
    regions: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None

    @property
    def provider(self) -> str:
        """The part of the id before the first colon."""
        return self.id.split(":", 1)[0]


@dataclass(frozen=True, slots=True, order=True)
class Airing:
    """One showing on a channel, in seconds since the epoch: at most a day long. `channel` is 1 to 63 bytes of UTF-8."""

    start: int
    end: int
    channel: str


@dataclass(frozen=True, slots=True)
class Title:
    """One work: a film or a series, with every offer known for it.

    `id` is the canonical id, the id of the first offer when the title was first published. `year` is the year of
    first release, 0 where unknown. `runtime_min` is minutes of a film or of a typical episode, 0 where unknown.
    `seasons` holds the number of episodes of each season in order, 0 for a season whose count is unknown; empty
    for films. `localised` maps a
    language tag to a title. `series` groups titles that must not stand twice in a slate; empty means the title
    stands for itself. `added` is the day it came to the provider, in seconds since the epoch, None where unknown.
    `aka` are other titles of the same work, of unknown language. `airings` are ascending. `trending` maps a region to
    the people there who watched it lately; `audience` maps (region, empty for all; daypart 0 to 7, `ANY_DAYPART` for
    all) to the people who ever watched it there and then.
    """

    id: str
    title: str
    year: int
    type: TitleType
    offers: tuple[Offer, ...]
    genres: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    description: str = ""
    runtime_min: int = 0
    seasons: tuple[int, ...] = ()
    artwork: str = ""
    series: str = ""
    added: int | None = None
    localised: dict[str, str] = field(default_factory=dict)
    aka: tuple[str, ...] = ()
    airings: tuple[Airing, ...] = ()
    trending: dict[str, int] = field(default_factory=dict)
    audience: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def age(self) -> int:
        """The strictest known offer's age; `UNKNOWN_AGE` if no offer knows one."""
        known = [offer.age for offer in self.offers if offer.age is not None]
        return max(known) if known else UNKNOWN_AGE


@dataclass(frozen=True, slots=True)
class Showings:
    """When a title is shown, and nothing else of it: `airings` are added to those of the title that `id` names."""

    id: str
    airings: tuple[Airing, ...]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that a reader could not use: where it stands and why. `line` counts from 1, the header included."""

    file: str
    line: int
    reason: str
