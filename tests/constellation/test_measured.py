"""The bench and the drill of a constellation end with figures that add up."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.servers import running
from tvbrain.constellation.drill.servers import NatsServer, PostgresServer, free_port


def figures(*words: str, code: int = 0) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tvbrain", *words, "--json"], capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    return {one["name"]: one["value"] for one in json.loads(done.stdout)["figures"]}


@pytest.fixture(params=["sqlite", "postgres"])
def back_end(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == "postgres":
        with running(PostgresServer), running(NatsServer):
            return name
    return name


def test_a_load_is_acknowledged_and_counted(back_end: str) -> None:
    words = ("--rate", "40", "--seconds", "2", "--port", str(free_port()))
    found = figures("bench", "constellation", *words, "--back-end", back_end)
    assert found["push.counted"] == 80
    assert found["push.acknowledged_not_counted"] == 0
    assert found["push.cpu"] > 0
    assert found["generator.cpu"] > 0
    assert found["server.memory_begin"] > 0
    assert ("push.cpu.postgres" in found) == (back_end == "postgres")


def test_what_could_not_be_added_in_time_is_said() -> None:
    """With no time to add what waits, the run ends all the same, and says that it has failed."""
    words = ("--rate", "300", "--seconds", "1", "--port", str(free_port()), "--drain", "0")
    found = figures("bench", "constellation", *words, code=1)
    assert found["push.acknowledged_not_counted"] == 300 - found["push.counted"]


def test_a_drill_of_a_few_kills_finds_everything_once() -> None:
    found = figures("drill", "constellation", "--kills", "2")
    assert found["constellation: pushes"] == 80
    assert found["constellation: not counted"] == found["constellation: counted twice"] == 0
