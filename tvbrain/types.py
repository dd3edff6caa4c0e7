"""What goes into the brain's questions and what comes out: frozen values, plain types.

Events have a module of their own (`tvbrain.events`). Times are seconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

HOUSEHOLD = "household"
"""The profile that exists from the start; its id is 1."""

TERMS = (
    "cf", "text", "pattern", "popularity", "fresh", "daypart", "fatigue", "explore", "era", "genre",
    "nearest", "channel",
)  # fmt: skip
"""The addends of a score, in the order of TVB_TERM_* in sdk_headers/tvbrain.h."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewContext:
    """Who asks, when, and for how many.

    `profile` is a name or an id. `at` is now by the brain's clock if left out; `utc_offset_min` is
    local time minus UTC in minutes, -840 to 840, None where unknown. `k` is 1 to 200. The same
    context with the same `screen_token` gives the same order. `region` (ISO 3166-1 alpha-2) and
    `genre` are the profile's and all if empty. `row` is the place on the screen, for the
    propensity log. `item` asks `rows` for a row "More like this"; other questions ignore it.
    """

    profile: str | int = HOUSEHOLD
    at: float | None = None
    utc_offset_min: int | None = None
    k: int = 20
    screen_token: int = 0
    region: str = ""
    genre: str = ""
    row: int = 0
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlateItem:
    """One title of a slate. `score` is the sum of `terms`, comparable within its slate only.

    `reason` is a sentence in English; `reason_code` is what it was made from (`watched`,
    `similar`, `popular`, …) with `reason_item`, a canonical id, and `reason_genre`, both empty where
    there is none. `propensity` is the probability that the policy put this title here, 0 to 1.
    `offer` indexes the title's offers: the first that is open to this profile now. `position_s`,
    `season` and `episode` say where to go on, 0 where that means nothing. `channel`, `start` and `end` (seconds
    since the epoch) are those of an airing, in the rows Live now and Starting soon.
    """

    item: str
    title: str
    score: float
    reason: str
    reason_code: str
    reason_item: str = ""
    reason_genre: str = ""
    terms: Mapping[str, float] = field(default_factory=dict)
    propensity: float = 1.0
    offer: int = 0
    position_s: int = 0
    season: int = 0
    episode: int = 0
    channel: str = ""
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Slate(Sequence[SlateItem]):
    """Titles, best first. `eligible` counts the titles that passed every filter.

    `encoder` says what told the meaning of a search: `minilm`, `static`, or nothing where titles alone were compared.
    """

    items: tuple[SlateItem, ...]
    slate_id: int
    eligible: int
    encoder: str = ""

    @overload
    def __getitem__(self, index: int) -> SlateItem: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[SlateItem, ...]: ...
    def __getitem__(self, index: int | slice) -> SlateItem | tuple[SlateItem, ...]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[SlateItem]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a home screen.

    `kind` is `continue`, `next_episode`, `my_list`, `more_like_this`, `live_now`, `top_picks`, `because`, `new`,
    `starting_soon`, `trending`, `kids` or `popular`; `reason_item` the title that the heading names, empty where
    it names none.
    """

    kind: str
    title: str
    items: tuple[SlateItem, ...]
    reason_item: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """A home screen: rows from the top; no title stands in two of them."""

    rows: tuple[Row, ...]
    slate_id: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """One title's score taken apart.

    `why_not` names the filters that it fails (`age`, `entitlement`, `region`, `window`, `finished`,
    `hidden`, `genre`), empty if it is eligible. `witnesses` are the watched titles that speak most
    for or against it, with their addends to `terms["cf"]`.
    """

    item: str
    eligible: bool
    why_not: tuple[str, ...]
    score: float
    terms: Mapping[str, float]
    reason_code: str
    witnesses: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Recollection:
    """Something remembered, and by which tier (docs/memory.md).

    `item` and `title` are empty where it is about no title, `item` a key of 16 digits where no pack knows the title;
    `what` says in words what the tier keeps. `at` in seconds since the epoch, `age` in seconds. `strength` is what is
    left of it now: of liking, -1 to 1 a piece of evidence. `daypart` 0 to 7, None for none. `likeness` -1 to 1, None
    unless meaning was asked for.
    """

    tier: str
    item: str
    title: str
    what: str
    at: float
    age: float
    strength: float
    daypart: int | None
    likeness: float | None


@dataclass(frozen=True, slots=True)
class ChosenTitle:
    """A title that was played in a sitting, where it stood (from 0; None if it was not offered), the most of it that
    was watched, 0 to 1, and what that said of liking, -1 to 1. `title` is empty where no pack knows it.
    """

    item: str
    title: str
    row: int | None
    place: int | None
    watched: float
    strength: float


@dataclass(frozen=True, slots=True)
class ViewingEpisode:
    """One sitting. `shown` places in all; `offered` are the first titles of them. `weekday` 0 is Monday.

    `reward` is the mean of what the chosen titles said, -1 to 1, `success` that it is at least 0.5, `critique` one line
    of facts; None, None and empty while the sitting goes on. `likeness` -1 to 1 where meaning was asked for.
    """

    started: float
    ended: float
    daypart: int
    weekday: int
    shown: int
    offered: tuple[str, ...]
    chosen: tuple[ChosenTitle, ...]
    reward: float | None
    success: bool | None
    critique: str
    likeness: float | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a profile likes at some time of the week more than else, under a readable name.

    `dayparts` and `weekdays` (0 is Monday; none: every day) are those of its context, `company` who is there, as far as
    titles tell. Of `trials` sittings of the context, `successes` liked something of the genre: a share between `low`
    and `high`; elsewhere `usual`. `weight`, 0 to 1, is how much it counts in a slate; `retired`, when it stopped
    holding.
    """

    name: str
    genre: str
    dayparts: tuple[int, ...]
    weekdays: tuple[int, ...]
    company: str
    trials: int
    successes: int
    low: float
    high: float
    usual: float
    weight: float
    items: tuple[str, ...]
    found: float
    seen: float
    retired: float | None


