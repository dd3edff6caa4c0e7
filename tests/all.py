"""Every check of the project, in order: `python -m tests.all`.

    python -m tests.all [--only NAME[,NAME…]] [--list]

Builds by CMake preset in build/, where later runs find what is still good.
The last line counts test cases of ctest and pytest, and each other check as one. Exit code 0 only
if nothing failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests import installed
from tests.places import BUILD, ROOT

SCRIPTS = Path(sysconfig.get_path("scripts"))
PACKAGES = Path(sysconfig.get_path("purelib"))
REPORTS = ROOT / "build" / "reports"
JOBS = str(len(os.sched_getaffinity(0)))


OTHER_COMPILERS = {
    "clang": "clang++-14",
    "aarch64": "aarch64-linux-gnu-g++",
    "armv7": "arm-linux-gnueabihf-g++",
}
"""By preset. Built; of what they build only EMULATED_TESTS are run."""

EMULATOR, EMULATED_TESTS = "qemu-aarch64-static", ("dot_test", "scan_test", "quantise_test")
"""What the aarch64 preset builds, where the emulator is here: the kernels of that processor against the scalar one."""

INSTALLED_PROGRAM = """
import sys
sys.path[:0] = [sys.argv.pop(1), sys.argv.pop(1)]
import tvbrain.cli
assert tvbrain.__file__.startswith(sys.path[0]), tvbrain.__file__
sys.exit(tvbrain.cli.main())
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many cases of a check passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def command(*words: str | Path) -> bool:
    """Run one command in the source tree with this environment's tools first on the PATH."""
    say("$ " + " ".join(map(str, words)))
    environment = os.environ | {
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}",
        "TVBRAIN_WHOLE_RUN": "1",
    }
    return subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode == 0


def single(*words: str | Path) -> Outcome:
    """A check that is one command."""
    return Outcome(passed=1) if command(*words) else Outcome(failed=1)


def junit(report: Path, *words: str | Path) -> Outcome:
    """A check whose cases are counted from the JUnit file that the command writes."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    good = command(*words)
    if not report.is_file():
        return Outcome(failed=1)
    suites = [s for s in ElementTree.parse(report).iter("testsuite")]
    total, failed, skipped = (
        sum(int(suite.get(name) or 0) for suite in suites for name in names)
        for names in (("tests",), ("failures", "errors"), ("skipped", "disabled"))
    )
    if not good and failed == 0:  # the tool itself failed, no case did
        failed, total = 1, total + 1
    return Outcome(total - failed - skipped, failed, skipped)


def build(preset: str) -> Outcome:
    configure = ["cmake", "--preset", preset]
    if preset == "dev":
        configure.append(f"-DPython_EXECUTABLE={sys.executable}")
    # CMake keeps the path of the ninja that configured a tree; another environment has another.
    ninja = shutil.which("ninja", path=f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}")
    configure.append(f"-DCMAKE_MAKE_PROGRAM={ninja}")
    good = command(*configure) and command("cmake", "--build", "--preset", preset, "-j", JOBS)
    return Outcome(passed=1) if good else Outcome(failed=1)


def portable() -> Outcome:
    """The library for the other compilers and processors, as far as their compilers are here."""
    total = Outcome()
    for preset, compiler in OTHER_COMPILERS.items():
        if shutil.which(compiler) is None:
            say(f"skipped: {preset} needs {compiler}")
            total = Outcome(total.passed, total.failed, total.skipped + 1)
        else:
            built = build(preset)
            total = Outcome(total.passed + built.passed, total.failed + built.failed, total.skipped)
    ran = emulated()
    return Outcome(
        total.passed + ran.passed, total.failed + ran.failed, total.skipped + ran.skipped
    )


def emulated() -> Outcome:
    """The kernels of 64-bit ARM, every one that the emulator's processor can run, on this machine."""
    for needed in (OTHER_COMPILERS["aarch64"], EMULATOR):
        if shutil.which(needed) is None:
            say(f"skipped: running the kernels of aarch64 needs {needed}")
            return Outcome(skipped=1)
    folder = ROOT / "build" / "aarch64"
    if not command(
        *("cmake", "--build", "--preset", "aarch64", "-j", JOBS, "--target", *EMULATED_TESTS)
    ):
        return Outcome(failed=1)
    good = [
        command(EMULATOR, "-cpu", "max", "-L", "/usr/aarch64-linux-gnu", folder / name)
        for name in EMULATED_TESTS
    ]
    return Outcome(passed=sum(good), failed=len(good) - sum(good))


