"""Every acknowledged push is counted once: whatever is sent twice, at once, and whenever the process is killed.

How often a push was counted shows in a sum that has no cap: each adds one daypart count with a weight of its own.
The full number of kills is 500: TVBRAIN_TEST_SCALE=10 python -m pytest tests/constellation/test_exactly_once.py
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import count
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.sets import TENANT, Client, Server
from tests.constellation.test_service import PACK, SHA256
from tests.scale import scaled
from tvbrain.constellation import staleness
from tvbrain.constellation.node import Node
from tvbrain.constellation.records import ACCEPTED_EPOCHS, Device, epoch_at
from tvbrain.wire import delta, envelope, keys, seal
from tvbrain.wire.delta import Delta

SENDERS = 8


Opening = Callable[[], Node]


def signed_pushes(opening: Opening, many: int) -> list[bytes]:
    """Each its own (device, epoch) and says its own item; the devices are enrolled without HTTP."""
    node = opening()
    node.add_tenant(TENANT)
    node.add_pack(TENANT, PACK)
    now = epoch_at(node.clock.now())
    bodies: list[bytes] = []
    devices: list[Device] = []
    while len(bodies) < many:
        key = keys.new_signing_key()
        public = keys.public_of(key)
        device = Device(keys.device_of(public), TENANT, public)
        devices.append(device)
        for epoch in range(now - ACCEPTED_EPOCHS + 1, now + 1):
            said = Delta(
                pack=SHA256.digest()[:16],
                items=((len(bodies) % 700, 1),),
                dayparts=(1, 0, 0, 0, 0, 0, 0, 0),
            )
            sealed = seal.seal(delta.encode(said), node.aggregator_key, TENANT, epoch)
            bodies.append(envelope.encode(envelope.sign(key, TENANT, epoch, 0, sealed)))
    node.registry.add_devices(devices)
    node.close()
    return bodies[:many]


def counted(opening: Opening) -> int:
    """How many times anything was counted, when all that waits has been."""
    node = opening()
    node.drain()
    weight = sum(found.weight for found in node.aggregate.dense(TENANT, "daypart"))
    node.close()
    return weight // staleness.ONE


class Load:
    """Senders that send each of `bodies` until it is acknowledged, while the server comes and goes."""

    def __init__(self, bodies: Sequence[bytes], *servers: Server) -> None:
        self._servers, self._bodies = servers, bodies
        self._lock = threading.Lock()
        self._acknowledged = threading.Condition(self._lock)
        self._up = threading.Event()
        self._up.set()
        self._next = 0
        self.answers: Counter[str] = Counter()
        self.lost = 0

    def run(self, interrupt: Callable[[Load], None]) -> None:
        with ThreadPoolExecutor(SENDERS) as pool:
            senders = [pool.submit(self._send) for _ in range(SENDERS)]
            interrupt(self)
            for sender in senders:
                sender.result()

    def wait_for(self, answers: int) -> bool:
        """Until there are so many; False if all are there already."""
        with self._acknowledged:
            if sum(self.answers.values()) >= len(self._bodies):
                return False
            most = min(answers, len(self._bodies))
            self._acknowledged.wait_for(lambda: sum(self.answers.values()) >= most)
            return True

    def killed(self, which: int = 0) -> None:
        """The process is killed and another begins."""
        self._up.clear()
        self._servers[which].kill()
        self._servers[which].start()
        self._up.set()

    def _send(self) -> None:
        while True:
            with self._lock:
                at, self._next = self._next, self._next + 1
            if at >= len(self._bodies):
                return
            kept = self._until_acknowledged(self._bodies[at], at)
            with self._acknowledged:
                self.answers[kept] += 1
                self._acknowledged.notify_all()

    def _until_acknowledged(self, body: bytes, at: int) -> str:
        for attempt in count(at):  # each attempt asks the next node
            self._up.wait()
            client = Client(self._servers[attempt % len(self._servers)].port)
            try:
                answer = client.ask("POST", "/v1/pushes", body)
            except (HTTPException, OSError):
                with self._lock:
                    self.lost += 1
                continue
            finally:
                client.close()
            if answer.status == 503:
                with self._lock:
                    self.lost += 1
                continue
            assert answer.status == 202, answer.body
            kept: str = answer.json()["kept"]
            return kept
        raise AssertionError("count() ends")


def test_a_thousand_copies_at_once_and_across_kills_count_once(tmp_path: Path) -> None:
    (body,) = signed_pushes(lambda: Node(tmp_path), 1)
    server = Server(tmp_path)
    load = Load([body] * 1000, server)

    def interrupt(load: Load) -> None:
        for answers in (1, 300, 700):
            load.wait_for(answers)
            load.killed()

    load.run(interrupt)
    assert server.stop() == 0
    assert load.answers["new"] <= 1
    assert load.answers.total() == 1000
    assert counted(lambda: Node(tmp_path)) == 1


def test_whenever_it_is_killed_every_acknowledged_push_counts_once(tmp_path: Path) -> None:
    kills, random = scaled(50), Random(6)
    bodies = signed_pushes(lambda: Node(tmp_path), 40 * kills)
    server = Server(tmp_path)
    load = Load(bodies, server)
    happened = 0

    def interrupt(load: Load) -> None:
        nonlocal happened
        answers = 0
        for _ in range(kills):
            answers += random.randrange(1, 70)
            if not load.wait_for(answers):
                return
            load.killed()
            happened += 1

    load.run(interrupt)
    assert server.stop() == 0
    assert happened >= kills // 2
    assert load.lost > 0
    assert load.answers.total() == len(bodies)
    assert counted(lambda: Node(tmp_path)) == len(bodies)
