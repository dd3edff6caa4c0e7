"""Group commit: nothing is acknowledged before its transaction has returned."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from tests.constellation.contract.test_inbox import arrival
from tvbrain.constellation import committer
from tvbrain.constellation.committer import Committer
from tvbrain.constellation.errors import OverloadedError
from tvbrain.constellation.records import Arrival, Kept
from tvbrain.errors import NoSpaceError


class Storage:
    """Keeps when it is let; remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[Arrival]] = []
        self.entered, self.let = threading.Semaphore(0), threading.Semaphore(0)
        self.error: NoSpaceError | None = None

    def keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        self.entered.release()
        self.let.acquire()
        if self.error is not None:
            raise self.error
        self.batches.append(list(arrivals))
        return [Kept.NEW if a.device[-1] % 2 else Kept.KNOWN for a in arrivals]


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_comes_during_a_commit_shares_the_next_one_and_each_gets_its_answer() -> None:
    async def run() -> None:
        storage = Storage()
        queue = Committer(storage.keep)
        first = asyncio.create_task(queue.keep(arrival(1)))
        await asyncio.to_thread(storage.entered.acquire)
        others = [asyncio.create_task(queue.keep(arrival(n))) for n in range(2, 6)]
        await turns()
        assert not first.done()
        assert queue.waiting() == 4
        storage.let.release()
        assert await first is Kept.NEW
        assert not any(other.done() for other in others)
        storage.let.release()
        answers = await asyncio.gather(*others)
        assert answers == [Kept.KNOWN, Kept.NEW, Kept.KNOWN, Kept.NEW]
        assert [len(batch) for batch in storage.batches] == [1, 4]
        queue.close()

    asyncio.run(run())


def test_a_storage_that_fails_acknowledges_nobody_and_may_recover() -> None:
    async def run() -> None:
        storage = Storage()
        queue = Committer(storage.keep)
        storage.error = NoSpaceError("full")
        storage.let.release()
        with pytest.raises(NoSpaceError):
            await queue.keep(arrival(1))
        storage.error = None
        storage.let.release()
        assert await queue.keep(arrival(1)) is Kept.NEW
        assert queue.alive()
        queue.close()

    asyncio.run(run())


def test_more_than_may_wait_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "WAITING", 2)

    async def run() -> None:
        storage = Storage()
        queue = Committer(storage.keep)
        tasks = [asyncio.create_task(queue.keep(arrival(1)))]
        await asyncio.to_thread(storage.entered.acquire)
        tasks += [asyncio.create_task(queue.keep(arrival(n))) for n in (2, 3)]
        await turns()
        with pytest.raises(OverloadedError):
            await queue.keep(arrival(4))
        storage.let.release(2)
        await asyncio.gather(*tasks)
        queue.close()

    asyncio.run(run())


def test_closing_keeps_what_waits_and_takes_no_more() -> None:
    async def run() -> None:
        storage = Storage()
        queue = Committer(storage.keep)
        tasks = [asyncio.create_task(queue.keep(arrival(n))) for n in range(3)]
        await turns()
        storage.let.release(3)
        await asyncio.to_thread(queue.close)
        assert len(await asyncio.gather(*tasks)) == 3
        assert not queue.alive()
        with pytest.raises(OverloadedError):
            await queue.keep(arrival(9))

    asyncio.run(run())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_leaves_nobody_waiting_and_shows() -> None:
    def fails(arrivals: Sequence[Arrival]) -> list[Kept]:
        raise ZeroDivisionError

    async def run() -> None:
        queue = Committer(fails)
        with pytest.raises(OverloadedError):
            await queue.keep(arrival(1))
        await asyncio.to_thread(queue.close)
        assert not queue.alive()
        with pytest.raises(OverloadedError):
            await queue.keep(arrival(2))

    asyncio.run(run())
