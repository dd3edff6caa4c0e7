from __future__ import annotations

import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pack.strategies import catalogues
from tvbrain.embed.quantise import Space
from tvbrain.errors import CorruptFileError, InvalidArgumentError, LimitError, UnknownItemError
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack import writer
from tvbrain.pack.catalogue import Offer, Title
from tvbrain.pack.errors import IdError, KeyCollisionError
from tvbrain.pack.layout import ALIAS, CANONICAL, OFFER
from tvbrain.pack.native import key_of, normal_form, xxh64
from tvbrain.pack.reader import PackFile, stack_live_count
from tvbrain.pack.writer import Contents, SideOf, Vectors, lay_out, write_pack


def film(identity: str, title: str = "Heat", **fields: object) -> Title:
    plain = Title(identity, title, 1995, "movie", (Offer(identity, 16),))
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]


def contents(*titles: Title, **fields: object) -> Contents:
    return dataclasses.replace(Contents(titles, "test", "1", 1_700_000_000), **fields)  # type: ignore[arg-type]


def unit_vectors(rows: int, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    raw = np.random.default_rng(seed).normal(size=(rows, 64)).astype(np.float32)
    unit: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return unit


@given(st.data())
def test_what_was_written_is_read_back_and_verifies(data: st.DataObject) -> None:
    titles = data.draw(catalogues())
    popularity = data.draw(
        st.lists(st.integers(0, 2**32 - 1), min_size=len(titles), max_size=len(titles))
    )
    given_contents = contents(*titles, popularity=np.array(popularity, np.uint32))
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.tvpack")
        assert write_pack(path, given_contents) == path.stat().st_size
        assert [entry.name for entry in Path(folder).iterdir()] == ["a.tvpack"]
        with PackFile(path) as pack:
            pack.verify()
            assert list(pack.titles()) == titles
            assert pack.popularity.tolist() == popularity
            assert (pack.name, pack.version) == ("test", "1")
            assert pack.meta["built_at"] == 1_700_000_000
            for row, title in enumerate(titles):
                assert pack.find(title.id) == row
                for offer in title.offers:
                    assert pack.find(offer.id) == row
                assert int(pack.items[row]["age"]) == title.age
            assert lay_out(given_contents) == path.read_bytes()


def test_ids_and_titles_lie_together_before_what_is_seldom_shown() -> None:
    long = "a description " * 20
    titles = [film(f"a:{n}", f"Heat {n}", description=f"{long}{n}") for n in range(50)]
    data = lay_out(contents(*titles))
    assert data.count(long.encode()) == 50
    shown = [text for title in titles for text in (title.id, title.title, normal_form(title.title))]
    assert max(data.rindex(text.encode()) for text in shown) < data.index(long.encode())


def test_vectors_and_weights_come_back_as_they_were(tmp_path: Path) -> None:
    vectors = unit_vectors(3)
    space = Space.fit(vectors, seed=7)
    quantised = space.quantise(vectors)
    weights = ItemWeights(
        indptr=np.array([0, 2, 2, 3], np.uint32),
        indices=np.array([1, 2, 0], np.uint32),
        values=np.array([5, -127, 127], np.int8),
        scale=np.array([2**-7, 0, 2**-9], np.float32),
    )
    titles = [film(f"a:{at}") for at in range(3)]
    write_pack(
        tmp_path / "a.tvpack", contents(*titles, vectors=Vectors(space, quantised), weights=weights)
    )
    with PackFile(tmp_path / "a.tvpack") as pack:
        pack.verify()
        read, read_space, read_weights = pack.vectors(), pack.space(), pack.weights()
        assert read is not None
        assert read_space is not None
        assert read_weights is not None
        np.testing.assert_array_equal(read.rows, quantised.rows)
        np.testing.assert_array_equal(read.scale_q30, quantised.scale_q30)
        np.testing.assert_array_equal(read.bias_q20, quantised.bias_q20)
        np.testing.assert_array_equal(read_space.mean, space.mean)
        assert read_space.seed == 7
        np.testing.assert_array_equal(read_weights.to_csr().todense(), weights.to_csr().todense())


def test_aliases_resolve_and_retired_ids_are_carried(tmp_path: Path) -> None:
    heat = film("a:1", offers=(Offer("a:1"), Offer("b:1")))
    write_pack(
        tmp_path / "a.tvpack",
        contents(
            heat,
            aliases={"a:1": "a:1", "b:1": "a:1", "old:1": "a:1", "old:2": "gone:2"},
            retired={"gone:1": "gone:1"},
        ),
    )
    with PackFile(tmp_path / "a.tvpack") as pack:
        pack.verify()
        assert pack.find("old:1") == 0
        kinds = {int(entry["key"]): int(entry["kind"]) for entry in pack.keys}
        assert kinds == {
            key_of("a:1"): CANONICAL,
            key_of("b:1"): OFFER,
            key_of("old:1"): ALIAS,
        }
        assert pack.ids() == {"a:1": "a:1", "b:1": "a:1", "old:1": "a:1", "gone:1": "gone:1"}
        with pytest.raises(UnknownItemError, match="old:2"):
            pack.find("old:2")


def test_a_side_pack_belongs_to_its_base_and_takes_titles_away(tmp_path: Path) -> None:
    base, side = tmp_path / "base.tvpack", tmp_path / "side.tvpack"
    write_pack(base, contents(film("a:1"), film("a:2")))
    with PackFile(base) as first:
        write_pack(
            side,
            contents(film("a:3"), side=SideOf(first.content_hash, 1, removed=("a:1",))),
        )
        with PackFile(side) as second:
            second.verify()
            assert second.is_side
            assert not first.is_side
            assert second.removed_keys == [key_of("a:1")]
            assert stack_live_count([first, second]) == 2


@pytest.mark.parametrize(
    ("identity", "says"),
    [
        ("nocolon", "must be provider:show_id"),
        (":1", "must be provider:show_id"),
        ("a:", "3 to 63"),
        ("a:" + "x" * 62, "64 bytes"),
        ("a:\u00e9" + "\u00e9" * 30, "64 bytes"),
        ("a:\t1", "control character"),
    ],
)
def test_an_id_that_is_none_is_refused_by_name(identity: str, says: str) -> None:
    with pytest.raises(IdError, match=says):
        lay_out(contents(film(identity)))


def test_colliding_keys_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "key_of", lambda identity: 5)
    with pytest.raises(KeyCollisionError, match=r"'b:2' has the key of 'a:1'"):
        lay_out(contents(film("a:1"), film("b:2")))
    monkeypatch.setattr(writer, "key_of", lambda identity: 0)
    with pytest.raises(KeyCollisionError, match="key 0"):
        lay_out(contents(film("a:1")))


