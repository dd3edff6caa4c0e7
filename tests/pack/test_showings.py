"""Rows of airings alone add them to a title, of the same build or of the packs below, and change nothing else of it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.pack.made_up import HashEmbedder, catalogue
from tvbrain.pack.build import Sources, base_contents, gather
from tvbrain.pack.catalogue import Airing, Showings
from tvbrain.pack.errors import BadRowError, BrokenCatalogueError
from tvbrain.pack.jsonl import parse_row
from tvbrain.pack.reader import PackFile, stack_live_count
from tvbrain.pack.side import Changes, published_ids, shown_titles, side_contents
from tvbrain.pack.writer import write_pack

NEWS = Airing(1_700_000_000, 1_700_001_800, "One")
FILM = Airing(1_700_010_000, 1_700_017_200, "Two")
HEAT: dict[str, object] = {
    "id": "a:1",
    "title": "Heat",
    "description": "A thief and a policeman.",
    "offers": [{"id": "b:9", "age": 16, "regions": ["DE"]}],
    "trending": {"DE": 7},
    "audience": [{"region": "DE", "people": 3}],
    "airings": [{"channel": "One", "start": NEWS.start, "end": NEWS.end}],
}
RONIN: dict[str, object] = {"id": "a:2", "title": "Ronin"}


def shown(identity: str, *airings: Airing) -> str:
    rows = [{"channel": one.channel, "start": one.start, "end": one.end} for one in airings]
    return json.dumps({"id": identity, "airings": rows}) + "\n"


def schedule(folder: Path, *rows: str) -> Path:
    path = folder / "tonight.jsonl"
    path.write_text("".join(rows), encoding="utf-8")
    return path


def base(folder: Path, embedder: HashEmbedder | None = None) -> Path:
    sources = Sources((catalogue(folder / "base.jsonl", HEAT, RONIN),), embedder=embedder)
    contents, _ = base_contents(gather(sources), sources, name="base", version="1", built_at=1)
    write_pack(folder / "base.tvpack", contents)
    return folder / "base.tvpack"


def tonight(folder: Path, paths: list[Path], *rows: str) -> tuple[Path, Changes]:
    """A partial side pack of rows alone, and what it changes."""
    packs = [PackFile(path) for path in paths]
    sources = Sources(
        (schedule(folder, *rows),),
        previous=published_ids(packs),
        below=partial(shown_titles, packs),
    )
    contents, changes = side_contents(
        gather(sources, train=False),
        sources,
        packs,
        name="tonight",
        version="2",
        built_at=2,
        partial=True,
    )
    path = folder / f"side-{len(paths)}.tvpack"
    write_pack(path, contents)
    for pack in packs:
        pack.close()
    return path, changes


def test_in_a_build_they_join_the_title_s_own_whichever_of_its_ids_they_name(
    tmp_path: Path,
) -> None:
    files = (schedule(tmp_path, shown("b:9", FILM, NEWS)), catalogue(tmp_path / "c", HEAT, RONIN))
    plain = gather(Sources(files[1:]))
    found = gather(Sources(files))
    assert found.titles == (replace(plain.titles[0], airings=(NEWS, FILM)), plain.titles[1])
    assert not found.loaded.broken


def test_several_rows_of_one_title_add_up(tmp_path: Path) -> None:
    file = schedule(tmp_path, shown("a:2", FILM), shown("a:2", NEWS), shown("a:2", NEWS))
    found = gather(Sources((catalogue(tmp_path / "c", RONIN), file)))
    assert [title.airings for title in found.titles] == [(NEWS, FILM)]


@pytest.mark.parametrize("identity", ["a:1", "b:9"])
def test_a_side_pack_of_them_keeps_what_the_packs_below_say(tmp_path: Path, identity: str) -> None:
    first = base(tmp_path, HashEmbedder())
    path, changes = tonight(tmp_path, [first], shown(identity, FILM))
    assert changes == Changes(added=(), changed=("a:1",), removed=())
    with PackFile(first) as old, PackFile(path) as new:
        new.verify()
        assert list(new.titles()) == [replace(old.title(0), airings=(NEWS, FILM))]
        assert new.popularity.tolist() == old.popularity.tolist()[:1]
        was, now = old.vectors(), new.vectors()
        assert was is not None
        assert now is not None
        assert now.rows.tolist() == was.rows.tolist()[:1]
        assert stack_live_count([old, new]) == 2


def test_the_next_night_adds_to_the_night_before(tmp_path: Path) -> None:
    first = base(tmp_path)
    one, _ = tonight(tmp_path, [first], shown("a:2", NEWS))
    two, changes = tonight(tmp_path, [first, one], shown("a:2", FILM))
    assert changes.changed == ("a:2",)
    with PackFile(two) as new:
        assert [title.airings for title in new.titles()] == [(NEWS, FILM)]


def test_airings_that_are_there_already_change_nothing(tmp_path: Path) -> None:
    _, changes = tonight(tmp_path, [base(tmp_path)], shown("a:1", NEWS))
    assert changes == Changes((), (), ())


def test_of_no_title_they_are_a_broken_row_that_is_named(tmp_path: Path) -> None:
    file = schedule(tmp_path, shown("a:2", NEWS), shown("a:77", NEWS))
    loaded = gather(Sources((catalogue(tmp_path / "c", RONIN), file))).loaded
    assert [(row.file, row.line, row.reason) for row in loaded.broken] == [
        (str(file), 2, "no title has the id 'a:77'")
    ]


def test_alone_and_of_no_title_they_are_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(BrokenCatalogueError, match="line 1: no title has the id 'a:1'"):
        gather(Sources((schedule(tmp_path, shown("a:1", NEWS)),)))


def test_a_row_is_of_airings_alone_or_a_whole_title() -> None:
    assert parse_row(shown("a:1", FILM, NEWS, NEWS)) == Showings("a:1", (NEWS, FILM))
    with pytest.raises(BadRowError, match='"airings": empty'):
        parse_row(shown("a:1"))
    with pytest.raises(BadRowError, match='"type" is missing'):
        parse_row(json.dumps(json.loads(shown("a:1", NEWS)) | {"year": 1995}))
    with pytest.raises(BadRowError, match="is not provider:show"):
        parse_row(shown("one", NEWS))
