"""The C examples against the installed libraries, as a firmware project would build them.

Every examples/c/*.c is compiled as C11 and as C++17 through pkg-config, and as C through the CMake
package, from a prefix that was moved after the install. Each program is run with two arguments: the
built-in pack, or "-" where there is none yet, and an empty data directory. The full library, where it
was built, must also find its Python in the moved prefix and learn.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.places import ROOT

EXAMPLES = ROOT / "examples" / "c"
WARNINGS = ("-Wall", "-Wextra", "-pedantic", "-Werror")
LANGUAGES = {
    "C11": ("cc", "-x", "c", "-std=c11"),
    "C++17": ("c++", "-x", "c++", "-std=c++17"),
}


def check(build: Path, run: Callable[..., bool], say: Callable[[str], None]) -> tuple[int, int]:
    """Return how many programs were built and ran, and how many did not."""
    with tempfile.TemporaryDirectory(prefix="tvbrain-sdk-") as scratch:
        first, prefix = Path(scratch, "installed"), Path(scratch, "moved here")
        if not run("cmake", "--install", build, "--component", "serve", "--prefix", first):
            return 0, 1
        first.rename(prefix)
        programs = Path(scratch, "programs")
        programs.mkdir()
        results = [
            _with_pkg_config(source, language, prefix, programs, run)
            for source in sorted(EXAMPLES.glob("*.c"))
            for language in LANGUAGES
        ]
        results += _with_cmake(prefix, programs / "cmake", run)
        if (build / "brain" / "tvbrain" / "links").exists():
            results += _with_brain(build, Path(scratch), run)
        else:
            say("libtvbrain was not built: cmake says what this Python lacks for it")
    passed = sum(results)
    say(f"{passed} of {len(results)} programs built against the installed library and ran")
    return passed, len(results) - passed


def _with_brain(build: Path, scratch: Path, run: Callable[..., bool]) -> list[bool]:
    """The full library: linked to an example, and loaded by a host that waits until it has learned."""
    first, prefix = scratch / "brain installed", scratch / "brain moved"
    if not run("cmake", "--install", build, "--component", "brain", "--prefix", first):
        return [False]
    first.rename(prefix)
    source = EXAMPLES / "evening.c"
    linked = _with_pkg_config(source, "C11", prefix, scratch / "programs", run, "tvbrain")
    library = next(prefix.rglob("libtvbrain.so.1"))
    pack = next((ROOT / "tvbrain").rglob("*.tvpack"))
    host = subprocess.run(
        [build / "brain" / "host", library, "health", scratch / "tv", pack],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(host.stdout) if host.returncode == 0 else {"learning_detail": host.stderr}
    learned = (found.get("learning"), found.get("learn_now")) == (2, "TVB_OK")
    if not learned:
        sys.stderr.write(f"the moved library does not learn: {found['learning_detail']}\n")
    return [linked, learned]


def pkg_config(prefix: Path, *questions: str, library: str = "tvbrain-serve") -> list[str]:
    """pkg-config's answer, one word an entry. Falls back on the pkgconf of PyPI."""
    found = shutil.which("pkg-config") or shutil.which("pkgconf")
    tool = [found] if found else [sys.executable, "-m", "pkgconf"]
    folder = next(prefix.rglob(f"{library}.pc")).parent
    answer = subprocess.run(
        [*tool, *questions, library],
        env=os.environ | {"PKG_CONFIG_PATH": str(folder)},
        check=True,
        capture_output=True,
        text=True,
    )
    # A shell would undo the quoting of spaces in a path.
    return [w.replace("\0", " ") for w in answer.stdout.replace("\\ ", "\0").split()]


def _with_pkg_config(
    source: Path,
    language: str,
    prefix: Path,
    programs: Path,
    run: Callable[..., bool],
    library: str = "tvbrain-serve",
) -> bool:
    program = programs / f"{source.stem}-{language}-{library}"
    compiler, *options = LANGUAGES[language]
    flags, libraries = (pkg_config(prefix, of, library=library) for of in ("--cflags", "--libs"))
    folder = next(prefix.rglob(f"lib{library}.so.1")).parent
    built = run(
        *(compiler, *options, *WARNINGS, *flags, source, "-o", program),
        *("-x", "none", *libraries, f"-Wl,-rpath,{folder}"),
    )
    return built and _runs(program, run)


def _with_cmake(prefix: Path, out: Path, run: Callable[..., bool]) -> list[bool]:
    configured = run(
        *("cmake", "-G", "Ninja", "-S", EXAMPLES, "-B", out),
        f"-DCMAKE_PREFIX_PATH={prefix}",
    )
    if not (configured and run("cmake", "--build", out)):
        return [False]
    return [_runs(out / source.stem, run) for source in sorted(EXAMPLES.glob("*.c"))]


def _runs(program: Path, run: Callable[..., bool]) -> bool:
    pack = next(iter(sorted((ROOT / "tvbrain").rglob("*.tvpack"))), "-")
    with tempfile.TemporaryDirectory(prefix="tvbrain-data-") as data:
        return run(program, pack, Path(data, "tv"))
