"""Transactions committed together: a commit that makes the log longer costs the file system blocks of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tvbrain.errors import TvbrainError
from tvbrain.sqlite import Database, causes_named


class Together:
    """The transactions of one connection. Inside `hold` they are committed at its end, or by `settle`; each is still
    done as a whole or not at all. One thread at a time. Errors are those of brain.db.
    """

    def __init__(self, db: Database, path: Path) -> None:
        self._db, self._path = db, path
        self._holding = self._begun = False
        self.lost = 0
        """How often what was held was rolled back: by a commit that failed, or by SQLite after an error."""

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Not to be nested."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
            self.settle()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside, or none of it; may be nested."""
        with self.around(), self._db.atomic():
            yield

    @contextmanager
    def around(self) -> Iterator[None]:
        """For what has transactions of its own: inside `hold` they are held too."""
        with causes_named(self._path):
            if self._holding and not self._begun:
                self._db.execute("BEGIN")
                self._begun = True
            try:
                yield
            finally:
                self._notice_loss()

    def _notice_loss(self) -> None:
        """Some errors, such as a full disk, let SQLite roll back more than the statement."""
        if self._begun and not self._db.in_transaction:
            self._begun = False
            self.lost += 1

    def settle(self) -> None:
        """What was written so far is committed, and durable."""
        if not self._begun:
            return
        try:
            with causes_named(self._path):
                self._db.execute("COMMIT")
        except TvbrainError:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self.lost += 1
            raise
        finally:
            self._begun = False
