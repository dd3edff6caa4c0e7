"""The thread that keeps a set in touch: it begins with the brain, works by itself, and ends at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.sync.world import MONDAY, Constellation, open_home
from tvbrain import Brain
from tvbrain.brain.syncing import Syncing
from tvbrain.clock import VirtualClock
from tvbrain.config import Config
from tvbrain.sync.transport import Answer


def test_an_enrolled_set_asks_by_itself_and_closing_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = open_home(tmp_path)
    home.consent()
    home.brain.close()
    asked = threading.Event()
    server = Constellation(VirtualClock(MONDAY))

    def note(path: str) -> Answer | None:
        asked.set()
        return None

    server.fails = note
    defaults = Syncing.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "connect", lambda url: server)
    config = Config.load(data_dir=home.folder, sync_interval=(1, 2))
    said: list[str] = []
    with Brain.open(home.folder, pack=home.factory, config=config, log=said.append) as brain:
        assert asked.wait(30)
        assert [t.name for t in threading.enumerate()].count("tvbrain-sync") == 1
        assert brain.sync().status().trouble == ""
    assert "tvbrain-sync" not in [t.name for t in threading.enumerate()]


def test_a_set_of_nobody_has_no_such_thread(tmp_path: Path) -> None:
    home = open_home(tmp_path, enrolled=False)
    home.brain.close()
    with Brain.open(home.folder, pack=home.factory):
        assert "tvbrain-sync" not in [t.name for t in threading.enumerate()]
