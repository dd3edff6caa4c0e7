"""What ItemIndex and PatternIndex promise beyond the contract."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from tests.index.indexes import DIMENSION, unit_vectors
from tests.places import ROOT
from tvbrain.embed.quantise import Space, similarity_q20
from tvbrain.errors import CorruptFileError, InvalidArgumentError, LimitError, MissingFileError
from tvbrain.index import By, ItemIndex, PatternIndex

SPACE = Space(np.zeros(DIMENSION, np.float32), seed=1)
VECTORS = unit_vectors(600, seed=3)
KEYS = np.arange(1, 601, dtype=np.uint64)
GOLDEN = ROOT / "tests" / "golden" / "index-1.0.tvi"


def test_a_scan_gives_the_scores_of_the_int8_space() -> None:
    index = ItemIndex.of(KEYS, VECTORS)
    query = unit_vectors(1, seed=4)[0]
    space = index.space()
    made = similarity_q20(space.quantise(query[None]), space.quantise(VECTORS))[0]
    order = np.lexsort((np.arange(len(made)), -made))[:20]
    found = index.search(query, 20, by=By.SCAN)
    assert found.exact
    np.testing.assert_array_equal(found.keys, KEYS[order])
    np.testing.assert_allclose(found.scores, VECTORS[order] @ query, atol=0.01)


def test_threads_change_nothing_in_the_file(tmp_path: Path) -> None:
    for threads in (1, 2, 3):
        index = ItemIndex(SPACE, m=8)
        index.add(KEYS, VECTORS, threads=threads)
        index.remove(KEYS[100:250], threads=threads)
        index.add(KEYS[120:140], VECTORS[:20], threads=threads)
        index.save(tmp_path / f"{threads}.tvi")
    one = (tmp_path / "1.tvi").read_bytes()
    assert (tmp_path / "2.tvi").read_bytes() == one
    assert (tmp_path / "3.tvi").read_bytes() == one


def test_a_key_that_is_there_gets_the_new_vector() -> None:
    index = ItemIndex(SPACE)
    index.add(KEYS[:50], VECTORS[:50])
    index.add([7], VECTORS[500:501])
    assert len(index) == 50
    assert index.search(VECTORS[500], 1).keys.tolist() == [7]
    assert sorted(index.keys().tolist()) == list(range(1, 51))


@pytest.mark.parametrize(
    ("keys", "vectors"),
    [
        ([0], VECTORS[:1]),
        ([1, 1], VECTORS[:2]),
        ([1], VECTORS[:2]),
        ([1], VECTORS[:1, :32]),
        ([1], 90 * VECTORS[:1]),
        ([1], np.full((1, DIMENSION), np.nan, np.float32)),
    ],
)
def test_what_cannot_be_added_changes_nothing(keys: list[int], vectors: np.ndarray) -> None:
    index = ItemIndex(SPACE)
    index.add([5], VECTORS[5:6])
    with pytest.raises(InvalidArgumentError):
        index.add(keys, vectors)
    assert index.keys().tolist() == [5]


def test_arguments_out_of_range_are_refused() -> None:
    index = ItemIndex(SPACE, graph=False)
    for arguments in ({"k": -1}, {"k": 1001}, {"k": 1, "ef": 0}, {"k": 1, "by": By.GRAPH}):
        with pytest.raises(InvalidArgumentError):
            index.search(VECTORS[0], **arguments)  # type: ignore[arg-type]
    for options in ({"m": 1}, {"m": 129}, {"ef_construction": 0}, {"seed": -1}):
        with pytest.raises(InvalidArgumentError):
            ItemIndex(SPACE, **options)  # type: ignore[arg-type]


def test_searches_run_beside_changes() -> None:
    index = ItemIndex(SPACE, m=8)
    index.add(KEYS[:300], VECTORS[:300])
    stop = threading.Event()
    wrong: list[object] = []

    def search() -> None:
        while not stop.is_set():
            found = index.search(VECTORS[0], 20, by=By.GRAPH)
            if len(set(found.keys.tolist())) != 20:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for first in range(300, 600, 20):
        index.add(KEYS[first : first + 20], VECTORS[first : first + 20])
        index.remove(KEYS[first - 200 : first - 190])
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_damaged_file_is_refused_wherever_a_byte_is_flipped(tmp_path: Path) -> None:
    index = ItemIndex(SPACE, m=4)
    index.add(KEYS[:40], VECTORS[:40])
    index.remove(KEYS[3:6])
    path = tmp_path / "index.tvi"
    index.save(path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        with pytest.raises(CorruptFileError):
            ItemIndex.load(path)
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(CorruptFileError):
            ItemIndex.load(path)
    with pytest.raises(MissingFileError):
        ItemIndex.load(tmp_path / "none.tvi")


def test_the_first_sample_of_the_format_still_reads() -> None:
    index = ItemIndex.load(GOLDEN)
    assert len(index) == 37
    assert index.has_graph
    assert 4 not in index
    assert index.search(VECTORS[10], 1).keys.tolist() == [11]


def test_patterns_are_held_up_to_their_number(tmp_path: Path) -> None:
    index = PatternIndex(SPACE, max_patterns=10)
    index.add(KEYS[:10], VECTORS[:10])
    with pytest.raises(LimitError):
        index.add(KEYS[10:11], VECTORS[10:11])
    index.add(KEYS[:1], VECTORS[20:21])
    index.remove(KEYS[:1])
    index.add(KEYS[10:11], VECTORS[10:11])
    assert len(index) == 10
    index.save(tmp_path / "patterns.tvi")
    loaded = PatternIndex.load(tmp_path / "patterns.tvi", max_patterns=9)
    assert len(loaded) == 10
    with pytest.raises(LimitError):
        loaded.add(KEYS[50:51], VECTORS[50:51])
