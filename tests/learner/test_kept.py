"""What the learner keeps instead of making it again: never anything but what it would make."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.clock import VirtualClock
from tvbrain.learning.interests import medoids
from tvbrain.learning.prototype import Prototypes, prototype
from tvbrain.loops import tasting
from tvbrain.loops.last_good import DAY, LastGood
from tvbrain.loops.publisher import Slates
from tvbrain.loops.tasting import Tastes
from tvbrain.pack import demo_pack_path
from tvbrain.pack.facts import PackFacts
from tvbrain.pack.native import key_of
from tvbrain.pack.reader import PackFile

NOON = 20_000.5 * DAY


@pytest.fixture
def facts(tmp_path: Path) -> PackFacts:
    return PackFacts(demo_pack_path(), tmp_path / "packs")


class Serving:
    """Shows profiles 1 and 2 as many titles as it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def ask(self, known: Collection[int]) -> Slates:
        self.asked.append([profile for profile in (1, 2) if profile not in known])
        return {profile: [len(self.asked)] for profile in self.asked[-1]}


def test_a_slate_is_asked_for_again_when_its_history_the_packs_or_the_day_is_another(
    facts: PackFacts, tmp_path: Path
) -> None:
    serving = Serving()
    kept = LastGood(serving.ask)
    before, after = {1: b"a", 2: b"b"}, {1: b"a", 2: b"c"}
    assert kept.slates(before, facts, NOON) == {1: [1], 2: [1]}
    assert kept.slates(before, facts, NOON + 3600) == {1: [1], 2: [1]}
    assert kept.slates(after, facts, NOON + 3600) == {1: [1], 2: [3]}
    kept.slates(after, facts, NOON + DAY)
    kept.slates(after, PackFacts(demo_pack_path(), tmp_path / "packs"), NOON + DAY)
    kept.clear()
    kept.slates(after, facts, NOON + DAY)
    assert serving.asked == [[1, 2], [], [2], [1, 2], [1, 2], [1, 2]]


def test_of_whom_nothing_is_recorded_a_slate_is_asked_for_each_time(facts: PackFacts) -> None:
    serving = Serving()
    kept = LastGood(serving.ask)
    for _ in range(2):
        assert sorted(kept.slates({1: b"a"}, facts, NOON)) == [1, 2]
    assert serving.asked == [[1, 2], [2]]


def test_a_taste_asked_for_again_is_that_of_one_who_never_asked_before(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        kept = None
        tastes = []
        for seed in range(6):
            brain.observe(evening(seed, 30))
            clock.advance(DAY)
            brain.learn_now()
            with brain._learning().looking() as learner:
                kept = kept or Tastes(learner.db)
                of = learner.consumer.fold, learner.facts(), 1
                assert kept.of(*of) == kept.of(*of) == Tastes(learner.db).of(*of)
                tastes.append(kept.of(*of))
        assert all(a != b for a, b in pairwise(tastes))


def test_a_taste_is_made_once_of_the_same_memories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    made = []

    def counted(vectors: Any, weights: Any) -> list[tuple[int, float]]:
        made.append(len(vectors))
        return medoids(vectors, weights)

    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(1, 30))
        brain.learn_now()
        with brain._learning().looking() as learner:
            tastes = Tastes(learner.db)
            monkeypatch.setattr(tasting, "medoids", counted)
            for _ in range(3):
                tastes.of(learner.consumer.fold, learner.facts(), 1)
            assert len(made) == 1
            tastes.clear()
            tastes.of(learner.consumer.fold, learner.facts(), 1)
            assert len(made) == 2


def test_a_prototype_asked_for_again_is_the_same_and_of_these_packs(
    facts: PackFacts, tmp_path: Path
) -> None:
    with PackFile(demo_pack_path()) as pack:
        keys = [key_of(pack.title(row).id) for row in range(6)]
    sets = [tuple(keys[:3]), tuple(keys[3:]), (1,)]
    kept = Prototypes()
    first = kept.of(facts, sets)
    assert kept.of(facts, sets[:2])[0] is first[0]
    assert first[2] is None
    for one, titles in zip(first[:2], sets, strict=False):
        fresh = prototype(facts, titles)
        assert one is not None
        assert fresh is not None
        assert (one.row.tobytes(), one.scale_q30) == (fresh.row.tobytes(), fresh.scale_q30)
    assert kept.of(PackFacts(demo_pack_path(), tmp_path / "packs"), sets)[0] is not first[0]
