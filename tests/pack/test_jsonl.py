"""The operator's own format."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.pack.catalogue import Offer
from tvbrain.pack.errors import BadRowError
from tvbrain.pack.jsonl import parse_line

FULL = {
    "id": "own:1", "title": "Tide", "year": 2019, "type": "series", "genres": ["TV Dramas", "Puppets"],
    "directors": ["Ana Lima"], "cast": ["Cy Doe"], "countries": ["France"], "runtime_min": 50, "seasons": [8, 10],
    "age": 13, "description": "Sea.", "artwork": "tide.jpg", "series": "own:tides", "localised": {"fr": "Marée"},
    "offers": [
        {"id": "own:1", "launch": " app://1 ", "regions": ["FR", "DE"], "start": 10, "end": 20},
        {"id": "b:1", "age": 7},
    ],
}  # fmt: skip


def test_every_key_arrives() -> None:
    title = parse_line(json.dumps(FULL))
    assert title.offers == (
        Offer("own:1", 13, " app://1 ", ("FR", "DE"), 10, 20),
        Offer("b:1", 7),
    )
    assert (title.id, title.title, title.year, title.type) == ("own:1", "Tide", 2019, "series")
    assert (title.runtime_min, title.seasons, title.artwork) == (50, (8, 10), "tide.jpg")
    assert (title.series, title.localised, title.description) == (
        "own:tides",
        {"fr": "Marée"},
        "Sea.",
    )
    assert (title.genres, title.directors, title.cast) == (
        ("Drama", "Puppets"),
        ("Ana Lima",),
        ("Cy Doe",),
    )
    assert title.age == 13


def test_the_title_itself_is_the_offer_where_none_is_listed() -> None:
    title = parse_line('{"id": "own:2", "title": "Ebb", "type": "movie", "age": 0}')
    assert title.offers == (Offer("own:2", 0),)
    assert title.year == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"agee": 7}, 'unknown key "agee"'),
        ({"offers": [{"id": "own:1", "ages": 7}]}, 'unknown key "offers.ages"'),
        ({"offers": []}, 'key "offers": empty'),
        ({"offers": {"id": "own:1"}}, 'key "offers"'),
        ({"offers": [{"id": "own:1", "regions": ["fr"]}]}, "'fr' is not an ISO 3166-1"),
        ({"offers": [{"id": "own:1", "start": 20, "end": 20}]}, 'key "offers.end"'),
        ({"age": 19}, "key \"age\": '19' is not a whole number from 0 to 18"),
        ({"age": True}, 'key "age"'),
        ({"age": "7"}, 'key "age"'),
        ({"id": "nocolon"}, "is not provider:show"),
        ({"title": " "}, 'key "title": empty'),
        ({"title": 7}, "key \"title\": '7' is not a text"),
        ({"title": "\ud800"}, 'key "title"'),
        ({"type": "opera"}, "neither"),
        ({"type": "movie"}, 'key "seasons": a movie has none'),
        ({"year": 12}, 'key "year"'),
        ({"seasons": [-1]}, 'key "seasons"'),
        ({"genres": "Drama"}, 'key "genres"'),
        ({"cast": [1]}, 'key "cast"'),
        ({"localised": ["fr"]}, 'key "localised"'),
        ({"localised": {"french language": "x"}}, "language tag"),
    ],
)
def test_a_wrong_key_is_named(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(BadRowError) as error:
        parse_line(json.dumps(FULL | change))
    assert complaint in str(error.value)


@pytest.mark.parametrize("key", ["id", "title", "type"])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(BadRowError, match=f'key "{key}" is missing'):
        parse_line(json.dumps({k: v for k, v in FULL.items() if k != key}))


@pytest.mark.parametrize(
    "line", ["{", "[]", '"x"', "{}", '{"id": "a:1", "id": "a:2"}', "[" * 100_000, "{\udcff}"]
)
def test_what_is_no_title_is_a_bad_row(line: str) -> None:
    with pytest.raises(BadRowError):
        parse_line(line)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x), max_leaves=4
    )
)
def test_a_value_of_any_kind_is_read_or_refused_but_never_crashes(value: object) -> None:
    for key in FULL:
        with suppress(BadRowError):
            parse_line(json.dumps(FULL | {key: value}))
