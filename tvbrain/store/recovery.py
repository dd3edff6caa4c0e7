"""A sound backup in the place of a database that is damaged or missing."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from tvbrain.errors import CorruptFileError, NewerFormatError
from tvbrain.sqlite import causes_named
from tvbrain.store import backups, consumption, database, erased
from tvbrain.store.backups import Backup


def restore(data_dir: Path) -> Backup | None:
    """Put the newest backup that can be used in the place of brain.db, which is not there; durable on return.

    One of before a complete erasure knows what is forgotten: it is passed over. None: there is no backup to be used.
    """
    least = erased.complete_epoch(data_dir)
    for backup in reversed(backups.kept(data_dir)):
        unfinished = data_dir / f"{database.FILE}.tmp"
        shutil.copyfile(backup.path, unfinished)
        if _is_usable(unfinished, least):
            backups.sync(unfinished)
            unfinished.rename(data_dir / database.FILE)
            backups.sync(data_dir)
            return backup
        database.remove(unfinished)
    return None


def _is_usable(path: Path, least_epoch: int) -> bool:
    try:
        db = database.open_database(path)
    except (CorruptFileError, NewerFormatError):
        return False
    try:
        with causes_named(path):
            epoch = consumption.position(db).erasure_epoch
            database.checkpoint(db)
    except (CorruptFileError, sqlite3.Error):
        return False
    finally:
        db.close()
    return epoch >= least_epoch
