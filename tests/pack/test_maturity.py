"""Ratings to ages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.pack.maturity import AGES, age_of, is_known


@pytest.mark.parametrize(
    ("rating", "age"),
    [
        ("TV-Y", 0), ("TV-Y7", 7), ("TV-Y7-FV", 7), ("TV-PG", 8), ("TV-14", 14), ("TV-MA", 17),
        ("G", 0), ("PG", 8), ("PG-13", 13), ("R", 17), ("NC-17", 18), ("ALL", 0), ("7+", 7), ("13+", 13),
        ("16", 16), ("AGES_16_", 16), ("AGES_18_", 18), ("ALL_AGES", 0), (" tv-ma ", 17),
    ],
)  # fmt: skip
def test_each_scale_has_its_age(rating: str, age: int) -> None:
    assert age_of(rating) == age


@pytest.mark.parametrize(
    "rating",
    ["", "NR", "UR", "UNRATED", "NOT RATED", "NOT_RATE", "TV-NR", "74 min", "21+", "PG13"],
)
def test_unrated_and_unknown_marks_have_no_age(rating: str) -> None:
    assert age_of(rating) is None


def test_a_stricter_mark_of_one_scale_is_never_younger() -> None:
    for scale in (("TV-Y", "TV-Y7", "TV-PG", "TV-14", "TV-MA"), ("G", "PG", "PG-13", "R", "NC-17")):
        ages = [AGES[mark] for mark in scale]
        assert ages == sorted(age for age in ages if age is not None)


def test_not_rated_is_understood_and_nonsense_is_not() -> None:
    assert [is_known("NR"), is_known("7+"), is_known("PG13")] == [True, True, False]


@given(st.text())
def test_no_text_gives_an_age_outside_0_to_18(text: str) -> None:
    age = age_of(text)
    assert age is None or 0 <= age <= 18
