"""Installing: what lies in the folder of packs is always a pack that can be served, or its predecessor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pack.test_side import ALIEN, BRAZIL, HEAT, RONIN, base, side
from tvbrain.errors import CorruptFileError, MissingFileError, PackMismatchError
from tvbrain.pack.install import install
from tvbrain.pack.reader import PackFile


def lying(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "packs").iterdir())


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_base_is_copied_and_its_predecessor_kept(tmp_path: Path) -> None:
    one, two = base(folder(tmp_path / "1"), HEAT), base(folder(tmp_path / "2"), RONIN)
    data = tmp_path / "data"
    assert install(one, data).live == 1
    install(two, data)
    assert lying(data) == ["base.tvpack", "base.tvpack.1"]
    assert (data / "packs/base.tvpack").read_bytes() == two.read_bytes()
    assert (data / "packs/base.tvpack.1").read_bytes() == one.read_bytes()
    assert (data / "packs").stat().st_mode & 0o777 == 0o700


def test_side_packs_stay_with_their_base_until_that_goes(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN)
    one, _ = side(tmp_path, [first], HEAT)
    two, _ = side(tmp_path, [first, one], HEAT, ALIEN)
    data = tmp_path / "data"
    install(first, data)
    assert install(one, data).live == 1
    assert install(two, data).live == 2
    install(base(folder(tmp_path / "b"), BRAZIL), data)
    kept = ["base.tvpack", "base.tvpack.1", "side-01.tvpack.1", "side-02.tvpack.1"]
    assert lying(data) == kept
    again = install(base(folder(tmp_path / "c"), ALIEN), data)
    assert [path.name for path in again.removed] == kept[2:]
    assert lying(data) == ["base.tvpack", "base.tvpack.1"]


def test_installing_the_same_base_again_changes_nothing(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN)
    one, _ = side(tmp_path, [first], HEAT)
    data = tmp_path / "data"
    for path in (first, one, first):
        install(path, data)
    assert lying(data) == ["base.tvpack", "side-01.tvpack"]


def test_a_side_pack_of_another_base_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN)
    one, _ = side(tmp_path, [first], HEAT)
    data = tmp_path / "data"
    with pytest.raises(PackMismatchError, match="has no base pack"):
        install(one, data)
    install(base(folder(tmp_path / "b"), BRAZIL), data)
    with pytest.raises(PackMismatchError, match="another base"):
        install(one, data)
    assert lying(data) == ["base.tvpack"]


def test_a_side_pack_of_the_factory_pack_needs_to_be_told_where_that_is(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN)
    one, _ = side(tmp_path, [first], HEAT)
    assert install(one, tmp_path / "data", factory=first).live == 1


def test_a_damaged_pack_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    good = base(tmp_path, HEAT)
    data = tmp_path / "data"
    install(good, data)
    bad = tmp_path / "bad.tvpack"
    raw = bytearray(good.read_bytes())
    raw[-1] ^= 1
    bad.write_bytes(raw)
    with pytest.raises(CorruptFileError, match="SRCE"):
        install(bad, data)
    with pytest.raises(MissingFileError):
        install(tmp_path / "none.tvpack", data)
    assert lying(data) == ["base.tvpack"]


def test_a_damaged_base_does_not_push_out_a_sound_predecessor(tmp_path: Path) -> None:
    one, two = base(folder(tmp_path / "1"), HEAT), base(folder(tmp_path / "2"), RONIN)
    three = base(folder(tmp_path / "3"), ALIEN)
    data = tmp_path / "data"
    install(one, data)
    install(two, data)
    (data / "packs/base.tvpack").write_bytes(b"rotten")
    install(three, data)
    assert (data / "packs/base.tvpack").read_bytes() == three.read_bytes()
    assert (data / "packs/base.tvpack.1").read_bytes() == one.read_bytes()


def test_without_hard_links_the_predecessor_is_kept_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: Path) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    one, two = base(folder(tmp_path / "1"), HEAT), base(folder(tmp_path / "2"), RONIN)
    install(one, tmp_path / "data")
    install(two, tmp_path / "data")
    assert lying(tmp_path / "data") == ["base.tvpack", "base.tvpack.1"]


@pytest.mark.parametrize("failing", range(6))
def test_whatever_fails_a_sound_pack_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    one, two = base(folder(tmp_path / "1"), HEAT), base(folder(tmp_path / "2"), RONIN)
    data = tmp_path / "data"
    install(one, data)
    calls = 0

    def counted(real: object) -> object:
        def call(*given: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls > failing:
                raise OSError("the power is gone")
            return real(*given, **named)  # type: ignore[operator]

        return call

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", counted(os.fsync))
        broken.setattr(os, "link", counted(os.link))
        broken.setattr(Path, "replace", counted(Path.replace))
        if failing < 5:
            with pytest.raises(OSError, match="the power is gone"):
                install(two, data)
        else:
            install(two, data)
    packs = data / "packs"
    found = packs / "base.tvpack"
    with PackFile(found if found.exists() else packs / "base.tvpack.1") as pack:
        pack.verify()
    install(two, data)
    assert (packs / "base.tvpack").read_bytes() == two.read_bytes()
