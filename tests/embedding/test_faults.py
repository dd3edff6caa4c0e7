"""Where the brain cannot start, serving goes on and health names the cause."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.embedding.conftest import FAILED, RUNNING, Host
from tests.places import ROOT
from tvbrain.pack import demo_pack_path

NO_LEARNING, READ_ONLY = 1, 2
"""TVB_MODE_*."""

FAULT_LEARNER = 128

pytestmark = pytest.mark.slow


def moved(host: Host, to: Path) -> Host:
    """The library and the folder beside it in another place, with links of its own."""
    to.mkdir()
    shutil.copy(host.library, to / "libtvbrain.so.1")
    shutil.copytree(host.library.parent / "tvbrain", to / "tvbrain", symlinks=True)
    return replace(host, library=to / "libtvbrain.so.1")


def serves_without_learning(host: Host, data: Path, cause: str) -> None:
    found = host.run("health", data)
    assert (found["titles"], found["close"]) == (20, "TVB_OK")
    assert (found["learning"], found["mode"], found["faults"]) == (
        FAILED,
        NO_LEARNING,
        FAULT_LEARNER,
    )
    assert found["learn_now"] == "TVB_E_NO_LEARNER"
    for text in ("learning_detail", "detail", "why"):
        assert cause in str(found[text])


@pytest.mark.parametrize(
    ("missing", "cause"),
    [
        ("packages/numpy", "numpy"),
        ("packages/tvbrain", "tvbrain"),
        ("lib", "Python cannot start"),
        ("learner.so", "no learner.so in "),
    ],
)
def test_something_is_missing(host: Host, tmp_path: Path, missing: str, cause: str) -> None:
    elsewhere = moved(host, tmp_path / "sdk")
    gone = elsewhere.library.parent / "tvbrain" / missing
    shutil.rmtree(gone) if gone.is_dir() and not gone.is_symlink() else gone.unlink()
    serves_without_learning(elsewhere, tmp_path / "tv", cause)


def test_a_package_that_is_damaged_is_named_by_what_is_wrong_and_not_by_its_advice(
    host: Host, tmp_path: Path
) -> None:
    elsewhere = moved(host, tmp_path / "sdk")
    numpy = elsewhere.library.parent / "tvbrain" / "packages" / "numpy"
    numpy.unlink()
    numpy.mkdir()
    advice = 'raise ImportError("\\nPLEASE READ THIS ADVICE\\n" * 20) from error'
    (numpy / "__init__.py").write_text(
        f"try:\n    import no_such_library\nexcept ImportError as error:\n    {advice}\n"
    )
    serves_without_learning(elsewhere, tmp_path / "tv", "No module named 'no_such_library'")


def test_a_learning_plane_that_answers_nothing_is_not_taken_for_one_that_learns(
    host: Host, tmp_path: Path
) -> None:
    elsewhere = moved(host, tmp_path / "sdk")
    package = elsewhere.library.parent / "tvbrain" / "packages" / "tvbrain"
    package.unlink()
    (package / "sdk").mkdir(parents=True)
    for name in ("__init__.py", "sdk/__init__.py", "sdk/embedded.py"):
        (package / name).touch()
    serves_without_learning(elsewhere, tmp_path / "tv", "Python cannot be entered")


def test_no_libpython_is_there(host: Host, tmp_path: Path) -> None:
    elsewhere = moved(host, tmp_path / "sdk")
    for library in (elsewhere.library.parent / "tvbrain").glob("libpython*"):
        library.unlink()
    serves_without_learning(elsewhere, tmp_path / "tv", "Python cannot be loaded")


def test_brain_db_is_damaged_until_it_is_put_aside(host: Host, tmp_path: Path) -> None:
    data = tmp_path / "tv"
    assert host.run("health", data)["learning"] == RUNNING
    (data / "brain.db").write_bytes(b"not a database " * 1000)
    serves_without_learning(host, data, "brain.db")
    assert (data / "brain.db").read_bytes().startswith(b"not a database")
    (data / "brain.db").unlink()
    assert host.run("health", data)["learning"] == RUNNING


def test_another_process_learns_there(host: Host, tmp_path: Path) -> None:
    data = tmp_path / "tv"
    host.run("health", data)
    words = [sys.executable, "-m", "tvbrain", "run", "--data", str(data)]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as learner:
        assert learner.stderr is not None
        assert "learning" in learner.stderr.readline()
        found = host.run("health", data)
        learner.terminate()
    assert (found["titles"], found["learning"]) == (20, FAILED)
    assert str(learner.pid) in str(found["learning_detail"])


def test_neither_environment_nor_working_folder_is_looked_at(host: Host, tmp_path: Path) -> None:
    (tmp_path / "tvbrain.py").write_text("raise SystemExit('the wrong module')")
    wrong = str(tmp_path)
    names = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONPLATLIBDIR")
    found = host.run("health", tmp_path / "tv", environment=dict.fromkeys(names, wrong))
    assert (found["learning"], found["faults"]) == (RUNNING, 0)


@contextmanager
def nobodys_folder() -> Iterator[Path]:
    """A folder that the C host, which takes its owner's rights, may read and not write."""
    with tempfile.TemporaryDirectory(prefix="tvbrain-ro-") as scratch:
        Path(scratch).chmod(0o755)
        yield Path(scratch)


def test_a_directory_that_cannot_be_written_serves_read_only(host: Host) -> None:
    with nobodys_folder() as folder:
        data = folder / "tv"
        assert host.run("health", data)["learning"] == RUNNING
        for path in (data, *data.rglob("*")):
            if os.geteuid() == 0:
                os.chown(path, 65534, 65534)
            path.chmod(0o500 if path.is_dir() else 0o400)
        pack = Path(shutil.copy(demo_pack_path(), folder))
        found = host.run("health", f"ro:{data}", pack=pack)
        for path in (data, *data.rglob("*")):
            path.chmod(0o700)
    assert (found["titles"], found["mode"], found["learn_now"]) == (
        20,
        READ_ONLY,
        "TVB_E_NO_LEARNER",
    )
    assert "read-only" in str(found["why"])
    assert "read-only" in str(found["learning_detail"])
