"""`tvbrain bench embedded`, at a hundredth of its counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.embedding.conftest import Host
from tvbrain.cli import exits, main
from tvbrain.cli.bench.embedded import AT_MOST, is_missed
from tvbrain.cli.output import Figure

Capture = pytest.CaptureFixture[str]


@pytest.mark.slow
def test_the_embedded_brain_is_measured_part_by_part(host: Host, capsys: Capture) -> None:
    places = ["--programs", str(host.programs), "--share", "0.01", "--json"]
    parts = [word for part in ("ready", "lock", "fork") for word in ("--part", part)]
    code = main(["bench", "embedded", *places, *parts])
    figures: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["figures"]
    missed = [f["name"] for f in figures if f["name"] in AT_MOST and f["value"] > AT_MOST[f["name"]]]
    assert code == (exits.FAILED if missed else exits.OK)
    assert not set(missed) - {"open_to_first_slate", "open_to_learning"}  # those of a busy machine
    of = {f["name"]: f["value"] for f in figures}
    kinds = ("pss.anonymous", "pss.libraries", "pss.pack")
    assert of["pss"] == pytest.approx(sum(of[kind] for kind in kinds), abs=1)
    assert (of["lock.slates_meanwhile"], of["fork.failed"], of["fork.hung"]) == (1000, 0, 0)


@pytest.mark.parametrize(
    ("name", "met", "missed"),
    [
        ("pss", 64.0, 64.1),
        ("fork.hung", 0, 1),
        ("lock.slates_meanwhile", 1000, 999),
        ("pss.pack", 1000.0, None),
    ],
)
def test_a_bar_is_met_or_missed(name: str, met: float, missed: float | None) -> None:
    assert not is_missed(Figure(name, met))
    assert missed is None or is_missed(Figure(name, missed))


@pytest.mark.parametrize(
    ("us", "percent", "missed"), [(60.0, 9.0, False), (40.0, 30.0, False), (60.0, 11.0, True)]
)
def test_tails_may_differ_by_little_or_by_a_small_part(
    us: float, percent: float, missed: bool
) -> None:
    assert is_missed(Figure("blocks.difference", us, "us", given={"percent": percent})) == missed


def test_hosts_that_are_not_built_are_named(tmp_path: Path, capsys: Capture) -> None:
    assert main(["bench", "embedded", "--programs", str(tmp_path)]) != exits.OK
    assert "is not built" in capsys.readouterr().err
