"""What the people of a set share of brain.db: however many they are, it stays below its bound."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tvbrain.memory import sittings
from tvbrain.memory.tiers import BY_NAME
from tvbrain.simulation.years import MOST_DATABASE
from tvbrain.sqlite import Database
from tvbrain.store import blends, database, share, tunings, viewings
from tvbrain.store.blends import Showing
from tvbrain.store.tunings import Judged
from tvbrain.types import TERMS

PROFILES = 32
"""A set has at most."""
FOLD = 64 + 1024 * 72 + 16_384 * 16
"""Bytes of a full history (docs/formats.md)."""
START = 1_767_567_600_000


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return database.open_database(tmp_path / "brain.db")


def fold(db: Database, profiles: int, size: int = 64) -> None:
    rows = [(profile, random.Random(profile).randbytes(size)) for profile in range(1, profiles + 1)]
    db.executemany("INSERT INTO fold VALUES (?, ?)", rows)


@pytest.mark.parametrize(("profiles", "part"), [(1, 1), (8, 1), (16, 2), (32, 4)])
def test_more_than_eight_share_what_eight_have(db: Database, profiles: int, part: int) -> None:
    fold(db, profiles)
    assert share.each(db, blends.MOST) == blends.MOST // part


def test_the_oldest_showings_and_answers_beyond_a_share_go(db: Database) -> None:
    fold(db, PROFILES)
    rows = blends.MOST // 4 + 10
    values = (0.5,) * len(TERMS)
    with db.atomic():
        for at in range(rows):
            blends.note_shown(db, 1, Showing(at, at, False, 0, 0, values), b"", at)
        blends.keep_newest(db, [1])
        tunings.keep(db, [Judged(1, at, at, 0, 0, 0, False, ()) for at in range(2 * rows)])
    assert [one.at_ms for one in blends.showings(db, 1)] == list(range(10, rows))
    assert [one.at_ms for one in tunings.judged(db, 0)] == list(range(20, 2 * rows))


@pytest.mark.slow
def test_a_set_of_the_most_people_who_watch_the_most_stays_below_the_bound(
    db: Database, tmp_path: Path
) -> None:
    with db.atomic():  # by itself, each row would be a transaction
        fold(db, PROFILES, FOLD)
        for profile in range(1, PROFILES + 1):
            fill(db, profile)
    database.checkpoint(db)
    assert 20 << 20 < (tmp_path / "brain.db").stat().st_size <= MOST_DATABASE


def fill(db: Database, profile: int) -> None:
    """Every table that grows with viewing, up to this profile's share, in the sizes that real rows have."""
    draw = random.Random(profile)

    def moments(most: int) -> list[tuple[int, int]]:
        return [(START + 60_000 * n, draw.getrandbits(63)) for n in range(share.each(db, most))]

    put = db.executemany
    put(
        "INSERT INTO episode (profile, session, started, ended, events) VALUES (?, ?, ?, ?, 40)",
        [(profile, key, at, at) for at, key in moments(sittings.MOST)],
    )
    put(
        "INSERT INTO showing VALUES (?, ?, ?, 0, ?, 30000, 3)",
        [(profile, key, at, draw.randbytes(28)) for at, key in moments(blends.MOST)],
    )
    put(
        "INSERT INTO judged VALUES (?, ?, ?, 2, 3, 30000, 0, ?)",
        [(profile, at, key, draw.randbytes(24)) for at, key in moments(tunings.MOST)],
    )
    put(
        "INSERT INTO viewing VALUES (?, ?, 2, 3, 48, ?, ?, 0.5, 1, ?)",
        [
            (profile << 16 | n, profile, draw.randbytes(576), draw.randbytes(256), "said " * 18)
            for n in range(share.each(db, viewings.MOST))
        ],
    )
    for name in ("episodic", "semantic"):
        put(
            "INSERT INTO memory (tier, profile, item, at, daypart, strength, explicit, episode)"
            " VALUES (?, ?, ?, ?, 2, 0.5, 0, ?)",
            [
                (name, profile, draw.getrandbits(63), START + n, n)
                for n in range(BY_NAME[name].capacity or 0)
            ],
        )
