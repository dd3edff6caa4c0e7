from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tvbrain.cli import exits, main
from tvbrain.health.probes import Finding, examine


def found(data_dir: Path, model_dir: Path | None = None) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(data_dir, model_dir)}


def test_a_directory_that_does_not_exist_yet_is_probed_at_its_parent(tmp_path: Path) -> None:
    findings = found(tmp_path / "a" / "b")
    assert findings["data_dir"].value == f"{tmp_path}/a/b (to be created; probed {tmp_path})"
    assert list(tmp_path.iterdir()) == []


def test_locks_of_open_file_descriptions_are_tried_and_not_guessed(tmp_path: Path) -> None:
    assert found(tmp_path)["data_dir.ofd_locks"] == Finding("data_dir.ofd_locks", "work")


def test_a_directory_that_cannot_be_written_fails() -> None:
    finding = found(Path("/proc/self"))["data_dir.writable"]
    assert finding.verdict == "failed"
    assert finding.advice == "choose a directory that this user may write to"


def test_a_model_without_its_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").touch()
    finding = found(tmp_path, tmp_path)["model"]
    assert finding.verdict == "warning"
    assert finding.value == f"{tmp_path} has no tokenizer.json"


def test_a_whole_model_is_found(tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).touch()
    assert found(tmp_path, tmp_path)["model"] == Finding("model", str(tmp_path))


def test_the_kernel_in_use_is_one_of_those_that_this_chip_can_run(
    tmp_path: Path, native_build: Path
) -> None:
    findings = found(tmp_path)
    assert findings["kernel.active"].value in findings["kernel.available"].value.split(",")


@pytest.mark.parametrize(
    ("forced", "active", "verdict"),
    [("scalar", "scalar", "ok"), ("abacus", None, "warning")],
)
def test_a_forced_kernel_is_in_use_or_the_reader_is_told(
    tmp_path: Path, native_build: Path, forced: str, active: str | None, verdict: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tvbrain", "doctor", "--json", "--data", tmp_path],
        env=os.environ | {"TVBRAIN_KERNEL": forced},
        check=True,
        capture_output=True,
        text=True,
    )
    by_name = {figure["name"]: figure for figure in json.loads(done.stdout)["figures"]}
    kernel = by_name["kernel.active"]
    assert kernel["with"]["verdict"] == verdict
    best = by_name["kernel.available"]["value"].split(",")[-1]
    assert kernel["value"] == (active or best)


def test_json_is_one_object_of_figures(
    tmp_path: Path, native_build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["doctor", "--json", "--data", str(tmp_path)])
    answer = json.loads(capsys.readouterr().out)
    assert code == exits.OK
    assert answer["command"] == "doctor"
    assert answer["machine"]["cores"] >= 1
    by_name = {figure["name"]: figure for figure in answer["figures"]}
    assert by_name["data_dir.ofd_locks"] == {
        "name": "data_dir.ofd_locks",
        "value": "work",
        "unit": "",
        "n": 1,
        "with": {"verdict": "ok", "advice": ""},
    }


def test_a_failed_finding_is_a_failed_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", "--data", "/proc/self"]) == exits.FAILED
