"""Lay out what libtvbrain needs beside it: libpython, the standard library, packages.

    bundle.py --libpython              print the libpython of this interpreter, or say what is missing
    bundle.py --out FOLDER --link      links into this Python and this source tree
    bundle.py --out FOLDER --core SO   copies, compiled, that can be moved anywhere

The packages are what learns of tvbrain, and what its metadata in pyproject.toml requires on a device, as installed for
this interpreter. Compiled means without sources, docstrings and assertions: boot.cpp starts such a Python as `-OO`.
Libraries of the operating system (libc, libsqlite3, libz, …) stay the system's: a second SQLite in one process could
damage a database.
"""

from __future__ import annotations

import argparse
import compileall
import re
import shutil
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).resolve().parents[3]
STDLIB = Path(sysconfig.get_path("stdlib"))
LEFT_OUT = {"pycparser"}
"""cffi reads declarations with it, and ours are compiled."""

NOT_COPIED = shutil.ignore_patterns(
    *("__pycache__", "site-packages", "dist-packages", "config-*", "test", "tests", "idlelib"),
    *("lib2to3", "tkinter", "turtledemo", "ensurepip", "pydoc_data", "*.a", "*.exe"),
    *("_hashlib.*", "_ssl.*"),
)
"""OpenSSL too: the embedded brain does not sync, and hashlib has its own hashes; it would be 3 MB in memory, and a
library of the system that a set may not have.
"""
OURS = (
    *("_native", "brain", "embed", "learning", "loops", "memory", "pack", "sdk", "sqlite", "store"),
    *("tuning", "__init__.py", "clock.py", "errors.py", "events.py", "types.py"),
)
"""Where `tvbrain.sdk.embedded` and all that it imports lie: no commands, no network, nothing that judges or simulates.
"""
NOT_OURS = shutil.ignore_patterns("__pycache__", "*.so", "*.pyi", "*.dbg", "bench", "demo")


def libpython() -> Path:
    """The shared libpython of this interpreter; FileNotFoundError says what is missing."""
    name = str(sysconfig.get_config_var("INSTSONAME") or "")
    if not name.endswith((".so", ".so.1.0")):
        raise FileNotFoundError(
            f"{sys.executable} has no shared libpython (configured without --enable-shared)"
        )
    folder = Path(str(sysconfig.get_config_var("LIBDIR")))
    several = str(sysconfig.get_config_var("MULTIARCH") or "")
    for place in (folder / name, folder / several / name, Path(sys.base_prefix, "lib", name)):
        if place.is_file():
            return place
    raise FileNotFoundError(f"{name} is in neither {folder} nor {folder / several}")


def required() -> list[metadata.Distribution]:
    """What tvbrain needs on a device, and what that needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting, found = list(project["dependencies"]), dict[str, metadata.Distribution]()
    while waiting:
        name = _name(waiting.pop())
        if name in found or name in LEFT_OUT:
            continue
        found[name] = metadata.distribution(name)
        waiting += [one for one in found[name].requires or [] if "extra ==" not in one]
    return [found[name] for name in sorted(found)]


def _name(requirement: str) -> str:
    begun = re.match(r"[\w.-]+", requirement)
    assert begun is not None, requirement
    return re.sub(r"[-_.]+", "-", begun.group()).lower()


def _files(distribution: metadata.Distribution) -> dict[str, Path]:
    """The installed files that are to be imported, by their place among the packages."""
    files = {}
    for file in distribution.files or []:
        inner = file.as_posix()
        useless = "__pycache__" in inner or "/tests/" in inner or inner.endswith(".pyi")
        if not inner.startswith("..") and not useless:
            files[inner] = Path(str(distribution.locate_file(file)))
    return files


def link(out: Path) -> None:
    """A folder of links, for the build tree."""
    packages = _emptied(out / "packages")
    _emptied(out / "lib")
    (out / "lib" / STDLIB.name).symlink_to(STDLIB)
    _link(out / libpython().name, libpython())
    (packages / "tvbrain").symlink_to(ROOT / "tvbrain")
    for distribution in required():
        for top in sorted({name.split("/")[0] for name in _files(distribution)}):
            (packages / top).symlink_to(Path(str(distribution.locate_file(top))))
    (out / "links").touch()


def copy(out: Path, core: Path) -> None:
    """A folder that needs nothing of this machine but the operating system's libraries."""
    packages = _emptied(out / "packages")
    shutil.copytree(STDLIB, _emptied(out / "lib") / STDLIB.name, ignore=NOT_COPIED)
    _link(out / libpython().name, None)
    shutil.copy2(libpython().resolve(), out / libpython().name)
    for name in OURS:
        _copy_ours(ROOT / "tvbrain" / name, packages / "tvbrain" / name)
    shutil.copy2(core, packages / "tvbrain" / "_native" / core.name)
    for distribution in required():
        for name, source in _files(distribution).items():
            (packages / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, packages / name)
    _compile(out)


def _copy_ours(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, to, ignore=NOT_OURS)
    else:
        shutil.copy2(source, to)


def _compile(out: Path) -> None:
    """Each source's place is taken by its bytecode, as Python looks for modules that have none."""
    no_times = PycInvalidationMode.UNCHECKED_HASH  # the same sources are the same bytes
    good = compileall.compile_dir(
        out, quiet=1, stripdir=str(out), legacy=True, optimize=2, invalidation_mode=no_times
    )
    if not good:
        raise SystemExit(f"{out}: not everything could be compiled")
    for source in out.rglob("*.py"):
        source.unlink()


def _emptied(folder: Path) -> Path:
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _link(name: Path, to: Path | None) -> None:
    name.unlink(missing_ok=True)
    if to is not None:
        name.symlink_to(to)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--libpython", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--link", action="store_true")
    parser.add_argument("--core", type=Path, help="the built extension tvbrain._native.core")
    arguments = parser.parse_args()
    try:
        if arguments.libpython:
            required()
            sys.stdout.write(f"{libpython()}\n")
        elif arguments.link:
            link(arguments.out)
        else:
            copy(arguments.out, arguments.core)
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except metadata.PackageNotFoundError as error:
        sys.stderr.write(f"{sys.executable} has no package {error.name}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