def test_more_than_64_genres_or_providers_are_refused_by_name() -> None:
    names = [f"g{at:02}" for at in range(65)]
    lay_out(contents(film("a:1", genres=tuple(names[:64]))))
    with pytest.raises(LimitError, match=r"65 genres.*g64"):
        lay_out(contents(film("a:1", genres=tuple(names))))
    with pytest.raises(LimitError, match=r"65 providers.*p64"):
        lay_out(contents(*(film(f"p{at:02}:1") for at in range(65))))


@pytest.mark.parametrize(
    ("title", "says"),
    [
        (film("a:1", year=70000), "a:1: year"),
        (film("a:1", runtime_min=-1), "a:1: minutes"),
        (film("a:1", seasons=(65536,)), "a:1: seasons"),
        (film("a:1", description="x" * 65536), "a:1: a text of 65,536 bytes"),
        (film("a:1", offers=()), "a:1: no offer"),
        (film("a:1", offers=(Offer("a:1", 19),)), "a:1: age: 19"),
        (film("a:1", offers=(Offer("a:1", start=5, end=5),)), "a:1: the window"),
        (film("a:1", offers=(Offer("a:1", regions=("de",)),)), "a:1: 'de' is no ISO 3166"),
    ],
)
def test_a_number_that_does_not_fit_is_refused_by_title(title: Title, says: str) -> None:
    with pytest.raises(LimitError, match=says):
        lay_out(contents(title))


def test_parts_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="1 titles, but popularity of 2"):
        lay_out(contents(film("a:1"), popularity=np.zeros(2, np.uint32)))
    with pytest.raises(InvalidArgumentError, match="two titles have the same canonical id"):
        lay_out(contents(film("a:1"), film("a:1")))
    with pytest.raises(InvalidArgumentError, match="a:1 is a canonical id and an offer of b:2"):
        lay_out(contents(film("a:1", offers=(Offer("a:9"),)), film("b:2", offers=(Offer("a:1"),))))


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.tvpack"
    write_pack(path, contents(film("a:1", genres=("Crime",))))
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(CorruptFileError), PackFile(path) as pack:
            pack.verify()


def test_hash_and_normal_form_are_those_of_the_core() -> None:
    assert xxh64(b"abc") == 0x44BC2CF5AD770999
    assert key_of("abc") == 0x44BC2CF5AD770999
    assert xxh64(b"") == 0xEF46DB3751D8E999
    assert normal_form("Am\u00e9lie & Co.") == "amelie and co"
    assert normal_form("a\0b") == "a b"
