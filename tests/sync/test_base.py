"""The base pack in use: which one it is, its rows, and the titles nearest to a direction."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.sync.world import TITLES, write_base
from tvbrain.pack.install import install
from tvbrain.pack.native import key_of
from tvbrain.pack.reader import PackFile
from tvbrain.sync import base
from tvbrain.sync.base import BasePack, in_use


@pytest.fixture
def pack(tmp_path: Path) -> BasePack:
    write_base(tmp_path / "factory.tvpack")
    return BasePack(tmp_path / "factory.tvpack")


def test_it_is_named_by_its_file(pack: BasePack) -> None:
    assert pack.name == hashlib.sha256(pack.path.read_bytes()).digest()[:16]
    pack.path.write_bytes(pack.path.read_bytes() + b"")
    write_base(pack.path, titles=TITLES - 1)
    assert pack.name == hashlib.sha256(pack.path.read_bytes()).digest()[:16]


def test_rows_are_found_by_any_key_and_strangers_are_left_out(pack: BasePack) -> None:
    with PackFile(pack.path) as opened:
        wanted = {key_of(f"ard:{n}"): opened.find(f"ard:{n}") for n in (0, 7, TITLES - 1)}
    assert pack.rows([*wanted, key_of("ard:none"), 2**64 - 1]) == wanted
    assert pack.rows([]) == {}


@pytest.mark.parametrize("at_once", [7, 64, 4096])
def test_the_nearest_are_those_of_a_full_sort_however_many_are_looked_at_at_once(
    pack: BasePack, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SLICE", at_once)
    directions = np.random.default_rng(2).normal(size=(5, 32)).astype(np.float32)
    with PackFile(pack.path) as opened:
        vectors, keys = opened.vectors(), opened.items["key"]
    assert vectors is not None
    real = vectors.rows.astype(np.float64)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    right = np.argsort(-(directions @ real.T), axis=1, kind="stable")[:, :16]
    assert pack.nearest(directions, 16) == [[int(keys[row]) for row in rows] for rows in right]


def test_it_is_the_installed_one_unless_the_factory_pack_is_newer(tmp_path: Path) -> None:
    factory, newer, data = tmp_path / "factory.tvpack", tmp_path / "b.tvpack", tmp_path / "data"
    write_base(factory)
    write_base(newer, built_at=1_800_000_000)
    data.mkdir()
    assert in_use(factory, data / "packs") == factory
    installed = install(newer, data).path
    assert in_use(factory, data / "packs") == installed
    write_base(factory, built_at=1_900_000_000)
    assert in_use(factory, data / "packs") == factory
    write_base(factory)
    installed.write_bytes(b"damaged")
    assert in_use(factory, data / "packs") == factory
