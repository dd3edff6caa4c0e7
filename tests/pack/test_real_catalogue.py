"""The readers on the real lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvbrain.pack.genres import GENRES
from tvbrain.pack.load import Loaded
from tvbrain.pack.maturity import is_known
from tvbrain.pack.rows import csv_rows, read_lines

pytestmark = pytest.mark.slow


def test_every_row_of_the_real_lists_is_read(real_catalogue: Loaded) -> None:
    assert [(file.format, file.titles, file.broken) for file in real_catalogue.files] == [
        ("provider-csv", 8807, 0),
        ("provider-csv", 9668, 0),
        ("provider-csv", 3073, 0),
        ("provider-csv", 1450, 0),
        ("movielens", 9742, 0),
    ]


def test_known_titles_are_what_they_are(real_catalogue: Loaded) -> None:
    by_id = {title.id: title for title in real_catalogue.titles}
    blood = by_id["netflix:s2"]
    assert (blood.title, blood.year, blood.type, blood.seasons) == (
        "Blood & Water",
        2021,
        "series",
        (0, 0),
    )
    assert (blood.age, blood.added) == (17, 1632441600)
    assert by_id["ml:858"].title == "The Godfather"
    assert by_id["ml:29"].aka == ("La Cité des enfants perdus",)


def test_every_maturity_mark_and_genre_of_the_real_lists_stands_in_the_tables(
    real_catalogue: Loaded, shared_data: Path
) -> None:
    marks: set[str] = set()
    for path in sorted((shared_data / "catalogue").glob("*.csv")):
        rows = [row.fields for row in csv_rows(read_lines(path), 13)]
        marks |= {row[rows[0].index("rating")] for row in rows[1:]}
    assert (
        sorted(m for m in marks if not is_known(m) and not m.endswith(("min", "Season", "Seasons")))
        == []
    )
    names = {name for names in GENRES.values() for name in names}
    assert {genre for title in real_catalogue.titles for genre in title.genres} <= names


def test_titles_without_a_usable_rating_are_adult(real_catalogue: Loaded) -> None:
    unrated = [t for t in real_catalogue.titles if all(offer.age is None for offer in t.offers)]
    assert len(unrated) > 9742
    assert {title.age for title in unrated} == {18}


def test_durations_in_the_rating_column_are_found(real_catalogue: Loaded) -> None:
    by_id = {title.id: title for title in real_catalogue.titles}
    louis = next(
        t for t in by_id.values() if t.title == "Louis C.K. 2017" and t.id.startswith("netflix")
    )
    assert (louis.runtime_min, louis.offers[0].age) == (74, None)
