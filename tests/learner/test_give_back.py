"""A brain at rest holds no pages of its database."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.clock import VirtualClock
from tvbrain.loops.table import DAY

PAGE = 4096


@pytest.fixture(scope="module")
def sqlite() -> ctypes.CDLL:
    """The library that this process has loaded, whatever its name."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").split()
    loaded = [word for word in maps if "libsqlite3.so" in word]
    if not loaded:
        pytest.skip("SQLite is part of the interpreter here")
    found = ctypes.CDLL(loaded[0])
    found.sqlite3_memory_used.restype = ctypes.c_int64
    return found


def test_what_a_run_read_is_given_back_after_it(tmp_path: Path, sqlite: ctypes.CDLL) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        for seed in range(10):
            brain.observe(evening(seed, 60))
            clock.advance(DAY)
            brain.run_due()
        with brain._learning().looking() as learner:
            (pages,) = learner.db.execute("PRAGMA page_count").fetchone()
            for (table,) in learner.db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                learner.db.execute(f"SELECT * FROM {table}").fetchall()
            full = sqlite.sqlite3_memory_used()
            clock.advance(DAY)
            brain.run_due()
            assert sqlite.sqlite3_memory_used() < full - pages // 2 * PAGE
