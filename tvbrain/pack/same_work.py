"""Are two rows the same film or series? Conservative: a missed join shows a title twice, a wrong one hides a work.

Every threshold below was set by reading pairs of the four provider lists; tests/pack/data/merge_labels.csv holds
pairs labelled by hand, and the test beside it measures precision and recall.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from typing import Literal

from tvbrain.pack.catalogue import Title, TitleType
from tvbrain.pack.normalise import TitleKey, person_key, title_key

Rule = Literal["title+year", "title+near-year", "title+people", "vectors"]
RULES: tuple[Rule, ...] = ("title+year", "title+near-year", "title+people", "vectors")
"""Strongest first; joins are made in this order."""


class Agreement(IntEnum):
    """How far one kind of fact speaks for the same work."""

    DIFFER = -1
    UNKNOWN = 0
    WEAK = 1
    AGREE = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of a row, computed once. `people` are folded, `genres` are those that tell
    something, `described` says whether there is a description."""

    type: TitleType
    key: TitleKey
    aka: frozenset[str]
    year: int
    minutes: int
    seasons: int
    people: frozenset[str]
    genres: frozenset[str]
    described: bool

    @property
    def thin(self) -> bool:
        """Whether there is nothing but title, year and genres."""
        return not (self.people or self.described or self.minutes)


def facts_of(title: Title) -> Facts:
    """The facts of one row."""
    return Facts(
        type=title.type,
        key=title_key(title.title),
        aka=frozenset(title_key(name).bare for name in (*title.aka, *title.localised.values())),
        year=title.year,
        minutes=title.runtime_min if title.type == "movie" else 0,
        seasons=len(title.seasons),
        people=frozenset(
            key for name in (*title.directors, *title.cast) if (key := person_key(name))
        ),
        genres=frozenset(title.genres) - _BROAD_GENRES,
        described=bool(title.description),
    )


_BROAD_GENRES = frozenset(
    {"International", "Independent", "Classics", "Special Interest", "Arthouse"}
)


def judge(a: Facts, b: Facts, cosine: float | None) -> Rule | None:
    """The rule by which the rows are the same work, None if they are not, or not surely.

    cosine: similarity of the rows' vectors, None where there are none; used only where both have a description.
    """
    if a.type != b.type or _bracket_years_differ(a, b):
        return None
    alike = cosine if a.described and b.described else None
    same_title = a.key.text == b.key.text
    if not (same_title or a.key.bare == b.key.bare):
        return "vectors" if _same_by_vectors(a, b, alike) else None
    gap = abs(a.year - b.year) if a.year and b.year else 2
    verdict = _same_movie if a.type == "movie" else _same_series
    if not verdict(a, b, gap, alike, same_title):
        return None
    return "title+year" if gap == 0 else "title+near-year" if gap == 1 else "title+people"


def contradict(a: Facts, b: Facts) -> bool:
    """Whether two rows cannot be one work, whatever a third one has in common with both."""
    if a.type != b.type or _bracket_years_differ(a, b):
        return True
    strangers = people_agree(a, b) is Agreement.DIFFER and min(len(a.people), len(b.people)) >= 3
    return strangers and (a.type == "series" or length_agrees(a, b) is Agreement.DIFFER)


def same_thin(a: Facts, b: Facts) -> bool:
    """Whether two thin rows of one title are the same film entered twice: same year, and not merely one genre."""
    same = a.key.text == b.key.text and a.type == b.type and a.year == b.year > 0
    return same and (len(a.genres & b.genres) >= 2 or a.genres == b.genres)


def people_agree(a: Facts, b: Facts) -> Agreement:
    """Whether directors and cast are the same people; a single shared name of many says little."""
    if not a.people or not b.people:
        return Agreement.UNKNOWN
    shared, smaller = len(a.people & b.people), min(len(a.people), len(b.people))
    if (shared >= 2 and shared >= smaller / 3) or shared == smaller:
        return Agreement.AGREE
    return Agreement.WEAK if shared else Agreement.DIFFER


def length_agrees(a: Facts, b: Facts) -> Agreement:
    """Whether films run as long: AGREE within a minute, WEAK within 5 %, DIFFER beyond."""
    if not a.minutes or not b.minutes:
        return Agreement.UNKNOWN
    gap = abs(a.minutes - b.minutes)
    if gap <= 1:
        return Agreement.AGREE
    return Agreement.WEAK if gap <= max(3, 0.06 * max(a.minutes, b.minutes)) else Agreement.DIFFER