@dataclass(frozen=True, slots=True)
class CausalEdge:
    """What came of showing titles of `genre` (empty: any) at `daypart`: the chance that one is played, by inverse
    propensities, with its standard deviation; None where none of known propensity was shown.

    `shown` and `unknown` count showings with and without a known propensity; old ones fade.
    """

    daypart: int
    genre: str
    shown: float
    unknown: float
    chance: float | None
    deviation: float | None


@dataclass(frozen=True, slots=True)
class TasteEpoch:
    """What a profile liked from `begun` to `ended` (seconds since the epoch), with `years` years that end in
    it: shares of `genres` and of the eight `dayparts`, the titles liked most. `shift`, 0 to 1, is the part
    of the genres that is not as it was in the epoch before; `changed`, that this is more than chance.
    """

    name: str
    begun: float
    ended: float
    years: int
    evidence: int
    genres: Mapping[str, float]
    dayparts: tuple[float, ...]
    items: tuple[str, ...]
    shift: float
    changed: bool


@dataclass(frozen=True, slots=True)
class LifeStage:
    """Epochs between two changes of taste, as shares of genres; `lasting` are those that all stages have in common."""

    name: str
    begun: float
    ended: float
    genres: Mapping[str, float]
    lasting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferInfo:
    """One way to watch a title; `age` is None where this offer's is unknown, times None for open."""

    id: str
    provider: str
    age: int | None
    launch: str
    start: float | None
    end: float | None


@dataclass(frozen=True, slots=True)
class ItemInfo:
    """Facts about a title. `type` is `movie` or `series`; `year` and `runtime_min` 0 if unknown."""

    item: str
    title: str
    type: str
    year: int
    runtime_min: int
    seasons: int
    age: int
    popularity: int
    genres: tuple[str, ...]
    artwork: str
    offers: tuple[OfferInfo, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """Who may see what. `entitlements` are provider names, empty for all; `region` may be empty."""

    id: int
    name: str
    max_age: int = 18
    consent: bool = False
    region: str = ""
    entitlements: tuple[str, ...] = ()
