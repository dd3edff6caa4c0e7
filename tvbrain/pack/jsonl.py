"""An operator's own catalogue: one JSON object a line. The built-in demo catalogue is written in it too.

docs/packs.md ("JSONL") says what every key means. A row of `id` and `airings` alone adds airings to the title of that
id; every other row is a title. A key that is not known is a mistake and the row is broken: a misspelt `age` must not
pass silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NoReturn

from tvbrain.pack.catalogue import (
    ANY_DAYPART,
    MAX_ID_BYTES,
    Airing,
    Offer,
    Showings,
    Title,
    TitleType,
)
from tvbrain.pack.errors import BadRowError
from tvbrain.pack.fields import FIRST_YEAR, LAST_YEAR, check_id, clean
from tvbrain.pack.genres import genre_names
from tvbrain.pack.rows import Row, check_text

KEYS = frozenset(
    [
        "id",
        "title",
        "year",
        "type",
        "genres",
        "directors",
        "cast",
        "countries",
        "runtime_min",
        "seasons",
        "age",
        "description",
        "offers",
        "artwork",
        "series",
        "localised",
        "aka",
        "airings",
        "trending",
        "audience",
    ]
)
AUDIENCE_KEYS = frozenset(["region", "daypart", "people"])
SHOWINGS_KEYS = frozenset(["id", "airings"])
AIRING_KEYS = frozenset(["channel", "start", "end"])
LONGEST_AIRING = 86_400
"""Seconds."""

OFFER_KEYS = frozenset(["id", "age", "launch", "regions", "start", "end"])
_TYPES: Mapping[str, TitleType] = {"movie": "movie", "series": "series"}
_MISSING = object()


def jsonl_titles(lines: Sequence[str]) -> Iterator[tuple[Row, Callable[[], Title | Showings]]]:
    """Yields each line that is not blank and a function that reads it or raises BadRowError."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield Row(number, (line,)), partial(parse_row, line)


def parse_row(line: str) -> Title | Showings:
    """One title, or when one is shown. Raises BadRowError with the key that is wrong."""
    data = _object(line)
    if set(data) != SHOWINGS_KEYS:
        return _title(data)
    airings = _airings(data)
    if not airings:
        raise BadRowError('key "airings": empty')
    return Showings(_identity(data), airings)


def parse_line(line: str) -> Title:
    """One title. Raises BadRowError with the key that is wrong."""
    return _title(_object(line))


def _object(line: str) -> Mapping[str, object]:
    check_text([line])
    try:
        data = json.loads(line, object_pairs_hook=_no_repeats)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadRowError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadRowError("not a JSON object")
    return data


def _title(data: Mapping[str, object]) -> Title:
    _only(data, KEYS, "")
    kind = _TYPES.get(_text(data, "type"))
    if kind is None:
        raise BadRowError(f'key "type": {data["type"]!r} is neither "movie" nor "series"')
    identity = _identity(data)
    name = _text(data, "title")
    if not name:
        raise BadRowError('key "title": empty')
    age = _number(data, "age", 0, 18)
    seasons = tuple(_in_range("seasons", n, 0, 9999) for n in _items(data, "seasons"))
    if seasons and kind == "movie":
        raise BadRowError('key "seasons": a movie has none')
    return Title(
        id=identity,
        title=name,
        year=_number(data, "year", FIRST_YEAR, LAST_YEAR) or 0,
        type=kind,
        offers=_offers(data, identity, age),
        genres=genre_names(_texts(data, "genres")),
        directors=_texts(data, "directors"),
        cast=_texts(data, "cast"),
        countries=_texts(data, "countries"),
        description=_text(data, "description", ""),
        runtime_min=_number(data, "runtime_min", 0, 9999) or 0,
        seasons=seasons,
        artwork=_text(data, "artwork", ""),
        series=_text(data, "series", ""),
        localised=_localised(data),
        aka=_texts(data, "aka"),
        airings=_airings(data),
        trending=_trending(data),
        audience=_audience(data),
    )


def _offers(data: Mapping[str, object], identity: str, age: int | None) -> tuple[Offer, ...]:
    given = _items(data, "offers")
    if not given:
        if "offers" in data:
            raise BadRowError('key "offers": empty; leave it out where the title is its own offer')
        return (Offer(id=identity, age=age),)
    return tuple(_offer(offer, age) for offer in given)


