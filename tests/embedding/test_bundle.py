"""What is laid out beside the library: all that learning needs, and of ours nothing else."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import grimp
import pytest

from tests.places import ROOT

ENTRY = "tvbrain.sdk.embedded"


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    place = ROOT / "native" / "python" / "embed" / "bundle.py"
    spec = importlib.util.spec_from_file_location("bundle", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tops(modules: set[str]) -> set[str]:
    return {name.split(".")[1] for name in modules if "." in name}


def test_of_ours_that_is_bundled_which_learning_imports(bundle: ModuleType) -> None:
    needed = tops({ENTRY, *grimp.build_graph("tvbrain").find_upstream_modules(ENTRY)})
    assert {name.removesuffix(".py") for name in bundle.OURS} == needed | {"__init__"}


def test_bytecode_takes_the_place_of_sources(bundle: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text('"""Words."""\nassert False\nfrom . import said\n')
    (tmp_path / "inner" / "said.py").write_text('def say():\n    """Words."""\n    return 7\n')
    bundle._compile(tmp_path)
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*")) == [
        "inner/__init__.pyc",
        "inner/said.pyc",
    ]
    assert b"Words" not in (tmp_path / "inner" / "said.pyc").read_bytes()
    asked = "import inner; print(inner.said.say(), inner.__doc__, inner.said.say.__doc__)"
    words = [sys.executable, "-S", "-c", asked]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "7 None None\n"


def test_what_a_set_does_not_need_is_not_loaded_to_learn() -> None:
    """Each of these is memory that a set would carry for nothing."""
    asked = "import sys, tvbrain.brain.plane; print(*sys.modules)"
    words = [sys.executable, "-S", "-c", asked]
    path = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=path)
    loaded = set(done.stdout.split())
    assert "tvbrain.loops.learner" in loaded
    assert "numpy" in loaded
    for name in ("asyncio", "click", "concurrent", "decimal", "http", "logging", "ssl", "sqlite_utils"):
        assert name not in loaded
    for name in ("cffi", "pycparser", "cryptography", "onnxruntime", "scipy", "tvbrain.cli", "tvbrain.wire"):
        assert name not in loaded
