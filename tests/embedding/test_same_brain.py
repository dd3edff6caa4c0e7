"""One evening after another through Python, libtvbrain, and libtvbrain-serve beside `tvbrain run`.

The clock is the script's, and the journal's identity, which spreads the long loops of sets, is given to all three.
They must show the same titles for the same reasons and end with the same brain.db, value for value.
"""

from __future__ import annotations

import random
import shlex
import shutil
import sqlite3
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.embedding.conftest import Host
from tests.learner.viewing import MONDAY_EVENING, titles
from tests.scale import scaled
from tvbrain import Brain, ViewContext, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.pack import demo_pack_path
from tvbrain.types import TERMS, Slate

pytestmark = pytest.mark.slow

KIDS = 2
"""The id of the profile that the script creates."""

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Create:
    name: str
    max_age: int
    at: float


@dataclass(frozen=True, slots=True)
class Show:
    profile: int
    k: int
    token: int


@dataclass(frozen=True, slots=True)
class Shown:
    at: float
    profile: int
    count: int


@dataclass(frozen=True, slots=True)
class Learn:
    """Everything due, to the end."""


Step = ViewingEvent | Create | Show | Shown | Learn


def viewing(seed: int, evenings: int) -> list[Step]:
    """Evenings a day and a half apart, so that daily loops run too; values are exact in 32 bits."""
    draw, ids, at = random.Random(seed), titles(60), MONDAY_EVENING
    steps: list[Step] = [ViewingEvent(kind="wake", at=at), Learn(), Create("kids", 7, at)]
    for evening in range(evenings):
        at = MONDAY_EVENING + evening * 1.5 * DAY
        for number in range(draw.randint(5, 15)):
            who = draw.choice((1, 1, KIDS))
            steps += [Show(who, draw.randint(5, 40), evening * 100 + number)]
            at += draw.randint(30, 900)
            if draw.random() < 0.7:
                steps.append(Shown(at, who, 5))
            at += draw.randint(30, 3600)
            steps.append(_event(draw, draw.choice(ids), who, at, f"s{evening}"))
        steps.append(Learn())
    return [*steps, Show(1, 50, 1), Show(KIDS, 50, 1)]


def _event(draw: random.Random, item: str, who: int, at: float, session: str) -> ViewingEvent:
    kind = draw.choice(
        ("select", "play_start", "stop", "complete", "rate", "not_interested", "undo")
    )
    partly = kind == "stop"
    return ViewingEvent(
        kind=kind,
        item=item,
        profile=who,
        at=at,
        watched=draw.randrange(1025) / 1024 if partly or kind == "complete" else None,
        rating=draw.randrange(-64, 65) / 64 if kind == "rate" else None,
        position_s=draw.randrange(7200) if partly else None,
        utc_offset_min=60,
        session=session,
    )


def _optional(value: object) -> str:
    return "-" if value is None or value == "" else str(value)


def written(steps: list[Step]) -> str:
    """The script as tests/embedding/script.c reads it."""
    lines = [f"begin {round(MONDAY_EVENING * 1000)}"]
    for step in steps:
        match step:
            case ViewingEvent():
                fields = (
                    step.watched,
                    step.rating,
                    step.position_s,
                    step.utc_offset_min,
                    step.session,
                )
                words = [f"observe {round((step.at or 0) * 1000)} {step.code}"]
                words.append("1" if step.profile == "household" else str(step.profile))
                lines.append(" ".join([*words, _optional(step.item), *map(_optional, fields)]))
            case Create():
                lines.append(f"profile {step.name} {step.max_age} {round(step.at * 1000)}")
            case Shown():
                lines.append(f"shown {round(step.at * 1000)} {step.profile} {step.count}")
            case Show():
                lines.append(f"show {step.profile} {step.k} {step.token}")
            case Learn():
                lines.append("learn")
    return "\n".join(lines) + "\n"


def _bits(value: float) -> str:
    return format(int.from_bytes(struct.pack("<f", value), "little"), "08x")


def _line(slate: Slate) -> str:
    words = [str(slate.eligible)]
    for one in slate:
        terms = [_bits(one.terms.get(name, 0.0)) for name in TERMS]
        words.append(":".join([one.item, _bits(one.score), one.reason_item, *terms]))
    return " ".join(words)


def in_python(data: Path, steps: list[Step]) -> list[str]:
    """The slates, as script.c prints them."""
    clock, lines = VirtualClock(MONDAY_EVENING), []
    with Brain.open(data, clock=clock, seed=7) as brain:
        last = 0
        for step in steps:
            if isinstance(step, (ViewingEvent, Create, Shown)):
                clock.advance(max((step.at or 0) - clock.now(), 0))
            match step:
                case ViewingEvent():
                    brain.observe(step)
                case Create():
                    brain.create_profile(step.name, max_age=step.max_age)
                case Shown():
                    place = ViewingEvent(
                        kind="impression", at=step.at, slate_id=last, row=0, slot=0
                    )
                    brain.observe(replace(place, profile=step.profile, slot_count=step.count))
                case Show():
                    context = ViewContext(profile=step.profile, k=step.k, screen_token=step.token)
                    slate = brain.recommend(replace(context, at=clock.now()))
                    last = slate.slate_id
                    lines.append(_line(slate))
                case Learn():
                    brain.learn_now()
    return lines


def with_one_journal(scratch: Path, folders: Sequence[Path]) -> None:
    """Make each folder with the same journal, in which nothing has happened."""
    Brain.open(scratch, clock=VirtualClock(MONDAY_EVENING)).close()
    for folder in folders:
        shutil.copytree(scratch / "journal", folder / "journal")


def in_c(host: Host, data: Path, script: str, learner: str = "") -> list[str]:
    return host.say("script", data, demo_pack_path(), learner, given=script).splitlines()


def contents(data: Path) -> list[str]:
    """Everything that brain.db holds but when it was migrated, which is by the machine's clock."""
    connection = sqlite3.connect(data / "brain.db")
    try:
        migrated = 'INSERT INTO "_sqlite_migrations"'
        return [line for line in connection.iterdump() if not line.startswith(migrated)]
    finally:
        connection.close()


def test_three_ways_to_run_a_brain_are_one_brain(
    host: Host, native_build: Path, tmp_path: Path
) -> None:
    steps = viewing(11, scaled(40))
    script, python, full, split = written(steps), *(tmp_path / n for n in ("py", "full", "split"))
    with_one_journal(tmp_path / "first", (python, full, split))
    once = "-m tvbrain run --once --clock journal --data"
    learner = f"{shlex.quote(sys.executable)} {once} {shlex.quote(str(split))} 2>/dev/null"
    slates = in_python(python, steps)
    assert in_c(host, full, script) == slates
    serving = replace(host, library=native_build / "libtvbrain-serve.so.1")
    assert in_c(serving, split, script, learner) == slates
    kept = contents(python)
    assert len(kept) > 50
    assert contents(full) == kept
    assert contents(split) == kept
