"""The providers' lists: show_id, type, title, … , OTT, one row a title.

Their show ids repeat between providers, so an id here is `provider:show_id`, with the provider from the OTT column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from tvbrain.pack.catalogue import Offer, Title, TitleType
from tvbrain.pack.errors import BadRowError
from tvbrain.pack.fields import (
    Duration,
    check_id,
    clean,
    parse_day,
    parse_duration,
    parse_year,
    split_list,
)
from tvbrain.pack.genres import genre_names
from tvbrain.pack.maturity import age_of
from tvbrain.pack.rows import Row, check_text, csv_rows

COLUMNS = frozenset(
    [
        "show_id",
        "type",
        "title",
        "director",
        "cast",
        "country",
        "date_added",
        "release_year",
        "rating",
        "duration",
        "listed_in",
        "description",
        "OTT",
    ]
)

PROVIDERS: Mapping[str, str] = {
    "amazon prime": "prime",
    "amazon prime video": "prime",
    "disney+": "disney",
}
"""Provider names that are not simply their own first word."""

_TYPES: Mapping[str, TitleType] = {"movie": "movie", "tv show": "series"}


def provider_titles(
    lines: Sequence[str], header: Sequence[str]
) -> Iterator[tuple[Row, Callable[[], Title]]]:
    """Yields each row and a function that reads it or raises BadRowError."""
    names = [name.strip() for name in header]
    for row in islice(csv_rows(lines, len(names)), 1, None):
        yield row, partial(_title, row, names)


def provider_name(ott: str) -> str:
    """The short name that ids begin with: lower-case letters and digits of the provider's first word."""
    known = PROVIDERS.get(clean(ott).lower())
    if known:
        return known
    word = re.match(r"[a-z0-9]+", clean(ott).lower())
    if word is None:
        raise BadRowError(f"provider {ott!r} has no usable name")
    return word.group()


def _title(row: Row, names: Sequence[str]) -> Title:
    check_text(row.fields)
    field = dict(zip(names, row.fields, strict=True))
    kind = _TYPES.get(clean(field["type"]).lower())
    if kind is None:
        raise BadRowError(f"type {field['type']!r} is neither Movie nor TV Show")
    name = clean(field["title"]).removeprefix("_DUPE_")
    if not name:
        raise BadRowError("the title is empty")
    if not field["show_id"].strip():
        raise BadRowError("show_id is empty")
    identity = check_id(f"{provider_name(field['OTT'])}:{field['show_id'].strip()}")
    rating, duration = _rating_and_duration(field["rating"], field["duration"])
    return Title(
        id=identity,
        title=name,
        year=parse_year(field["release_year"]),
        type=kind,
        offers=(Offer(id=identity, age=age_of(rating)),),
        genres=genre_names(split_list(field["listed_in"])),
        directors=split_list(field["director"]),
        cast=split_list(field["cast"]),
        countries=split_list(field["country"]),
        description=clean(field["description"]),
        runtime_min=duration.minutes,
        seasons=(0,) * duration.seasons if kind == "series" else (),
        added=parse_day(field["date_added"]),
    )


def _rating_and_duration(rating: str, duration: str) -> tuple[str, Duration]:
    """Some rows have their duration in the rating column; it belongs to the duration, and no rating is left."""
    misplaced = parse_duration(rating)
    if misplaced is not None:
        rating = ""
    if not duration.strip():
        return rating, misplaced or Duration()
    parsed = parse_duration(duration)
    if parsed is None:
        raise BadRowError(f"duration {duration.strip()!r} is neither minutes nor seasons")
    return rating, parsed
