"""`tvbrain pack`, as one types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pack.made_up import catalogue
from tvbrain.cli import exits, main
from tvbrain.pack import demo_pack_path


def built(folder: Path, *more: str) -> list[str]:
    source = catalogue(
        folder / "films.jsonl",
        {"id": "a:1", "title": "Heat", "offers": [{"id": "a:1"}, {"id": "b:1"}]},
        {"id": "a:2", "title": "Ronin"},
    )
    return ["pack", "build", str(source), "-o", str(folder / "films.tvpack"), "--no-vectors", *more]


def test_build_and_inspect_show_what_is_in_a_pack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert main(built(tmp_path, "--json")) == exits.OK
    report = json.loads(capsys.readouterr().out)
    assert report["rows_read"] == 2
    assert report["pack"]["titles"] == 2
    assert report["pack"]["built_at"] == 1_700_000_000
    assert report["pack"]["version"] == "2023-11-14"
    path = str(tmp_path / "films.tvpack")
    assert main(["pack", "inspect", path, "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out)["sections"] == report["pack"]["sections"]
    assert main(["pack", "inspect", path, "--item", "b:1", "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out)["title"] == "Heat"
    assert main(["pack", "inspect", path, "--item", "b:9"]) == exits.FAILED
    assert "knows no b:9" in capsys.readouterr().err


def test_the_same_input_at_the_same_time_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    main(built(tmp_path, "--json"))
    once = (tmp_path / "films.tvpack").read_bytes()
    main(built(tmp_path, "--json"))
    assert (tmp_path / "films.tvpack").read_bytes() == once


def test_broken_rows_are_listed_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("rich")
    command = built(tmp_path)
    with (tmp_path / "films.jsonl").open("a") as file:
        file.write("{}\n" * 30)
    assert main(command) == exits.OK
    spoken = capsys.readouterr()
    assert "30 broken rows" in spoken.out
    assert "films.jsonl:22" in spoken.out.replace("\n", "")
    assert "10 more broken rows: see --json" in spoken.err
    assert main([*command, "--json"]) == exits.OK
    assert [row["line"] for row in json.loads(capsys.readouterr().out)["broken"]] == list(
        range(3, 33)
    )


def test_side_packs_are_built_and_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(built(tmp_path, "--json"))
    base, side = str(tmp_path / "films.tvpack"), str(tmp_path / "side.tvpack")
    new = catalogue(tmp_path / "new.jsonl", {"id": "a:1", "title": "Heat"})
    capsys.readouterr()
    command = ["pack", "build", str(new), "-o", side, "--no-vectors", "--side-of", base, "--json"]
    assert main(command) == exits.OK
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert changes == {"added": [], "changed": ["a:1"], "removed": ["a:2"]}
    data = str(tmp_path / "data")
    assert main(["pack", "install", side, "--data", data]) == exits.BAD_FILE
    assert main(["pack", "install", base, "--data", data]) == exits.OK
    assert main(["pack", "install", side, "--data", data]) == exits.OK
    assert "side-01.tvpack: verified and installed; 1 titles" in capsys.readouterr().out


def test_previous_carries_ids_forward(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(built(tmp_path, "--json"))
    old, new = str(tmp_path / "films.tvpack"), str(tmp_path / "new.tvpack")
    films = catalogue(
        tmp_path / "new.jsonl", {"id": "b:1", "title": "Heat"}, {"id": "c:3", "title": "Alien"}
    )
    command = ["pack", "build", str(films), "-o", new, "--no-vectors", "--json"]
    assert main([*command, "--previous", old]) == exits.OK
    capsys.readouterr()
    main(["pack", "inspect", new, "--item", "a:1", "--json"])
    assert json.loads(capsys.readouterr().out)["id"] == "a:1"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--partial"], exits.USAGE, "need --side-of"),
        (["--side-of", "x", "--previous", "y"], exits.USAGE, "no place"),
        (["--previous", "none.tvpack"], exits.BAD_FILE, "none.tvpack"),
        (["--ratings", "none.csv"], exits.BAD_FILE, "none.csv"),
    ],
)
def test_a_mistake_is_told_by_cause(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    assert main(built(tmp_path, *arguments)) == code
    assert says in capsys.readouterr().err
    assert not (tmp_path / "films.tvpack").exists()


def test_vectors_need_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TVBRAIN_MODEL", raising=False)
    command = [word for word in built(tmp_path) if word != "--no-vectors"]
    assert main(command) == exits.USAGE
    assert "--model" in capsys.readouterr().err


def test_a_file_that_is_no_catalogue_or_no_pack_is_a_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("hello, world\n" * 20)
    output = str(tmp_path / "o.tvpack")
    assert main(["pack", "build", str(other), "-o", output, "--no-vectors"]) == exits.BAD_FILE
    assert "is no catalogue" in capsys.readouterr().err
    assert main(["pack", "inspect", str(other)]) == exits.BAD_FILE
    assert "magic is not TVBPACK" in capsys.readouterr().err
    missing = str(tmp_path / "none" / "o.tvpack")
    command = ["pack", "build", str(tmp_path / "none.csv"), "-o", missing, "--no-vectors"]
    assert main(command) == exits.BAD_FILE
    assert "none.csv" in capsys.readouterr().err


def test_the_demo_pack_can_be_inspected(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich")
    assert main(["pack", "inspect", str(demo_pack_path())]) == exits.OK
    assert "verified" in capsys.readouterr().out
