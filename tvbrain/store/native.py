"""What the learning plane needs of the operating system: its lock, and to be woken by the journal."""

from __future__ import annotations

import fcntl
import os
import select
from pathlib import Path
from typing import Any

from tvbrain._native import check, ffi, lib

LOCK_FILE = "learning.lock"


def give_back_memory() -> None:
    """Give memory that was freed back to the kernel: the packs and histories that learning looked at for a moment."""
    lib.tvn_give_back()


def _above_standard(descriptor: int) -> int:
    """It, or another that means the same where a host closed its first three: whatever prints would wake us."""
    if descriptor > 2:
        return descriptor
    higher = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(descriptor)
    return higher


class LearningLock:
    """The right to learn in a data directory: one process at a time, gone with the process.

    BusyError with the holder's pid; NoLocksError on a file system without such locks.
    """

    def __init__(self, data_dir: Path) -> None:
        out = ffi.new("tvn_lock **")
        check(lib.tvn_lock_take(os.fsencode(data_dir / LOCK_FILE), out))
        self._lock: Any = out[0]

    def release(self) -> None:
        """A second call does nothing."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lib.tvn_lock_free(lock)


class FolderWatch:
    """Sleeps until a file in a folder is written, or somebody calls `wake`."""

    def __init__(self, folder: Path) -> None:
        """MissingFileError if there is no such folder."""
        descriptor = ffi.new("int32_t *")
        check(lib.tvn_watch_open(os.fsencode(folder), descriptor))
        self._watch = int(descriptor[0])
        try:
            pipe = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
            self._woken, self._waker = map(_above_standard, pipe)
        except OSError:
            os.close(self._watch)
            raise
        self._poll = select.poll()
        self._poll.register(self._watch, select.POLLIN)
        self._poll.register(self._woken, select.POLLIN)

    @property
    def descriptor(self) -> int:
        """Readable once something happened; for whoever waits elsewhere, and drains it."""
        return self._watch

    def wake(self) -> None:
        """From any thread, and from a signal handler."""
        os.write(self._waker, b"!")

    def wait(self, seconds: float) -> bool:
        """Sleep until something happens or the time is over; whether something did."""
        ready = self._poll.poll(min(round(seconds * 1000), 2**31 - 1))
        for descriptor, _ in ready:
            while self._drained(descriptor):
                pass
        return bool(ready)

    @staticmethod
    def _drained(descriptor: int) -> bool:
        try:
            return len(os.read(descriptor, 65536)) == 65536
        except BlockingIOError:
            return False

    def close(self) -> None:
        for descriptor in (self._watch, self._woken, self._waker):
            os.close(descriptor)
