"""Provider maturity ratings to one age: the youngest a viewer should be, 0 to 18.

The scales differ, so the table is written to fail towards the older side: where two providers place the same
mark differently, the higher age stands. What the table does not know has no age, and that means adult.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

AGES: Mapping[str, int | None] = MappingProxyType(
    {
        # US television (TV Parental Guidelines)
        "TV-Y": 0,
        "TV-G": 0,
        "TV-Y7": 7,
        "TV-Y7-FV": 7,
        "TV-PG": 8,
        "TV-14": 14,
        "TV-MA": 17,
        # US film (MPA); GP and M are what PG was called from 1968 to 1972, X what NC-17 was until 1990
        "G": 0,
        "PG": 8,
        "GP": 8,
        "M": 8,
        "PG-13": 13,
        "R": 17,
        "NC-17": 18,
        "X": 18,
        # Amazon's own scale; its plain numbers are in `age_of`
        "ALL": 0,
        "ALL_AGES": 0,
        # Not rated. APPROVED and PASSED (before 1968) say that a film might be shown, not to whom
        "NR": None,
        "UR": None,
        "TV-NR": None,
        "UNRATED": None,
        "NOT RATED": None,
        "NOT_RATED": None,
        "NOT_RATE": None,
        "APPROVED": None,
        "PASSED": None,
        "": None,
    }
)

_NUMBER = re.compile(r"(?:AGES_)?(\d{1,2})(?:\+|_)?")


def age_of(rating: str) -> int | None:
    """The age for a provider's rating, None where it is missing or not understood.

    Besides `AGES`, a bare age is understood in Amazon's spellings: `16`, `16+`, `AGES_16_`, for 0 to 18.
    """
    mark = rating.strip().upper()
    if mark in AGES:
        return AGES[mark]
    number = _NUMBER.fullmatch(mark)
    if number is None:
        return None
    age = int(number.group(1))
    return age if age <= 18 else None


def is_known(rating: str) -> bool:
    """Whether the mark is understood, "not rated" included; False means nobody has placed it in the table yet."""
    return rating.strip().upper() in AGES or age_of(rating) is not None
