"""The nine probes of a brain at work: each says what is wrong when it is, and not else."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.health.vitals import Told, vital_signs
from tvbrain.loops.table import DAY
from tvbrain.pack.catalogue import Offer, Title
from tvbrain.pack.writer import Contents, write_pack

NAMES = ["journal", "database", "snapshot", "packs", "index", "loops", "disk", "memory", "clock"]


def bad(brain: Brain) -> dict[str, str]:
    """The probes that are not content, with their verdicts."""
    found = brain.health().probes
    assert [one.name for one in found] == NAMES
    assert all(one.advice for one in found if one.verdict != "ok")
    return {one.name: one.verdict for one in found if one.verdict != "ok"}


def test_a_brain_that_has_learned_has_nothing_to_say(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        brain.observe(evening(1, 10))
        assert bad(brain) == {"snapshot": "warning"}
        brain.learn_now()
        assert bad(brain) == {}


def test_a_clock_that_was_never_set_is_told_until_the_host_says_it_is_right(tmp_path: Path) -> None:
    clock = VirtualClock(0.0)
    with Brain.open(tmp_path / "tv", clock=clock, clock_trusted=False) as brain:
        assert bad(brain)["clock"] == "warning"
        clock.set_now(MONDAY_EVENING)
        brain.hint("time_trusted", 1)
        brain.run_due()
        assert "clock" not in bad(brain)


def test_packs_without_vectors_are_told(tmp_path: Path) -> None:
    films = tuple(
        Title(f"tv:{n}", f"Film {n}", 1990, "movie", (Offer(f"tv:{n}", 0),)) for n in range(9)
    )
    pack = tmp_path / "plain.tvpack"
    write_pack(pack, Contents(films, "tv", "1", 0, popularity=np.ones(9, np.uint32)))
    with Brain.open(tmp_path / "tv", pack=pack, clock=VirtualClock(MONDAY_EVENING)) as brain:
        assert bad(brain)["index"] == "warning"


def test_a_loop_that_comes_late_by_its_period_is_told(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(1, 10))
        brain.learn_now()
        brain.hint("playback", 1)
        clock.advance(3 * DAY)
        brain.run_due()
        assert bad(brain) == {"loops": "warning"}
        brain.hint("playback", 0)
        brain.run_due()
        assert bad(brain) == {}


@pytest.mark.parametrize(("size", "verdict"), [("16m", ""), ("5m", "warning"), ("1m", "failed")])
def test_a_disk_with_little_room_is_told_before_it_is_full(
    tmp_path: Path, size: str, verdict: str
) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(mounting, check=False, capture_output=True).returncode != 0:
        pytest.skip("a file system cannot be mounted here: this needs root and CAP_SYS_ADMIN")
    try:
        found = {one.name: one.verdict for one in vital_signs(replace(TOLD, data_dir=place))}
        assert found["disk"] == (verdict or "ok")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        found = {one.name: one.verdict for one in vital_signs(replace(TOLD, data_dir=place))}
        assert found["disk"] == "failed"
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize(("kib", "verdict"), [(200_000, "ok"), (20_000, "warning")])
def test_little_memory_is_told(tmp_path: Path, kib: int, verdict: str) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "meminfo").write_text(f"MemAvailable: {kib} kB\n")
    assert {one.name: one.verdict for one in vital_signs(TOLD, tmp_path)}["memory"] == verdict


@pytest.mark.parametrize(
    ("told", "name", "verdict"),
    [
        ({"faults": ("journal",)}, "journal", "failed"),
        ({"faults": ("gap",)}, "journal", "warning"),
        ({"faults": ("torn",)}, "journal", "warning"),
        ({"faults": ("snapshot",)}, "snapshot", "warning"),
        ({"faults": ("pack",)}, "packs", "failed"),
        ({"damage": "brain.db: malformed"}, "database", "failed"),
        ({"failing": {"adaptive": "OSError: no"}}, "loops", "failed"),
        ({"data_dir": Path("/nowhere")}, "disk", "failed"),
    ],
)
def test_what_the_planes_say_of_themselves_is_told_by_its_probe_alone(
    told: dict[str, object], name: str, verdict: str
) -> None:
    found = vital_signs(replace(TOLD, **told))  # type: ignore[arg-type]
    assert {one.name: one.verdict for one in found if one.verdict != "ok"} == {name: verdict}


TOLD = Told(
    Path("/tmp"),
    {"segments": 1, "last_seq": 9, "snapshot_generation": 3, "packs": 1, "items": 7, "detail": ""},
    (),
    "",
    {},
    (),
    384,
    MONDAY_EVENING,
    True,
)
