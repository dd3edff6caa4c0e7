"""Backups of brain.db, each whole in itself: `backups/NUMBER-CREATED.db`, made by VACUUM INTO; two are kept."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tvbrain.sqlite import Database, causes_named

FOLDER = "backups"
KEPT = 2
MONTH = 30.4375 * 86_400.0
_NAME = re.compile(r"([0-9a-f]{8})-([0-9]{12})\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """`created`: seconds since the epoch, by the clock of then."""

    path: Path
    number: int
    created: float


def kept(data_dir: Path) -> list[Backup]:
    """Ascending by number."""
    folder = data_dir / FOLDER
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _NAME.fullmatch(path.name)
        if match is not None:
            found.append(Backup(path, int(match[1], 16), float(match[2])))
    return sorted(found, key=lambda one: one.number)


def is_due(data_dir: Path, now: float) -> bool:
    """At most monthly. One that a wrong clock dated into the future does not hold up the next."""
    found = kept(data_dir)
    return not found or not found[-1].created <= now < found[-1].created + MONTH


def make(db: Database, data_dir: Path, now: float, *, keep: int = KEPT) -> Path:
    """A backup of what is committed, durable on return; of all `keep` stay."""
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    remove_unfinished(data_dir)
    older = kept(data_dir)
    number = older[-1].number + 1 if older else 1
    path = folder / f"{number:08x}-{max(round(now), 0):012d}.db"
    unfinished = path.with_suffix(".tmp")
    with causes_named(path):
        db.execute("VACUUM INTO ?", [str(unfinished)])
    sync(unfinished)
    unfinished.rename(path)
    sync(folder)
    for one in kept(data_dir)[:-keep]:
        one.path.unlink()
    sync(folder)
    return path


def remove_unfinished(data_dir: Path) -> None:
    """What a power cut left of one that was being made."""
    for path in (data_dir / FOLDER).glob("*.tmp*"):
        path.unlink()


def sync(path: Path) -> None:
    """A file or a folder is on the storage device when this returns."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
