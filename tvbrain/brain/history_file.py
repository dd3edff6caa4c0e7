"""Viewing history from elsewhere: CSV or JSONL rows as events.

Columns, in any order, by the names in the first line (or the keys of each JSON object): `item`, an
id; or `title`, with `year` where it is known; `at`, seconds since the epoch or ISO 8601; `watched`,
0 to 1; `rating`, -1 to 1. All but one of item and title may be missing or empty. What Netflix gives
its customers, `Title,Date`, is understood too: "Series: Season 1: Episode" is the series, and dates
are month/day/year unless the first number is above 12.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tvbrain.errors import CorruptFileError, InvalidArgumentError, MissingFileError
from tvbrain.events import ViewingEvent

Resolve = Callable[[str, int], str | None]
"""(title, year or 0) -> the canonical id of the title, None if it is unknown."""

FINISHED = 0.95
_KNOWN = frozenset({"item", "title", "year", "at", "date", "watched", "rating"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that gave no event: its line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """Events by time (those without a time first), and the rows that gave none."""

    events: tuple[ViewingEvent, ...]
    refused: tuple[Refused, ...] = field(default=())


def read_history(path: Path, profile: str | int, resolve: Resolve) -> History:
    """MissingFileError; CorruptFileError for a file that is no history at all."""
    events: list[ViewingEvent] = []
    refused: list[Refused] = []
    for line, row in _rows(path):
        try:
            events.append(_event(row, profile, resolve))
        except (ValueError, InvalidArgumentError) as error:
            refused.append(Refused(line, str(error)))
    events.sort(key=lambda event: event.at or 0.0)
    return History(tuple(events), tuple(refused))


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingFileError(f"{path}: no such file") from error
    except ValueError as error:
        raise CorruptFileError(f"{path}: not UTF-8: {error}") from error
    if text.lstrip().startswith("{"):
        yield from _json_rows(text)
        return
    reader = csv.DictReader(text.splitlines())
    names = {name.strip().lower() for name in reader.fieldnames or () if name}
    if not names & {"item", "title"}:
        raise CorruptFileError(f"{path}: neither JSON lines nor a CSV with a column item or title")
    for row in reader:
        yield (
            reader.line_num,
            {k.strip().lower(): v for k, v in row.items() if isinstance(k, str)},
        )


def _json_rows(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        yield number, value if isinstance(value, dict) else {}


def _event(row: Mapping[str, object], profile: str | int, resolve: Resolve) -> ViewingEvent:
    watched, rating = _number(row, "watched"), _number(row, "rating")
    if watched is None and rating is not None:
        kind = "rate"
    else:
        kind = "complete" if watched is None or watched >= FINISHED else "stop"
    return ViewingEvent(
        kind=kind,
        item=_item(row, resolve),
        profile=profile,
        at=_time(_text(row, "at") or _text(row, "date")),
        watched=watched,
        rating=rating,
    )


def _item(row: Mapping[str, object], resolve: Resolve) -> str:
    item, title = _text(row, "item"), _text(row, "title")
    if item:
        return item
    if not title:
        raise ValueError("neither item nor title")
    year = int(_number(row, "year") or 0)
    wanted = title
    while True:  # "Series: Season 1: Episode" -> "Series: Season 1" -> "Series"
        found = resolve(wanted, year)
        if found is not None:
            return found
        wanted, colon, _ = wanted.rpartition(": ")
        if not colon:
            raise ValueError(f"no title is called {title!r}" + (f" ({year})" if year else ""))


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _number(row: Mapping[str, object], name: str) -> float | None:
    text = _text(row, name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name}: {text!r} is no number") from None


def _time(text: str) -> float | None:
    """Seconds since the epoch; times without a zone are taken to be UTC."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        if "/" in text:
            first, second, year = (int(part) for part in text.split("/"))
            month, day = (second, first) if first > 12 else (first, second)
            when = datetime(year + 2000 if year < 100 else year, month, day, 12, tzinfo=UTC)
        else:
            when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"at: {text!r} is no time") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
