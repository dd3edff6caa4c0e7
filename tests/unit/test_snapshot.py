"""Publishing and reading snapshots from Python; native/tests/snapshot_test.cpp has the faults."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tests.oracle.fold import Record
from tests.oracle.records import PROFILE, native
from tests.places import ROOT
from tvbrain.errors import CorruptFileError, InvalidArgumentError, MissingFileError
from tvbrain.memory.fold import HistoryFold
from tvbrain.store import snapshot as store
from tvbrain.store.snapshot import Snapshot


def full(generation: int) -> Snapshot:
    """A snapshot with something in every section."""
    interests = np.zeros(2, store.INTEREST)
    interests["profile"] = PROFILE
    interests["scale_q30"] = (7, 8)
    interests["bias_q20"] = (-1, 1)
    weights = np.zeros(1, store.WEIGHTS)
    weights["weights_q12"] = np.arange(12)
    affinities = np.zeros(1, store.AFFINITY)
    affinities["profile"], affinities["daypart"] = PROFILE, 7
    patterns = np.zeros(1, store.PATTERN)
    patterns["id"], patterns["dayparts"], patterns["bias_q20"] = 99, 0b1001, -5
    slates = np.zeros(3, store.SLATE_PLACE)
    slates["profile"], slates["place"], slates["key"] = PROFILE, range(3), (11, 12, 13)
    row_use = np.zeros(2, store.ROW_USE)
    row_use["profile"], row_use["kind"], row_use["use_q12"] = PROFILE, (3, 9), (4096, 1)
    channels = np.zeros(1, store.CHANNEL)
    channels["profile"], channels["affinity_q12"] = PROFILE, -3
    channels["channel_hash"] = 2**64 - 1
    return Snapshot(
        generation=generation,
        journal_id=2**63 + 5,
        learned_seq=41,
        created_ms=1_700_000_000_000,
        erasure_epoch=2,
        space_id=77,
        dimension=40,
        diversity_q12=400,
        folds=native([Record(kind=8, item=1)]).encode(),
        interests=interests,
        interest_rows=np.full((2, 64), -3, np.int8),
        weights=weights,
        affinities=affinities,
        patterns=patterns,
        pattern_rows=np.full((1, 64), 4, np.int8),
        slates=slates,
        row_use=row_use,
        channels=channels,
    )


def test_what_was_published_is_loaded_field_by_field(tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    wanted = full(1)
    store.publish(folder, wanted)
    got = store.load(folder).snapshot
    assert got is not None
    for one in dataclasses.fields(Snapshot):
        np.testing.assert_array_equal(getattr(got, one.name), getattr(wanted, one.name), one.name)
    assert HistoryFold(got.folds).entries(PROFILE)["key"].tolist() == [1]


def test_one_without_vectors_has_only_histories(tmp_path: Path) -> None:
    store.publish(tmp_path, Snapshot(3, 5, 0, 0))
    got = store.read(store.path_of(tmp_path, 3))
    assert (got.journal_id, got.folds, got.interest_rows.shape) == (5, b"", (0, 0))


def test_the_newest_two_are_kept_and_the_older_one_serves_for_a_damaged_newer(
    tmp_path: Path,
) -> None:
    for generation in (1, 2, 3):
        store.publish(tmp_path, full(generation))
    assert store.generations(tmp_path) == (2, 3)
    newest = store.path_of(tmp_path, 3)
    damaged = bytearray(newest.read_bytes())
    damaged[-1] ^= 1
    newest.write_bytes(damaged)
    loaded = store.load(tmp_path)
    assert loaded.snapshot is not None
    assert loaded.snapshot.generation == 2
    assert newest.name in loaded.detail
    with pytest.raises(CorruptFileError, match="SLAT"):
        store.read(newest)


def test_a_missing_folder_has_no_snapshot_and_a_missing_file_is_an_error(tmp_path: Path) -> None:
    assert store.load(tmp_path / "none").snapshot is None
    assert store.generations(tmp_path / "none") == ()
    with pytest.raises(MissingFileError):
        store.read(tmp_path / "none.tvs")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"generation": 2}, "not above 2"),
        ({"interest_rows": np.zeros((2, 40), np.int8)}, "interest_rows: shape"),
        ({"space_id": 0}, "space"),
        ({"dimension": 2048, "interest_rows": np.zeros((2, 2048), np.int8),
          "pattern_rows": np.zeros((1, 2048), np.int8)}, "dimension"),
    ],
)  # fmt: skip
def test_what_no_reader_would_accept_is_refused(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    store.publish(tmp_path, full(2))
    with pytest.raises(InvalidArgumentError, match=reason):
        store.publish(tmp_path, dataclasses.replace(full(3), **change))  # type: ignore[arg-type]
    assert store.generations(tmp_path) == (2,)


def test_the_floor_is_that_of_one_journal(tmp_path: Path) -> None:
    assert store.read_floor(tmp_path, 5) == 0
    store.write_floor(tmp_path, 5, 1234)
    assert store.read_floor(tmp_path, 5) == 1234
    assert store.read_floor(tmp_path, 6) == 0
    (tmp_path / "floor").write_bytes(b"TVBFLOR")
    with pytest.raises(CorruptFileError, match="floor"):
        store.read_floor(tmp_path, 5)


def test_the_committed_sample_is_read() -> None:
    got = store.read(ROOT / "tests" / "golden" / "snapshot-1.0.tvs")
    assert (got.generation, got.learned_seq, got.dimension) == (7, 12, 32)
    assert HistoryFold(got.folds).profiles() == (1, 5)


def test_the_first_sample_with_uses_of_rows_and_channels_is_read() -> None:
    got = store.read(ROOT / "tests" / "golden" / "snapshot-1.0-habits.tvs")
    assert got.row_use.tolist() == [(1, 3, 4, 700), (1, 7, 9, 4095)]
    assert got.channels.tolist() == [(1, 3, 900, 2**64 - 1), (2, 0, -5, 1)]
