"""A node whose sums are filled as if sets had spoken, on a clock of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tvbrain.clock import VirtualClock
from tvbrain.constellation.node import Node
from tvbrain.constellation.records import BUCKETS, Cell, Dense, Increments, cell_of, epoch_at
from tvbrain.pack import demo_pack_path
from tvbrain.wire.delta import PACK_NAME
from tvbrain.wire.release import Release
from tvbrain.wire.trust import Trust

TENANT = "north"
CLUSTERS, TITLES = 4, 30
"""Sets watch the titles of one cluster, one after the other."""


class House:
    """A node whose sums are filled as if `sets` sets had spoken."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, VirtualClock()
        self.node = Node(folder, self.clock)
        self.node.add_tenant(TENANT)
        self.base = self.node.add_pack(TENANT, demo_pack_path())
        self.stream, self.seq = self.node.inbox.stream(), 0

    def reopen(self) -> None:
        """As a restart of its process."""
        self.node.close()
        self.node = Node(self.folder, self.clock)

    def say(self, *increments: Cell | Dense) -> None:
        self.seq += 1
        cells = [one for one in increments if isinstance(one, Cell)]
        dense = [one for one in increments if isinstance(one, Dense)]
        self.node.aggregate.add(self.stream, self.seq - 1, self.seq, Increments(cells, dense))

    def live(self, sets: int, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        epoch = epoch_at(self.clock.now())
        said = []
        for bucket in random.permutation(BUCKETS)[:sets]:
            cluster = int(bucket) % CLUSTERS
            watched = cluster * TITLES + random.permutation(TITLES)[:12]
            names = np.concatenate([cell_of(watched[:-1], watched[1:]), cell_of(watched, watched)])
            ones = np.full(len(names), 100, np.int64)
            name = self.base[:PACK_NAME]
            said.append(Cell(TENANT, name, int(bucket), epoch, names, ones, 100))
        self.say(*said)

    def pull(self) -> bytes:
        return self.node.publisher.pulled(TENANT)[1]

    def trust(self) -> Trust:
        return Trust.pinned(self.node.publisher.root(TENANT), TENANT)

    def accept(self) -> Release:
        return self.trust().accepted(self.pull(), self.clock.now())[1]
