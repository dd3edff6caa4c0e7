"""One number for everything that was learned."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from tvbrain.store import database, snapshot

FOLDER = "snapshot"


def digest(folder: Path) -> str:
    """SHA-256 over the newest snapshot's bytes and all tables of brain.db, of a directory that nobody has open."""
    total = hashlib.sha256()
    generations = snapshot.generations(folder / FOLDER)
    if generations:
        total.update(snapshot.path_of(folder / FOLDER, generations[-1]).read_bytes())
    connection = sqlite3.connect(folder / database.FILE)
    try:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE '_sqlite_%' ORDER BY name"
        ).fetchall()
        for (table,) in tables:
            rows = sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"')))
            total.update("\n".join([table, *rows, ""]).encode("utf-8"))
    finally:
        connection.close()
    return total.hexdigest()
