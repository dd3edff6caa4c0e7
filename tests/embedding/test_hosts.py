"""libtvbrain inside programs that run Python themselves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedding.conftest import FAILED, RUNNING, Host
from tests.places import ROOT
from tvbrain.pack import demo_pack_path

pytestmark = pytest.mark.slow

PROGRAM = ROOT / "tests" / "embedding" / "python_host.py"
OURS = f"{sys.version_info.major}.{sys.version_info.minor}"


def run(python: str, host: Host, data: Path, end: str) -> dict[str, object]:
    done = subprocess.run(
        [python, "-I", "-S", PROGRAM, host.library, data, demo_pack_path(), end],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def other_python(version: str) -> str:
    """A Python of this version that runs, or the test is skipped."""
    named = (f"/usr/bin/python{version}", f"python{version}")
    built = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for found in (*filter(None, map(shutil.which, named)), *map(str, built)):
        if subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0:
            return found
    pytest.skip(f"needs a Python {version}")


@pytest.mark.parametrize("end", ["close", "leave"])
def test_a_host_of_the_same_python_shares_it(host: Host, tmp_path: Path, end: str) -> None:
    """This interpreter's libpython is a shared library, if the full library was built at all."""
    found = run(sys.executable, host, tmp_path / "tv", end)
    assert found == {
        "learning": RUNNING,
        "detail": "",
        "learn_now": 0,
        "counted": True,
        "tvbrain": True,
    }


@pytest.mark.parametrize("end", ["close", "leave"])
def test_a_host_with_python_linked_into_it_shares_it(host: Host, tmp_path: Path, end: str) -> None:
    """As Debian's python3 is: there is no libpython to find, only symbols of the program."""
    python = other_python(OURS)
    linked = subprocess.run(["ldd", python], capture_output=True, text=True, check=False).stdout
    if "libpython" in linked:
        pytest.skip(f"{python} has its libpython as a shared library")
    found = run(python, host, tmp_path / "tv", end)
    assert (found["learning"], found["detail"], found["learn_now"]) == (RUNNING, "", 0)


def test_a_c_host_with_a_python_of_its_own_shares_it(host: Host, tmp_path: Path) -> None:
    """Loaded RTLD_LOCAL: its symbols are nobody's until the library makes them global."""
    own = next((host.library.parent / "tvbrain").glob("libpython*")).resolve()
    found = host.run("plugin", tmp_path / "tv", own)
    assert (found["learning"], found["learn_now"]) == (RUNNING, "TVB_OK")
    assert found["learning_detail"] == ""


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_a_host_of_another_python_is_served_and_told_why_nothing_is_learned(
    host: Host, tmp_path: Path, version: str
) -> None:
    if version == OURS:
        pytest.skip("that is the same Python")
    found = run(other_python(version), host, tmp_path / "tv", "close")
    assert (found["learning"], found["counted"], found["tvbrain"]) == (FAILED, True, False)
    assert f"the host runs Python {version}." in str(found["detail"])
    assert OURS in str(found["detail"])