def wheel() -> Outcome:
    """What pip installs works away from the source tree: importable, whole, and a command."""
    with tempfile.TemporaryDirectory(prefix="tvbrain-wheel-") as scratch:
        pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
        good = command(
            *(*pip, "install", "--no-deps", "--no-build-isolation", "--target", scratch, "."),
            f"-Cbuild-dir={ROOT / 'build' / 'wheel-check'}",
        ) and command(
            # -S: an editable install's finder would lead back into the source tree.
            *(sys.executable, "-S", "-P", "-c", INSTALLED_PROGRAM, scratch, PACKAGES),
            *("doctor", "--json", "--data", scratch),
        )
    return Outcome(passed=1) if good else Outcome(failed=1)


def native_tests(preset: str) -> Outcome:
    report = REPORTS / f"ctest-{preset}.xml"
    return junit(report, "ctest", "--preset", preset, "-j", JOBS, "--output-junit", report)


def thread_tests() -> Outcome:
    """The C++ tests under ThreadSanitizer, where its run time can place its shadow memory."""
    bits = Path("/proc/sys/vm/mmap_rnd_bits")
    if bits.is_file() and int(bits.read_text()) > 28:  # gcc 12's and clang 14's give up there
        say("skipped: ThreadSanitizer needs vm.mmap_rnd_bits of at most 28")
        return Outcome(skipped=1)
    built = build("thread")
    return native_tests("thread") if built.passed else built


def python_tests() -> Outcome:
    report = REPORTS / "pytest.xml"
    return junit(report, sys.executable, "-m", "pytest", "-q", "-n", JOBS, f"--junitxml={report}")


def formatting() -> Outcome:
    sources = [
        str(path.relative_to(ROOT))
        for folder, endings in (
            ("native", (".cpp", ".hpp")),
            ("examples", (".c", ".cpp")),
            ("bench", (".c", ".h", ".cpp")),
        )
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in endings
    ]
    return single("clang-format", "--dry-run", "--Werror", *sources)


CHECKS: dict[str, Callable[[], Outcome]] = {
    "build": lambda: build("dev"),
    "ctest": lambda: native_tests("dev"),
    "installed": lambda: Outcome(*installed.check(BUILD, command, say)),
    "ruff": lambda: single("ruff", "check", "."),
    "mypy": lambda: single("mypy"),
    "imports": lambda: single("lint-imports", "--no-cache", "--no-logo"),
    "clang-format": formatting,
    "pytest": python_tests,
    "wheel": wheel,
    "portable": portable,
    "sanitize": lambda: build("sanitize"),
    "ctest-sanitize": lambda: native_tests("sanitize"),
    "ctest-thread": thread_tests,
}
"""In this order; a failed `build` ends the run, since nothing after it would mean anything."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.all", description=__doc__)
    parser.add_argument("--only", help="names of checks, separated by commas")
    parser.add_argument("--list", action="store_true", help="print the names of the checks")
    arguments = parser.parse_args()
    if arguments.list:
        say("\n".join(CHECKS))
        return 0
    chosen = arguments.only.split(",") if arguments.only else list(CHECKS)
    if unknown := [name for name in chosen if name not in CHECKS]:
        parser.error(f"no such check: {', '.join(unknown)}")

    begun = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    seconds: dict[str, float] = {}
    for name in chosen:
        say(f"\n==== {name} ====")
        started = time.monotonic()
        outcomes[name] = CHECKS[name]()
        seconds[name] = time.monotonic() - started
        if name == "build" and outcomes[name].failed:
            break

    say("")
    for name, outcome in outcomes.items():
        verdict = "FAILED" if outcome.failed else "ok"
        counts = f"{outcome.passed} passed, {outcome.failed} failed"
        say(f"{verdict:7} {name:15} {counts:22} {seconds[name]:6.1f}s")
    passed, failed, skipped = (
        sum(getattr(outcome, field) for outcome in outcomes.values())
        for field in ("passed", "failed", "skipped")
    )
    total = [f"{failed} failed"] if failed else []
    total += [f"{passed} passed"] + ([f"{skipped} skipped"] if skipped else [])
    say(f"===== {', '.join(total)} in {time.monotonic() - begun:.2f}s =====")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
