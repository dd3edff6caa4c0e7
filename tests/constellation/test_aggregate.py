"""The worker that adds: once, whoever else is at it, and not what it cannot read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="needs the extra: pip install -e '.[constellation]'")

from tvbrain.constellation.aggregate import Aggregator
from tvbrain.constellation.records import KnownPack, Waiting
from tvbrain.constellation.sqlite.aggregate import SqliteAggregate
from tvbrain.constellation.staleness import ONE
from tvbrain.wire import delta, seal
from tvbrain.wire.delta import PACK_NAME, Delta

PACK = KnownPack(b"p" * 32, rows=10, rows_of=b"p" * 32)
KEY = seal.new_opening_key()


class Stream:
    """An inbox of which only the stream matters."""

    def __init__(self, entries: Sequence[Waiting]) -> None:
        self.entries = list(entries)

    def stream(self) -> bytes:
        return b"s" * 16

    def waiting(self, after: int, most: int) -> list[Waiting]:
        return [entry for entry in self.entries if entry.seq > after][:most]

    def trim(self, up_to: int) -> None:
        pass


def entry(seq: int, once: int, row: int = 1, pack: bytes = PACK.sha256, base: int = 0) -> Waiting:
    said = Delta(pack=pack[:PACK_NAME], items=((row, 1),), dayparts=(1, 0, 0, 0, 0, 0, 0, 0))
    public = KEY.public_key().public_bytes_raw()
    sealed = seal.seal(delta.encode(said), public, "north", 7)
    return Waiting(seq, "north", 7, base, 1, once.to_bytes(16, "big"), sealed)


def worker(tally: SqliteAggregate, stream: Stream, newest: int = 0) -> Aggregator:
    known = {PACK.sha256[:PACK_NAME]: PACK}
    return Aggregator(stream, tally, KEY, lambda _, name: known.get(name), lambda _: newest)  # type: ignore[arg-type]


def weight(tally: SqliteAggregate) -> int:
    return sum(dense.weight for dense in tally.dense("north", "daypart"))


@pytest.fixture
def tally(tmp_path: Path) -> SqliteAggregate:
    return SqliteAggregate(tmp_path)


def test_a_push_that_the_stream_has_twice_counts_once(tally: SqliteAggregate) -> None:
    stream = Stream([entry(1, once=1), entry(2, once=1), entry(3, once=2)])
    assert worker(tally, stream).step() == 3
    assert weight(tally) == 2 * ONE
    stream.entries.append(entry(4, once=2))
    assert worker(tally, stream).step() == 1
    assert weight(tally) == 2 * ONE


def test_two_workers_on_one_stream_count_everything_once(tally: SqliteAggregate) -> None:
    stream = Stream([entry(seq, once=seq) for seq in range(1, 200)])
    one, two = worker(tally, stream), worker(tally, stream)
    while one.step() + two.step():
        pass
    assert weight(tally) == 199 * ONE
    assert (one.outcomes + two.outcomes)["counted"] == 199


def test_what_cannot_be_read_or_used_is_passed_over(tally: SqliteAggregate) -> None:
    foreign = entry(2, once=2, pack=b"q" * 32)
    beyond = entry(3, once=3, row=10)
    damaged = entry(4, once=4)
    damaged = Waiting(4, "south", 7, 0, 1, damaged.once, damaged.sealed)
    found = worker(tally, Stream([entry(1, once=1), foreign, beyond, damaged]))
    found.step()
    assert found.outcomes == {"counted": 1, "unknown_pack": 2, "unopened": 1}
    assert weight(tally) == ONE


def test_late_contributions_weigh_less(tally: SqliteAggregate) -> None:
    worker(tally, Stream([entry(1, once=1, base=2)]), newest=5).step()
    assert weight(tally) == ONE // 2


def test_differences_of_another_length_do_not_stop_those_of_others(tally: SqliteAggregate) -> None:
    def differing(seq: int, *blender: int) -> Waiting:
        said = Delta(pack=PACK.sha256[:PACK_NAME], layout=7, blender=blender)
        sealed = seal.seal(delta.encode(said), KEY.public_key().public_bytes_raw(), "north", 7)
        return Waiting(seq, "north", 7, 0, 1, seq.to_bytes(16, "big"), sealed)

    found = worker(tally, Stream([differing(1, 5, 6), differing(2, 9), differing(3, 7, 8)]))
    found.step()
    sums = {dense.key: (dense.total // ONE).tolist() for dense in tally.dense("north", "blender")}
    assert sums == {"7:2": [12, 14], "7:1": [9]}
