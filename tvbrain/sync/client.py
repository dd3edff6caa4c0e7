"""One set's side of the constellation, a step at a time: what is due is done, and the answer is how long to wait.

The learner is held still only to read and to write (`Opened`), never while a server is waited for. Every failure is
counted and waited out; nothing that waits to be told is lost by it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tvbrain.clock import Clock
from tvbrain.errors import FileError
from tvbrain.store import syncing
from tvbrain.store.syncing import Enrolled
from tvbrain.sync import contents, pulling
from tvbrain.sync.collect import collect
from tvbrain.sync.desk import Desk, Opened, release_of
from tvbrain.sync.errors import SyncError
from tvbrain.sync.fetching import Fetcher
from tvbrain.sync.patience import Patience
from tvbrain.sync.pulling import RefusedError
from tvbrain.sync.transport import Answer, Transport
from tvbrain.wire import delta, envelope, keys, limits, seal
from tvbrain.wire.errors import WireError

IDLE_S = 3600.0
"""How often it is looked whether somebody consents now, or the set was enrolled."""
MOST_ANSWER = 4096
REFUSED = frozenset({400, 409, 413, 422})
"""This push will never be taken."""
NOT_WELCOME = frozenset({401, 403})
"""No push of this set will be."""
BYTES = {"Content-Type": "application/octet-stream"}


@dataclass(frozen=True, slots=True)
class Stepped:
    """`wait`: seconds until there may be something to do. `did`: in words, what was done."""

    wait: float
    did: tuple[str, ...] = ()


class Client:
    """One thread at a time. `connect` opens nothing: it makes a transport for a URL."""

    def __init__(
        self,
        opened: Opened,
        connect: Callable[[str], Transport],
        clock: Clock,
        *,
        interval: tuple[int, int] = (300, 900),
        draw: Callable[[], float] = random.random,
        noise: np.random.Generator | None = None,
        fetcher: Fetcher | None = None,
    ) -> None:
        """`interval`: seconds between two polls. `draw`: numbers from 0 to 1, for what is left to chance; `noise`
        rounds residuals.
        """
        self._opened, self._connect, self._clock = opened, connect, clock
        self._draw, self._noise = draw, noise or np.random.default_rng()
        self._fetcher = fetcher
        self._patience = Patience(interval, draw)
        self._due = clock.monotonic() + self._patience.first()
        self._ahead = 0.0
        """Seconds that the server's clock is ahead of ours."""
        self.trouble = ""
        """Why the last step failed, empty if it did not."""

    def step(self, *, hurry: bool = False) -> Stepped:
        """Do what is due; with `hurry` all of it now, and raise what would only be counted."""
        with self._opened() as desk:
            state = self._look(desk)
        if state is None:
            return Stepped(IDLE_S)
        wait = self._due - self._clock.monotonic()
        if wait > 0 and not hurry:
            return Stepped(wait)
        did: list[str] = []
        try:
            self._exchange(state, did, hurry)
        except (SyncError, WireError, FileError) as error:
            self.trouble = str(error)
            asked = getattr(error, "retry_after", 0.0)
            self._wait(self._patience.after_failure(asked))
            if hurry:
                raise
        else:
            self.trouble = ""
            self._wait(self._patience.after_success())
        return Stepped(max(0.0, self._due - self._clock.monotonic()), tuple(did))

    def _wait(self, seconds: float) -> None:
        self._due = self._clock.monotonic() + seconds

    def _look(self, desk: Desk) -> Enrolled | None:
        """The gate: None where nobody consents or nothing is to be asked, and then no byte leaves."""
        state = syncing.enrolled(desk.db)
        agreed = desk.consenting()
        if state is None:
            return None
        with desk.db.atomic():
            collect(desk.db, agreed, round(self._clock.now() * 1000))
        return state if agreed and not state.halted else None

    def _exchange(self, state: Enrolled, did: list[str], hurry: bool) -> None:
        transport = self._connect(state.url)
        if not self._patience.open:
            self._push_due(state, transport, did, hurry)
        with self._opened() as desk:
            found = self._look(desk)  # a push may have told that this set is not welcome
        if found is None:
            return
        answer = pulling.ask(transport, found)
        self._follow_date(answer)
        got = pulling.believed(transport, found, answer, self._clock.now())
        if got is None:
            did.append("nothing newer")
        else:
            with self._opened() as desk:
                desk.put_to_use(*got, round(self._clock.now() * 1000))
            did.append(f"release {got[2].number}")
        self._fetch_packs(transport, did)
        with self._opened() as desk:
            known = syncing.enrolled(desk.db)
            now_ms = round(self._clock.now() * 1000)
            if known is not None and desk.review(known, now_ms) is not None:
                did.append(f"took release {known.applied} back")

    def _fetch_packs(self, transport: Transport, did: list[str]) -> None:
        """What the release in use names and this set does not have, be it the first time or after a break."""
        with self._opened() as desk:
            known = syncing.enrolled(desk.db)
        if self._fetcher is None or known is None or known.pull is None or not known.applied:
            return
        installed = self._fetcher.fetch(transport, self._opened, release_of(known.pull))
        if installed:
            did += installed
            with self._opened() as desk:
                desk.apply_again(known)

    def _push_due(self, state: Enrolled, transport: Transport, did: list[str], hurry: bool) -> None:
        with self._opened() as desk:
            self._make_push(desk, state, hurry)
            waiting = syncing.outbox(desk.db)
        for epoch, body in waiting:
            answer = transport.request(
                "POST", "/v1/pushes", most=MOST_ANSWER, headers=BYTES, body=body
            )
            self._follow_date(answer)
            if answer.status in NOT_WELCOME:
                self._halt(f"a push was refused with status {answer.status}")
            elif answer.status not in (202, *REFUSED):
                raise RefusedError("a push is not taken now", answer)
            with self._opened() as desk, desk.db.atomic():
                syncing.settle(desk.db, epoch)
            did.append(f"pushed epoch {epoch}: status {answer.status}")
            if answer.status in NOT_WELCOME:
                return

    def _make_push(self, desk: Desk, state: Enrolled, hurry: bool) -> None:
        """Once an epoch, from this set's place in its slot on; sealed and signed once: it is sent again as it is."""
        now = self._clock.now() + self._ahead
        epoch, since = divmod(now, state.epoch_s)
        device = keys.device_of(keys.public_of(keys.signing_key(state.key)))
        if since < push_moment(device, state.slot, state.slot_s) and not hurry:
            return
        number = int(epoch)
        if not 0 <= number <= limits.NUMBER or syncing.was_made(desk.db, number):
            return
        with desk.db.atomic():
            told = contents.choose(desk.db, desk.base(), desk.facts, self._noise)
            body = None if told is None else self._sealed(told.delta, state, number)
            if body is not None or not hurry:
                syncing.put_out(desk.db, number, body, round(now * 1000))
            if told is not None:
                syncing.take(desk.db, told.gone)
                for one in told.kept:
                    syncing.set_unsaid(desk.db, one)

    def _sealed(self, told: delta.Delta, state: Enrolled, epoch: int) -> bytes:
        sealed = seal.seal(delta.encode(told), state.aggregator, state.tenant, epoch)
        key = keys.signing_key(state.key)
        return envelope.encode(envelope.sign(key, state.tenant, epoch, state.applied, sealed))

    def _halt(self, why: str) -> None:
        with self._opened() as desk, desk.db.atomic():
            known = syncing.enrolled(desk.db)
            if known is not None:
                syncing.set_enrolled(desk.db, replace(known, halted=why))

    def _follow_date(self, answer: Answer) -> None:
        """Epochs are the server's: a set without a clock battery learns them so. Trust does not look at this."""
        if answer.date is not None:
            self._ahead = answer.date - self._clock.now()


def push_moment(device: bytes, slot: float, slot_s: float) -> float:
    """From when on in an epoch (s) this set pushes: at the place in its slot that follows from its name."""
    return slot + int.from_bytes(device[8:], "big") / 2**64 * slot_s
