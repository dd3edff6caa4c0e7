"""Rows to titles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pack.making import title
from tvbrain.errors import InvalidArgumentError
from tvbrain.pack.catalogue import Title
from tvbrain.pack.merge import MergedPair, merge

CAST = ("Ana Lima", "Bo Chen", "Cy Doe")


def _night(identity: str, name: str = "The Long Night", year: int = 2014, **more: object) -> Title:
    return title(identity, name, year, people=CAST, minutes=100, **more)  # type: ignore[arg-type]


def test_one_work_of_three_providers_is_one_title_with_three_offers() -> None:
    merged = merge(
        [
            _night("a:1", age=13, genres=("Drama",)),
            title("b:7", "Tide", 2014),
            _night("b:1", age=17, genres=("Crime", "Drama"), description="A night."),
            _night("c:1", year=2015),
        ]
    )
    night, tide = merged.titles
    assert (night.id, [offer.id for offer in night.offers]) == ("a:1", ["a:1", "b:1", "c:1"])
    assert (night.year, night.age, night.genres, night.description) == (
        2014,
        17,
        ("Drama", "Crime"),
        "A night.",
    )
    assert tide.id == "b:7"
    assert merged.rows == ((0, 2, 3), (1,))
    assert merged.aliases == {"a:1": "a:1", "b:1": "a:1", "c:1": "a:1", "b:7": "b:7"}
    assert merged.pairs == (
        MergedPair("a:1", "b:1", "title+year"),
        MergedPair("a:1", "c:1", "title+near-year"),
        MergedPair("b:1", "c:1", "title+near-year"),
    )
    assert merged.by_rule() == {
        "title+year": 1,
        "title+near-year": 2,
        "title+people": 0,
        "vectors": 0,
    }


def test_a_language_version_gives_way_to_the_plain_title() -> None:
    merged = merge([_night("a:1", "Saaho (Tamil)"), _night("a:2", "Saaho (Telugu)")])
    assert [t.title for t in merged.titles] == ["Saaho"]
    assert merged.titles[0].aka == ("Saaho (Tamil)", "Saaho (Telugu)")


def test_a_series_has_its_earliest_year_and_its_longest_list_of_seasons() -> None:
    merged = merge([title("a:1", "Tide", 2019, "series", people=CAST, seasons=3),
                    title("b:1", "Tide", 2017, "series", people=CAST, seasons=4)])  # fmt: skip
    assert [(t.year, len(t.seasons)) for t in merged.titles] == [(2017, 4)]


def test_a_movielens_film_joins_by_title_and_year_and_by_its_other_titles() -> None:
    merged = merge(
        [
            _night("a:1", "Hard Eight", 1996, genres=("Drama",)),
            _night("a:2", "Toy Story", 1995, genres=("Animation",)),
            title("ml:1", "Sydney", 1996, genres=("Drama", "Crime"), aka=("Hard Eight",)),
            title("ml:2", "Toy Story", 1995, genres=("Children",)),
            title("ml:3", "Toy Story 2", 1999, genres=("Children",)),
        ]
    )
    assert merged.aliases["ml:1"] == "a:1"
    assert merged.aliases["ml:2"] == "a:2"
    assert merged.aliases["ml:3"] == "ml:3"
    assert merged.titles[0].title == "Hard Eight"


def test_a_movielens_film_that_two_works_could_be_joins_neither() -> None:
    merged = merge(
        [
            title(
                "a:1", "Tide", 2014, people=("Ana Lima", "Bo Chen"), minutes=90, genres=("Drama",)
            ),
            title(
                "b:1", "Tide", 2014, people=("Ed Gray", "Flo Hart"), minutes=120, genres=("Drama",)
            ),
            title("ml:1", "Tide", 2014, genres=("Drama",)),
        ]
    )
    assert len(merged.titles) == 3


def test_a_very_short_title_does_not_join_a_neighbouring_year() -> None:
    merged = merge(
        [
            title("a:1", "I.T.", 2016, minutes=96, genres=("Horror",)),
            title("ml:1", "It", 2017, genres=("Horror",)),
        ]
    )
    assert len(merged.titles) == 2


def test_a_third_row_cannot_chain_two_works_that_contradict_each_other() -> None:
    merged = merge(
        [
            title("a:1", "Tide", 2014, people=CAST, minutes=90),
            title("b:1", "Tide", 2014, people=("Ed Gray", "Flo Hart", "Gus Ito"), minutes=99),
            title("c:1", "Tide", 2014, minutes=94),
        ]
    )
    assert sorted(map(len, merged.rows)) == [1, 2]


def test_near_duplicates_need_vectors() -> None:
    rows = [
        _night("a:1", "Chashme Baddoor", description="x"),
        _night("b:1", "Chashme Buddoor", description="x"),
    ]
    assert len(merge(rows).titles) == 2
    vectors = np.array([[1.0, 0.0], [0.96, 0.28]], np.float32)
    merged = merge(rows, vectors)
    assert [pair.rule for pair in merged.pairs] == ["vectors"]


def test_vectors_must_belong_to_the_titles() -> None:
    with pytest.raises(InvalidArgumentError, match="1 titles"):
        merge([_night("a:1")], np.zeros((2, 4), np.float32))


def test_the_sample_is_spread_over_the_pairs() -> None:
    merged = merge([_night(f"{p}:{n}", f"Night {n}") for n in range(10) for p in "ab"])
    sample = merged.sample("title+year", 3)
    assert [pair.id_a for pair in sample] == ["a:0", "a:3", "a:6"]
    assert merged.sample("vectors", 3) == ()


def test_nothing_in_nothing_out() -> None:
    assert merge([]).titles == ()
    assert merge([], np.zeros((0, 4), np.float32)).pairs == ()


rows = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 30),
        st.sampled_from(["Tide", "Ebb", "Tide 2"]),
        st.sampled_from([2014, 2015]),
    ),
    max_size=12,
    unique_by=lambda row: row[:2],
)


@given(rows)
def test_every_row_and_every_offer_is_in_exactly_one_title(
    rows: list[tuple[str, int, str, int]],
) -> None:
    titles = [_night(f"{p}:{n}", name, year) for p, n, name, year in rows]
    merged = merge(titles)
    assert sorted(row for group in merged.rows for row in group) == list(range(len(titles)))
    assert sorted(o.id for t in merged.titles for o in t.offers) == sorted(t.id for t in titles)
    assert set(merged.aliases) == {t.id for t in titles}
    assert set(merged.aliases.values()) == {t.id for t in merged.titles}


@given(rows)
def test_building_again_from_its_own_aliases_changes_nothing(
    rows: list[tuple[str, int, str, int]],
) -> None:
    titles = [_night(f"{p}:{n}", name, year) for p, n, name, year in rows]
    first = merge(titles)
    again = merge(list(reversed(titles)), previous=first.aliases)
    assert again.aliases == first.aliases
    assert again.retired == {}
