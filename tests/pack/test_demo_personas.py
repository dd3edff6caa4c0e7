"""The invented people: the same for a seed, true to their tastes, and between them they watch everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from tvbrain.pack.demo.franchises import FRANCHISES
from tvbrain.pack.demo.histories import Viewer, histories, viewers
from tvbrain.pack.demo.personas import PERSONAS, Persona
from tvbrain.pack.demo.titles import DemoTitle, read_titles


@pytest.fixture(scope="module")
def titles() -> tuple[DemoTitle, ...]:
    return read_titles()


@pytest.fixture(scope="module")
def crowd(titles: Sequence[DemoTitle]) -> list[Viewer]:
    return viewers(titles, seed=7)


def test_a_seed_gives_the_same_histories_and_another_seed_others(
    titles: Sequence[DemoTitle],
) -> None:
    once = list(histories(titles, seed=3, people=40))
    assert once == list(histories(titles, seed=3, people=40))
    assert once != list(histories(titles, seed=4, people=40))


def test_every_title_has_three_viewers(titles: Sequence[DemoTitle], crowd: list[Viewer]) -> None:
    seen = Counter(item for viewer in crowd for item, _, _ in viewer.history)
    assert len(crowd) == 600
    assert [title.id for title in titles if seen[title.id] < 3] == []


def test_histories_are_in_time_order_without_repeats_and_stars_in_range(
    crowd: list[Viewer],
) -> None:
    for viewer in crowd:
        items = [item for item, _, _ in viewer.history]
        times = [at for _, _, at in viewer.history]
        assert len(items) == len(set(items))
        assert times == sorted(times)
        assert all(stars in {half / 2 for half in range(1, 11)} for _, stars, _ in viewer.history)
        assert 12 <= len(items) <= 80


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_a_personas_people_watch_mostly_its_genres(
    persona: Persona, titles: Sequence[DemoTitle], crowd: list[Viewer]
) -> None:
    wanted = {title.id for title in titles if not persona.genres.keys().isdisjoint(title.genres)}
    watched = [item for viewer in crowd if viewer.main is persona for item, _, _ in viewer.history]
    assert sum(item in wanted for item in watched) >= 0.7 * len(watched)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_a_personas_people_differ_from_the_rest(
    persona: Persona, titles: Sequence[DemoTitle], crowd: list[Viewer]
) -> None:
    liking = {title.id: persona.affinity(title) for title in titles}

    def mean_liking(own: bool) -> float:
        items = [i for v in crowd if (v.main is persona) is own for i, _, _ in v.history]
        return sum(liking[item] for item in items) / len(items)

    assert mean_liking(True) >= 1.3 * mean_liking(False)


def test_no_one_in_a_household_of_small_children_watches_adult_titles(
    titles: Sequence[DemoTitle], crowd: list[Viewer]
) -> None:
    age = {title.id: title.age for title in titles}
    limited = [v for v in crowd if max(v.main.max_age, v.second.max_age) <= 7]
    assert limited
    assert all(age[item] <= 7 for viewer in limited for item, _, _ in viewer.history)


def test_famous_titles_are_watched_more_often(
    titles: Sequence[DemoTitle], crowd: list[Viewer]
) -> None:
    seen = Counter(item for viewer in crowd for item, _, _ in viewer.history)
    mean = {
        fame: sum(seen[t.id] for t in titles if t.fame == fame)
        / sum(t.fame == fame for t in titles)
        for fame in (2, 3, 4, 5)
    }
    assert mean[2] < mean[3] < mean[4] < mean[5]


def test_franchises_name_titles_once_and_sequels_follow(
    titles: Sequence[DemoTitle], crowd: list[Viewer]
) -> None:
    item = {title.key: title.id for title in titles}
    parts = [key for chain in FRANCHISES for key in chain]
    assert len(parts) == len(set(parts))
    assert set(parts) <= item.keys()
    for first, second in (chain[:2] for chain in FRANCHISES):
        both = [[i for i, _, _ in v.history if i in (item[first], item[second])] for v in crowd]
        pairs = [pair for pair in both if len(pair) == 2]
        assert pairs, first
        assert sum(pair[0] == item[first] for pair in pairs) >= 0.8 * len(pairs), first


def test_what_is_liked_is_rated_higher(titles: Sequence[DemoTitle], crowd: list[Viewer]) -> None:
    title_of = {title.id: title for title in titles}
    own: list[float] = []
    stray: list[float] = []
    for viewer in crowd:
        for item, stars, _ in viewer.history:
            (own if viewer.main.affinity(title_of[item]) >= 1.5 else stray).append(stars)
    assert sum(own) / len(own) >= sum(stray) / len(stray) + 0.3
