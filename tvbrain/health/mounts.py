"""Which file system a path lies on, by /proc/self/mountinfo (proc(5))."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class Mount:
    """`kind`: ext4 and the like. `where`: the mount point. `options`: of this mount and of the file system."""

    kind: str
    where: str
    options: frozenset[str]


def mount_of(place: Path, mountinfo: Path = MOUNTINFO) -> Mount | None:
    """Of a resolved path; None where the kernel does not tell."""
    best: Mount | None = None
    try:
        lines = mountinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return best
    for line in lines:
        left, _, right = line.partition(" - ")
        fields, of = left.split(), right.split()
        where = fields[4].replace("\\040", " ")
        inside = str(place) == where or str(place).startswith(where.rstrip("/") + "/")
        if inside and (best is None or len(where) >= len(best.where)):
            best = Mount(of[0], where, frozenset((*fields[5].split(","), *of[-1].split(","))))
    return best
