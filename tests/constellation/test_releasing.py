"""From what sets said to what sets pull."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.house import CLUSTERS, TENANT, TITLES, House
from tvbrain.constellation import defences
from tvbrain.constellation.errors import (
    BudgetSpentError,
    NothingToReleaseError,
    UnhelpfulReleaseError,
)
from tvbrain.constellation.records import Dense
from tvbrain.constellation.staleness import ONE
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.couple_model import Sums, train_from_sums
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack import demo_pack_path, patch
from tvbrain.pack.reader import PackFile
from tvbrain.wire.delta import PACK_NAME
from tvbrain.wire.errors import ExpiredError, RollbackError, SignatureError
from tvbrain.wire.release import PATCH


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.node.close()


def test_what_sets_said_becomes_weights_that_lead_to_what_they_went_on_to(
    house: House, tmp_path: Path
) -> None:
    house.live(600)
    made = house.node.release(TENANT)
    assert made.published.version == 1
    assert made.found_after > made.found_before
    said = house.accept()
    assert len(house.pull()) <= 5120
    (ref,) = said.packs
    assert (ref.kind, ref.source) == (PATCH, house.base)
    path = house.node.packs.find(ref.sha256)
    assert path is not None
    assert path.stat().st_size == ref.size
    result = patch.apply(demo_pack_path().read_bytes(), path.read_bytes(), ref.result)
    (tmp_path / "patched.tvpack").write_bytes(result)
    with PackFile(tmp_path / "patched.tvpack") as pack:
        pack.verify()
        weights = pack.weights()
    assert weights is not None
    found = weights.to_csr()[:TITLES]
    inside = found[:, :TITLES].toarray()
    outside = found[:, TITLES : CLUSTERS * TITLES].toarray()
    assert inside.mean() > 5 * abs(outside.mean())
    told = {row: sets for _, _, row, sets in said.counts}
    assert set(told) == set(range(CLUSTERS * TITLES))
    assert min(told.values()) >= defences.MINIMUM


def test_what_canary_sets_said_is_released_too_and_judged_without_them(house: House) -> None:
    house.live(600)
    made = house.node.release(TENANT)
    cell = (TENANT, house.base[:PACK_NAME])
    held = house.node.aggregate.buckets(*cell, canary=True)
    assert held > 0
    every = held + house.node.aggregate.buckets(*cell)
    told = {row: sets for _, _, row, sets in house.accept().counts}
    assert sum(told.values()) == 12 * every  # titles of each set
    again = house.node.release(TENANT)
    assert again.found_before == again.found_after == made.found_after
    house.node.publisher.rollback(TENANT, 1)
    assert house.node.release(TENANT).found_before == made.found_after


def test_a_release_from_before_there_were_trials_is_judged_as_it_was_published(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.live(600)
    with monkeypatch.context() as earlier:
        earlier.setattr("tvbrain.constellation.releasing.TRIAL", "another kind")
        earlier.setattr("tvbrain.constellation.releasing.together", lambda some, others: some)
        made = house.node.release(TENANT)
    assert house.node.release(TENANT).found_before == made.found_after


def test_with_too_few_sets_nothing_is_published_and_it_says_so(house: House) -> None:
    with pytest.raises(NothingToReleaseError, match="has said anything"):
        house.node.release(TENANT)
    house.live(2)
    with pytest.raises(UnhelpfulReleaseError, match="too few"):
        house.node.release(TENANT)
    assert house.node.aggregate.latest(TENANT) is None


def test_what_no_canary_can_judge_is_not_published(house: House) -> None:
    house.live(300)
    with pytest.raises(UnhelpfulReleaseError, match="nothing can be judged"):
        house.node.release(TENANT)


def test_a_release_that_finds_less_than_the_last_is_not_published(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.live(600)
    house.node.release(TENANT)

    def shuffled(sums: Sums, *, max_row: int) -> ItemWeights:
        weights = train_from_sums(sums, max_row=max_row)
        return replace(weights, indices=weights.indices[::-1].copy())

    monkeypatch.setattr("tvbrain.constellation.teaching.train_from_sums", shuffled)
    with pytest.raises(UnhelpfulReleaseError, match="this release"):
        house.node.release(TENANT)
    latest = house.node.aggregate.latest(TENANT)
    assert latest is not None
    assert latest.version == 1


def test_going_back_is_a_new_release_with_the_old_content(house: House) -> None:
    house.live(600)
    house.node.release(TENANT)
    first = house.accept()
    old_pull = house.pull()
    house.live(1200, seed=2)
    house.node.release(TENANT)
    state, second = house.trust().accepted(house.pull(), house.clock.now())
    with pytest.raises(RollbackError):
        state.accepted(old_pull, house.clock.now())
    back = house.node.publisher.rollback(TENANT, 1)
    assert (back.version, back.of) == (3, 1)
    _, third = state.accepted(house.pull(), house.clock.now())
    assert (second.number, third.number) == (2, 3)
    unchanged = {"number": 1, "created": first.created, "expires": first.expires}
    assert replace(third, **unchanged) == first  # type: ignore[arg-type]
    with pytest.raises(NothingToReleaseError):
        house.node.publisher.rollback(TENANT, 9)


def test_sets_with_an_earlier_releases_pack_find_their_patch_and_go_on_adding_to_the_same_sums(
    house: House,
) -> None:
    house.live(600)
    house.node.release(TENANT)
    (ref,) = house.accept().packs
    house.live(1200, seed=2)
    house.node.release(TENANT)
    again = house.accept().packs
    assert [one.source for one in again] == [house.base, ref.result]
    assert len({one.result for one in again}) == 1
    path = house.node.packs.find(ref.result)
    part = house.node.packs.find(again[1].sha256)
    assert path is not None
    assert part is not None
    patch.apply(path.read_bytes(), part.read_bytes(), again[1].result)
    known = {pack.sha256: pack for pack in house.node.aggregate.known_packs(TENANT)}
    assert known[ref.result].rows_of == house.base


def test_a_pull_is_the_same_for_a_week_and_never_expires_while_it_is_served(house: House) -> None:
    house.live(600)
    house.node.release(TENANT)
    first = house.pull()
    house.clock.advance(6 * 86_400)
    assert house.pull() == first
    state, _ = house.trust().accepted(first, house.clock.now())
    for _ in range(8):
        house.clock.advance(8 * 86_400)
        state, _ = state.accepted(house.pull(), house.clock.now())
    with pytest.raises(ExpiredError):
        house.trust().accepted(first, house.clock.now())


def test_another_tenants_signature_is_not_believed(house: House, tmp_path: Path) -> None:
    house.live(600)
    house.node.release(TENANT)
    (tmp_path / "other").mkdir()
    other = House(tmp_path / "other")
    with pytest.raises(SignatureError):
        other.trust().accepted(house.pull(), house.clock.now())
    other.node.close()


def test_a_budget_that_is_spent_stops_releases(house: House) -> None:
    house.live(600)
    with pytest.raises(BudgetSpentError):
        house.node.set_budget(TENANT, epsilon=0.01, noise_multiplier=1.0)
    house.node.set_budget(TENANT, epsilon=2.0, noise_multiplier=8.0)
    with pytest.raises(UnhelpfulReleaseError, match="too few"):
        house.node.release(TENANT)
    assert house.node.aggregate.charges(TENANT) == []
    with pytest.raises(InvalidArgumentError):
        house.node.set_budget(TENANT, epsilon=2.0, noise_multiplier=0.0)


def test_the_blenders_mean_difference_is_released_from_three_groups_on(house: House) -> None:
    house.live(600)

    def difference(group: int, value: int) -> Dense:
        values = np.array([value, -value], np.int64) * ONE
        return Dense(TENANT, "blender", "7:2", group, ONE, values)

    house.say(difference(0, 10), difference(1, 20))
    house.node.release(TENANT)
    assert house.accept().layout == 0
    house.say(difference(2, 120))
    house.node.release(TENANT)
    assert (house.accept().layout, house.accept().blender) == (7, (20, -20))
