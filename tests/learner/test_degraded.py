"""Real faults: what mode they lead to, that slates go on within the age limit, and that it ends with the fault."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import FileError, NoSpaceError
from tvbrain.types import ViewContext

AGE = 6


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here: this needs root and CAP_SYS_ADMIN")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def lived(brain: Brain) -> None:
    brain.create_profile("kids", max_age=AGE)
    for profile in ("household", "kids"):
        brain.observe(evening(6, 30, profile=profile))
    brain.learn_now()


def fill(path: Path) -> None:
    """Until there is no room for another page."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def answers(brain: Brain) -> None:
    """Slates for both, the child's within the limit."""
    assert len(brain.recommend()) > 0
    slate = brain.recommend(ViewContext(profile="kids"))
    assert len(slate) > 0
    assert all(brain.item(entry.item).age <= AGE for entry in slate)


def test_a_full_disk_makes_it_read_only_until_there_is_room(small_disk: Path) -> None:
    with open_brain(small_disk, VirtualClock(MONDAY_EVENING)) as brain:
        lived(brain)
        assert brain.health().mode == "full"
        filler = small_disk / "filler"
        fill(filler)
        with pytest.raises(NoSpaceError):
            brain.observe(event for seed in range(1500) for event in evening(seed, 30))
        assert brain.health().mode == "read_only"
        answers(brain)
        brain.learn_now()  # what it meets it says, and goes on
        answers(brain)
        filler.unlink()
        brain._serving.pump()
        brain.observe(evening(7, 5))
        brain._clock.advance(3600)  # type: ignore[attr-defined]
        brain.learn_now()
        assert brain.health().mode == "full"
        answers(brain)


def test_without_its_snapshots_it_goes_on_and_makes_a_new_one(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        lived(brain)
        before = [entry.item for entry in brain.recommend(ViewContext(screen_token=5))]
    for path in (tv / "snapshot").glob("*.tvs"):
        path.unlink()
    with open_brain(tmp_path, clock) as brain:
        answers(brain)
        assert brain.health().serving["snapshot_generation"] == 0
        brain.learn_now()
        assert brain.health().serving["snapshot_generation"] != 0
        after = [entry.item for entry in brain.recommend(ViewContext(screen_token=5))]
        assert set(after) & set(before)


def test_an_unreadable_installed_pack_is_named_and_the_factory_pack_serves(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        lived(brain)
    (tv / "packs" / "base.tvpack").write_bytes(b"no pack" * 1000)
    with open_brain(tmp_path, clock) as brain:
        assert "pack" in brain.health().faults
        answers(brain)
        (tv / "packs" / "base.tvpack").unlink()
        brain._serving.pump()
        assert "pack" not in brain.health().faults


def test_a_loop_that_cannot_write_the_database_is_no_learning_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        lived(brain)
        with brain._learning().looking() as learner, monkeypatch.context() as broken:

            def refuse(most: int) -> int:
                raise FileError("brain.db: the device reported an error")

            broken.setattr(learner.consumer, "consume", refuse)
            brain.observe(evening(8, 5))
            brain.learn_now()
            health = brain.health()
            assert (health.mode, "learning" in health.faults) == ("no_learning", True)
            answers(brain)
        clock.advance(60)
        brain.learn_now()
        assert brain.health().mode == "full"
