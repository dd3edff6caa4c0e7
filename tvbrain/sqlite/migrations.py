"""Tables as a sequence of named steps, each applied once, in one transaction with its record.

The records are those that sqlite-utils kept in earlier databases (docs/formats.md, "brain.db").
"""

from __future__ import annotations

from collections.abc import Callable

from tvbrain.sqlite.database import Database

Step = Callable[[Database], None]

_TABLES = (
    "CREATE TABLE IF NOT EXISTS _sqlite_migrations"
    " (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
    "CREATE UNIQUE INDEX IF NOT EXISTS idx__sqlite_migrations_migration_set_name"
    " ON _sqlite_migrations (migration_set, name)",
)
_APPLIED = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"
_RECORD = (
    "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
    " VALUES (?, ?, strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))"
)


class Migrations:
    """The steps of one set of tables, in the order in which they were written down."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._steps: dict[str, Step] = {}

    def __call__(self, *, name: str) -> Callable[[Step], Step]:
        """Add a step. A name is taken once; ValueError."""

        def added(step: Step) -> Step:
            if name in self._steps:
                raise ValueError(f"{self._name}: two steps are named {name}")
            self._steps[name] = step
            return step

        return added

    def apply(self, db: Database) -> None:
        """Every step that this database has not had. What a step raises undoes that step alone."""
        with db.atomic():
            for table in _TABLES:
                db.execute(table)
        for name in self.pending(db):
            with db.atomic():
                self._steps[name](db)
                db.execute(_RECORD, [self._name, name])

    def pending(self, db: Database) -> list[str]:
        """Names of the steps that a database, to which some were applied, has not had."""
        applied = {name for (name,) in db.execute(_APPLIED, [self._name])}
        return [name for name in self._steps if name not in applied]
