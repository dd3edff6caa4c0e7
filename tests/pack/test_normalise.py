"""Titles and names made comparable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.pack.genres import GENRES, NOT_GENRES, genre_names
from tvbrain.pack.normalise import fold, person_key, title_key, without_version


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fun with Dick & Jane", "Fun With Dick and Jane"),
        ("Spider-Man", "Spiderman"),
        ("The Hitch Hiker", "The Hitch-Hiker"),
        ("The Zombie King", "Zombie King"),
        ("Boyfriend School, The", "The Boyfriend School"),
        ("JoJo's Bizarre Adventure", "JoJo\u2019s Bizarre Adventure"),
        ("Hellbound: Hellraiser 2", "Hellbound: Hellraiser II"),
        ("Nymphomaniac: Volume I", "Nymphomaniac: Volume 1"),
        ("Æon Flux", "Aeon Flux"),
        ("Amélie", "AMELIE"),
        ("Saaho (Telugu) [4K UHD]", "Saaho"),
        ("(Dub) Akira", "Akira"),
        ("Baahubali (Hindi Version)", "Baahubali"),
        ("Rambo: Last Blood (Extended Cut)", "Rambo: Last Blood"),
        ("House on Haunted Hill (in Color)", "House on Haunted Hill"),
        ("Marvel Studios' Black Panther", "Black Panther"),
        ("Shark Night 3D", "Shark Night"),
        ("Silent Hill: Revelation 3-D", "Silent Hill: Revelation"),
    ],
)
def test_spellings_of_one_title_agree(one: str, other: str) -> None:
    assert title_key(one).bare == title_key(other).bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Toy Story", "Toy Story 2"),
        ("Rocky II", "Rocky III"),
        ("15-Minute Workout", "15-Minute Workout (with weights)"),
        ("I, Robot", "1, Robot"),
        ("V", "5"),
        ("X", "10"),
        ("Jaws 3-D", "Jaws 2"),
    ],
)
def test_different_works_stay_different(one: str, other: str) -> None:
    assert title_key(one).bare != title_key(other).bare


def test_a_year_in_brackets_is_kept_apart() -> None:
    key = title_key("Lost in Space (1965)")
    assert (key.text, key.year, key.version) == ("lost in space", 1965, False)


def test_numbers_tell_parts_apart_in_their_order() -> None:
    assert title_key("Act 2 - Series 6").numbers == ("2", "6")
    assert title_key("Act 6 - Series 2").numbers == ("6", "2")
    assert title_key("Part Two").numbers == ("2",)


def test_a_title_is_shown_without_its_language_and_with_its_other_brackets() -> None:
    assert without_version("Master (Tamil) [4K UHD]") == "Master"
    assert without_version("Workout (with weights)") == "Workout (with weights)"
    assert without_version("(Sub) Akira") == "Akira"


def test_family_name_first_or_last_is_one_person() -> None:
    assert person_key("Zhang Zhehan") == person_key("Zhehan  ZHANG")
    assert person_key("Penélope Cruz") == person_key("Penelope Cruz")
    assert person_key("???") == ""


def test_scripts_without_latin_letters_keep_their_vowel_signs() -> None:
    assert fold("हिन्दी") != fold("हनद")
    assert fold("최강전사") == fold("최강전사")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.sampled_from("ab 2iIvV()[]-:'&,. TheAn4kHindi"), max_size=24))
def test_the_key_of_a_key_is_that_key(text: str) -> None:
    key = title_key(text)
    assert fold(key.text) == key.text


@given(st.text(max_size=30))
def test_without_version_twice_is_once(text: str) -> None:
    assert without_version(without_version(text)) == without_version(text)


def test_every_genre_label_has_one_to_three_names_and_a_pack_can_hold_them_all() -> None:
    assert {len(names) for names in GENRES.values()} <= {1, 2, 3}
    assert len({name for names in GENRES.values() for name in names}) <= 60
    assert not NOT_GENRES & GENRES.keys()


def test_genre_names_stay_what_they_are() -> None:
    names = {name for names in GENRES.values() for name in names}
    assert [name for name in sorted(names) if name not in genre_names([name])] == []
    assert genre_names(["Movies", "TV Dramas", "Dramas", "Puppets"]) == ("Drama", "Puppets")
