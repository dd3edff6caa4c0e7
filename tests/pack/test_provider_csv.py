"""The providers' lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvbrain.pack.catalogue import BrokenRow, Offer
from tvbrain.pack.errors import BadRowError
from tvbrain.pack.load import Loaded, load_catalogue
from tvbrain.pack.provider_csv import provider_name

SAMPLE = Path(__file__).with_name("data") / "provider.csv"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_catalogue([SAMPLE])


def test_a_film_is_read_with_all_its_fields(loaded: Loaded) -> None:
    film = loaded.titles[0]
    assert (film.id, film.title, film.year, film.type) == (
        "prime:s1",
        "The Long Night",
        2014,
        "movie",
    )
    assert film.offers == (Offer("prime:s1", age=13),)
    assert film.directors == ("Ana Lima", "Bo Chen")
    assert film.cast == ("Cy Doe", "Robert Fox, Jr.")
    assert film.countries == ("France",)
    assert film.genres == ("Drama", "International")
    assert film.description == "A night that does not end."
    assert (film.runtime_min, film.seasons, film.added) == (113, (), 1632441600)


def test_a_series_has_seasons_of_unknown_length(loaded: Loaded) -> None:
    series = loaded.titles[1]
    assert (series.type, series.seasons, series.runtime_min) == ("series", (0, 0), 0)
    assert series.genres == ("Drama", "Children")


def test_a_rating_that_is_a_duration_goes_to_the_duration_and_leaves_the_title_adult(
    loaded: Loaded,
) -> None:
    talk = loaded.titles[2]
    assert (talk.runtime_min, talk.offers[0].age, talk.age) == (74, None, 18)


def test_the_mark_of_a_duplicate_is_no_part_of_a_title(loaded: Loaded) -> None:
    assert loaded.titles[3].title == "Last"


def test_broken_rows_are_listed_with_file_line_and_reason(loaded: Loaded) -> None:
    assert loaded.broken == tuple(
        BrokenRow(str(SAMPLE), line, reason)
        for line, reason in (
            (7, "type 'Opera' is neither Movie nor TV Show"),
            (8, "the title is empty"),
            (9, "release year '20x7' is not a year"),
            (10, "9 fields where the header has 13"),
            (11, "duration '74 hours' is neither minutes nor seasons"),
            (12, f"id 'prime:s1' already stands in {SAMPLE} line 2"),
            (13, "date '31-Feb-21' does not exist"),
        )
    )


def test_the_report_counts_what_was_used_and_what_was_not(loaded: Loaded) -> None:
    assert [(f.format, f.titles, f.broken) for f in loaded.files] == [("provider-csv", 4, 7)]


def test_providers_have_short_names() -> None:
    names = [
        provider_name(ott)
        for ott in ("Netflix", "Amazon prime", "Hulu", "Disney", "Disney+", "HBO Max")
    ]
    assert names == ["netflix", "prime", "hulu", "disney", "disney", "hbo"]
    with pytest.raises(BadRowError, match="provider"):
        provider_name(" ? ")
