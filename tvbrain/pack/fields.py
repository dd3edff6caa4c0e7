"""The fields of catalogue rows: lists, durations, days, years. Empty is unknown; nonsense is a BadRowError."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass

from tvbrain.pack.catalogue import MAX_ID_BYTES
from tvbrain.pack.errors import BadRowError

_MINUTES = re.compile(r"(\d{1,4}) ?min(?:utes?)?", re.IGNORECASE)
_SEASONS = re.compile(r"(\d{1,3}) ?seasons?", re.IGNORECASE)
_SHORT_DAY = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{2}|\d{4})")
_LONG_DAY = re.compile(r"([A-Za-z]{3,9}) (\d{1,2}), (\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_NAME_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "m.d.", "ph.d."})

FIRST_YEAR, LAST_YEAR = 1870, 2155


def clean(text: str) -> str:
    """One line without control and zero-width characters, spaces collapsed, composed (NFC). Idempotent."""
    kept = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    visible = (
        c for c in kept if c in "\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf")
    )
    return " ".join("".join(visible).strip("\u200c\u200d ").split())


def split_list(text: str) -> tuple[str, ...]:
    """A comma-separated list in its order, without blanks and repeats; "Downey, Jr." stays one name."""
    names: list[str] = []
    for part in clean(text).split(","):
        name = part.strip()
        if names and name.lower() in _NAME_SUFFIXES:
            names[-1] = f"{names[-1]}, {name}"
        elif name and name not in names:
            names.append(name)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Duration:
    """Minutes of a film or a number of seasons; the other one is 0."""

    minutes: int = 0
    seasons: int = 0


def parse_duration(text: str) -> Duration | None:
    """`93 min` or `2 Seasons`; None for anything else, so that a caller may try the text as something else."""
    if match := _MINUTES.fullmatch(text.strip()):
        return Duration(minutes=int(match.group(1)))
    if match := _SEASONS.fullmatch(text.strip()):
        return Duration(seasons=int(match.group(1)))
    return None


def parse_year(text: str) -> int:
    """A year; 0 for an empty field."""
    if not text.strip():
        return 0
    if not re.fullmatch(r"[0-9]{4}", text.strip()) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise BadRowError(f"release year {text.strip()!r} is not a year")
    return int(text)


def parse_day(text: str) -> int | None:
    """`24-Sep-21`, `August 4, 2017` or `2021-09-24` to seconds since the epoch at 00:00 UTC; None if empty.

    Two-digit years are 2000 to 2069 and 1970 to 1999.
    """
    day = clean(text)
    if not day:
        return None
    if match := _SHORT_DAY.fullmatch(day):
        number, month, year = int(match.group(1)), _month(match.group(2)), int(match.group(3))
        year += 0 if year > 99 else 2000 if year < 70 else 1900
    elif match := _LONG_DAY.fullmatch(day):
        number, month, year = int(match.group(2)), _month(match.group(1)), int(match.group(3))
    elif match := _ISO_DAY.fullmatch(day):
        year, month, number = (int(group) for group in match.groups())
    else:
        raise BadRowError(f"date {day!r} is not understood")
    if not 1 <= month <= 12 or not 1 <= number <= calendar.monthrange(year, month)[1]:
        raise BadRowError(f"date {day!r} does not exist")
    return calendar.timegm((year, month, number, 0, 0, 0))


def _month(name: str) -> int:
    number = _MONTHS.get(name[:3].lower(), 0)
    full = calendar.month_name[number].lower()
    return number if name.lower() in (full, full[:3], full[:4]) else 0


def check_id(identity: str) -> str:
    """The id, if it may stand in a pack: `provider:show`, no space or control character, at most 63 bytes."""
    provider, colon, show = identity.partition(":")
    if not (provider and colon and show):
        raise BadRowError(f"id {identity!r} is not provider:show")
    if any(c.isspace() or unicodedata.category(c).startswith("C") for c in identity):
        raise BadRowError(f"id {identity!r} has a space or a control character")
    if len(identity.encode()) > MAX_ID_BYTES:
        raise BadRowError(f"id {identity!r} is longer than {MAX_ID_BYTES} bytes")
    return identity
