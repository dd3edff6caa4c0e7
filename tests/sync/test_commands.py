"""`tvbrain sync`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sync.world import MONDAY, URL, Constellation, open_home, write_base
from tests.wire.made_up import TENANT
from tvbrain.brain.syncing import Syncing
from tvbrain.cli import exits, main
from tvbrain.clock import VirtualClock


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Constellation:
    """The only one there is, whatever the address."""
    found = Constellation(VirtualClock(MONDAY))
    defaults = Syncing.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "connect", lambda url: found)
    return found


def command(tmp_path: Path, *words: str) -> list[str]:
    pack = tmp_path / "factory.tvpack"
    if not pack.exists():
        write_base(pack)
    return ["sync", *words, "--data", str(tmp_path / "data"), "--pack", str(pack), "--json"]


def agree(tmp_path: Path, server: Constellation, agrees: bool) -> None:
    home = open_home(tmp_path, enrolled=False, server=server)
    home.consent(agrees)
    home.brain.close()


def test_a_set_is_enrolled_asked_and_told(
    tmp_path: Path, server: Constellation, capsys: pytest.CaptureFixture[str]
) -> None:
    words = command(tmp_path, "enrol", "--url", URL, "--tenant", TENANT, "--token", "token")
    assert main(words) == exits.FAILED
    assert "consents" in capsys.readouterr().err
    assert server.requests == []
    agree(tmp_path, server, True)
    assert main(words) == exits.OK
    told = json.loads(capsys.readouterr().out)
    assert (told["url"], told["tenant"], told["consenting"]) == (URL, TENANT, [1])
    agree(tmp_path, server, False)
    assert main(command(tmp_path, "now")) == exits.OK
    assert json.loads(capsys.readouterr().out)["did"] == []
    agree(tmp_path, server, True)
    assert main(command(tmp_path, "now")) == exits.OK
    assert json.loads(capsys.readouterr().out)["did"] == ["nothing newer"]
    assert main(command(tmp_path, "status")) == exits.OK
    assert json.loads(capsys.readouterr().out)["consenting"] == [1]


def test_what_goes_wrong_is_a_line_and_an_exit_code(
    tmp_path: Path, server: Constellation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(tmp_path, "now")) == exits.FAILED
    assert "tvbrain sync enrol" in capsys.readouterr().err
    agree(tmp_path, server, True)
    words = ["enrol", "--tenant", TENANT]
    assert main(command(tmp_path, *words, "--token", "token")) == exits.USAGE
    assert main(command(tmp_path, *words, "--url", URL, "--token", "no")) == exits.FAILED
    assert "401" in capsys.readouterr().err
    home = open_home(tmp_path, enrolled=False, server=server)
    assert main(command(tmp_path, "status")) == exits.BUSY
    home.brain.close()
