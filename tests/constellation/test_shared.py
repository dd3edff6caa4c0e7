"""Several nodes over one PostgreSQL and one NATS: tenants apart, pushes once, whoever is killed."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

pytest.importorskip("psycopg", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.servers import running
from tests.constellation.sets import Server
from tests.constellation.test_exactly_once import copies_across_kills, hold
from tests.scale import scaled
from tvbrain.constellation.drill import kills, nodes, pushes
from tvbrain.constellation.drill.nodes import Shared
from tvbrain.constellation.drill.servers import NatsServer, PostgresServer, created
from tvbrain.constellation.jetstream import SPACING, JetStream
from tvbrain.constellation.postgres.aggregate import PostgresAggregate
from tvbrain.constellation.postgres.database import Database
from tvbrain.constellation.postgres.registry import PostgresRegistry
from tvbrain.constellation.records import Arrival, Device, KnownPack, Published


@pytest.fixture
def address(postgres: str) -> str:
    return created(postgres, f"t{uuid4().hex}")


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
    tmp_path: Path, address: str, nats: str
) -> None:
    shared = Shared(address, nats)
    (body,) = kills.bodies_for(tmp_path, shared, 1)
    words = ("--postgres", address, "--nats", nats)
    copies_across_kills(body, *(Server(tmp_path, *words) for _ in range(2)))
    node = nodes.opened(tmp_path, shared)
    node.drain()
    assert pushes.counted(node) == Counter({0: 1})
    node.close()


def test_whoever_is_killed_every_acknowledged_push_counts_once(tmp_path: Path) -> None:
    """Nodes that take, workers that add, PostgreSQL or one process of it, NATS, and all at once."""
    wanted = scaled(100)
    with running(PostgresServer) as postgres, running(NatsServer) as nats:
        shared = Shared(created(postgres.address, "drill"), nats.url)
        bodies = kills.bodies_for(tmp_path, shared, kills.PUSHES * wanted)
        stage = kills.together(tmp_path, postgres, nats, shared)
        found = kills.drill(stage, bodies, wanted, Random(8), lambda *_: None)
    hold(found, wanted)


def test_a_stream_that_lost_its_end_in_a_power_cut_is_read_from_its_beginning(
    tmp_path: Path,
) -> None:
    def message(*devices: int) -> list[Arrival]:
        names = [device.to_bytes(16, "big") for device in devices]
        return [Arrival("north", name, 7, name * 2, 0, 1, name, name) for name in names]

    with running(NatsServer) as nats:
        stream = JetStream(nats.url)
        stream.append(message(1, 2))
        stream.close()
        nats.kill()
        shutil.copytree(nats.folder, tmp_path / "before")
        nats.start()
        stream = JetStream(nats.url)
        name = stream.name()
        stream.append(message(3))
        stream.append(message(4))
        at = stream.waiting(0, 9)[-1].seq
        assert at == 3 * SPACING
        nats.kill()
        shutil.rmtree(nats.folder)
        shutil.copytree(tmp_path / "before", nats.folder)
        nats.start()
        again = JetStream(nats.url)
        assert again.name() == name
        again.append(message(5))
        assert [one.seq for one in again.waiting(at, 9)] == [
            *(SPACING - 1, SPACING),
            2 * SPACING,
        ]
        again.close()
        stream.close()
