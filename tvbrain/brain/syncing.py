"""A brain and its constellation: the client over the learning plane, and the thread that lets it work."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tvbrain.brain.plane import LearningPlane
from tvbrain.clock import Clock
from tvbrain.errors import TvbrainError
from tvbrain.store import syncing
from tvbrain.sync.client import Client, Stepped
from tvbrain.sync.desk import Desk
from tvbrain.sync.enrolment import enrol
from tvbrain.sync.errors import NoConsentError, NotEnrolledError
from tvbrain.sync.fetching import Fetcher
from tvbrain.sync.transport import HttpTransport, Transport

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """`url` and `tenant` are empty before enrolment. consenting: ids of profiles. release: number of the one in use, 0
    without; refused: releases up to this number were taken back. waiting: things that may be told, by kind; unsent:
    epochs whose push is not acknowledged. trouble: why the last exchange failed, or why there is none any more.
    """

    url: str
    tenant: str
    consenting: tuple[int, ...]
    release: int
    refused: int
    waiting: dict[str, int]
    unsent: tuple[int, ...]
    trouble: str


class Syncing:
    """Any thread may call any method. Raises NotInstalledError when it is imported without the extra `[sync]`."""

    def __init__(
        self,
        plane: LearningPlane,
        data_dir: Path,
        factory: Path,
        clock: Clock,
        *,
        interval: tuple[int, int] = (300, 900),
        connect: Callable[[str], Transport] = HttpTransport,
        log: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._plane, self._dir, self._factory = plane, data_dir, factory
        self._clock, self._connect, self._log = clock, connect, log
        self._mutex = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._client = Client(
            self._desk, connect, clock, interval=interval, fetcher=Fetcher(data_dir, factory)
        )

    @contextmanager
    def _desk(self) -> Iterator[Desk]:
        with self._plane.looking() as learner:
            yield Desk(
                learner.db, self._dir, self._factory, self._plane.facts(), self._plane.publish
            )

    @property
    def enrolled(self) -> bool:
        """Whether this set belongs to a constellation."""
        with self._desk() as desk:
            return syncing.enrolled(desk.db) is not None

    def enrol(self, url: str, tenant: str, token: str) -> None:
        """Make this set one of a tenant's; one that it belonged to is forgotten, but its key stays for the same tenant.

        It tells a fresh key and the token, and even that only where somebody consents: else NoConsentError. Raises
        SyncError, WireError, InvalidArgumentError; nothing has changed then.
        """
        with self._mutex:
            with self._desk() as desk:
                known = syncing.enrolled(desk.db)
                if not desk.consenting():
                    raise NoConsentError("no profile of this set consents to sync")
            same = known is not None and (known.url, known.tenant) == (url, tenant)
            key = known.key if known is not None and same else secrets.token_bytes(KEY_BYTES)
            found = enrol(self._connect(url), url, tenant, token, key)
            with self._desk() as desk, desk.db.atomic():
                if not same:
                    syncing.drop_enrolled(desk.db)
                syncing.set_enrolled(desk.db, found)

    def now(self) -> tuple[str, ...]:
        """Push and pull at once; what was done, in words. NotEnrolledError, SyncError, WireError, FileError."""
        if not self.enrolled:
            raise NotEnrolledError("this set belongs to no constellation: tvbrain sync enrol")
        with self._mutex:
            return self._client.step(hurry=True).did

    def step(self) -> Stepped:
        """What is due by the clock."""
        with self._mutex:
            return self._client.step()

    def status(self) -> SyncStatus:
        """As of now; nothing is asked of the server."""
        with self._desk() as desk:
            state = syncing.enrolled(desk.db)
            return SyncStatus(
                url="" if state is None else state.url,
                tenant="" if state is None else state.tenant,
                consenting=tuple(sorted(desk.consenting())),
                release=0 if state is None else state.applied,
                refused=0 if state is None else state.refused,
                waiting={
                    kind: len(syncing.unsaid(desk.db, kind))
                    for kind in (syncing.PAIR, syncing.ITEM, syncing.PATTERN)
                },
                unsent=tuple(epoch for epoch, _ in syncing.outbox(desk.db)),
                trouble=(state.halted if state is not None else "") or self._client.trouble,
            )

    def start(self) -> None:
        """Do what is due, on a thread, until `close`."""
        self._thread = threading.Thread(target=self._live, name="tvbrain-sync", daemon=True)
        self._thread.start()

    def _live(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            try:
                done = self.step()
            except TvbrainError as error:  # of brain.db: learning says so too
                self._log(f"sync: {error}")
                wait = 3600.0
                continue
            wait = max(1.0, done.wait)
            for text in done.did:
                self._log(f"sync: {text}")

    def close(self) -> None:
        """Waits for a request under way, a few seconds at most. A second call does nothing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
