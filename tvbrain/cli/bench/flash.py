"""`tvbrain bench flash`: bench/heavy_day.c on an ext4 of its own, the sectors counted by the kernel.

An image of 128 MiB with 4 KiB blocks is mounted through a loop device; what reached it is the device's count of
written sectors between the mount's first sync and its last. That takes root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tvbrain.cli.bench import programs
from tvbrain.cli.output import Figure, Value
from tvbrain.cli.threads import compute_on_one
from tvbrain.errors import NotInstalledError, PermissionRefusedError, StorageError

IMAGE_BYTES = 128 << 20
BLOCK = 4096
SECTOR = 512
COMMIT_S = 5
"""ext4's default commit interval."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted file system and the loop device under it."""

    folder: Path
    device: str

    def written_bytes(self) -> int:
        """Since the device was made, after everything dirty was written."""
        subprocess.run(["sync", "-f", self.folder], check=True)
        fields = Path("/sys/block", self.device, "stat").read_text(encoding="ascii").split()
        return int(fields[6]) * SECTOR


def run(arguments: argparse.Namespace) -> int:
    compute_on_one()
    pack = programs.pack_of(arguments)
    options = arguments.mount_options
    real = arguments.real_minutes
    commit_s = _commit_seconds(options)
    words = ["-n", str(real or arguments.calls), "-s", "0" if real else str(commit_s)]
    words += ["-r", "1"] if real else []
    with ext4(options) as volume:
        data = volume.folder / "tv"
        if arguments.lived_in is not None:
            shutil.copytree(arguments.lived_in, data)
            words += ["-t", str(_begin_ms(data))]
        before = volume.written_bytes()
        answer, ran = _heavy_day([*words, pack, data], data, pack, arguments)
        written = volume.written_bytes() - before
    given: dict[str, Value] = {
        "file_system": f"ext4, {BLOCK} byte blocks, loop device",
        "mount_options": options or "defaults",
        "kernel_part": "real time" if real else _kernel_part(commit_s),
        "learner": "none" if ran is None else "beside",
        "runs": ran or "",
        "data": "new" if arguments.lived_in is None else "lived in",
    }
    hours = answer.common["hours"]
    assert isinstance(hours, (int, float))
    day = [
        Figure("flash.written", round(written / 1e6, 3), "MB", 1, given),
        Figure("flash.written_per_hour", round(written / 1e6 / hours, 3), "MB/h", 1, given),
    ]
    return programs.finish(arguments, answer.common, [*day, *answer.figures])


def _heavy_day(
    words: list[str | Path], data: Path, pack: Path, arguments: argparse.Namespace
) -> tuple[programs.Answer, str | None]:
    """The program's answer, and which loops ran; None without a learner."""
    bar = "" if arguments.json else "a heavy day"
    if not arguments.learner:
        return programs.run("heavy_day", words, bar=bar), None
    from tvbrain.cli.bench.beside import Beside

    learner = Beside(data, pack)
    try:
        answer = programs.run("heavy_day", ["-l", *words], bar=bar, learn=learner.learn)
    finally:
        learner.close()
    return answer, ", ".join(f"{n} {name}" for name, n in sorted(learner.ran.items()))


def _begin_ms(data: Path) -> int:
    """When the day begins on a directory with a past: eight hours after its newest record."""
    from tvbrain.cli.bench.beside import last_ms

    return last_ms(data) + 8 * 3_600_000


def _kernel_part(commit_s: int) -> str:
    commits = f"a commit {commit_s} s after a change" if commit_s else "times are no metadata"
    return f"{commits}, write-back at 30 s"


def _commit_seconds(options: str) -> int:
    """From the change of a file's times to the commit; 0: they are written with other changes only."""
    if "lazytime" in options.split(","):
        return 0
    for option in options.split(","):
        name, _, value = option.partition("=")
        if name == "commit" and value.isdecimal():
            return int(value)
    return COMMIT_S


@contextmanager
def ext4(options: str) -> Iterator[Volume]:
    """A new ext4, mounted. PermissionRefusedError without root or where mounting is forbidden."""
    for tool in ("mkfs.ext4", "mount", "umount"):
        if shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin") is None:
            raise NotInstalledError(f"{tool} is needed to measure what a file system writes")
    if os.geteuid() != 0:
        raise PermissionRefusedError("bench flash mounts a file system of its own: run it as root")
    with tempfile.TemporaryDirectory(prefix="tvbrain-flash-") as scratch:
        image, folder = Path(scratch, "image"), Path(scratch, "mounted")
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        # No lazy initialisation: its background writes would be counted as ours.
        lazy = "lazy_itable_init=0,lazy_journal_init=0"
        _tool("mkfs.ext4", "-q", "-b", str(BLOCK), "-E", lazy, image)
        _tool("mount", "-o", ",".join(filter(None, ("loop", options))), image, folder)
        try:
            yield Volume(folder, _device_of(folder))
        finally:
            _tool("umount", folder)


def _tool(*words: str | Path) -> None:
    path = f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin"
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env=os.environ | {"PATH": path}
    )
    if done.returncode != 0:
        kind = PermissionRefusedError if words[0] == "mount" else StorageError
        raise kind(f"{words[0]}: {done.stderr.strip()}")


def _device_of(folder: Path) -> str:
    number = os.stat(folder).st_dev
    name = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve().name
    return name
