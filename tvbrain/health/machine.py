"""The machine that figures belong to."""

from __future__ import annotations

import os
import platform
from pathlib import Path

Fact = str | int


def describe(root: Path = Path("/")) -> dict[str, Fact]:
    """Processor, cores this process may use, memory in MiB, system and Python.

    `root` is where /proc lies; a fact that the system does not give is left out.
    """
    facts: dict[str, Fact] = {
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }
    processor = _first_value(root / "proc" / "cpuinfo", ("model name", "Hardware", "Model"))
    if processor is not None:
        facts["processor"] = processor
    total = memory_kib("MemTotal", root)
    if total is not None:
        facts["memory_mib"] = total // 1024
    return facts


def memory_kib(name: str, root: Path = Path("/")) -> int | None:
    """A line of /proc/meminfo in KiB, such as `MemAvailable`; None where there is none."""
    value = _first_value(root / "proc" / "meminfo", (name,))
    return None if value is None else int(value.split()[0])


def _first_value(path: Path, names: tuple[str, ...]) -> str | None:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.strip() in names:
            return value.strip()
    return None
