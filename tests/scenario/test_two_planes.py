"""One process serves while others learn beside it and are killed at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from tests.learner.viewing import MONDAY_EVENING, counted, evening, folded
from tests.places import ROOT
from tests.scale import scaled
from tvbrain.brain.serving import Serving
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.memory.consumer import Consumer
from tvbrain.pack import demo_pack_path
from tvbrain.store import consumption
from tvbrain.store.database import open_database
from tvbrain.types import ViewContext

AT_MOST = 10_000
"""Events observed beside one learner: the writer is faster than it, and what it leaves the next one has to read."""


def learner(tv: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tvbrain", "run", "--data", str(tv), "--once"],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def feed(serving: Serving, viewing: list[ViewingEvent], draw: random.Random, left: int) -> int:
    """Observe some of what is left to be observed; how much is left then."""
    for _ in range(min(10, left)):
        serving.observe(draw.choice(viewing))
    return max(0, left - 10)


def last_write(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # a learner that ends takes it away
        return 0


def test_learners_that_are_killed_lose_and_double_nothing(tmp_path: Path) -> None:
    tv, draw = tmp_path / "tv", random.Random(20)
    clock = VirtualClock(MONDAY_EVENING)
    serving = Serving(tv, demo_pack_path(), clock=clock, thread=True, seed=7)
    viewing = [event for event in evening(21, 400) if event.kind in ("progress", "select", "stop")]
    for _ in range(scaled(80)):
        process = learner(tv)
        writes: set[int] = set()
        wanted, left = draw.choice((1, 3, 10, 30)), AT_MOST
        while len(writes) < wanted and process.poll() is None:  # kill it after so many writes
            left = feed(serving, viewing, draw, left)
            writes.add(last_write(tv / "brain.db-wal"))
        process.kill()
        process.wait()
        slate = serving.recommend(ViewContext(k=20))
        assert len(slate) == 20
    with learner(tv) as process:
        assert process.wait() == 0
    serving.pump()
    health = serving.health()
    serving.close()
    assert health["learned_seq"] == health["last_seq"]

    db = open_database(tv / "brain.db")
    consumer = Consumer(db, tv, clock)
    total = sum(consumption.tallies(db).values())
    gone = sum(gap.last - gap.first + 1 for gap in consumption.gaps(db))
    assert total + gone == health["last_seq"]
    if health["floor_seq"] == 0 and not gone:
        assert consumption.tallies(db) == counted(tv)
        assert consumer.fold.encode() == folded(tv)
    assert consumer.fold.info(1).touch == health["last_seq"]
    db.close()
