"""The static text encoder: what training makes, that packs carry it, and that native and oracle agree on every text.

The golden sample was written once by `python -m tests.pack.test_encoder`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.fakes import FakeEmbedder
from tests.oracle import search as oracle
from tests.pack.making import title
from tests.places import ROOT
from tvbrain.embed.embedder import Progress
from tvbrain.embed.quantise import Space
from tvbrain.errors import CorruptFileError, InvalidArgumentError
from tvbrain.pack import encoder
from tvbrain.pack.catalogue import Title
from tvbrain.pack.features import hash_of
from tvbrain.pack.native import StaticEncoder, normal_form, xxh64
from tvbrain.pack.phrases import phrases
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, SideOf, Vectors, write_pack

GOLDEN = ROOT / "tests" / "golden" / "pack-1.1-encoder.tvpack"
DIMENSION = 32
NIGHT = "A long night in a small town where nobody sleeps, and a thief who is loved by a policeman."
TITLES = [
    title("a:1", "The Long Night", description=NIGHT, genres=("Crime",)),
    title(
        "a:2", "Space", description="Astronauts lost in space look for a way home. Étoile du nord."
    ),
]


class BagOfWords(FakeEmbedder):
    """A text's vector is the direction of the sum of its words': what the encoder can learn exactly."""

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        rows = [super(BagOfWords, self).embed(normal_form(t).split()).sum(axis=0) for t in texts]
        vectors = np.stack(rows).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def contents(titles: list[Title] = TITLES, side: SideOf | None = None) -> Contents:
    model = BagOfWords("bag", DIMENSION)
    items = model.embed([t.title for t in titles])
    space = Space(np.full(DIMENSION, 2.0**-6, np.float32), seed=42)
    texts = phrases(titles, 2000)
    table = encoder.train(titles, texts, space.rotation.apply(model.embed(texts)), rows=300)
    return Contents(
        titles, "words", "1", 1_700_000_000,
        vectors=Vectors(space, space.quantise(items)), encoder=table, side=side,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("encoder") / "words.tvpack"
    write_pack(path, contents())
    return path


def as_the_oracle_says(path: Path, text: str) -> tuple[bytes, int, int] | None:
    with PackFile(path) as file:
        table, space = file.encoder(), file.space()
    assert table is not None
    assert space is not None
    rows = {
        int(h): ([int(n) for n in row], int(scale))
        for h, row, scale in zip(table.hashes, table.rows, table.scale_q20, strict=True)
    }
    turned = space.rotation.apply(space.mean[None])[0].astype(np.float64) * 2.0**20
    mean = [int(n) for n in np.trunc(turned + np.copysign(0.5, turned))]
    made = oracle.encode(normal_form(text), rows, mean, xxh64)
    if made is None:
        return None
    row, scale, bias = made
    return np.array(row, np.int8).tobytes(), scale, bias


def test_a_pack_carries_its_encoder(pack: Path) -> None:
    made = contents().encoder
    assert made is not None
    with PackFile(pack) as file:
        file.verify()
        read = file.encoder()
    assert read is not None
    assert (read.hashes == made.hashes).all()
    assert (read.rows == made.rows).all()
    assert (read.scale_q20 == made.scale_q20).all()


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from([*NIGHT.split(), "space", "spac", "thieff", "x", "étoile"])).map(
            " ".join
        ),
        st.text(max_size=80),
    )
)
def test_native_and_oracle_make_the_same_bits_of_every_text(pack: Path, text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert StaticEncoder(pack, DIMENSION).encode(text) == as_the_oracle_says(pack, text)


@pytest.mark.parametrize("word", ["a", "x1", "thieff", "spac" * 60])
def test_the_longest_texts_are_encoded_alike_of_short_words_and_of_long(
    pack: Path, word: str
) -> None:
    text = " ".join([word] * 300)
    assert StaticEncoder(pack, DIMENSION).encode(text) == as_the_oracle_says(pack, text)


def test_it_learns_what_sums_of_words_can_say(pack: Path) -> None:
    model = BagOfWords("bag", DIMENSION)
    space = contents().vectors
    assert space is not None
    for text in ("astronauts lost in space", "a small town", "loved by a policeman"):
        made = StaticEncoder(pack, DIMENSION).encode(text)
        assert made is not None
        wanted = space.space.quantise(model.embed([text])).rows[0].astype(np.float64)
        got = np.frombuffer(made[0], np.int8).astype(np.float64)
        assert wanted @ got / np.linalg.norm(wanted) / np.linalg.norm(got) > 0.9


def test_a_text_of_nothing_known_has_no_vector(pack: Path) -> None:
    assert StaticEncoder(pack, DIMENSION).encode("") is None
    assert StaticEncoder(pack, DIMENSION).encode("1 2 3") is None


def test_the_same_seed_gives_the_same_table() -> None:
    first, again = contents().encoder, contents().encoder
    assert first is not None
    assert again is not None
    assert (first.rows == again.rows).all()


def test_features_with_one_hash_stand_once() -> None:
    chosen = encoder.choose_features(TITLES, [[b"space", b"space"], [b"space", b"space"]], 50)
    assert len({hash_of(feature) for feature in chosen}) == len(chosen)


def test_a_side_pack_has_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError):
        write_pack(tmp_path / "side.tvpack", contents(side=SideOf(1, 1)))


def test_a_scale_of_0_is_found_by_verifying(pack: Path, tmp_path: Path) -> None:
    made = contents()
    assert made.encoder is not None
    made.encoder.scale_q20[0] = 0
    write_pack(tmp_path / "bad.tvpack", made)
    with PackFile(tmp_path / "bad.tvpack") as file, pytest.raises(CorruptFileError, match="ENCS"):
        file.verify()


def test_the_pack_of_1_1_is_read() -> None:
    with PackFile(GOLDEN) as file:
        file.verify()
    made = StaticEncoder(GOLDEN, DIMENSION).encode("lost in space")
    assert made is not None
    assert made == as_the_oracle_says(GOLDEN, "lost in space")
    assert np.frombuffer(made[0], np.int8)[:4].tolist() == [-51, 70, 5, 10]


if __name__ == "__main__":
    write_pack(GOLDEN, contents())
