"""Viewing to learn from: events that anybody can make again from a seed, and what is to come of them."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from tvbrain.brain.brain import Brain
from tvbrain.clock import Clock, VirtualClock
from tvbrain.events import KINDS, ViewingEvent
from tvbrain.memory.fold import HistoryFold
from tvbrain.pack import demo_pack_path
from tvbrain.pack.reader import PackFile
from tvbrain.store import journal

MONDAY_EVENING = 1_700_506_800.0  # 2023-11-20 19:00 UTC
KINDS_USED = ("select", "play_start", "progress", "stop", "complete", "rate", "list_add",
              "not_interested", "undo", "impression", "wake")  # fmt: skip


def titles(count: int) -> list[str]:
    """Canonical ids of the demo's first titles."""
    with PackFile(demo_pack_path()) as pack:
        return [pack.title(row).id for row in range(count)]


def evening(seed: int, count: int, *, profile: str = "household") -> list[ViewingEvent]:
    """`count` events, five minutes apart."""
    draw = random.Random(seed)
    ids = titles(40)
    events = []
    for number in range(count):
        kind = draw.choice(KINDS_USED)
        events.append(
            ViewingEvent(
                kind=kind,
                item=draw.choice(ids) if KINDS[kind].needs_item or kind == "impression" else "",
                profile=profile,
                at=MONDAY_EVENING + 300.0 * number,
                watched=draw.random() if kind in ("stop", "complete", "progress") else None,
                rating=draw.uniform(-1, 1) if kind == "rate" else None,
                session=f"s{number // 10}",
                utc_offset_min=60,
            )
        )
    return events


def open_brain(folder: Path, clock: Clock | None = None) -> Brain:
    """On the demo pack, on a clock that stands still, with the same journal id every time."""
    return Brain.open(_made(folder) / "tv", clock=clock or VirtualClock(MONDAY_EVENING), seed=7)


def counted(data_dir: Path) -> dict[tuple[int, int], int]:
    """How many records of each (profile, kind) the journal holds."""
    counts: Counter[tuple[int, int]] = Counter()
    for batch in journal.read_after(data_dir, 0, 0):
        for row in batch.events:
            counts[int(row["profile"]), int(row["kind"])] += 1
    return dict(counts)


def folded(data_dir: Path) -> bytes:
    """The fold of the whole journal."""
    fold = HistoryFold()
    for batch in journal.read_after(data_dir, 0, 0):
        fold.apply(batch.events, batch.added)
    return fold.encode()


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder
