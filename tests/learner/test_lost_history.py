"""Faults that take the history away: the mode popularity, what was last shown by the history first, and its end."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.brain.last_good import shown_beside, shown_by
from tvbrain.brain.plane import LearningPlane
from tvbrain.brain.serving import Serving
from tvbrain.clock import VirtualClock
from tvbrain.pack import demo_pack_path
from tvbrain.pack.catalogue import Offer, Title
from tvbrain.pack.writer import Contents, write_pack
from tvbrain.types import Slate

HOUSEHOLD, CHILD, AGE = 1, 2, 12
WIDE = ViewingEvent(kind="search", text="a" * 255, at=MONDAY_EVENING)


@dataclass(frozen=True)
class Lived:
    shown: list[str]
    good: dict[int, Sequence[int]]


ENTRY = struct.Struct("<4sIQQQQ")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lived]:
    """A set whose journal no longer has its beginning; what it shows, and its last good slates."""
    folder = tmp_path_factory.mktemp("lived")
    clock, tv = VirtualClock(MONDAY_EVENING), folder / "tv"
    with open_brain(folder, clock) as brain:
        brain.create_profile("kids", max_age=AGE)
        for profile in ("household", "kids"):
            brain.observe(evening(6, 30, profile=profile))
        for _ in range(3):
            brain.observe(WIDE for _ in range(3400))
            brain.learn_now()
        assert min(path.name for path in (tv / "journal").glob("*.tvj")) > f"{2:016x}"
        assert brain.health().mode == "full"
        shown = names(brain.recommend(asked("household")))
        return tv, Lived(shown, dict(shown_by(brain._serving)))


@pytest.fixture
def life(template: tuple[Path, Lived], tmp_path: Path) -> Lived:
    """It, in the folder of this test."""
    shutil.copytree(template[0], tmp_path / "tv")
    return template[1]


def asked(profile: str) -> ViewContext:
    return ViewContext(profile=profile, at=MONDAY_EVENING, k=20)


def names(slate: Slate) -> list[str]:
    return [entry.item for entry in slate]


def known(brain: Brain, keys: Sequence[int], age: int) -> list[str]:
    """The titles of these keys, in order, as far as somebody of this age may see them."""
    from tvbrain.pack.facts import PackFacts

    facts = PackFacts(demo_pack_path(), Path("none"))
    slots, _ = facts.find(list(keys))
    ids = [facts.name(slot)[0] for slot in slots]
    return [one for one in ids if brain.item(one).age <= age]


def damage(path: Path, section: bytes) -> None:
    """Flip a byte of one section, as a rotten block does."""
    raw = bytearray(path.read_bytes())
    (count,) = struct.unpack_from("<I", raw, 24)
    for index in range(count):
        kind, _, offset, size, _, _ = ENTRY.unpack_from(raw, 64 + ENTRY.size * index)
        if kind == section:
            raw[offset + size // 2] ^= 0x55
            path.write_bytes(raw)
            return
    raise AssertionError(f"{path} has no section {section!r}")


def snapshots(tv: Path) -> list[Path]:
    found = sorted((tv / "snapshot").glob("*.tvs"))
    assert len(found) == 2
    return found


def test_missing_snapshots_leave_popularity_until_the_learner_publishes_one_at_once(
    tmp_path: Path, life: Lived
) -> None:
    tv, before = tmp_path / "tv", life.shown
    for path in snapshots(tv):
        path.unlink()
    with open_brain(tmp_path, VirtualClock(MONDAY_EVENING)) as brain:
        assert brain.health().mode == "popularity"
        slate = brain.recommend(asked("household"))
        assert len(slate) == 20
        assert names(slate) != before
        assert all(brain.item(one.item).age <= AGE for one in brain.recommend(asked("kids")))
        assert "adaptive" in brain.run_due()
        assert brain.health().mode == "full"
        assert names(brain.recommend(asked("household"))) == before


def test_of_damaged_snapshots_the_last_good_slates_come_first_and_within_todays_age_limit(
    tmp_path: Path, life: Lived
) -> None:
    tv, good = tmp_path / "tv", life.good
    with open_brain(tmp_path, VirtualClock(MONDAY_EVENING)) as brain:
        assert known(brain, good[CHILD], AGE) != known(brain, good[CHILD], 6)
        brain.update_profile("kids", max_age=6)
    for path in snapshots(tv):
        damage(path, b"FOLD")
    with open_brain(tmp_path, VirtualClock(MONDAY_EVENING)) as brain:
        health = brain.health()
        assert (health.mode, "snapshot" in health.faults) == ("popularity", True)
        last = known(brain, good[HOUSEHOLD], 18)
        assert names(brain.recommend(asked("household"))) == last
        screen = [one.item for row in brain.rows(asked("household")).rows for one in row.items]
        assert set(screen) >= set(last)
        child = names(brain.recommend(asked("kids")))
        allowed = known(brain, good[CHILD], 6)
        assert child[: len(allowed)] == allowed
        assert len(child) == 20
        assert all(brain.item(one).age <= 6 for one in child)
        hidden = last[0]
        brain.observe(ViewingEvent(kind="hide", item=hidden, at=MONDAY_EVENING))
        assert names(brain.recommend(asked("household")))[: len(last) - 1] == last[1:]
        brain.learn_now()
        assert brain.health().mode == "full"
        assert hidden not in names(brain.recommend(asked("household")))


def test_what_was_forgotten_does_not_come_back_out_of_a_damaged_snapshot(
    tmp_path: Path, life: Lived
) -> None:
    tv = tmp_path / "tv"
    kept = {path.name: path.read_bytes() for path in snapshots(tv)}
    with open_brain(tmp_path, VirtualClock(MONDAY_EVENING)) as brain:
        brain.forget(everything=True)
        brain.learn_now()
        brain._serving.pump()
        fresh = names(brain.recommend(asked("household")))
    for path in (tv / "snapshot").glob("*.tvs"):
        path.unlink()
    for name, raw in kept.items():
        (tv / "snapshot" / name).write_bytes(raw)
        damage(tv / "snapshot" / name, b"FOLD")
    with open_brain(tmp_path, VirtualClock(MONDAY_EVENING)) as brain:
        assert names(brain.recommend(asked("household"))) == fresh


def test_serving_alone_says_popularity_until_a_learner_of_its_own_process_comes(
    tmp_path: Path, life: Lived
) -> None:
    tv, before = tmp_path / "tv", life.shown
    for path in snapshots(tv):
        path.unlink()
    clock = VirtualClock(MONDAY_EVENING)
    serving = Serving(tv, demo_pack_path(), clock=clock, thread=False)
    assert serving.health()["mode"] == "popularity"
    assert len(serving.recommended(asked("household"))) == 20
    plane = LearningPlane(tv, demo_pack_path(), clock)
    plane.step()
    plane.close()
    serving.pump()
    assert serving.health()["mode"] == "full"
    assert serving.recommended(asked("household")) == before
    serving.close()


def test_a_new_set_without_a_learner_is_no_learning_until_one_comes(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    serving = Serving(tv, demo_pack_path(), clock=clock, thread=False)
    assert serving.health()["mode"] == "no_learning"
    assert len(serving.recommended(asked("household"))) == 20
    plane = LearningPlane(tv, demo_pack_path(), clock)
    assert serving.health()["mode"] == "full"
    plane.close()
    assert serving.health()["mode"] == "no_learning"
    serving.close()


def test_a_learner_beside_serving_publishes_the_last_good_slates_too(
    tmp_path: Path, life: Lived
) -> None:
    tv, good = tmp_path / "tv", life.good
    assert dict(shown_beside(tv, demo_pack_path(), VirtualClock(MONDAY_EVENING))) == good


@pytest.mark.parametrize("section", [b"VECS", b"WVAL"])
def test_a_damaged_pack_without_another_gives_what_was_last_shown_until_one_is_installed(
    tmp_path: Path, life: Lived, section: bytes
) -> None:
    tv, good = tmp_path / "tv", life.good
    rotten = tmp_path / "factory.tvpack"
    rotten.write_bytes(demo_pack_path().read_bytes())
    damage(rotten, section)
    clock = VirtualClock(MONDAY_EVENING)
    with Brain.open(tv, pack=rotten, clock=clock) as brain:
        brain._serving.pump()  # verifies in the background
        health = brain.health()
        assert (health.mode, "pack" in health.faults) == ("popularity", True)
        last = known(brain, good[HOUSEHOLD], 18)
        for item in last[:3]:  # which would make slates of the history others
            brain.observe(ViewingEvent(kind="complete", item=item, watched=1.0, at=MONDAY_EVENING))
        assert names(brain.recommend(asked("household")))[:17] == last[3:]
        child = brain.recommend(asked("kids"))
        assert len(child) == 20
        assert all(brain.item(one.item).age <= AGE for one in child)
        (tv / "packs" / "base.tvpack").write_bytes(demo_pack_path().read_bytes())
        brain._serving.pump()
        assert brain.health().mode == "full"
        assert names(brain.recommend(asked("household")))[:17] != last[3:]


def test_a_factory_pack_that_knows_nothing_of_the_history_is_popularity_until_the_pack_is_back(
    tmp_path: Path, life: Lived
) -> None:
    tv, factory = tmp_path / "tv", tmp_path / "factory.tvpack"
    films = tuple(
        Title(f"tv:{number}", f"Film {number}", 1990, "movie", (Offer(f"tv:{number}", 0),))
        for number in range(30)
    )
    write_pack(factory, Contents(films, "tv", "1", 0, popularity=np.arange(30, dtype=np.uint32)))
    installed = tv / "packs" / "base.tvpack"
    installed.write_bytes(b"no pack" * 1000)
    with Brain.open(tv, pack=factory, clock=VirtualClock(MONDAY_EVENING)) as brain:
        health = brain.health()
        assert (health.mode, "pack" in health.faults) == ("popularity", True)
        assert names(brain.recommend(asked("kids")))[:3] == ["tv:29", "tv:28", "tv:27"]
        installed.write_bytes(demo_pack_path().read_bytes())
        brain._serving.pump()
        assert brain.health().mode == "full"
        assert names(brain.recommend(asked("household"))) == life.shown
