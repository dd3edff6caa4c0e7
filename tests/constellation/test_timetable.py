"""Releases that go by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.house import TENANT, House
from tvbrain.constellation.publisher import LIFE_RELEASE
from tvbrain.constellation.timetable import Timetable

DAY = 86_400.0
WEEK = 7 * DAY


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.node.close()


def test_a_release_goes_once_a_period(house: House) -> None:
    told: list[tuple[str, str]] = []
    timetable = Timetable(house.node, WEEK, lambda *one: told.append(one))
    house.live(600)
    versions = []
    for _ in range(15):
        timetable.look()
        timetable.look()
        latest = house.node.aggregate.latest(TENANT)
        assert latest is not None
        versions.append(latest.version)
        house.clock.advance(DAY)
    assert versions == [1] * 7 + [2] * 7 + [3]
    assert told == [(TENANT, "released")] * 3


def test_what_refuses_is_asked_again_a_day_later(house: House) -> None:
    told: list[tuple[str, str]] = []
    timetable = Timetable(house.node, WEEK, lambda *one: told.append(one))
    timetable.look()
    timetable.look()
    house.live(600)
    house.clock.advance(DAY - 1)
    timetable.look()
    assert told == [(TENANT, "NothingToReleaseError")]
    house.clock.advance(1)
    timetable.look()
    assert told[1:] == [(TENANT, "released")]


def test_a_release_that_nothing_replaces_is_renewed_before_sets_stop_believing_it(
    house: House,
) -> None:
    told: list[tuple[str, str]] = []
    house.live(600)
    house.node.release(TENANT)
    state, first = house.trust().accepted(house.pull(), house.clock.now())
    house.node.set_budget(TENANT, epsilon=2.0, noise_multiplier=8.0)  # from now on nothing passes
    timetable = Timetable(house.node, WEEK, lambda *one: told.append(one))
    for _ in range(LIFE_RELEASE // int(DAY) + 10):
        house.clock.advance(DAY)
        timetable.look()
        state, newest = state.accepted(house.pull(), house.clock.now())
    assert newest.number > first.number
    assert newest.counts == first.counts
    assert {outcome for _, outcome in told} == {"UnhelpfulReleaseError", "renewed"}
