"""The journal and the profiles as the learning plane reads them, on the committed samples."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from tests.places import ROOT
from tvbrain.events import KINDS, KINDS_BY_CODE

pytest.importorskip("tvbrain._native", reason="needs the native build")

from tvbrain.errors import CorruptFileError
from tvbrain.store import journal, profiles

GOLDEN = ROOT / "tests" / "golden"
ID = 0x0123456789ABCDEF
RECORDS = len(KINDS) + 1 + 100


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN / "journal-1.0", tmp_path / "journal")
    shutil.copy(GOLDEN / "profiles-1.0.tvp", tmp_path / "profiles.tvp")
    return tmp_path


@pytest.mark.parametrize("size", [1, 7, 1024])
def test_every_record_comes_once_and_in_order(data_dir: Path, size: int) -> None:
    batches = list(journal.read_after(data_dir, 0, 0, batch=size))
    sequences = [int(seq) for batch in batches for seq in batch.events["seq"]]
    assert sequences == list(range(1, RECORDS + 1))
    assert {batch.journal_id for batch in batches} == {ID}
    assert batches[-1].last_seq == RECORDS


@pytest.mark.parametrize("after", [0, 1, 86, 87, RECORDS - 1])
def test_reading_goes_on_after_the_stored_sequence(data_dir: Path, after: int) -> None:
    (batch,) = journal.read_after(data_dir, ID, after)
    assert int(batch.events["seq"][0]) == after + 1
    assert batch.last_seq == RECORDS


def test_a_journal_that_was_read_to_its_end_gives_nothing(data_dir: Path) -> None:
    assert list(journal.read_after(data_dir, ID, RECORDS)) == []


def test_a_directory_without_a_journal_gives_nothing(tmp_path: Path) -> None:
    assert list(journal.read_after(tmp_path, ID, 5)) == []
    assert journal.info(tmp_path) == journal.JournalInfo(0, 0, (), "")


def test_another_journal_is_said_and_not_read(data_dir: Path) -> None:
    with pytest.raises(journal.JournalIdChangedError, match="0123456789abcdef") as caught:
        list(journal.read_after(data_dir, 99, 5))
    assert (caught.value.expected, caught.value.found) == (99, ID)
    with pytest.raises(CorruptFileError):
        journal.sync(data_dir, 99, 0, 5)


def test_the_fields_of_a_record_are_those_of_the_file(data_dir: Path) -> None:
    (batch,) = journal.read_after(data_dir, ID, 0)
    row = batch.events[KINDS["complete"].code - 1]
    assert KINDS_BY_CODE[int(row["kind"])].name == "complete"
    assert int(row["at_ms"]) == 1700000000000 + 7 * 60000
    assert (row["profile"], row["utc_offset_min"], row["fields"]) == (2, -300, 35)
    assert (row["position_s"], row["duration_s"]) == (420, 5400)
    assert (row["rating_e4"], row["watched_e4"]) == (-2500, 560)
    assert (row["season"], row["episode"], row["row"], row["slot"]) == (8, 9, 2, 0)
    assert int(row["slate_id"]) == 0xFEEDFACECAFEF00D + 7


def test_what_the_kinds_add_is_there(data_dir: Path) -> None:
    (batch,) = journal.read_after(data_dir, ID, 0)
    kinds = [int(kind) for kind in batch.events["kind"]]

    def added(name: str) -> bytes:
        return batch.added_of(kinds.index(KINDS[name].code))

    assert journal.shown(added("impression")) == (
        journal.Shown(42, 1.0),
        journal.Shown(43, 0.5),
        journal.Shown(44, None),
    )
    assert added("search").decode("utf-8") == "café"
    assert struct.unpack("<ii", added("hint")) == (1, 1)
    assert struct.unpack("<IIQ", added("erase")) == (2, 0, 1)
    assert added("wake") == b""
    change = profiles.change(added("profile_update"))
    assert change.profile.name == "Kinder ä"
    assert change.generation == kinds.index(KINDS["profile_update"].code) + 1
    with pytest.raises(CorruptFileError):
        profiles.change(added("hint"))


def test_a_kind_that_this_version_does_not_know_is_passed_on(data_dir: Path) -> None:
    (batch,) = journal.read_after(data_dir, ID, 0)
    assert batch.events["kind"][len(KINDS)] == 200
    assert batch.added_of(len(KINDS)) == b"\1\2\3"


def test_reading_stops_before_a_torn_record_and_the_next_segment_goes_on(data_dir: Path) -> None:
    first, second = sorted((data_dir / "journal").glob("*.tvj"))
    begin = int(second.stem, 16)
    with first.open("r+b") as file:
        file.seek(64 + 20)
        file.write(b"!")
    (batch,) = journal.read_after(data_dir, ID, 0)
    assert [int(seq) for seq in batch.events["seq"]] == list(range(begin, RECORDS + 1))
    assert [segment.torn for segment in journal.info(data_dir).segments] == [True, False]


def test_the_info_says_what_the_journal_is_made_of(data_dir: Path) -> None:
    bad = data_dir / "journal" / f"{0x1000:016x}.tvj"
    bad.write_bytes(b"no segment" * 100)
    info = journal.info(data_dir)
    assert (info.journal_id, info.last_seq) == (ID, RECORDS)
    assert [segment.name for segment in info.segments] == [
        "0000000000000001.tvj",
        "0000000000000057.tvj",
    ]
    assert info.segments[0].last_seq + 1 == info.segments[1].first_seq
    assert all(segment.bytes <= segment.file_size == 8192 for segment in info.segments)
    assert info.set_aside == f"{bad.name}: header is damaged\n"
    assert bad.exists()


def test_what_was_read_can_be_made_durable(data_dir: Path) -> None:
    journal.sync(data_dir, ID, 0, RECORDS)


def test_the_committed_profiles_are_read(data_dir: Path) -> None:
    stored = profiles.read(data_dir)
    assert stored.state is profiles.ProfilesState.GOOD
    assert (stored.generation, stored.erasure_epoch) == (3, 1)
    assert (stored.journal_id, stored.next_id) == (ID, 4)
    household, kids = stored.profiles
    assert (household.id, household.name, household.max_age) == (1, "household", 18)
    assert kids == profiles.StoredProfile(2, "Kinder ä", 7, True, "AT", ("netflix", "disney"))


def test_unreadable_profiles_are_the_household_at_age_0(data_dir: Path) -> None:
    (data_dir / "profiles.tvp").write_bytes(b"rotten")
    stored = profiles.read(data_dir)
    assert stored.state is profiles.ProfilesState.LOST
    assert [(one.id, one.max_age) for one in stored.profiles] == [(1, 0)]
    assert "profiles.tvp" in stored.detail


def test_a_predecessor_takes_the_place_of_unreadable_profiles(data_dir: Path) -> None:
    shutil.move(data_dir / "profiles.tvp", data_dir / "profiles.tvp.1")
    stored = profiles.read(data_dir)
    assert stored.state is profiles.ProfilesState.PREDECESSOR
    assert len(stored.profiles) == 2


def test_a_directory_without_history_has_the_household_alone(tmp_path: Path) -> None:
    stored = profiles.read(tmp_path)
    assert stored.state is profiles.ProfilesState.GOOD
    assert [(one.name, one.max_age) for one in stored.profiles] == [("household", 18)]
