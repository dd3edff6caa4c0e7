"""Every acknowledged push is counted once: whatever is sent twice, at once, and whenever the process is killed.

How often a push was counted shows in a sum of its own that has no cap. `tvbrain drill constellation` does the same with
500 kills.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.sets import Server
from tests.scale import scaled
from tvbrain.constellation.drill import kills, nodes, pushes
from tvbrain.constellation.drill.load import Load
from tvbrain.constellation.node import Node
from tvbrain.constellation.records import Increments

COPIES = 1000


def copies_across_kills(body: bytes, *servers: Server) -> Load:
    """What became of copies of a push that are sent while the servers are killed in turn."""
    load = Load([body] * COPIES, [server.port for server in servers])

    def interrupt(load: Load) -> None:
        for turn, answers in enumerate((1, 300, 700)):
            load.wait_for(answers)
            servers[turn % len(servers)].kill()
            servers[turn % len(servers)].start()

    load.run(interrupt)
    for server in servers:
        assert server.stop() == 0
    assert load.answers["new"] <= 1
    assert load.answers.total() == COPIES
    return load


def hold(found: kills.Found, wanted: int) -> None:
    """That the kills happened in the middle of the load, and everything counts once."""
    assert found.kills.total() >= wanted // 2
    assert found.unanswered > 0
    assert found.answers.total() == found.pushes
    assert found.wrong == {}


def test_a_thousand_copies_at_once_and_across_kills_count_once(tmp_path: Path) -> None:
    (body,) = kills.bodies_for(tmp_path, None, 1)
    copies_across_kills(body, Server(tmp_path))
    node = nodes.opened(tmp_path, None)
    node.drain()
    assert pushes.counted(node) == Counter({0: 1})
    node.close()


def test_whenever_it_is_killed_every_acknowledged_push_counts_once(tmp_path: Path) -> None:
    wanted = scaled(100)
    bodies = kills.bodies_for(tmp_path, None, kills.PUSHES * wanted)
    hold(kills.drill(kills.alone(tmp_path), bodies, wanted, Random(6), lambda *_: None), wanted)


def test_a_push_that_is_lost_and_one_that_is_doubled_do_not_make_up_for_each_other(
    tmp_path: Path,
) -> None:
    """The drill itself must be able to fail."""
    bodies = kills.bodies_for(tmp_path, None, 3)
    stage = kills.alone(tmp_path)

    def sums_without_the_first_and_with_the_second_twice() -> Node:
        node = nodes.opened(tmp_path, None)
        node.drain()
        position = node.aggregate.position(node.inbox.stream())
        first, second, _ = sorted(
            node.aggregate.dense(pushes.TENANT, "blender"), key=lambda dense: dense.key
        )
        undone = replace(first, weight=-first.weight, total=-first.total)
        node.aggregate.add(
            node.inbox.stream(), position, position + 1, Increments(dense=[undone, second])
        )
        return node

    other = replace(stage, look=sums_without_the_first_and_with_the_second_twice)
    found = kills.drill(other, bodies, 0, Random(1), lambda *_: None)
    assert found.wrong == {0: 0, 1: 2}
