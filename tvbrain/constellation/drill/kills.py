"""kill -9 of ingest, workers, PostgreSQL and NATS at random moments of a load; then every push must count once.

Over SQLite there is one process with both halves. Over PostgreSQL and NATS there are two that take pushes, two that
add, the servers, and sometimes all of them are killed at once, or one process of PostgreSQL alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import uuid4

from tvbrain.constellation.drill import nodes, pushes
from tvbrain.constellation.drill.load import Load
from tvbrain.constellation.drill.nodes import Process, Shared
from tvbrain.constellation.drill.servers import NatsServer, PostgresServer, created, free_port
from tvbrain.constellation.node import Node
from tvbrain.pack import demo_pack_path

SQLITE, POSTGRES = "sqlite", "postgres"
PUSHES = 40
"""Of each kill."""
GAP = 70
"""A kill comes after 1 to so many more acknowledgements."""


_Victim = Process | PostgresServer | NatsServer


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs: where pushes are sent, who can be killed (each by a call that returns when it is back), and what
    opens a node to look at the sums when the processes have ended."""

    ports: list[int]
    victims: Mapping[str, Callable[[Random], None]]
    stop: Callable[[], None]
    look: Callable[[], Node]


@dataclass(slots=True)
class Found:
    """`wrong`: pushes that are not in the sums exactly once, and how often they are."""

    pushes: int
    kills: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    wrong: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0


def drill(
    stage: Stage, bodies: list[bytes], kills: int, random: Random, step: Callable[[int, int], None]
) -> Found:
    """Sends `bodies` (of `pushes.telling`) while victims are killed, and counts. Stops the stage's processes."""
    load, found = Load(bodies, stage.ports), Found(len(bodies))
    begun = time.monotonic()

    def interrupt(load: Load) -> None:
        answers = 0
        for killed in range(kills):
            step(killed, kills)
            answers += random.randrange(1, GAP)
            if not load.wait_for(answers):
                return
            whom = random.choice(list(stage.victims))
            stage.victims[whom](random)
            found.kills[whom] += 1
        step(kills, kills)

    load.run(interrupt)
    stage.stop()
    node = stage.look()
    try:
        node.drain()
        found.wrong = pushes.not_once(node, bodies)
    finally:
        node.close()
    found.answers, found.unanswered = load.answers, load.lost
    found.seconds = time.monotonic() - begun
    return found


def bodies_for(folder: Path, shared: Shared | None, count: int) -> list[bytes]:
    """Signed for a constellation that is made in `folder`."""
    node = nodes.opened(folder, shared)
    try:
        node.add_tenant(pushes.TENANT)
        pack = node.add_pack(pushes.TENANT, demo_pack_path())
        return pushes.signed(node, count, lambda n: pushes.telling(pack, n), lambda *_: None)
    finally:
        node.close()


def alone(folder: Path) -> Stage:
    """One process over SQLite."""
    port = free_port()
    process = Process(nodes.ingest, folder, None, port)
    return Stage(
        [port],
        {"node": lambda _: _again(process)},
        lambda: _ended(process),
        lambda: nodes.opened(folder, None),
    )


@contextmanager
def servers(where: Path | None = None) -> Iterator[tuple[PostgresServer, NatsServer, Shared]]:
    """Both, and where nodes find them."""
    with ExitStack() as stack:
        postgres = PostgresServer(where)
        stack.callback(postgres.close)
        nats = NatsServer(where)
        stack.callback(nats.close)
        address = created(postgres.address, f"t{uuid4().hex}")
        yield postgres, nats, Shared(address, nats.url)


def together(folder: Path, postgres: PostgresServer, nats: NatsServer, shared: Shared) -> Stage:
    """Two processes that take pushes and two that add, over both servers."""
    ports = [free_port() for _ in range(2)]
    takers = [Process(nodes.ingest, folder, shared, port) for port in ports]
    adders = [Process(nodes.worker, folder, shared) for _ in range(2)]

    def everything(random: Random) -> None:
        alive: list[_Victim] = [*takers, *adders, nats, postgres]
        random.shuffle(alive)
        for one in alive:
            one.kill()
        for server in (postgres, nats):
            server.start()
        for process in (*takers, *adders):
            process.start()

    return Stage(
        ports,
        {
            "ingest": lambda random: _again(random.choice(takers)),
            "worker": lambda random: _again(random.choice(adders)),
            "nats": lambda _: _again(nats),
            "postgres": lambda _: _again(postgres),
            "postgres process": lambda random: postgres.kill_child(random.randrange(64)),
            "everything": everything,
        },
        lambda: _ended(*takers, *adders),
        lambda: nodes.opened(folder, shared),
    )


def _again(victim: _Victim) -> None:
    victim.kill()
    victim.start()


def _ended(*processes: Process) -> None:
    for process in processes:
        process.stop()
