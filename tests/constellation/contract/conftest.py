"""The back ends that must keep the contract: each is opened on a place, and can be opened there again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tvbrain.constellation.back_ends import BackEnd, open_shared, open_sqlite
from tvbrain.constellation.drill.servers import created
from tvbrain.constellation.storage import Inbox, Registry, Shelf, Tally


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of a back end."""

    registry: Registry
    inbox: Inbox
    tally: Tally
    shelf: Shelf
    close: Callable[[], None]

    @classmethod
    def of(cls, end: BackEnd) -> Opened:
        return cls(end.registry, end.inbox, end.aggregate, end.aggregate, end.close)


class Place:
    """Where a back end keeps its things."""

    def __init__(self, open_once: Callable[[], Opened]) -> None:
        self._open_once = open_once
        self.now = open_once()

    def reopen(self) -> Opened:
        self.now.close()
        self.now = self._open_once()
        return self.now


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        place = Place(lambda: Opened.of(open_sqlite(tmp_path)))
    else:
        pytest.importorskip("psycopg", reason="needs pip install -e '.[constellation]'")
        name = f"t{uuid4().hex}"
        address = request.getfixturevalue("postgres")
        url = request.getfixturevalue("nats")
        place = Place(lambda: Opened.of(open_shared(created(address, name), url, name)))
    yield place
    place.now.close()


@pytest.fixture
def opened(place: Place) -> Opened:
    return place.now
