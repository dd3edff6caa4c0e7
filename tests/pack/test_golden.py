"""The first packs ever written, which every later version reads: tests/golden/pack-1.0*.tvpack.

Written once by `write_golden()` (`python -m tests.pack.test_golden`); native/tests/pack_golden_test.cpp reads them too.
"""

from __future__ import annotations

import numpy as np

from tests.places import ROOT
from tvbrain.embed.quantise import Space
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack.catalogue import Offer, Title
from tvbrain.pack.reader import PackFile, stack_live_count
from tvbrain.pack.writer import Contents, SideOf, Vectors, write_pack

BASE = ROOT / "tests" / "golden" / "pack-1.0.tvpack"
SIDE = ROOT / "tests" / "golden" / "pack-1.0-side.tvpack"

HEAT = Title(
    "netflix:s1",
    "Heat",
    1995,
    "movie",
    (
        Offer("netflix:s1", 16, "app://netflix/1", ("AT", "DE"), 1_700_000_000, 1_800_000_000),
        Offer("prime:9", None),
    ),
    genres=("Crime", "Drama"),
    directors=("Michael Mann",),
    cast=("Al Pacino", "Robert De Niro"),
    description="A thief and a policeman.",
    runtime_min=170,
    artwork="heat-1995",
    added=19_000 * 86_400,
    localised={"de": "Hitze"},
)
DARK = Title(
    "hulu:2",
    "Dark & Süß",
    2017,
    "series",
    (Offer("hulu:2", 14),),
    genres=("Drama",),
    runtime_min=50,
    seasons=(10, 0, 8),
    series="dark",
)
TOYS = Title("ml:1", "Toy Story", 1995, "movie", (Offer("ml:1"),))
BRAZIL = Title("hulu:7", "Brazil", 1985, "movie", (Offer("hulu:7", 12),), genres=("Sci-Fi",))


def unit(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A unit vector of exact numbers: one of 32 places is 1."""
    vector = np.zeros(32, np.float32)
    vector[seed] = 1.0
    return vector


def write_golden() -> None:
    vectors = np.stack([unit(3), unit(4), unit(5)])
    space = Space(np.full(32, 2.0**-6, np.float32), seed=42)
    base = Contents(
        (HEAT, DARK, TOYS),
        "golden",
        "1.0",
        1_700_000_000,
        aliases={"disney:old": "netflix:s1"},
        retired={"disney:gone": "disney:gone"},
        popularity=np.array([7, 9, 0], np.uint32),
        vectors=Vectors(space, space.quantise(vectors)),
        weights=ItemWeights(
            np.array([0, 2, 2, 3], np.uint32),
            np.array([1, 2, 0], np.uint32),
            np.array([127, -9, 127], np.int8),
            np.array([2**-8, 0, 2**-10], np.float32),
        ),
        source={"about": "golden"},
    )
    write_pack(BASE, base)
    with PackFile(BASE) as opened:
        side = SideOf(opened.content_hash, 1, removed=("ml:1",))
    changed = Title("hulu:2", "Dark", 2017, "series", (Offer("hulu:2", 16),), genres=("Drama",))
    rows = space.quantise(np.stack([unit(4), unit(6)]))
    write_pack(
        SIDE,
        Contents(
            (changed, BRAZIL),
            "golden side",
            "1.0",
            1_700_086_400,
            vectors=Vectors(space, rows),
            side=side,
        ),
    )


def test_the_base_pack_of_1_0_is_read() -> None:
    with PackFile(BASE) as pack:
        pack.verify()
        assert list(pack.titles()) == [HEAT, DARK, TOYS]
        assert pack.popularity.tolist() == [7, 9, 0]
        assert pack.ids()["disney:old"] == "netflix:s1"
        assert pack.ids()["disney:gone"] == "disney:gone"
        assert pack.find("disney:old") == pack.find("prime:9") == 0
        vectors, weights, space = pack.vectors(), pack.weights(), pack.space()
        assert vectors is not None
        assert weights is not None
        assert space is not None
        assert vectors.bias_q20.tolist() == [1 << 14] * 3
        assert weights.to_csr()[0, 1] == 127 / 256
        assert space.seed == 42
        assert (space.quantise(np.stack([unit(3)])).rows == vectors.rows[:1]).all()


def test_the_side_pack_of_1_0_stacks_on_it() -> None:
    with PackFile(BASE) as base, PackFile(SIDE) as side:
        side.verify()
        assert [title.title for title in side.titles()] == ["Dark", "Brazil"]
        assert stack_live_count([base, side]) == 3


if __name__ == "__main__":
    write_golden()
