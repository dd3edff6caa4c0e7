"""Airings and recent counts: from JSONL and ratings to a pack and back, damaged or not.

tests/golden/pack-1.2-schedule.tvpack was written once by `write_golden()` (`python -m tests.pack.test_schedule`).
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.places import ROOT
from tvbrain.errors import CorruptFileError, LimitError, TvbrainError
from tvbrain.pack.catalogue import ANY_DAYPART, Airing, Offer, Title
from tvbrain.pack.errors import BadRowError
from tvbrain.pack.jsonl import parse_line
from tvbrain.pack.layout import SCHEDULE_MINOR
from tvbrain.pack.native import xxh64
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, lay_out

GOLDEN = ROOT / "tests" / "golden" / "pack-1.2-schedule.tvpack"
DAY = 86_400
NEWS = {"channel": "Das Erste", "start": 1_700_000_000, "end": 1_700_001_800}


def line(**more: object) -> str:
    return json.dumps({"id": "ard:1", "title": "News", "type": "series", **more})


def pack_of(*titles: Title, recent: list[int] | None = None) -> bytes:
    return lay_out(
        Contents(
            titles=titles,
            name="tv",
            version="1",
            built_at=0,
            recent=None if recent is None else np.array(recent, np.uint32),
        )
    )


def title(number: int, **more: object) -> Title:
    identity = f"ard:{number}"
    return Title(identity, "News", 0, "series", (Offer(identity, 0),), **more)  # type: ignore[arg-type]


EVENING = (
    Airing(1_700_506_800, 1_700_507_700, "Das Erste"),
    Airing(1_700_510_400, 1_700_514_000, "One"),
)


def write_golden() -> None:
    GOLDEN.write_bytes(
        pack_of(title(1, airings=EVENING, trending={"DE": 7}), title(2), recent=[0, 9])
    )


def test_the_first_pack_with_a_schedule_is_read() -> None:
    assert GOLDEN.read_bytes()[8:12] == bytes([1, 0, 2, 0])
    with PackFile(GOLDEN) as pack:
        pack.verify()
        assert [one.airings for one in pack.titles()] == [EVENING, ()]
        assert [one.trending for one in pack.titles()] == [{"DE": 7}, {}]
        assert pack.recent.tolist() == [0, 9]


def test_jsonl_carries_airings_and_trending_into_a_pack_and_back(tmp_path: Path) -> None:
    read = parse_line(line(airings=[NEWS, NEWS], trending={"US": 3, "DE": 7}))
    assert read.airings == (Airing(NEWS["start"], NEWS["end"], "Das Erste"),)  # type: ignore[arg-type]
    path = tmp_path / "tv.tvpack"
    path.write_bytes(pack_of(read, title(2), recent=[0, 9]))
    with PackFile(path) as pack:
        pack.verify()
        assert pack.title(0).airings == read.airings
        assert pack.title(0).trending == {"DE": 7, "US": 3}
        assert pack.title(1).trending == {}
        assert pack.recent.tolist() == [0, 9]
    assert path.read_bytes()[10] == SCHEDULE_MINOR


def test_jsonl_carries_who_watches_where_and_when_into_a_pack_and_back(tmp_path: Path) -> None:
    counts = [{"region": "DE", "daypart": 7, "people": 5}, {"daypart": 0, "people": 6}]
    read = parse_line(line(audience=[*counts, {"region": "US", "people": 7}]))
    path = _written(tmp_path / "tv.tvpack", pack_of(read, title(2)))
    with PackFile(path) as pack:
        pack.verify()
        assert pack.title(0).audience == {("DE", 7): 5, ("", 0): 6, ("US", ANY_DAYPART): 7}
        assert pack.title(1).audience == {}
        assert pack.title(0).trending == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"airings": [NEWS | {"end": NEWS["start"]}]},
        {"airings": [NEWS | {"end": 1_700_000_000 + DAY + 1}]},
        {"airings": [NEWS | {"channel": ""}]},
        {"airings": [NEWS | {"channel": "x" * 64}]},
        {"airings": [{"channel": "One", "start": 1}]},
        {"airings": [NEWS | {"rerun": True}]},
        {"airings": ["One"]},
        {"trending": {"de": 1}},
        {"trending": {"DE": 0}},
        {"trending": []},
        {"audience": {}},
        {"audience": ["DE"]},
        {"audience": [{"region": "DE"}]},
        {"audience": [{"people": 5}]},
        {"audience": [{"region": "de", "people": 5}]},
        {"audience": [{"daypart": 8, "people": 5}]},
        {"audience": [{"daypart": 1, "people": 0}]},
        {"audience": [{"daypart": 1, "people": 5}, {"daypart": 1, "people": 6}]},
        {"audience": [{"daypart": 1, "people": 5, "hour": 3}]},
    ],
)
def test_a_row_with_a_wrong_airing_or_count_is_broken(wrong: dict[str, object]) -> None:
    with pytest.raises(BadRowError):
        parse_line(line(**wrong))


@pytest.mark.parametrize(
    "airing",
    [Airing(5, 5, "One"), Airing(0, DAY + 1, "One"), Airing(0, 1, ""), Airing(0, 1, "x" * 64)],
)
def test_an_airing_that_no_reader_would_take_is_not_written(airing: Airing) -> None:
    with pytest.raises(LimitError):
        pack_of(title(1, airings=(airing,)))


def test_every_flipped_byte_is_an_error_of_verify_or_of_opening(tmp_path: Path) -> None:
    airings = tuple(Airing(at * 600, at * 600 + 600, "One") for at in range(5))
    good = pack_of(title(1, airings=airings, trending={"DE": 5}), recent=[4])
    path = tmp_path / "tv.tvpack"
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 1 << at % 8
        path.write_bytes(bad)
        with pytest.raises(TvbrainError), PackFile(path) as pack:
            pack.verify()
    path.write_bytes(good)
    with PackFile(path) as pack:
        pack.verify()


def test_what_right_checksums_hide_is_refused_too(tmp_path: Path) -> None:
    """Bytes changed before the checksums are made."""
    path = tmp_path / "tv.tvpack"
    first, second = Airing(0, 600, "One"), Airing(600, 1200, "One")
    good = pack_of(title(1, airings=(first, second), trending={"DE": 5, "US": 6}))
    with PackFile(_written(path, good)) as pack:
        pack.verify()
    for find, put in (
        (np.array([600_000, 1_200_000], "<i8"), np.array([600_000, 600_000], "<i8")),
        (np.array([600_000, 1_200_000], "<i8"), np.array([-1, 1_200_000], "<i8")),
        (np.array([600_000, 1_200_000], "<i8"), np.array([600_000, 2**61], "<i8")),
    ):
        with (
            pytest.raises(CorruptFileError),
            PackFile(_written(path, _rehashed(good, find, put))) as pack,
        ):
            pack.verify()


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _rehashed(good: bytes, find: np.ndarray, put: np.ndarray) -> bytes:
    """The pack with one run of bytes replaced and every checksum made again."""
    assert good.count(find.tobytes()) == 1
    data = bytearray(good.replace(find.tobytes(), put.tobytes()))
    (count,) = struct.unpack_from("<I", data, 24)
    for entry in range(64, 64 + 40 * count, 40):
        offset, size = struct.unpack_from("<QQ", data, entry + 8)
        struct.pack_into("<Q", data, entry + 32, xxh64(bytes(data[offset : offset + size])))
    struct.pack_into("<Q", data, 32, xxh64(bytes(data[64 : 64 + 40 * count])))
    struct.pack_into("<Q", data, 56, xxh64(bytes(data[:56])))
    return bytes(data)


if __name__ == "__main__":
    write_golden()
