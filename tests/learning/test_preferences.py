"""Which genres are liked, and when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tvbrain.learning.preferences import affinities, preferences
from tvbrain.memory.daypart import daypart
from tvbrain.memory.episodes import Memory
from tvbrain.memory.tiers import BY_NAME

DAY_MS = 86_400_000
NOW = 1_700_506_800.0


def memory(item: int, part: int, strength: float = 1.0, days_ago: float = 0.0) -> Memory:
    at = round(NOW * 1000 - days_ago * DAY_MS)
    return Memory(0, "episodic", 1, item, at, part, strength, None)


GENRES = {1: ("Crime",), 2: ("Comedy",), 3: ("Crime", "Comedy"), 4: ()}


def test_a_titles_evidence_is_shared_among_its_genres() -> None:
    found = preferences([memory(3, 2)], GENRES)
    assert [(p.genre, p.daypart, p.weight) for p in found] == [
        ("Comedy", 2, 0.5),
        ("Crime", 2, 0.5),
    ]


def test_titles_that_no_pack_knows_add_nothing() -> None:
    assert preferences([memory(4, 2)], GENRES) == []


def test_evidence_halves_with_the_tiers_half_life() -> None:
    half = (BY_NAME["temporal"].half_life or 0) / 86_400
    found = preferences([memory(1, 2, days_ago=half), memory(1, 2)], GENRES)
    assert [round(p.weight, 6) for p in found] == [1.5]


def test_a_genre_watched_at_one_time_only_is_liked_more_then() -> None:
    learned = preferences(
        [memory(1, 3) for _ in range(20)] + [memory(2, 1) for _ in range(20)], GENRES
    )
    found = {(genre, part): value for genre, part, value in affinities(learned, NOW)}
    assert found["Crime", 3] > 0.5 > 0 > found["Crime", 1]
    assert found["Comedy", 1] > 0.5 > 0 > found["Comedy", 3]


def test_little_evidence_says_little() -> None:
    few = affinities(preferences([memory(1, 3), memory(2, 1)], GENRES), NOW)
    many = affinities(preferences([memory(1, 3)] * 50 + [memory(2, 1)] * 50, GENRES), NOW)
    assert max(value for *_, value in few) < 0.2 < 0.8 < max(value for *_, value in many)


@given(
    st.lists(
        st.builds(
            memory,
            st.sampled_from(list(GENRES)),
            st.integers(0, 7),
            st.floats(-1, 1),
            st.floats(0, 400),
        )
    )
)
def test_affinities_stay_in_their_range(found: list[Memory]) -> None:
    learned = preferences(sorted(found, key=lambda one: one.at_ms), GENRES)
    assert all(-1 <= value <= 1 for *_, value in affinities(learned, NOW))


def test_dayparts_are_quarters_of_weekdays_and_of_weekends() -> None:
    monday = 1_700_438_400_000  # 2023-11-20 00:00 UTC
    assert [daypart(monday + hour * 3_600_000, 0) for hour in (0, 6, 12, 23)] == [0, 1, 2, 3]
    assert [daypart(monday + d * DAY_MS, 0) for d in range(7)] == [0, 0, 0, 0, 0, 4, 4]
    assert daypart(monday, -60) == 7  # still Sunday evening
