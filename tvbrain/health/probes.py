"""Probes: what `tvbrain doctor` asks of a device. Each returns findings and never raises."""

from __future__ import annotations

import fcntl
import importlib.metadata
import os
import platform
import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tvbrain.health.machine import memory_kib
from tvbrain.health.mounts import mount_of

Verdict = Literal["ok", "warning", "failed"]

MODEL_FILES = ("model.onnx", "tokenizer.json")
MIN_SQLITE = (3, 37, 0)
"""STRICT tables, which brain.db is made of."""
COMMITS_TIMES = ("ext3", "ext4")
"""File systems that write a commit for each change of a file's times, unless lazytime is on."""
MIN_FREE_MIB = 76
"""The budgets of serving (12 MB) and of the brain (64 MB) together."""

F_OFD_SETLK = getattr(fcntl, "F_OFD_SETLK", 37)
"""Python names it from 3.9 on where the C library does; 37 is Linux's number everywhere."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe found: a fact, whether it is good enough, and what to do if it is not."""

    name: str
    value: str
    verdict: Verdict = "ok"
    advice: str = ""


def examine(data_dir: Path, model_dir: Path | None) -> list[Finding]:
    """Every probe. `data_dir` need not exist: then its nearest existing parent is probed."""
    probes: tuple[Callable[[], Iterator[Finding]], ...] = (
        _native,
        _python,
        _sqlite,
        lambda: _model(model_dir),
        _memory,
        lambda: _data_dir(data_dir),
    )
    return [finding for probe in probes for finding in probe()]


def _native() -> Iterator[Finding]:
    try:
        from tvbrain._native import check, ffi, lib
    except ImportError as error:
        advice = "install tvbrain, or in a source tree: cmake --build --preset dev"
        yield Finding("native.core", f"not importable: {error}", "failed", advice)
        return
    info = ffi.new("tvb_version_info *", {"struct_size": ffi.sizeof("tvb_version_info")})
    check(lib.tvb_version(info))
    compiler = ffi.string(lib.tvn_compiler()).decode()
    yield Finding("native.core", f"{info.major}.{info.minor}.{info.patch}, built with {compiler}")
    active, available = (ffi.string(text).decode() for text in (info.kernel, info.kernels))
    forced = os.environ.get("TVBRAIN_KERNEL") or active
    if forced == active:
        yield Finding("kernel.active", active)
    else:
        advice = f"TVBRAIN_KERNEL={forced} is not available here"
        yield Finding("kernel.active", active, "warning", advice)
    yield Finding("kernel.available", available)


def _python() -> Iterator[Finding]:
    yield Finding("python", f"{platform.python_implementation()} {platform.python_version()}")
    for package in ("numpy", "msgpack", "zstandard"):
        yield _package(package, "failed", f"pip install {package}")
    yield _package("onnxruntime", "warning", "needed to embed text only: tvbrain[embed]")
    yield _package("tokenizers", "warning", "needed to embed text only: tvbrain[embed]")


def _package(name: str, if_missing: Verdict, advice: str) -> Finding:
    try:
        return Finding(f"package.{name}", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(f"package.{name}", "not installed", if_missing, advice)


def _sqlite() -> Iterator[Finding]:
    least = ".".join(map(str, MIN_SQLITE))
    if sqlite3.sqlite_version_info >= MIN_SQLITE:
        yield Finding("sqlite", sqlite3.sqlite_version)
    else:
        yield Finding("sqlite", sqlite3.sqlite_version, "failed", f"at least {least} is needed")


def _model(model_dir: Path | None) -> Iterator[Finding]:
    advice = "needed to embed text only: --model DIR or TVBRAIN_MODEL"
    if model_dir is None:
        yield Finding("model", "none given", "warning", advice)
        return
    missing = [name for name in MODEL_FILES if not (model_dir / name).is_file()]
    if missing:
        text = f"{model_dir} has no {' and no '.join(missing)}"
        yield Finding("model", text, "warning", advice)
    else:
        yield Finding("model", str(model_dir))


def _memory() -> Iterator[Finding]:
    available = memory_kib("MemAvailable")
    if available is None:
        yield Finding("memory.available", "unknown", "warning", "/proc/meminfo is not readable")
    elif available // 1024 < MIN_FREE_MIB:
        advice = f"serving and brain may use {MIN_FREE_MIB} MiB"
        yield Finding("memory.available", f"{available // 1024} MiB", "warning", advice)
    else:
        yield Finding("memory.available", f"{available // 1024} MiB")


def _data_dir(data_dir: Path) -> Iterator[Finding]:
    place = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    known = f"{data_dir}" if place == data_dir else f"{data_dir} (to be created; probed {place})"
    yield Finding("data_dir", known)
    yield _file_system(place)
    try:
        space = os.statvfs(place)
        yield Finding("data_dir.free", f"{space.f_bavail * space.f_frsize // 2**20} MiB")
        with tempfile.NamedTemporaryFile(dir=place, prefix=".doctor-") as file:
            yield _ofd_lock(file.name)
            os.fsync(file.fileno())
    except OSError as error:
        advice = "choose a directory that this user may write to"
        yield Finding("data_dir.writable", str(error), "failed", advice)
    else:
        yield Finding("data_dir.writable", "yes, and fsync works")


def _ofd_lock(path: str) -> Finding:
    """Two descriptions of one file: the second must be refused while the first holds the lock."""
    name, advice = "data_dir.ofd_locks", "use a file system with open-file-description locks"
    # struct flock of Linux with 64-bit offsets: type, whence, start, length, pid (0 for OFD locks).
    everything = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    with open(path, "r+b") as first, open(path, "r+b") as second:
        try:
            fcntl.fcntl(first, F_OFD_SETLK, everything)
        except OSError as error:
            return Finding(name, f"refused: {error.strerror}", "failed", advice)
        try:
            fcntl.fcntl(second, F_OFD_SETLK, everything)
        except (BlockingIOError, PermissionError):
            return Finding(name, "work")
        return Finding(name, "do not exclude a second holder", "failed", advice)


def _file_system(place: Path) -> Finding:
    found = mount_of(place.resolve())
    name = "data_dir.file_system"
    if found is None:
        return Finding(name, "unknown")
    text = f"{found.kind} at {found.where}"
    if found.kind in COMMITS_TIMES and "lazytime" not in found.options:
        advice = "mount it with lazytime: a heavy day then writes a sixth (docs/benchmarks.md)"
        return Finding(name, f"{text}, without lazytime", "warning", advice)
    return Finding(name, text)
