"""A side pack is the difference: stacked on its base, the packs show the new catalogue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.pack.made_up import HashEmbedder, catalogue
from tvbrain.embed.embedder import Embedder
from tvbrain.errors import InvalidArgumentError, PackMismatchError, UnknownItemError
from tvbrain.pack.build import Sources, base_contents, gather
from tvbrain.pack.reader import PackFile, stack_live_count
from tvbrain.pack.side import Changes, published_ids, side_contents
from tvbrain.pack.writer import write_pack

HEAT: dict[str, object] = {"id": "a:1", "title": "Heat"}
RONIN: dict[str, object] = {"id": "a:2", "title": "Ronin"}
ALIEN: dict[str, object] = {"id": "a:3", "title": "Alien"}
BRAZIL: dict[str, object] = {"id": "a:4", "title": "Brazil"}


def base(folder: Path, *titles: dict[str, object], embedder: Embedder | None = None) -> Path:
    sources = Sources((catalogue(folder / "base.jsonl", *titles),), embedder=embedder)
    contents, _ = base_contents(gather(sources), sources, name="base", version="1", built_at=1)
    write_pack(folder / "base.tvpack", contents)
    return folder / "base.tvpack"


def side(
    folder: Path,
    paths: list[Path],
    *titles: dict[str, object],
    embedder: Embedder | None = None,
    partial: bool = False,
    remove: tuple[str, ...] = (),
) -> tuple[Path, Changes]:
    packs = [PackFile(path) for path in paths]
    sources = Sources(
        (catalogue(folder / "new.jsonl", *titles),),
        embedder=embedder,
        previous=published_ids(packs),
    )
    contents, changes = side_contents(
        gather(sources, train=False),
        sources,
        packs,
        name="side",
        version="2",
        built_at=2,
        partial=partial,
        remove=remove,
    )
    path = folder / f"side-{len(paths):02}.tvpack"
    write_pack(path, contents)
    for pack in packs:
        pack.close()
    return path, changes


def test_it_adds_changes_and_removes(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN, ALIEN)
    path, changes = side(tmp_path, [first], HEAT, RONIN | {"runtime_min": 122}, BRAZIL)
    assert changes == Changes(added=("a:4",), changed=("a:2",), removed=("a:3",))
    with PackFile(first) as old, PackFile(path) as new:
        new.verify()
        assert [title.id for title in new.titles()] == ["a:2", "a:4"]
        assert stack_live_count([old, new]) == 3


def test_the_same_catalogue_changes_nothing(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN, embedder=HashEmbedder())
    path, changes = side(tmp_path, [first], HEAT, RONIN, embedder=HashEmbedder())
    assert changes == Changes((), (), ())
    with PackFile(first) as old, PackFile(path) as new:
        new.verify()
        assert stack_live_count([old, new]) == 2


def test_the_next_side_pack_starts_from_what_the_stack_shows(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN)
    one, _ = side(tmp_path, [first], HEAT, ALIEN)
    two, changes = side(tmp_path, [first, one], RONIN, ALIEN)
    assert changes == Changes(added=("a:2",), changed=(), removed=("a:1",))
    with PackFile(first) as a, PackFile(one) as b, PackFile(two) as c:
        assert (b.meta["ordinal"], c.meta["ordinal"]) == (1, 2)
        assert stack_live_count([a, b, c]) == 2


def test_a_partial_catalogue_takes_away_only_what_it_is_told_to(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT, RONIN, ALIEN)
    _, changes = side(tmp_path, [first], BRAZIL, partial=True, remove=("a:2",))
    assert changes == Changes(added=("a:4",), changed=(), removed=("a:2",))
    with pytest.raises(UnknownItemError, match="a:9"):
        side(tmp_path, [first], BRAZIL, partial=True, remove=("a:9",))


def test_an_offer_that_has_gone_still_names_its_title(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT | {"offers": [{"id": "a:1"}, {"id": "b:1"}]})
    path, changes = side(tmp_path, [first], HEAT | {"offers": [{"id": "a:1"}]})
    assert changes.changed == ("a:1",)
    with PackFile(path) as new:
        assert new.ids()["b:1"] == "a:1"
        assert new.find("b:1") == new.find("a:1")


def test_vectors_are_of_the_base_s_space(tmp_path: Path) -> None:
    embedder = HashEmbedder()
    first = base(tmp_path, HEAT, RONIN, embedder=embedder)
    path, _ = side(tmp_path, [first], HEAT, RONIN, ALIEN, embedder=embedder)
    with PackFile(first) as old, PackFile(path) as new:
        assert new.meta["space_id"] == old.meta["space_id"]
        vectors = new.vectors()
        assert vectors is not None
        assert vectors.scale_q30[0] > 0
    with pytest.raises(InvalidArgumentError, match="by hash, these would be by other"):
        side(tmp_path, [first], HEAT, ALIEN, embedder=HashEmbedder("other"))


def test_without_a_model_a_title_keeps_its_vector_while_its_text_is_the_same(
    tmp_path: Path,
) -> None:
    first = base(tmp_path, HEAT, RONIN, embedder=HashEmbedder())
    path, _ = side(
        tmp_path, [first], HEAT | {"artwork": "new"}, RONIN | {"description": "Other."}, ALIEN
    )
    with PackFile(first) as old, PackFile(path) as new:
        new.verify()
        before, after = old.vectors(), new.vectors()
        assert before is not None
        assert after is not None
        np.testing.assert_array_equal(after.rows[new.find("a:1")], before.rows[old.find("a:1")])
        assert after.scale_q30[new.find("a:2")] == 0
        assert after.scale_q30[new.find("a:3")] == 0


def test_it_needs_a_base_pack(tmp_path: Path) -> None:
    first = base(tmp_path, HEAT)
    one, _ = side(tmp_path, [first], RONIN)
    with pytest.raises(PackMismatchError, match="is a side pack"):
        side(tmp_path, [one], HEAT)
