"""Vectors kept by the hash of their text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import FakeEmbedder
from tvbrain.embed.cache import cache_file, default_cache_dir, embed_cached


def test_a_text_is_computed_once_and_comes_back_bit_for_bit(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    first = embed_cached(["a", "b", "a"], embedder, tmp_path)
    second = embed_cached(["b", "c", "a"], embedder, tmp_path)
    assert embedder.asked == ["a", "b", "c"]
    assert first.dtype == np.float32
    np.testing.assert_array_equal(second[[2, 0, 2]], first)
    np.testing.assert_array_equal(second, FakeEmbedder().embed(["b", "c", "a"]))


def test_another_embedder_has_its_own_file(tmp_path: Path) -> None:
    one, other = FakeEmbedder("one"), FakeEmbedder("other", dimension=4)
    embed_cached(["a"], one, tmp_path)
    assert embed_cached(["a"], other, tmp_path).shape == (1, 4)
    assert cache_file(tmp_path, one) != cache_file(tmp_path, other)


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_damaged_file_is_set_aside_and_computed_again(tmp_path: Path, keep: int) -> None:
    embedder = FakeEmbedder()
    expected = embed_cached(["a", "b"], embedder, tmp_path)
    path = cache_file(tmp_path, embedder)
    path.write_bytes(path.read_bytes()[:keep])
    np.testing.assert_array_equal(embed_cached(["a", "b"], embedder, tmp_path), expected)
    assert embedder.asked == ["a", "b", "a", "b"]
    assert path.with_suffix(".damaged").is_file()


def test_no_flipped_byte_ever_changes_a_vector(tmp_path: Path) -> None:
    texts = ["a", "b"]
    embedder = FakeEmbedder()
    expected = embed_cached(texts, embedder, tmp_path)
    path = cache_file(tmp_path, embedder)
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x41]) + good[at + 1 :])
        np.testing.assert_array_equal(embed_cached(texts, embedder, tmp_path), expected)


def test_nothing_is_left_behind_when_computing_fails(tmp_path: Path) -> None:
    class Failing(FakeEmbedder):
        def embed(self, texts: object, progress: object = None) -> NDArray[np.float32]:
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        embed_cached(["a"], Failing(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_only_what_is_computed(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    embed_cached(
        ["a", "b"], FakeEmbedder(), tmp_path, lambda done, total: seen.append((done, total))
    )
    embed_cached(
        ["a", "c"], FakeEmbedder(), tmp_path, lambda done, total: seen.append((done, total))
    )
    embed_cached(["a"], FakeEmbedder(), tmp_path, lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (2, 2), (0, 1), (1, 1), (0, 0)]


def test_no_texts_no_file(tmp_path: Path) -> None:
    assert embed_cached([], FakeEmbedder(), tmp_path).shape == (0, 8)
    assert list(tmp_path.iterdir()) == []


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/h")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("TVBRAIN_CACHE", raising=False)
    assert default_cache_dir() == Path("/h/.cache/tvbrain")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert default_cache_dir() == Path("/x/tvbrain")
    monkeypatch.setenv("TVBRAIN_CACHE", "/t")
    assert default_cache_dir() == Path("/t")
