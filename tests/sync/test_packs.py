"""Packs come in pieces, are verified, go on after a break, and are served without a restart."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sync.test_taking import released
from tests.sync.world import TITLES, Home, made_title, unreachable, write_base
from tvbrain.errors import FileError
from tvbrain.pack import patch as patching
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, SideOf, lay_out
from tvbrain.sync import fetching
from tvbrain.sync.errors import AnswerError, UnreachableError
from tvbrain.sync.transport import Answer
from tvbrain.wire.release import BASE, PATCH, SIDE, PackRef


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PIECE", 1000)


def offered(home: Home, whole: bytes, kind: int, *, number: int = 1) -> PackRef:
    """The server has it, and the newest release names it."""
    sha256 = hashlib.sha256(whole).digest()
    home.server.packs[sha256.hex()] = whole
    ref = PackRef(kind, sha256, len(whole))
    home.server.publish(replace(released(home, number), packs=(ref,)))
    return ref


def side_pack(home: Home) -> bytes:
    with PackFile(home.factory) as base:
        side = SideOf(base.content_hash, 1)
    return lay_out(Contents((made_title(900),), "side", "1", 1_700_000_001, side=side))


def asked(home: Home) -> int:
    return sum(path.startswith("/v1/packs/") for _, path in home.server.requests)


def test_a_side_pack_is_installed_and_served_without_a_restart(home: Home) -> None:
    home.consent()
    offered(home, side_pack(home), SIDE)
    assert "installed side-01.tvpack" in home.brain.sync_now()
    assert home.brain.item("ard:900").title == "Film 900"
    before = asked(home)
    assert home.brain.sync_now() == ("nothing newer",)
    assert asked(home) == before
    assert list((home.folder / "packs" / "incoming").iterdir()) == []


def test_a_broken_download_goes_on_where_it_was(home: Home) -> None:
    home.consent()
    whole = side_pack(home)
    offered(home, whole, SIDE)
    home.server.fails = lambda path: (
        unreachable(path) if path.startswith("/v1/packs/") and asked(home) == 2 else None
    )
    with pytest.raises(UnreachableError):
        home.brain.sync_now()
    (part,) = (home.folder / "packs" / "incoming").iterdir()
    assert part.stat().st_size == 1000
    home.server.fails = lambda path: None
    before = asked(home)
    assert "installed side-01.tvpack" in home.brain.sync_now()
    assert asked(home) - before == -(-(len(whole) - 1000) // 1000)


def test_another_file_than_was_named_is_thrown_away(home: Home) -> None:
    home.consent()
    ref = offered(home, side_pack(home), SIDE)
    right = home.server.packs[ref.sha256.hex()]
    home.server.packs[ref.sha256.hex()] = right[:-1] + bytes([right[-1] ^ 1])
    with pytest.raises(FileError, match="another file"):
        home.brain.sync_now()
    assert list((home.folder / "packs" / "incoming").iterdir()) == []
    home.server.packs[ref.sha256.hex()] = right
    assert "installed side-01.tvpack" in home.brain.sync_now()


def test_a_file_that_is_no_pack_is_not_installed(home: Home) -> None:
    home.consent()
    offered(home, b"no pack" * 100, BASE)
    with pytest.raises(FileError):
        home.brain.sync_now()
    assert not (home.folder / "packs" / "base.tvpack").exists()
    assert len(home.brain.recommend()) > 0


@pytest.mark.parametrize("status", [200, 404, 416])
def test_a_server_that_does_not_give_pieces_is_refused(home: Home, status: int) -> None:
    home.consent()
    offered(home, side_pack(home), SIDE)
    home.server.fails = lambda path: Answer(status, {}, b"x") if "/packs/" in path else None
    with pytest.raises(AnswerError):
        home.brain.sync_now()


def newer(folder: Path) -> bytes:
    path = folder / "newer.tvpack"
    write_base(path, built_at=1_800_000_000, titles=TITLES - 20)
    return path.read_bytes()


def test_a_new_base_is_installed_and_the_release_of_it_applied(home: Home, tmp_path: Path) -> None:
    home.consent()
    home.watch(100)
    offered(home, newer(tmp_path), BASE)
    assert "installed base.tvpack" in home.brain.sync_now()
    with pytest.raises(LookupError):
        home.brain.item(f"ard:{TITLES - 1}")


def test_a_patch_makes_the_new_base_out_of_the_old(home: Home, tmp_path: Path) -> None:
    home.consent()
    old, new = home.factory.read_bytes(), newer(tmp_path)
    patch = patching.make(old, new)
    assert len(patch) < len(new) / 2
    source, result = hashlib.sha256(old).digest(), hashlib.sha256(new).digest()
    ref = PackRef(PATCH, hashlib.sha256(patch).digest(), len(patch), source, result)
    home.server.packs[ref.sha256.hex()] = patch
    home.server.publish(replace(released(home), packs=(ref,)))
    assert "installed base.tvpack" in home.brain.sync_now()
    assert (home.folder / "packs" / "base.tvpack").read_bytes() == new
    assert home.brain.sync_now() == ("nothing newer",)


def test_a_patch_that_makes_something_else_or_is_of_another_base_is_not_used(
    home: Home, tmp_path: Path
) -> None:
    home.consent()
    old, new = home.factory.read_bytes(), newer(tmp_path)
    patch = patching.make(old, new)
    home.server.packs[hashlib.sha256(patch).hexdigest()] = patch
    right, wrong = hashlib.sha256(old).digest(), bytes(32)
    for number, source, refused in ((1, right, True), (2, wrong, False)):
        ref = PackRef(PATCH, hashlib.sha256(patch).digest(), len(patch), source, wrong)
        home.server.publish(replace(released(home, number), packs=(ref,)))
        if refused:
            with pytest.raises(FileError, match="promised"):
                home.brain.sync_now()
        else:
            home.brain.sync_now()
    assert not (home.folder / "packs" / "base.tvpack").exists()


def test_a_patch_that_claims_terabytes_is_refused(home: Home) -> None:
    home.consent()
    bomb = bytes.fromhex("28b52ffde06c06060663636363")
    old = hashlib.sha256(home.factory.read_bytes()).digest()
    ref = PackRef(PATCH, hashlib.sha256(bomb).digest(), len(bomb), old, bytes(32))
    home.server.packs[ref.sha256.hex()] = bomb
    home.server.publish(replace(released(home), packs=(ref,)))
    with pytest.raises(FileError):
        home.brain.sync_now()
