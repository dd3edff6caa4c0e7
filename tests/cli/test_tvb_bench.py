"""bench/tvb_bench.c as a performance engineer builds and runs it: on the installed library and its header alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests import installed
from tests.places import ROOT
from tvbrain.cli.bench import latency_plots, plots
from tvbrain.pack import demo_pack_path

WITHIN, FAILED, USAGE, OVER = 0, 1, 2, 3
SHORT = ("--calls", "60", "--evicted", "2", "--opens", "1")
PATIENT = ("--budget", "100000")
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def tvb_bench(native_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("installed")
    words: list[str | Path] = [
        "cmake",
        "--install",
        native_build,
        "--component",
        "serve",
        "--prefix",
        prefix,
    ]
    subprocess.run(words, check=True, capture_output=True)
    program = tmp_path_factory.mktemp("built") / "tvb_bench"
    folder = next(prefix.rglob("libtvbrain-serve.so.1")).parent
    command: list[str | Path] = [
        *("cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"),
        *(ROOT / "bench" / "tvb_bench.c", "-o", program),
        *installed.pkg_config(prefix, "--cflags", "--libs"),
        f"-Wl,-rpath,{folder}",
    ]
    subprocess.run(command, check=True)
    return program


def asked(program: Path, *words: str | Path) -> Done:
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


def test_it_prints_percentiles_and_histograms_and_that_the_budget_is_met(
    tvb_bench: Path, tmp_path: Path
) -> None:
    done = asked(tvb_bench, *SHORT, *PATIENT, demo_pack_path(), tmp_path / "tv")
    assert (done.returncode, done.stderr) == (WITHIN, "")
    lines = done.stdout.splitlines()
    for call in ("recommend", "observe", "similar", "search", "rows", "search.evicted", "open"):
        assert sum(line.startswith(f"{call} ") for line in lines) == 1
    bars = lines[lines.index("recommend, n = 60") + 1 :]
    bars = bars[: bars.index("")]
    counted = [int(line.split()[2]) for line in bars if line.startswith("  <=")]
    assert sum(counted) == 60
    assert lines[-1] == "budget of 100000 ms at p99.9 (warm) and p99 (cold): met"


def test_a_budget_that_calls_exceed_is_an_exit_code_and_names_them(
    tvb_bench: Path, tmp_path: Path
) -> None:
    words = (*SHORT, "--budget", "0.000001", "--json", demo_pack_path(), tmp_path / "tv")
    done = asked(tvb_bench, *words)
    assert done.returncode == OVER
    answer = json.loads(done.stdout)
    assert answer["budget_ms"] == 0.000001
    assert {"recommend", "recommend.evicted", "search.first", "rows"} < set(answer["over_budget"])
    assert "observe_now" not in answer["over_budget"]  # it waits for the storage device


def test_json_has_every_call_of_every_series_in_its_histogram(
    tvb_bench: Path, tmp_path: Path
) -> None:
    done = asked(tvb_bench, *SHORT, *PATIENT, "--json", demo_pack_path(), tmp_path / "tv")
    answer = json.loads(done.stdout)
    figures = {figure["name"]: figure for figure in answer["figures"]}
    for histogram in answer["histograms"]:
        median = figures[f"{histogram['name']}.p50"]
        assert sum(histogram["count"]) == median["n"]
        assert histogram["at_most"] == sorted(histogram["at_most"])
        assert len(histogram["at_most"]) == len(histogram["count"])
        assert figures[f"{histogram['name']}.max"]["value"] <= histogram["at_most"][-1] * 1.001
    assert answer["over_budget"] == []
    pytest.importorskip("matplotlib")
    plots.draw(tmp_path, latency_plots.drawings(answer))
    drawn = (tmp_path / "latency.svg").read_text("utf-8")
    for call in latency_plots.CALLS:
        assert f">{call}<" in drawn


def test_cold_calls_can_be_left_out(tvb_bench: Path, tmp_path: Path) -> None:
    words = ("-n", "10", "-e", "0", "-o", "0", *PATIENT, "-j", demo_pack_path(), tmp_path / "tv")
    answer = json.loads(asked(tvb_bench, *words).stdout)
    names = {histogram["name"] for histogram in answer["histograms"]}
    assert not {name for name in names if name.endswith((".evicted", ".first"))}
    assert {"recommend", "observe", "similar", "search"} < names


def test_a_folder_without_a_viewer_cannot_have_learned(tvb_bench: Path, tmp_path: Path) -> None:
    done = asked(tvb_bench, *SHORT, "--learned", demo_pack_path(), tmp_path / "tv")
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert "there is none named 'bench'" in done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--calls", "few"], "--calls: not a number from 1 on: few"),
        (["--calls", "0"], "--calls: not a number from 1 on: 0"),
        (["--budget", "-1"], "--budget: not a number of milliseconds above 0: -1"),
        (["--cpu", "x"], "--cpu: not the number of a core: x"),
        (["--quickly"], "usage: "),
    ],
)
def test_what_cannot_be_asked_is_named(
    words: list[str], named: str, tvb_bench: Path, tmp_path: Path
) -> None:
    done = asked(tvb_bench, *words, demo_pack_path(), tmp_path / "tv")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert named in done.stderr


def test_a_folder_in_use_is_not_written_into(tvb_bench: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    done = asked(tvb_bench, demo_pack_path(), tmp_path)
    assert done.returncode == USAGE
    assert "DATA_DIR is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_pack_that_is_not_there_fails_with_the_librarys_words(
    tvb_bench: Path, tmp_path: Path
) -> None:
    done = asked(tvb_bench, tmp_path / "no.tvpack", tmp_path / "tv")
    assert done.returncode == FAILED
    assert "TVB_E_NO_FILE" in done.stderr


def test_help_says_what_each_exit_code_means(tvb_bench: Path) -> None:
    done = asked(tvb_bench, "--help")
    assert done.returncode == WITHIN
    for meaning in ("0  within the budget", "2  usage", "3  over the budget"):
        assert meaning in done.stdout
