"""Rules about the source tree itself."""

from __future__ import annotations

import re
import subprocess

from tests.places import ROOT


def test_the_core_includes_no_python_header_outside_its_bindings() -> None:
    allowed = (ROOT / "native" / "python", ROOT / "native" / "sdk")
    offenders = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "native").rglob("*"))
        if path.suffix in (".cpp", ".hpp", ".h")
        and not any(folder in path.parents for folder in allowed)
        and re.search(
            r'#\s*include\s*[<"](Python\.h|tvn\.h|pybind11|cffi)', path.read_text("utf-8")
        )
    ]
    assert offenders == []


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    printed = subprocess.run(
        [ROOT / ".ci" / "run", "--print"], check=True, capture_output=True, text=True
    ).stdout
    assert [block for block in blocks if "tests.all" in block] == [printed]
    assert len(printed.splitlines()) == 1


def test_every_package_of_the_tree_is_a_package() -> None:
    """A folder without __init__.py would be left out by import contracts and type checks."""
    modules = (ROOT / "tvbrain").rglob("*.py")
    bare = {path.parent for path in modules if not (path.parent / "__init__.py").is_file()}
    assert bare == set()
