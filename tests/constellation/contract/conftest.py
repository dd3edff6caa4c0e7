"""The back ends that must keep the contract: each is opened on a place, and can be opened there again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tvbrain.constellation.sqlite.aggregate import SqliteAggregate
from tvbrain.constellation.sqlite.ingest import SqliteIngest
from tvbrain.constellation.storage import Inbox, Registry, Shelf, Tally


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of a back end."""

    registry: Registry
    inbox: Inbox
    tally: Tally
    shelf: Shelf
    close: Callable[[], None]


class Place:
    """Where a back end keeps its things."""

    def __init__(self, open_once: Callable[[], Opened]) -> None:
        self._open_once = open_once
        self.now = open_once()

    def reopen(self) -> Opened:
        self.now.close()
        self.now = self._open_once()
        return self.now


def open_sqlite(folder: Path) -> Opened:
    ingest, aggregate = SqliteIngest(folder), SqliteAggregate(folder)

    def close() -> None:
        ingest.close()
        aggregate.close()

    return Opened(ingest, ingest, aggregate, aggregate, close)


@pytest.fixture(params=["sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = Place(lambda: open_sqlite(tmp_path))
    yield place
    place.now.close()


@pytest.fixture
def opened(place: Place) -> Opened:
    return place.now