def _offer(offer: object, age: int | None) -> Offer:
    if not isinstance(offer, dict):
        raise BadRowError('key "offers": not a list of objects')
    _only(offer, OFFER_KEYS, "offers.")
    start, end = (_number(offer, key, -(2**62), 2**62) for key in ("start", "end"))
    if start is not None and end is not None and end <= start:
        raise BadRowError('key "offers.end": not after "start"')
    regions = _texts(offer, "regions")
    for region in regions:
        _check_region("offers.regions", region)
    own = _number(offer, "age", 0, 18)
    return Offer(
        id=_identity(offer),
        age=age if own is None else own,
        launch=_text(offer, "launch", "", cleaned=False),
        regions=regions,
        start=start,
        end=end,
    )


def _airings(data: Mapping[str, object]) -> tuple[Airing, ...]:
    return tuple(sorted({_airing(one) for one in _items(data, "airings")}))


def _airing(airing: object) -> Airing:
    if not isinstance(airing, dict):
        raise BadRowError('key "airings": not a list of objects')
    _only(airing, AIRING_KEYS, "airings.")
    channel = _text(airing, "channel")
    if not 1 <= len(channel.encode()) <= MAX_ID_BYTES:
        raise BadRowError(f'key "airings.channel": not 1 to {MAX_ID_BYTES} bytes')
    start, end = (_number(airing, key, -(2**40), 2**40) for key in ("start", "end"))
    if start is None or end is None:
        raise BadRowError('key "airings": start or end is missing')
    if not 0 < end - start <= LONGEST_AIRING:
        raise BadRowError('key "airings.end": not after "start", or over a day later')
    return Airing(start, end, channel)


def _trending(data: Mapping[str, object]) -> dict[str, int]:
    value = data.get("trending", {})
    if not isinstance(value, dict):
        _wrong("trending", value, "an object")
    for region, people in value.items():
        _check_region("trending", region)
        _in_range("trending", people, 1, 2**32 - 1)
    return dict(sorted(value.items()))


def _audience(data: Mapping[str, object]) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for one in _items(data, "audience"):
        if not isinstance(one, dict):
            raise BadRowError('key "audience": not a list of objects')
        _only(one, AUDIENCE_KEYS, "audience.")
        region, part = _text(one, "region", ""), _number(one, "daypart", 0, 7)
        if region:
            _check_region("audience.region", region)
        place = region, ANY_DAYPART if part is None else part
        if place in found or place == ("", ANY_DAYPART):
            raise BadRowError('key "audience": a region and daypart twice, or neither of them')
        found[place] = _in_range("audience.people", one.get("people"), 1, 2**32 - 1)
    return dict(sorted(found.items()))


def _check_region(key: str, region: str) -> None:
    if not re.fullmatch(r"[A-Z]{2}", region):
        _wrong(key, region, "an ISO 3166-1 alpha-2 code")


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [key for key, _ in pairs]
        raise BadRowError(f'key "{next(k for k in names if names.count(k) > 1)}" stands twice')
    return data


def _only(data: Mapping[str, object], keys: frozenset[str], prefix: str) -> None:
    unknown = sorted(set(data) - keys)
    if unknown:
        raise BadRowError(f'unknown key "{prefix}{unknown[0]}"')


def _wrong(key: str, value: object, expected: str) -> NoReturn:
    raise BadRowError(f'key "{key}": {str(value)[:40]!r} is not {expected}')


def _identity(data: Mapping[str, object]) -> str:
    return check_id(_text(data, "id", cleaned=False))


def _text(
    data: Mapping[str, object], key: str, default: object = _MISSING, *, cleaned: bool = True
) -> str:
    value = data.get(key, default)
    if value is _MISSING:
        raise BadRowError(f'key "{key}" is missing')
    if not isinstance(value, str):
        _wrong(key, value, "a text")
    if any("\ud800" <= c <= "\udfff" for c in value):
        _wrong(key, value, "valid Unicode")
    return clean(value) if cleaned else value


def _in_range(key: str, value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        _wrong(key, value, f"a whole number from {low} to {high}")
    return value


def _number(data: Mapping[str, object], key: str, low: int, high: int) -> int | None:
    value = data.get(key)
    return None if value is None else _in_range(key, value, low, high)


def _items(data: Mapping[str, object], key: str) -> list[object]:
    value = data.get(key, [])
    if not isinstance(value, list):
        _wrong(key, value, "a list")
    return value


def _texts(data: Mapping[str, object], key: str) -> tuple[str, ...]:
    for item in (items := _items(data, key)):
        if not isinstance(item, str):
            _wrong(key, item, "a text")
    return tuple(dict.fromkeys(text for item in items if (text := clean(str(item)))))


def _localised(data: Mapping[str, object]) -> dict[str, str]:
    value = data.get("localised", {})
    if not isinstance(value, dict):
        _wrong("localised", value, "an object")
    for tag in value:
        if not re.fullmatch(r"[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
            _wrong("localised", tag, "a language tag")
    return {tag: _text(value, tag) for tag in value}
