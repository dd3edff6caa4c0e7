"""The entries through which libtvbrain runs the learning plane, on its one thread a brain.

An entry answers TVL_OK, or tells the host in words why not: no exception leaves Python, none is hidden.
While the thread sleeps it is outside Python. Importing this module is what starting the plane's Python means.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tvbrain._native.learner import ffi, lib
from tvbrain.brain.plane import LearningPlane
from tvbrain.clock import Clock, SystemClock
from tvbrain.errors import TvbrainError
from tvbrain.sdk.clock import HostClock

_planes: dict[int, tuple[Any, LearningPlane]] = {}
"""What runs, by the address of its host."""

FAILED = 0
FAILED_STEP = -1


class NothingLearnedError(TvbrainError):
    """The plane opened, and cannot learn: brain.db is damaged."""


def _address(host: Any) -> int:
    return int(ffi.cast("uintptr_t", host))


def _say(host: Any, text: str) -> None:
    host.say(host.self, " ".join(text.split()).encode("utf-8", "replace"))


def _told(host: Any, work: Callable[[], int], failed: int) -> int:
    """The answer of an entry: whatever goes wrong in it becomes the host's text."""
    try:
        return work()
    except Exception as error:  # the last frame before C: all of it is said
        cause = "" if isinstance(error, TvbrainError) else f"{type(error).__name__}: "
        _say(host, f"{cause}{error}")
        return failed


def _clock(host: Any) -> Clock:
    if host.clock == ffi.NULL:
        return SystemClock()
    return HostClock(lambda: int(host.clock(host.clock_user)), by_hand=not host.by_itself)


def _start(host: Any) -> int:
    plane = LearningPlane(
        Path(os.fsdecode(ffi.string(host.data_dir))),
        Path(os.fsdecode(ffi.string(host.pack))),
        _clock(host),
        clock_trusted=bool(host.clock_trusted),
        since=int(host.since),
        budgets=bool(host.by_itself),
        log=lambda text: host.log(host.self, lib.TVL_LOG_WARNING, text.encode("utf-8", "replace")),
    )
    if plane.fault:
        plane.close()  # whoever puts the file right need not end the program
        raise NothingLearnedError(plane.fault)
    _planes[_address(host)] = (host, plane)
    host.watch = plane.watch.descriptor
    _say(host, "")
    return int(lib.TVL_OK)


def _step(host: Any, hurry: bool) -> int:
    plane = _planes[_address(host)][1]
    plane.step(hurry=hurry)
    _say(host, plane.trouble())
    return round(plane.next_wait() * 1000)


def _stop(host: Any) -> int:
    _planes.pop(_address(host))[1].close()
    return int(lib.TVL_OK)


@ffi.def_extern()  # type: ignore[untyped-decorator]
def tvl_start(host: Any) -> int:
    return _told(host, lambda: _start(host), FAILED)


@ffi.def_extern(error=FAILED_STEP)  # type: ignore[untyped-decorator]
def tvl_step(host: Any, hurry: int) -> int:
    return _told(host, lambda: _step(host, bool(hurry)), FAILED_STEP)


@ffi.def_extern()  # type: ignore[untyped-decorator]
def tvl_stop(host: Any) -> int:
    return _told(host, lambda: _stop(host), FAILED)


@atexit.register
def _leave() -> None:
    """A host ends its own Python: no thread of ours may be in it then."""
    for host, _ in tuple(_planes.values()):
        host.ending(host.self)
