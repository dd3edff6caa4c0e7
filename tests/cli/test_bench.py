from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.places import HEADER, ROOT
from tvbrain import Brain, ViewingEvent
from tvbrain.cli import exits, main
from tvbrain.cli.bench import flash, programs
from tvbrain.clock import VirtualClock
from tvbrain.errors import NotInstalledError, PermissionRefusedError, TvbrainError
from tvbrain.types import TERMS

Capture = pytest.CaptureFixture[str]
QUERIES = ROOT / "tests" / "pack" / "data" / "natural_queries.txt"
PATIENT = ("--budget", "100000")
"""Milliseconds that no machine exceeds, however busy."""
pytestmark = pytest.mark.usefixtures("native_build")


def measured(capsys: Capture, *words: str) -> dict[str, dict[str, Any]]:
    assert main(["bench", *words, "--json", "--cpu", "-1"]) == exits.OK
    answer = json.loads(capsys.readouterr().out)
    assert answer["command"].startswith("tvbrain ")
    assert answer["machine"]["cores"] >= 1
    return {figure["name"]: figure for figure in answer["figures"]}


def test_latencies_carry_what_was_asked_and_that_no_rule_was_broken(capsys: Capture) -> None:
    short = ("--evicted", "2", "--opens", "1", *PATIENT)
    figures = measured(capsys, "latency", "--calls", "100", *short)
    for call in ("recommend", "observe", "rows", "similar", "search", "recommend_unrestricted"):
        parts = [figures[f"{call}.{part}"]["value"] for part in ("p50", "p99", "p99.9", "max")]
        assert parts == sorted(parts)
        assert parts[0] > 0
    one = figures["recommend.p99"]
    assert one["n"] == 100
    assert figures["observe.p99"]["n"] == figures["observe.floor.p99"]["n"] == 10
    above = figures["observe.p99"]["value"] - figures["observe.floor.p99"]["value"]
    assert figures["observe.above_floor.p99"]["value"] == pytest.approx(above, abs=1e-5)
    quality = one["with"]
    assert quality["history"] == 200
    assert quality["with_weights"] >= 150
    assert quality["entitlements"] >= 1
    assert figures["rows.p99"]["with"]["rows"] == 8
    assert figures["rows.p99"]["with"]["titles_shown"] > 8
    assert (quality["above_age"], quality["short_slates"], quality["scan"]) == (0, 0, "exact")
    assert figures["search.evicted.p99"]["with"]["evicted_mib"] >= 1
    assert figures["observe.evicted.p50"]["n"] == 2
    assert figures["similar.first.max"]["n"] == 1


def test_latencies_are_measured_with_every_term_at_work_too(capsys: Capture) -> None:
    short = ("--evicted", "0", "--opens", "0", *PATIENT)
    figures = measured(capsys, "latency", "--calls", "100", *short)
    asked = figures["recommend_learned.p99"]
    never = {"popularity", "channel"}  # who has watched ten titles; rows of live television
    seldom = {"nearest"}  # of cold titles, of which the built-in catalogue has few
    assert set(asked["with"]["terms"].split()) - seldom == set(TERMS) - never - seldom
    assert (asked["with"]["above_age"], asked["with"]["short_slates"]) == (0, 0)
    assert asked["n"] == 100
    assert figures["rows_learned.p99"]["with"]["rows"] == 8


def test_a_latency_table_has_a_row_a_call(capsys: Capture) -> None:
    words = ["bench", "latency", "--calls", "20", "--cpu", "-1", "--evicted", "1", "--opens", "1"]
    assert main([*words, *PATIENT]) == exits.OK
    lines = capsys.readouterr().out.splitlines()
    assert sum("│ similar " in line for line in lines) == 1
    assert "with_weights" in "".join(lines)


def test_memory_is_that_of_the_serving_library_and_of_the_python_brain(capsys: Capture) -> None:
    figures = measured(capsys, "memory", "--repeat", "1", "--calls", "3")
    private, pack = figures["serving.private"], figures["serving.pack_resident"]
    assert 0 < private["value"] < 12
    assert private["unit"] == "MiB"
    assert pack["value"] > 0
    assert figures["python.pss"]["value"] > private["value"]
    assert figures["python.pss"]["with"]["loaded"] == "none"


def test_startup_is_measured_with_and_without_the_page_cache(capsys: Capture) -> None:
    figures = measured(capsys, "startup", "--repeat", "1")
    for name in ("serving", "serving.cold"):
        whole = figures[f"{name}.open_to_first_slate"]["value"]
        parts = [figures[f"{name}.{part}"]["value"] for part in ("open", "first_recommend")]
        assert whole == pytest.approx(sum(parts), abs=0.01)
    assert figures["serving.cold.open"]["with"]["dropped_first"] is True
    assert figures["python.ready"]["value"] > figures["python.open"]["value"]


