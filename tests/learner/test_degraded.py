"""Real faults: what mode they lead to, that slates go on within the age limit, and that it ends with the fault."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import FileError, NoSpaceError
from tvbrain.events import ViewingEvent
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


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No write of this process may reach beyond so many bytes of a file: the kernel refuses it (EFBIG)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_journal_whose_writes_are_refused_makes_it_read_only_until_they_are_not(
    tmp_path: Path,
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        lived(brain)
        brain.observe(evening(9, 60))
        with files_end_at(4096):
            with pytest.raises(FileError, match=r"journal/.*File too large"):
                brain.observe(evening(7, 5))
            health = brain.health()
            assert (health.mode, "journal" in health.faults) == ("read_only", True)
            answers(brain)
        brain._serving.pump()
        assert brain.health().mode == "full"
        brain.observe(evening(7, 5))
        brain.learn_now()
        assert brain.health().mode == "full"
        answers(brain)


@pytest.fixture
def device(small_disk: Path) -> Iterator[Path]:
    """A file system with room, on a device that has none once `filler` beside it is full."""
    image, place = small_disk / "image", small_disk / "device"
    place.mkdir()
    image.touch()
    os.truncate(image, 32 << 20)
    made = ["mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-m", "0", str(image)]
    for command in (made, ["mount", "-o", "loop", str(image), str(place)]):
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (FileNotFoundError, subprocess.CalledProcessError):
            pytest.skip(f"{command[0]} does not work here: this needs e2fsprogs and loop devices")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_device_that_loses_what_was_written_makes_it_read_only_until_it_keeps_it(
    device: Path,
) -> None:
    filler = device.parent / "filler"
    with open_brain(device, VirtualClock(MONDAY_EVENING)) as brain:
        lived(brain)
        fill(filler)
        wide = ViewingEvent(kind="search", text="a" * 255, at=MONDAY_EVENING)
        with pytest.raises(FileError):  # in the next segment: this one lies on the device already
            brain.observe(wide for _ in range(10_000))
        assert brain.health().mode == "read_only"
        answers(brain)
        filler.unlink()
        brain._serving.pump()
        brain.flush()
        assert brain.health().mode in ("full", "no_learning")
        brain._clock.advance(3600)  # type: ignore[attr-defined]
        brain.learn_now()
        assert brain.health().mode == "full"
        answers(brain)
    with open_brain(device, VirtualClock(MONDAY_EVENING)) as brain:
        answers(brain)


def test_a_damaged_page_of_the_database_is_no_learning_until_it_is_recovered(
    tmp_path: Path,
) -> None:
    clock, path = VirtualClock(MONDAY_EVENING), tmp_path / "tv" / "brain.db"
    with open_brain(tmp_path, clock) as brain:
        lived(brain)
        shown = [entry.item for entry in brain.recommend(ViewContext(screen_token=5))]
    raw = bytearray(path.read_bytes())
    for page in range(4096, len(raw), 8192):
        raw[page : page + 64] = b"\xa5" * 64
    path.write_bytes(raw)
    with open_brain(tmp_path, clock) as brain:
        health = brain.health()
        assert (health.mode, "learning" in health.faults) == ("no_learning", True)
        assert [entry.item for entry in brain.recommend(ViewContext(screen_token=5))] == shown
        answers(brain)
        assert "damaged" in brain.recover()
        brain.learn_now()
        assert brain.health().mode == "full"
        answers(brain)


def test_lost_profiles_make_it_read_only_at_age_0_until_they_are_restored(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        lived(brain)
    files = {path: path.read_bytes() for path in tv.glob("profiles.tvp*")}
    for path in files:
        path.write_bytes(b"no profiles")
    with open_brain(tmp_path, clock) as brain:
        health = brain.health()
        assert (health.mode, "profiles_lost" in health.faults) == ("read_only", True)
        slate = brain.recommend(ViewContext(profile=2))
        assert len(slate) > 0
        assert all(brain.item(entry.item).age == 0 for entry in slate)
    for path, raw in files.items():
        path.write_bytes(raw)
    with open_brain(tmp_path, clock) as brain:
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
