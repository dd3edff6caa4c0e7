"""How sets send what they say: signed and sealed pushes over real HTTP, with the mishaps of real lines and clocks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from tvbrain.fleet.lives import FIRST_EPOCH
from tvbrain.fleet.served import TENANT, Served
from tvbrain.fleet.telling import Teller
from tvbrain.store.syncing import Enrolled
from tvbrain.sync.enrolment import enrol
from tvbrain.sync.transport import Answer, HttpTransport
from tvbrain.wire import delta, envelope, keys, limits, seal
from tvbrain.wire.keys import SigningKey
from tvbrain.wire.trust import Trust

MOST_ANSWER = 4_096
TIMEOUT_S = 60.0
"""Longer than a set's: how quick a server is that shares its cores with a fleet is not measured here."""


@dataclass(frozen=True, slots=True)
class Mishaps:
    """Chances a set and week: to fall offline (1 to `longest` weeks), to send a push twice, to have a wrong clock."""

    offline: float = 0.05
    longest: int = 3
    twice: float = 0.1
    wrong_clock: float = 0.02


@dataclass(slots=True)
class Line:
    """What happened on the way: answers by what they say, and the bytes of each push and of each pull."""

    answers: Counter[str] = field(default_factory=Counter)
    bytes: list[int] = field(default_factory=list)
    pulled: list[int] = field(default_factory=list)

    def add(self, other: Line) -> None:
        self.answers += other.answers
        self.bytes += other.bytes
        self.pulled += other.pulled


class Talker:
    """An enrolled set that says what `teller` tells. What it could not send waits, sealed and signed, as on a set."""

    def __init__(
        self,
        served: Served,
        secret: bytes,
        teller: Teller,
        random: np.random.Generator,
        mishaps: Mishaps,
    ) -> None:
        """`secret`: the device's key, 32 bytes. `random` is this set's own, so that what happens to it has no order."""
        self._transport, self._teller = HttpTransport(served.url, TIMEOUT_S), teller
        self._random, self._mishaps = random, mishaps
        self._key: SigningKey = keys.signing_key(secret)
        self._known: Enrolled = enrol(self._transport, served.url, TENANT, served.token, secret)
        self.line = Line()
        self._outbox: list[bytes] = []
        self._offline = 0

    def live(self, week: int) -> None:
        """One week: say something, and send what waits, unless the line is dead."""
        said = self._teller.tell(week)
        if said is not None:
            self._outbox.append(self._push(said, FIRST_EPOCH + week))
            self.line.bytes.append(len(self._outbox[-1]))
        if self._offline:
            self._offline -= 1
        elif self._random.random() < self._mishaps.offline:
            self._offline = int(self._random.integers(1, self._mishaps.longest + 1))
        if self._offline:
            self.line.answers["offline"] += 1
            return
        if said is not None and self._random.random() < self._mishaps.wrong_clock:
            wrong = self._push(said, FIRST_EPOCH + week + int(self._random.integers(5, 500)))
            self.line.answers["wrong clock: " + self._send(wrong)] += 1
        self._random.shuffle(self._outbox)
        for push in self._outbox:
            self.line.answers[self._send(push)] += 1
            if self._random.random() < self._mishaps.twice:
                self.line.answers["again: " + self._send(push)] += 1
        self._outbox.clear()

    def pull(self, now: float) -> None:
        """Asks for the newest release, as a set does. WireError where it is not to be believed."""
        path = f"/v1/tenants/{TENANT}/release"
        answer = self._transport.request("GET", path, most=limits.PULL_BYTES, headers={}, body=None)
        self.line.answers[f"pull: {answer.status}"] += 1
        if answer.status == 200:
            Trust.decode(self._known.trust, TENANT).accepted(answer.body, now)
            self.line.pulled.append(len(answer.body))

    def _push(self, said: delta.Delta, epoch: int) -> bytes:
        sealed = seal.seal(delta.encode(said), self._known.aggregator, TENANT, epoch)
        return envelope.encode(envelope.sign(self._key, TENANT, epoch, 0, sealed))

    def _send(self, push: bytes) -> str:
        answer = self._transport.request(
            "POST",
            "/v1/pushes",
            most=MOST_ANSWER,
            headers={"Content-Type": "application/octet-stream"},
            body=push,
        )
        return _said(answer)


def _said(answer: Answer) -> str:
    """The status, and whether the push was new."""
    if answer.status != 202:
        return str(answer.status)
    return f"202 {json.loads(answer.body)['kept']}"
