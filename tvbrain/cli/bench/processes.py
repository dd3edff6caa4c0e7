"""What processes of this machine take: memory, and time of a processor."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tvbrain.errors import NotInstalledError


def memory_mb(servers: Iterable[Iterable[int]]) -> float:
    """Proportional set size of all processes of all: pages that several share count once. MB."""
    return sum(_pss_kib(pid) for pids in servers for pid in pids) / 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """Of all, with those of their children that have ended. Those that have ended themselves count no more."""
    ticks = 0
    for pid in pids:
        if stat := _read(pid, "stat"):
            ticks += sum(map(int, stat.rsplit(")", 1)[1].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _pss_kib(pid: int) -> int:
    text = _read(pid, "smaps_rollup")
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    if text:
        raise NotInstalledError("this system does not tell a process's memory")
    return 0


def _read(pid: int, name: str) -> str:
    """Empty where the process has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return ""
