from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

import tvbrain
from tvbrain import cli, errors
from tvbrain.cli import exits, output


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"tvbrain {tvbrain.__version__}\n"


def test_no_command_is_a_usage_error_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == exits.USAGE
    assert "exit codes:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigError("dimension", "arguments", "no"), exits.USAGE),
        (errors.BusyError("pid 7"), exits.BUSY),
        (errors.CorruptFileError("a.tvpack"), exits.BAD_FILE),
        (errors.NotInstalledError("rich"), exits.NOT_INSTALLED),
        (errors.UnknownItemError("netflix:s0"), exits.FAILED),
        (KeyboardInterrupt(), exits.INTERRUPTED),
    ],
)
def test_an_error_ends_a_command_with_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
) -> None:
    def fails(arguments: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr("tvbrain.cli.doctor.run", fails)
    assert cli.main(["doctor"]) == code
    spoken = "" if isinstance(error, KeyboardInterrupt) else f"tvbrain doctor: {error}\n"
    assert capsys.readouterr().err == spoken


def test_every_exit_code_is_documented() -> None:
    codes = [value for name, value in vars(exits).items() if name.isupper() and name != "TABLE"]
    assert [line.split()[0] for line in exits.TABLE.splitlines()[1:]] == [
        str(code) for code in sorted(code for code in codes if isinstance(code, int))
    ]


def test_figures_as_a_table_keep_their_unit_and_their_quality(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = [output.Figure("scan.p50", 0.25, "ms", 1000, {"recall@50": 0.994})]
    output.print_figures("bench", figures, as_json=False)
    row = next(line for line in capsys.readouterr().out.splitlines() if "scan.p50" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        "scan.p50",
        "0.25",
        "ms",
        "1000",
        "recall@50 0.994",
    ]


def test_a_table_without_rich_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with pytest.raises(errors.NotInstalledError, match=r"pip install 'tvbrain\[cli\]'"):
        output.print_table("t", ["a"], [["b"]])


def test_help_loads_neither_numpy_nor_the_native_core() -> None:
    program = (
        "import sys; from tvbrain.cli import build_parser; build_parser().format_help(); "
        "print(*{'numpy', 'tvbrain._native', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_what_a_device_runs_needs_no_extra() -> None:
    """scipy, hnswlib and the model's packages are for building packs; a device has none of them."""
    extras = ("scipy", "hnswlib", "onnxruntime", "tokenizers", "rich")
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({extras!r})); "
        "import tvbrain.brain.brain, tvbrain.pack.reader, tvbrain.pack.install, tvbrain.cli.bench.programs"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
