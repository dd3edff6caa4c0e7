"""Group commit: pushes that arrive while a commit is synced share the next one.

One thread keeps; request handlers wait for their future. So a sync of the device is paid once for all that came in the
meantime, and nothing is acknowledged before the transaction that holds it has returned.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence

from tvbrain.constellation.errors import OverloadedError
from tvbrain.constellation.records import Arrival, Kept
from tvbrain.errors import TvbrainError

AT_ONCE = 512
"""Pushes of one transaction."""

WAITING = 4096
"""Pushes that may wait for the device; the next one is told to come back."""

_Entry = tuple[Arrival, asyncio.Future[Kept]]


class Committer:
    """`keep` is called by one thread of this object with up to `AT_ONCE` arrivals."""

    def __init__(self, keep: Callable[[Sequence[Arrival]], list[Kept]]) -> None:
        self._keep = keep
        self._waiting: deque[_Entry] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    async def keep(self, arrival: Arrival) -> Kept:
        """Returns when the arrival is durable, or is known to be. OverloadedError; errors of the storage."""
        future: asyncio.Future[Kept] = self._loop.create_future()
        with self._changed:
            if self._closing or len(self._waiting) >= WAITING:
                raise OverloadedError("too many pushes wait for the storage")
            self._waiting.append((arrival, future))
            self._changed.notify()
        return await future

    def waiting(self) -> int:
        """Pushes that no transaction has taken yet."""
        return len(self._waiting)

    def alive(self) -> bool:
        """False once the thread has ended."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Takes no more, keeps what waits, and ends the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while taken := self._take():
            arrivals = [arrival for arrival, _ in taken]
            try:
                outcomes: list[Kept] | TvbrainError = self._keep(arrivals)
            except TvbrainError as error:
                outcomes = error
            except BaseException:
                self._give_up(taken)
                raise
            self._loop.call_soon_threadsafe(_resolve, taken, outcomes)

    def _give_up(self, taken: list[_Entry]) -> None:
        """A fault of ours ended the thread: nobody is to wait for it, and `alive` says so."""
        with self._changed:
            self._closing = True
            left = taken + list(self._waiting)
            self._waiting.clear()
        error = OverloadedError("nothing can be kept any more")
        self._loop.call_soon_threadsafe(_resolve, left, error)

    def _take(self) -> list[_Entry]:
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]


def _resolve(taken: Sequence[_Entry], outcomes: list[Kept] | TvbrainError) -> None:
    if isinstance(outcomes, TvbrainError):
        for _, future in taken:
            if not future.done():
                future.set_exception(outcomes)
        return
    for (_, future), kept in zip(taken, outcomes, strict=True):
        if not future.done():  # its client may have gone
            future.set_result(kept)
