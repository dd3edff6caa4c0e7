"""Fields of catalogue rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def _day(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24-Sep-21", _day(2021, 9, 24)),
        (" August 4, 2017", _day(2017, 8, 4)),
        ("Sept 1, 2019", _day(2019, 9, 1)),
        ("1-Jan-70", _day(1970, 1, 1)),
        ("31-Dec-69", _day(2069, 12, 31)),
        ("2020-02-29", _day(2020, 2, 29)),
        ("", None),
    ],
)
def test_the_spellings_of_a_day(text: str, expected: int | None) -> None:
    assert parse_day(text) == expected


@pytest.mark.parametrize(
    "text", ["31-Feb-21", "24-Xyz-21", "yesterday", "2021-13-01", "Augustus 4, 2017"]
)
def test_a_day_that_does_not_exist_is_an_error(text: str) -> None:
    with pytest.raises(BadRowError, match="date"):
        parse_day(text)


def test_durations_are_minutes_or_seasons() -> None:
    assert parse_duration("93 min") == Duration(minutes=93)
    assert parse_duration("1 Season") == Duration(seasons=1)
    assert parse_duration("TV-MA") is None


def test_years_are_four_digits_or_unknown() -> None:
    assert [parse_year(""), parse_year(" 1999 ")] == [0, 1999]
    for text in ("99", "0001", "3000", "19x9", "١٩٩٩"):
        with pytest.raises(BadRowError, match="release year"):
            parse_year(text)


def test_lists_lose_blanks_and_repeats_and_keep_suffixes_with_their_names() -> None:
    assert split_list("Robert Fox, Jr., Ana , ,Ana") == ("Robert Fox, Jr.", "Ana")
    assert split_list("") == ()


def test_control_and_zero_width_characters_go() -> None:
    assert clean("\u200bA\u00a0 b\r\n\tc\u0007") == "A b c"


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("identity", ["netflix:s6", "ml:1", "a:" + "é" * 30])
def test_good_ids(identity: str) -> None:
    assert check_id(identity) == identity


@pytest.mark.parametrize(
    "identity", ["", "s6", ":s6", "netflix:", "net flix:s6", "a:b\n", "a:" + "é" * 31]
)
def test_ids_that_a_pack_could_not_hold_are_errors(identity: str) -> None:
    with pytest.raises(BadRowError, match="id "):
        check_id(identity)