@pytest.fixture
def own_ext4() -> None:
    try:
        with flash.ext4(""):
            pass
    except (PermissionRefusedError, NotInstalledError) as error:
        pytest.skip(f"no file system of our own here: {error}")


@pytest.mark.slow
def test_a_heavy_day_counts_what_reached_the_device(own_ext4: None, capsys: Capture) -> None:
    figures = measured(capsys, "flash", "--calls", "60")
    day = figures["flash.written"]
    assert day["with"]["impressions"] == 250
    assert day["with"]["progress"] == 300
    assert day["value"] > figures["journal"]["value"]
    assert day["with"]["commits"] > 250


@pytest.mark.slow
def test_where_times_are_no_metadata_the_same_hours_write_less_and_a_learner_more(
    own_ext4: None, capsys: Capture
) -> None:
    hours = ("flash", "--calls", "120")
    plain = measured(capsys, *hours)["flash.written"]
    lazy = measured(capsys, *hours, "--mount-options", "lazytime")["flash.written"]
    learned = measured(capsys, *hours, "--mount-options", "lazytime", "--learner")["flash.written"]
    assert lazy["with"]["commits"] == 0
    assert lazy["value"] < plain["value"] / 2
    assert lazy["value"] < learned["value"]
    assert learned["with"]["impressions"] == 500
    assert "adaptive" in learned["with"]["runs"]


@pytest.mark.slow
def test_a_heavy_day_can_begin_on_a_directory_with_a_past(
    own_ext4: None, capsys: Capture, tmp_path: Path
) -> None:
    with Brain.open(tmp_path / "tv", clock=VirtualClock()) as brain:
        brain.observe(ViewingEvent(kind="wake", at=1_800_000_000.0))
        brain.learn_now()
    hour = ("flash", "--calls", "60", "--learner", "--lived-in", str(tmp_path / "tv"))
    day = measured(capsys, *hour)["flash.written"]
    assert day["with"]["data"] == "lived in"
    assert (tmp_path / "tv" / "journal").is_dir()


def test_without_root_flash_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda tool, path: tool)
    assert main(["bench", "flash"]) == exits.BAD_FILE
    assert "run it as root" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "seconds"),
    [("", 5), ("commit=60", 60), ("sync,commit=7", 7), ("lazytime,commit=7", 0)],
)
def test_the_modelled_commit_interval_is_the_mounts(options: str, seconds: int) -> None:
    assert flash._commit_seconds(options) == seconds


def test_a_pack_that_is_not_there_is_named(capsys: Capture, tmp_path: Path) -> None:
    words = ["bench", "latency", "--json", "--pack", str(tmp_path / "no.tvpack")]
    assert main(words) == exits.FAILED
    assert "no.tvpack" in capsys.readouterr().err


def test_an_installation_without_the_programs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotInstalledError, match="abacus is not built"):
        programs.program("abacus")


def test_a_failing_program_fails_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(TvbrainError, match="usage: "):
        programs.run("tvb_bench", [tmp_path])


def test_the_command_in_the_figures_names_files_without_their_folders() -> None:
    words = ["bench", "latency", "--pack", "/some/where/a.tvpack"]
    assert programs.command_line(words) == "tvbrain bench latency --pack a.tvpack"


def test_searches_are_measured_by_kind_of_text_and_by_what_they_find(capsys: Capture) -> None:
    figures = measured(capsys, "search", "--calls", "60", "--queries", str(QUERIES))
    assert figures["mistyped.top_3"]["value"] > 0.95
    for kind in ("natural", "held_out", "mistyped", "beginning"):
        calls, texts = figures[f"search.{kind}.p50"], figures[f"search.{kind}.least.p50"]
        assert (calls["n"], texts["n"]) == (60, 6)
        assert 0 < texts["value"] <= figures[f"search.{kind}.max"]["value"]
        assert calls["with"]["encoder"] is True


@pytest.mark.parametrize("source", sorted((ROOT / "bench").glob("*.c")), ids=lambda path: path.stem)
def test_each_program_builds_alone_on_the_public_header(
    source: Path, native_build: Path, tmp_path: Path
) -> None:
    subprocess.run(
        [
            *("cc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"),
            *(f"-I{HEADER.parent}", source, f"-L{native_build}", "-ltvbrain-serve"),
            *("-o", tmp_path / "program"),
        ],
        check=True,
    )


def test_the_page_of_benchmarks_is_what_the_kept_runs_say() -> None:
    words = [sys.executable, str(ROOT / "bench" / "report.py"), "--check"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "run", sorted((ROOT / "docs" / "benchmarks").glob("*.json")), ids=lambda path: path.stem
)
def test_a_kept_run_has_its_machine_and_command_and_no_path_of_it(run: Path) -> None:
    text = run.read_text("utf-8")
    answer = json.loads(text)
    assert answer["machine"]["processor"]
    assert answer["command"]
    assert answer["figures"]
    assert not re.search(r'[" ]/(work|root|home|tmp)/', text)
