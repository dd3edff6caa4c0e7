"""Where a simulated life's files lie."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 512 << 20
"""Bytes that must be free there: several times what a life of decades leaves."""


def in_memory(folder: Path = MEMORY, room: int = ROOM) -> Path | None:
    """A file system in memory, where a sync takes no time; None where there is none with that much room.

    A life syncs some hundred times a day, and no power is cut but in the simulation.
    """
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return None
    return folder if shutil.disk_usage(folder).free >= room else None
