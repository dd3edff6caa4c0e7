"""`tvbrain bench embedded`, at a hundredth of its counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.embedding.conftest import Host
from tvbrain.cli import exits, main

Capture = pytest.CaptureFixture[str]


@pytest.mark.slow
def test_the_embedded_brain_is_measured_part_by_part(host: Host, capsys: Capture) -> None:
    places = ["--programs", str(host.programs), "--share", "0.01", "--json"]
    parts = [word for part in ("ready", "lock", "fork") for word in ("--part", part)]
    assert main(["bench", "embedded", *places, *parts]) == exits.OK
    figures: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["figures"]
    of = {f["name"]: f["value"] for f in figures}
    kinds = ("pss.anonymous", "pss.libraries", "pss.pack")
    assert of["pss"] == pytest.approx(sum(of[kind] for kind in kinds), abs=1)
    assert (of["lock.slates_meanwhile"], of["fork.failed"], of["fork.hung"]) == (1000, 0, 0)


def test_hosts_that_are_not_built_are_named(tmp_path: Path, capsys: Capture) -> None:
    assert main(["bench", "embedded", "--programs", str(tmp_path)]) != exits.OK
    assert "is not built" in capsys.readouterr().err
