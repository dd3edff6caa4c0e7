"""Rows that titles are opened out of, and channels: counted once, bounded, forgotten, and used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.learner.viewing import MONDAY_EVENING, open_brain, titles
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.memory import channels, habits
from tvbrain.memory.daypart import daypart
from tvbrain.pack.native import xxh64
from tvbrain.store.database import open_database

AT = round(MONDAY_EVENING * 1000)
EVENING = daypart(AT, 0)
HOUR_MS = 3_600_000


def kept(brain: Brain) -> list[dict[str, Any]]:
    """What a person is shown of it."""
    habits_of_person = brain.export()["habits"]
    assert isinstance(habits_of_person, list)
    return habits_of_person


def kinds(brain: Brain, at: float = MONDAY_EVENING) -> list[str]:
    return [row.kind for row in brain.rows(ViewContext(at=at, k=5)).rows]


def open_out_of(brain: Brain, kind: str, times: int) -> None:
    """Play what stands first in this row, so often; the row is there."""
    screen = brain.rows(ViewContext(at=MONDAY_EVENING, k=5))
    (place,) = (at for at, row in enumerate(screen.rows) if row.kind == kind)
    for _ in range(times):
        brain.observe(
            ViewingEvent(
                kind="select",
                item=screen.rows[place].items[0].item,
                at=MONDAY_EVENING,
                slate_id=screen.slate_id,
                row=place,
                slot=0,
            )
        )


def test_a_row_that_is_used_at_this_daypart_rises_and_no_other_daypart_changes(
    tmp_path: Path,
) -> None:
    with open_brain(tmp_path) as brain:
        brain.observe(ViewingEvent(kind="complete", item=titles(1)[0], at=MONDAY_EVENING))
        brain.learn_now()
        before = kinds(brain)
        assert before.index("top_picks") < before.index("popular")
        open_out_of(brain, "popular", 200)
        brain.learn_now()
        assert kinds(brain)[0] == "popular"
        morning = kinds(brain, MONDAY_EVENING + 12 * 3600)
        assert morning.index("top_picks") < morning.index("popular")


def test_what_is_opened_counts_once_however_often_it_is_learned(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        open_out_of(brain, "popular", 3)
        for _ in range(3):
            brain.learn_now()
    with open_brain(tmp_path, clock) as brain:
        brain.learn_now()
        (one,) = kept(brain)
        assert (one["sort"], one["daypart"], one["thing"]) == ("row", EVENING, "4")
        assert one["amount"] == pytest.approx(3.0)
        brain.forget(profile="household")
        brain.learn_now()
        assert kept(brain) == []


def test_rows_of_a_slate_that_is_no_longer_remembered_say_nothing(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        slate = brain.recommend(ViewContext(at=MONDAY_EVENING))
        for slate_id, row in ((slate.slate_id, 0), (123, 0)):
            brain.observe(
                ViewingEvent(kind="select", item=slate[0].item, slate_id=slate_id, row=row, slot=0)
            )
        brain.learn_now()
        assert kept(brain) == []


def test_hours_of_a_channel_are_those_until_something_else_is_on(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        for minutes, kind, name in (
            (0, "channel_change", "One"),
            (30, "channel_change", "Two"),
            (30.5, "channel_change", "One"),  # Two was passed by
            (90, "play_start", ""),
            (120, "channel_change", "Two"),
            (720, "standby", ""),  # nobody was there all the time
        ):
            brain.observe(
                ViewingEvent(
                    kind=kind,
                    text=name,
                    item=titles(1)[0] if kind == "play_start" else "",
                    at=MONDAY_EVENING + 60 * minutes,
                )
            )
        brain.learn_now()
        found = {one["thing"]: one["amount"] for one in kept(brain)}
    assert found[f"{xxh64(b'One'):x}"] == pytest.approx(0.5 + 59.5 / 60, rel=0.01)
    assert found[f"{xxh64(b'Two'):x}"] == pytest.approx(4.0, rel=0.01)


def test_a_share_grows_with_use_and_stays_below_one(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    seen = []
    for _ in range(100):
        with db.atomic():
            habits.add(db, 1, habits.ROWS, 3, 4, 1.0, AT)
        (one,) = habits.shares(db, habits.ROWS, MONDAY_EVENING)
        seen.append(one.share)
    assert seen == sorted(seen)
    assert seen[19] == pytest.approx(0.5)
    assert seen[-1] < 1
    db.close()


def test_the_table_is_bounded_by_its_smallest_amounts(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        for channel in range(1, habits.MOST + 50):
            habits.add(db, 1, habits.CHANNELS, 0, channel, float(channel), AT)
    kept = {one.thing for one in habits.of_profile(db, 1)}
    assert kept == set(range(50, habits.MOST + 50))
    db.close()


def test_a_clock_that_ran_back_adds_no_hours(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        channels.change(db, 1, 7, AT, 0)
        channels.change(db, 1, 8, AT - HOUR_MS, 0)
        channels.change(db, 1, 0, AT, 0)
    assert [(one.thing, one.amount) for one in habits.of_profile(db, 1)] == [(8, 1.0)]
    db.close()
