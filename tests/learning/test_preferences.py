"""Which genres are liked, and when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tvbrain.learning.preferences import affinities
from tvbrain.learning.preferences import preferences as summed
from tvbrain.memory.daypart import daypart
from tvbrain.memory.episodes import TOLD, Memory
from tvbrain.memory.tiers import BY_NAME, decay
from tvbrain.store.tastes import Preference

DAY_MS = 86_400_000
NOW = 1_700_506_800.0
NAMES = ("Crime", "Drama", "Comedy")


def memory(item: int, part: int, strength: float = 1.0, days_ago: float = 0.0) -> Memory:
    at = round(NOW * 1000 - days_ago * DAY_MS)
    return Memory(0, "episodic", 1, item, at, part, strength, None)


GENRES = {1: ("Crime",), 2: ("Comedy",), 3: ("Crime", "Comedy"), 4: ()}


def told(memories: Sequence[Memory]) -> NDArray[np.void]:
    return np.array([(m.item, m.at_ms, m.daypart, m.strength) for m in memories], TOLD)


def preferences(memories: Sequence[Memory], genres: dict[int, tuple[str, ...]]) -> list[Preference]:
    """As the loops ask for them: titles' genres are bits."""
    bits = [sum(1 << NAMES.index(name) for name in genres[m.item]) for m in memories]
    return summed(told(memories), np.array(bits, np.uint64), NAMES)


def one_by_one(memories: Sequence[Memory], genres: dict[int, tuple[str, ...]]) -> list[Preference]:
    """The definition: each memory is added to what is left of the sum at its time."""
    sums: dict[tuple[str, int], tuple[float, int]] = {}
    for one in memories:
        for genre in genres[one.item]:
            weight, at = sums.get((genre, one.daypart), (0.0, one.at_ms))
            kept = weight * decay("temporal", (one.at_ms - at) / 1000)
            sums[genre, one.daypart] = kept + one.strength / len(genres[one.item]), one.at_ms
    return [Preference(*place, *sums[place]) for place in sorted(sums)]


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


LIVES = st.lists(
    st.builds(
        memory,
        st.sampled_from(list(GENRES)),
        st.integers(0, 7),
        st.floats(-1, 1),
        st.floats(0, 400),
    )
).map(lambda found: sorted(found, key=lambda one: one.at_ms))


@given(LIVES)
def test_sums_are_those_of_memories_added_one_by_one(found: list[Memory]) -> None:
    mine, wanted = preferences(found, GENRES), one_by_one(found, GENRES)
    assert [(p.genre, p.daypart, p.at_ms) for p in mine] == [
        (p.genre, p.daypart, p.at_ms) for p in wanted
    ]
    assert [p.weight for p in mine] == pytest.approx([p.weight for p in wanted], abs=1e-9)


@given(LIVES)
def test_affinities_stay_in_their_range(found: list[Memory]) -> None:
    learned = preferences(found, GENRES)
    assert all(-1 <= value <= 1 for *_, value in affinities(learned, NOW))


def test_dayparts_are_quarters_of_weekdays_and_of_weekends() -> None:
    monday = 1_700_438_400_000  # 2023-11-20 00:00 UTC
    assert [daypart(monday + hour * 3_600_000, 0) for hour in (0, 6, 12, 23)] == [0, 1, 2, 3]
    assert [daypart(monday + d * DAY_MS, 0) for d in range(7)] == [0, 0, 0, 0, 0, 4, 4]
    assert daypart(monday, -60) == 7  # still Sunday evening
