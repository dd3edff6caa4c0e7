"""When two rows are one work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pack.making import title
from tvbrain.pack.catalogue import Title
from tvbrain.pack.same_work import Rule, contradict, facts_of, judge, same_thin

CAST = ("Ana Lima", "Bo Chen", "Cy Doe", "Di Fox")
OTHERS = ("Ed Gray", "Flo Hart", "Gus Ito", "Hal Joe")


def _judge(a: Title, b: Title, cosine: float | None = 0.8) -> Rule | None:
    return judge(facts_of(a), facts_of(b), cosine)


def _film(
    identity: str,
    name: str = "The Long Night",
    year: int = 2014,
    minutes: int = 100,
    people: tuple[str, ...] = CAST,
) -> Title:
    return title(identity, name, year, people=people, minutes=minutes, description="A night.")


def _series(
    identity: str, year: int, seasons: int, people: tuple[str, ...] = CAST, name: str = "Tide"
) -> Title:
    return title(identity, name, year, "series", people=people, seasons=seasons, description="Sea.")


def test_same_title_year_people_and_length_are_one_film() -> None:
    assert _judge(_film("a:1"), _film("b:1")) == "title+year"


def test_a_year_more_needs_people_or_the_same_length_and_story() -> None:
    assert _judge(_film("a:1"), _film("b:1", year=2015)) == "title+near-year"
    assert _judge(_film("a:1", people=()), _film("b:1", year=2015)) == "title+near-year"
    assert _judge(_film("a:1", people=()), _film("b:1", year=2015), 0.5) is None
    assert _judge(_film("a:1", people=()), _film("b:1", year=2015, minutes=104)) is None


def test_a_later_edition_with_the_same_people_and_length_is_the_same_film() -> None:
    assert _judge(_film("a:1", year=1953), _film("b:1", year=2011)) == "title+people"


def test_a_remake_is_another_film() -> None:
    assert _judge(_film("a:1", year=1962), _film("b:1", year=1963, people=OTHERS)) is None
    assert _judge(_film("a:1", year=1962), _film("b:1", year=2014, people=OTHERS), 0.95) is None


def test_two_films_of_one_title_and_year_are_told_apart_by_people_or_length() -> None:
    assert _judge(_film("a:1"), _film("b:1", people=OTHERS, minutes=90)) is None
    assert _judge(_film("a:1", people=()), _film("b:1", minutes=84), 0.9) is None


@pytest.mark.parametrize(
    "other",
    ["The Long Night 2", "The Long Night II", "The Long Night: Part Two", "The Longest Night"],
)
def test_sequels_never_join(other: str) -> None:
    assert _judge(_film("a:1"), _film("b:1", other), 0.99) is None


def test_two_films_of_one_title_and_similar_stories_a_year_apart_differ_by_their_minute() -> None:
    # "Then Came You" of 2019 (97 min) and of 2020 (98 min): both about love and a death, vectors at 0.67.
    assert (
        _judge(_film("a:1", minutes=97), _film("b:1", year=2015, minutes=98, people=()), 0.67)
        is None
    )


def test_two_films_of_one_word_and_year_need_more_than_nearly_the_same_length() -> None:
    # "Seven" of 2019, Nigerian (113 min), and "Seven (Tamil)" of 2019 (111 min): vectors at 0.54.
    nigerian, tamil = (
        _film("a:1", "Seven", minutes=113),
        _film("b:1", "Seven (Tamil)", minutes=111, people=()),
    )
    assert _judge(nigerian, tamil, 0.54) is None


def test_a_film_and_a_series_never_join() -> None:
    assert _judge(_film("a:1"), title("b:1", year=2014, kind="series", people=CAST)) is None


def test_a_year_in_the_title_tells_a_remake() -> None:
    assert (
        _judge(_series("a:1", 2019, 2), _series("b:1", 1993, 1, name="Tide (1993)"), 0.95) is None
    )


def test_one_list_gives_a_series_its_first_year_and_another_its_last() -> None:
    assert _judge(_series("a:1", 2019, 8), _series("b:1", 2011, 8, people=())) == "title+people"
    assert _judge(_series("a:1", 2019, 8), _series("b:1", 2011, 3)) == "title+people"


def test_a_series_of_one_season_does_not_last_for_years() -> None:
    assert _judge(_series("a:1", 2015, 1), _series("b:1", 2019, 1, people=()), 0.7) is None
    assert _judge(_series("a:1", 1990, 2), _series("b:1", 2019, 2)) is None


def test_titles_that_differ_in_spelling_join_only_by_vectors_people_and_length() -> None:
    one, two = _film("a:1", "Chashme Baddoor"), _film("b:1", "Chashme Buddoor")
    assert _judge(one, two, 0.9) == "vectors"
    assert _judge(one, two, 0.5) is None
    assert _judge(one, two, None) is None
    assert _judge(one, _film("b:1", "Chashme Buddoor", minutes=110), 0.9) is None
    assert _judge(one, _film("b:1", "Chashme Buddoor", people=OTHERS), 0.9) is None


def test_short_films_of_one_collection_do_not_join_by_vectors() -> None:
    one = _film("a:1", "Fifteen Minute Yoga Core", minutes=20)
    assert _judge(one, _film("b:1", "Fifteen Minute Yoga Code", minutes=20), 0.99) is None


titles = st.builds(
    title,
    st.just("a:1"),
    st.sampled_from(["Tide", "Tide 2", "Tide (1993)", "Tied"]),
    st.sampled_from([0, 1993, 2014, 2015, 2019]),
    st.sampled_from(["movie", "series"]),
    people=st.sampled_from([(), CAST, OTHERS, CAST[:1], CAST[:2] + OTHERS[:2]]),
    minutes=st.sampled_from([0, 90, 91, 120]),
    seasons=st.sampled_from([0, 1, 4]),
    genres=st.sampled_from([(), ("Drama",), ("Drama", "Crime")]),
    description=st.sampled_from(["", "Sea."]),
)  # fmt: skip


@given(titles, titles, st.none() | st.floats(-1, 1))
def test_the_order_of_two_rows_does_not_matter(a: Title, b: Title, cosine: float | None) -> None:
    assert _judge(a, b, cosine) == _judge(b, a, cosine)
    assert contradict(facts_of(a), facts_of(b)) == contradict(facts_of(b), facts_of(a))


@given(titles, titles)
def test_a_closer_vector_never_parts_what_a_farther_one_joined(a: Title, b: Title) -> None:
    joined = [_judge(a, b, cosine / 20) is not None for cosine in range(21)]
    assert joined == sorted(joined)


def test_a_film_entered_twice_in_movielens_is_one_and_two_adaptations_are_not() -> None:
    def thin(identity: str, *genres: str) -> Title:
        return title(identity, "Emma", 1996, genres=genres)

    assert same_thin(
        facts_of(thin("ml:1", "Drama", "Crime")), facts_of(thin("ml:2", "Drama", "Crime", "War"))
    )
    assert not same_thin(
        facts_of(thin("ml:1", "Comedy", "Romance")), facts_of(thin("ml:2", "Romance"))
    )
