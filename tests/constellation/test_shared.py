"""Several nodes over one PostgreSQL and one NATS: tenants apart, pushes once, whoever is killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

pytest.importorskip("psycopg", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.servers import NatsServer, created
from tests.constellation.sets import Server
from tests.constellation.test_exactly_once import Load, counted, signed_pushes
from tests.scale import scaled
from tvbrain.constellation.back_ends import open_shared
from tvbrain.constellation.node import Node
from tvbrain.constellation.postgres.aggregate import PostgresAggregate
from tvbrain.constellation.postgres.database import Database
from tvbrain.constellation.postgres.registry import PostgresRegistry
from tvbrain.constellation.records import Device, KnownPack, Published


@pytest.fixture
def address(postgres: str) -> str:
    return created(postgres, f"t{uuid4().hex}")


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    yield server
    server.kill()


def test_rows_of_other_tenants_do_not_exist(address: str) -> None:
    database = Database(address)
    registry, aggregate = PostgresRegistry(database), PostgresAggregate(database)
    for tenant in ("north", "south"):
        registry.add_tenant(tenant)
        registry.add_devices([Device(tenant.encode().ljust(16), tenant, bytes(32))])
        registry.add_enrolment_token(tenant.encode(), tenant, expires=9, uses=1)
        registry.add_operator_token(tenant.encode(), tenant, expires=9)
        aggregate.add_pack(tenant, KnownPack(bytes(32), 7, bytes(32)))
        aggregate.append(tenant, "root", 1, b"root")
        aggregate.publish(Published(tenant, 1, bytes(32), 1, 1), {})
    tables = ("device", "enrolment", "operator", "pack", "document", "release")
    for tenants, expected in (((), set()), (("north",), {"north"})):
        with database.transaction(*tenants) as db:
            for table in tables:
                rows = db.execute(f"SELECT tenant FROM {table}").fetchall()
                assert {tenant for (tenant,) in rows} == expected, table
            for table in tables:
                changed = db.execute(f"DELETE FROM {table} WHERE tenant = 'south'")
                assert changed.rowcount == 0, table
    with database.transaction("south") as db:
        assert db.execute("SELECT count(*) FROM device").fetchone() == (1,)
    database.close()


def test_copies_sent_to_two_nodes_at_once_count_once(
    tmp_path: Path, address: str, stream: NatsServer
) -> None:
    def opening() -> Node:
        return Node(tmp_path, back_end=open_shared(address, stream.url))

    (body,) = signed_pushes(opening, 1)
    words = ("--postgres", address, "--nats", stream.url)
    servers = [Server(tmp_path, *words) for _ in range(2)]
    load = Load([body] * 1000, *servers)

    def interrupt(load: Load) -> None:
        for which, answers in enumerate((1, 300, 700)):
            load.wait_for(answers)
            load.killed(which % 2)

    load.run(interrupt)
    for server in servers:
        assert server.stop() == 0
    assert load.answers["new"] <= 1
    assert load.answers.total() == 1000
    assert counted(opening) == 1


def test_whoever_is_killed_every_acknowledged_push_counts_once(
    tmp_path: Path, address: str, stream: NatsServer
) -> None:
    """Nodes with their workers, and the stream's server."""

    def opening() -> Node:
        return Node(tmp_path, back_end=open_shared(address, stream.url))

    kills, random = scaled(50), Random(8)
    bodies = signed_pushes(opening, 40 * kills)
    words = ("--postgres", address, "--nats", stream.url)
    servers = [Server(tmp_path, *words) for _ in range(2)]
    load = Load(bodies, *servers)
    happened = 0

    def interrupt(load: Load) -> None:
        nonlocal happened
        answers = 0
        for _ in range(kills):
            answers += random.randrange(1, 70)
            if not load.wait_for(answers):
                return
            whom = random.choice(("node", "nats"))
            if whom == "node":
                load.killed(random.randrange(2))
            else:
                stream.kill()
                stream.start()
            happened += 1

    load.run(interrupt)
    for server in servers:
        assert server.stop() == 0
    assert happened >= kills // 2
    assert load.answers.total() == len(bodies)
    assert counted(opening) == len(bodies)
