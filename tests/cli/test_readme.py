"""What the README shows is run as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import HEADER, ROOT
from tvbrain.pack import demo_pack_path

README = (ROOT / "README.md").read_text("utf-8")


def snippet(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def place(tmp_path: Path, native_build: Path) -> Path:
    shutil.copy(demo_pack_path(), tmp_path / "catalogue.tvpack")
    return tmp_path


def test_c_in_ten_lines_builds_and_runs(place: Path, native_build: Path) -> None:
    (place / "program.c").write_text(snippet("c"), encoding="utf-8")
    subprocess.run(
        [
            *("cc", "-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "program.c"),
            *(f"-I{HEADER.parent}", f"-L{native_build}", f"-Wl,-rpath,{native_build}"),
            *("-ltvbrain-serve", "-o", "program"),
        ],
        cwd=place,
        check=True,
    )
    assert subprocess.run(["./program"], cwd=place, check=False).returncode == 0
    assert list((place / "data" / "journal").glob("*.tvj"))


def test_python_in_ten_lines_runs_and_prints_twenty_titles_with_reasons(place: Path) -> None:
    (place / "program.py").write_text(snippet("python"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert len(done.stdout.splitlines()) == 20


@pytest.mark.parametrize("program", sorted((ROOT / "examples" / "python").glob("*.py")), ids=str)
def test_a_python_example_runs(program: Path, place: Path) -> None:
    done = subprocess.run(
        [sys.executable, program, "catalogue.tvpack", "data"],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "Because you watched" in done.stdout
