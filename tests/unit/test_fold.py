"""The native fold against its rules: tests/oracle/fold.py says them a second time."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import fold as oracle
from tests.oracle.fold import History, Record
from tests.oracle.records import (
    PROFILE,
    batch,
    described,
    described_oracle,
    native,
    random_records,
)
from tvbrain.errors import CorruptFileError, InvalidArgumentError, UnknownProfileError
from tvbrain.memory.fold import EntryFlag, HistoryFold

# Where the rules change their mind, and one to either side.
LENGTHS = (None, 0, 1, 599, 600, 601, 1000)
PLACES = (None, 0, 49, 50, 419, 420, 421, 820, 949, 950, 1000)
SHARES = (None, 0, 499, 500, 1999, 2000, 4999, 5000, 9499, 9500, 10000)
ANY_U32 = st.integers(0, 2**32 - 1)
RECORDS = st.builds(
    Record,
    kind=st.one_of(st.integers(1, 21), st.sampled_from([0, 22, 31, 32, 33, 35, 36, 99, 255])),
    item=st.integers(0, 5),
    at_ms=st.one_of(
        st.integers(1_700_000_000_000, 1_700_100_000_000), st.integers(-(2**63), 2**63 - 1)
    ),
    trusted=st.booleans(),
    session=st.integers(0, 3),
    position=st.sampled_from(PLACES) | ANY_U32,
    duration=st.sampled_from(LENGTHS) | ANY_U32,
    watched=st.sampled_from(SHARES) | st.integers(0, 65535),
    rating=st.none() | st.integers(-10000, 10000) | st.integers(-32768, 32767),
    episode=st.none() | st.tuples(st.integers(0, 2), st.integers(0, 3)),
    places=st.lists(st.integers(0, 7), max_size=6).map(tuple),
)
HISTORIES = st.lists(RECORDS, max_size=30)


@given(HISTORIES)
def test_native_and_oracle_agree_in_every_field(records: list[Record]) -> None:
    history = History().apply_all(records)
    fold = native(records)
    assert described(fold) == described_oracle(history)
    if PROFILE in fold.profiles():
        keys = [int(key) for key in fold.entries(PROFILE)["key"]]
        assert fold.strengths_q12(PROFILE).tolist() == [
            oracle.strength(history.titles[key]) for key in keys
        ]


@pytest.mark.parametrize("kind", range(3, 9))
def test_native_and_oracle_agree_at_every_threshold(kind: int) -> None:
    playback = [
        Record(kind, key, position=position, duration=duration, watched=watched)
        for key, (position, duration, watched) in enumerate(
            itertools.product(PLACES, LENGTHS, SHARES), start=1
        )
    ]
    for records in (playback[:500], playback[500:]):
        assert described(native(records)) == described_oracle(History().apply_all(records))


@given(HISTORIES)
def test_every_split_into_snapshot_and_tail_is_the_whole(records: list[Record]) -> None:
    whole = native(records).encode()
    for split in range(len(records) + 1):
        fold = HistoryFold(native(records[:split]).encode())
        fold.apply(*batch(records[split:]))
        assert fold.encode() == whole


@given(HISTORIES, st.lists(st.integers(0, 12), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_an_impressions_places_does_not_matter(
    records: list[Record], places: list[int], random: object
) -> None:
    shuffled = list(places)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    results = {
        native([*records, Record(kind=1, places=tuple(order))]).encode()
        for order in (places, shuffled)
    }
    assert len(results) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_native_and_oracle_agree_through_evictions(seed: int) -> None:
    everything = [*range(1, 22), 8, 8, 8, 11, 13]
    records = random_records(seed, keys=4000, count=5000, kinds=everything)
    history = History().apply_all(records)
    assert len(history.titles) == oracle.MAX_ENTRIES
    assert history.kept
    fold = native(records)
    assert described(fold) == described_oracle(history)
    assert HistoryFold(fold.encode()).encode() == fold.encode()


@pytest.mark.slow
def test_native_and_oracle_agree_when_the_compact_set_is_full() -> None:
    finishing = [Record(kind=8, item=key) for key in range(1, oracle.MAX_KEPT + 1025)]
    others = random_records(9, keys=40_000, count=1000, kinds=[8, 8, 8, 8, 11, 12, 10, 1, 2])
    records = [Record(kind=11, item=50_000), *finishing, *others]
    history = History().apply_all(records)
    fold = native(records)
    assert len(history.kept) == oracle.MAX_KEPT
    assert 50_000 in history.kept
    assert described(fold) == described_oracle(history)


def test_a_flagged_title_keeps_its_flags_and_a_listed_one_its_place() -> None:
    flagged = [Record(kind=kind, item=key) for key, kind in enumerate((8, 10, 11, 13), start=1)]
    later = [Record(kind=2, item=key) for key in range(100, 100 + oracle.MAX_ENTRIES)]
    fold = native([*flagged, *later])
    kept = {int(row["key"]): EntryFlag(int(row["flags"])) for row in fold.kept(PROFILE)}
    assert kept == {1: EntryFlag.FINISHED, 2: EntryFlag.DISLIKED, 3: EntryFlag.HIDDEN}
    assert 4 in fold.entries(PROFILE)["key"]
    assert fold.info(PROFILE).listed == 1


def test_profiles_are_apart_and_one_without_a_history_is_an_error() -> None:
    rows, added = batch([Record(kind=8, item=1), Record(kind=8, item=2)])
    rows["profile"] = (1, 9)
    fold = HistoryFold()
    fold.apply(rows, added)
    assert fold.profiles() == (1, 9)
    assert fold.entries(9)["key"].tolist() == [2]
    with pytest.raises(UnknownProfileError, match="profile 4"):
        fold.entries(4)


def test_a_deleted_profile_and_an_erased_title_are_gone() -> None:
    records = [Record(kind=8, item=1), Record(kind=8, item=2)]
    fold = native(records)
    rows = batch([dataclasses.replace(records[0], kind=37)])[0]
    rows["added_size"] = 16
    fold.apply(rows, (1).to_bytes(4, "little") + bytes(12))
    assert fold.entries(PROFILE)["key"].tolist() == [2]
    fold.apply(*batch([Record(kind=34)]))
    assert fold.profiles() == ()


def test_bytes_outside_the_batch_fold_nothing() -> None:
    rows, added = batch([Record(kind=8, item=1), Record(kind=1, places=(5,))])
    fold = HistoryFold()
    with pytest.raises(InvalidArgumentError, match="outside"):
        fold.apply(rows, added[:-1])
    assert fold.profiles() == ()


def test_rows_of_another_shape_are_refused() -> None:
    with pytest.raises(TypeError, match="EVENT"):
        HistoryFold().apply(np.zeros(3, np.uint8))


def test_a_damaged_section_names_the_field() -> None:
    section = bytearray(native([Record(kind=8, item=1)]).encode())
    section[64 + 48 + 1] = 0x7F  # the implicit strength
    with pytest.raises(CorruptFileError, match="implicit strength"):
        HistoryFold(bytes(section))