def _same_movie(a: Facts, b: Facts, gap: int, alike: float | None, same_title: bool) -> bool:
    people, length = people_agree(a, b), length_agrees(a, b)
    similar = -1.0 if alike is None else alike
    if people is Agreement.AGREE:
        return length >= Agreement.UNKNOWN or (gap == 0 and similar >= 0.7)
    if people is Agreement.WEAK:
        return gap <= 1 and (
            length >= Agreement.WEAK or (length == Agreement.UNKNOWN and similar >= 0.7)
        )
    if people is Agreement.DIFFER:
        # The cast column of one list can name the crew; only a film of the very same length and story passes.
        return gap == 0 and length is Agreement.AGREE and similar >= (0.5 if same_title else 0.75)
    if gap == 0 and same_title:
        floor = {Agreement.AGREE: 0.3, Agreement.WEAK: 0.6, Agreement.UNKNOWN: 0.6}.get(length, 2.0)
        return similar >= floor or (alike is None and length >= Agreement.WEAK)
    if gap == 0:
        return (length is Agreement.AGREE and similar >= 0.4) or (
            length is Agreement.WEAK and similar >= 0.7
        )
    if gap == 1:
        same_minutes = a.minutes == b.minutes > 0
        return length is Agreement.AGREE and similar >= (0.6 if same_minutes else 0.75)
    return same_title and a.minutes == b.minutes > 0 and similar >= 0.7


def _same_series(a: Facts, b: Facts, gap: int, alike: float | None, same_title: bool) -> bool:
    """One list gives the year of the first season, another that of the last, so years may lie a whole run apart."""
    people = people_agree(a, b)
    similar = -1.0 if alike is None else alike
    run = max(a.seasons, b.seasons, 1)
    if gap > run + 4:
        return False
    if people is Agreement.AGREE:
        return True
    if people is Agreement.WEAK:
        return gap <= 1 or similar >= 0.7
    if people is Agreement.DIFFER:
        return same_title and similar >= 0.8
    # A single season does not last for years: two such rows with a gap are rather a remake.
    if gap > 2 and run == 1 and similar < 0.75:
        return False
    telling = same_title and (len(a.key.words) >= 3 or a.seasons == b.seasons)
    if gap == 0 and same_title:
        return similar >= 0.3 or alike is None
    return similar >= (0.6 if telling else 0.7 if gap <= 1 else 0.8)


def _same_by_vectors(a: Facts, b: Facts, alike: float | None) -> bool:
    """Near-duplicates whose titles are not equal. Parts of one franchise share cast, length and even sentences of
    their descriptions, so the titles may differ only in spelling, word order or a studio's name."""
    if alike is None or not a.year or abs(a.year - b.year) > 1 or a.key.numbers != b.key.numbers:
        return False
    people = people_agree(a, b)
    if a.type == "movie" and (
        length_agrees(a, b) is not Agreement.AGREE or a.minutes < _SHORTEST_NEAR_TITLE
    ):
        return False
    if people is Agreement.DIFFER or people is Agreement.WEAK:
        return False
    floor = 0.65 if people is Agreement.AGREE else 0.85
    if _without_brand(a.key) == _without_brand(b.key) or _same_words(a.key, b.key):
        return alike >= floor
    if _misspelt(a.key, b.key):
        return alike >= floor and (
            len(a.people & b.people) >= 3 or (a.people == b.people and len(a.people) == 2)
        )
    longer_title = _without_brand(a.key) < _without_brand(b.key) or _without_brand(
        b.key
    ) < _without_brand(a.key)
    return a.type == "movie" and longer_title and a.year == b.year and alike >= 0.9


_SHORTEST_NEAR_TITLE = 40
_BRANDS = frozenset(
    {"marvel", "marvels", "studios", "disney", "disneys", "walt", "pixar", "the", "a", "an", "show"}
)


def _without_brand(key: TitleKey) -> frozenset[str]:
    return frozenset(key.words) - _BRANDS


def _same_words(a: TitleKey, b: TitleKey) -> bool:
    return sorted(a.words) == sorted(b.words) and len(a.words) >= 3


def _misspelt(a: TitleKey, b: TitleKey) -> bool:
    """The same words in order but for their spelling: "Chashme Baddoor" and "Chashme Buddoor"."""
    if len(a.words) != len(b.words):
        return False
    for mine, theirs in zip(a.words, b.words, strict=True):
        if mine == theirs:
            continue
        if mine[0] != theirs[0] or any(c.isdigit() for c in mine + theirs):
            return False
        if SequenceMatcher(None, mine, theirs, autojunk=False).ratio() < 0.75:
            return False
    return True


def _bracket_years_differ(a: Facts, b: Facts) -> bool:
    """A year in the title, "Lost in Space (1965)", tells a work from its remake."""
    mine, theirs = a.key.year or a.year, b.key.year or b.year
    return bool((a.key.year or b.key.year) and mine and theirs and abs(mine - theirs) > 1)
