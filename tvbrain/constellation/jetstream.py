"""The stream in NATS JetStream: one subject, files, a message for all the pushes of one commit.

A message costs the server and both ends as much as dozens of pushes do. The last push of message n has the number
n x 1,024, those before it the numbers before that.

nats-py speaks asyncio; here a thread of its own does, so that callers are plain threads. What `append` returned from is
acknowledged by the server: in its file, past a kill of the server. The server syncs its files every two minutes unless
it is told otherwise (docs/sync.md, "Durability").
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import deque
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError
from typing import Any, TypeVar

import msgpack
import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StorageType, StreamConfig
from nats.js.errors import APIError

from tvbrain.constellation.records import Arrival, Waiting
from tvbrain.errors import StorageError

ANSWER_S = 5.0
"""How long the server may take."""

RECONNECT_S = 0.2

SPACING = 1024
"""From the number of a message's last push to that of the next message's."""

AT_ONCE = 512
"""Pushes of one message: half of what a NATS server takes by default, in bytes."""

FETCH = 8
"""Messages asked for together."""

FETCH_S = 1.0
"""How long they may take."""

_T = TypeVar("_T")


class JetStream:
    """One stream of one server. Any thread may call; StorageError where the server does not answer."""

    def __init__(self, url: str, stream: str = "pushes") -> None:
        self._stream = stream
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._thread.start()
        self._reader: JetStreamContext.PullSubscription | None = None
        self._next = 0
        self._message = 0
        self._buffer: deque[Waiting] = deque()
        self._reading = threading.Lock()
        self._connection, self._js = self._run(self._open(url))

    def close(self) -> None:
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def name(self) -> bytes:
        """16 bytes: another stream of the same name has others."""
        info = self._run(self._js.stream_info(self._stream))
        return hashlib.sha256(f"{self._stream} {info.created}".encode()).digest()[:16]

    def append(self, arrivals: Sequence[Arrival]) -> None:
        """Returns when the server has acknowledged each."""
        self._run(self._append(arrivals))

    def waiting(self, after: int, most: int) -> list[Waiting]:
        """The first `most` with a number above `after`. A stream that ends before `after` has lost its end, in a power
        cut: then from its beginning, or what is appended from now on would never be read.
        """
        with self._reading:
            try:
                return self._run(self._waiting(after, most))
            except StorageError:
                self._reader = None  # what the server knew of it may be gone
                raise

    def trim(self, up_to: int) -> None:
        """Drops messages of which all is at or below `up_to`."""
        if up_to >= SPACING:
            self._run(self._js.purge_stream(self._stream, seq=up_to // SPACING + 1))

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except (TimeoutError, NatsError, OSError, CancelledError) as error:
            # nats-py cancels what it waits for when the connection breaks.
            raise StorageError(f"NATS: {error or type(error).__name__}") from error

    async def _open(self, url: str) -> tuple[Client, JetStreamContext]:
        connection = await nats.connect(
            url, max_reconnect_attempts=-1, reconnect_time_wait=RECONNECT_S, error_cb=_heard
        )
        js = connection.jetstream(timeout=ANSWER_S)
        config = StreamConfig(
            name=self._stream, subjects=[f"tvbrain.{self._stream}"], storage=StorageType.FILE
        )
        try:
            await js.add_stream(config)
        except APIError as error:
            if error.err_code != 10058:  # it is there with another configuration: an operator's
                raise
        return connection, js

    async def _append(self, arrivals: Sequence[Arrival]) -> None:
        subject = f"tvbrain.{self._stream}"
        for first in range(0, len(arrivals), AT_ONCE):
            told = arrivals[first : first + AT_ONCE]
            headers = {"Nats-Msg-Id": _name(told)}
            await self._js.publish(subject, _packed(told), headers=headers)

    async def _waiting(self, after: int, most: int) -> list[Waiting]:
        info = await self._js.stream_info(self._stream)
        if not info.state.messages or info.state.last_seq == after // SPACING:
            return []
        if info.state.last_seq < after // SPACING:
            after = 0
        if self._reader is None or self._next != after:
            await self._read_from(after)
        while len(self._buffer) < most and self._message < info.state.last_seq:
            if not await self._fetch(min(FETCH, info.state.last_seq - self._message), after):
                break
        found = [self._buffer.popleft() for _ in range(min(most, len(self._buffer)))]
        self._next = found[-1].seq if found else after
        return found

    async def _fetch(self, most: int, after: int) -> bool:
        """False where nothing comes any more: another worker has trimmed it."""
        assert self._reader is not None
        try:
            messages = await self._reader.fetch(most, timeout=FETCH_S)
        except TimeoutError:
            return False
        for message in messages:
            self._message = message.metadata.sequence.stream
            told = _unpacked(message.data)
            first = self._message * SPACING - len(told) + 1
            entries = (Waiting(first + place, *one) for place, one in enumerate(told))
            self._buffer.extend(entry for entry in entries if entry.seq > after)
        return True

    async def _read_from(self, after: int) -> None:
        if self._reader is not None:
            await self._reader.unsubscribe()
            self._reader = None
        self._reader = await self._js.pull_subscribe(
            f"tvbrain.{self._stream}",
            stream=self._stream,
            config=ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=after // SPACING + 1,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=300.0,
            ),
        )
        self._next, self._message = after, after // SPACING
        self._buffer.clear()


async def _heard(error: Exception) -> None:
    """Each call that failed says so itself: nothing is to be told beside that."""


def _packed(arrivals: Sequence[Arrival]) -> bytes:
    """As docs/formats.md has it: who sent them is not in it."""
    told = [(a.tenant, a.epoch, a.base, a.bucket, a.once, a.sealed) for a in arrivals]
    packed: bytes = msgpack.packb(told)
    return packed


def _name(arrivals: Sequence[Arrival]) -> str:
    """The same pushes again within two minutes are no other message."""
    return hashlib.sha256(b"".join(sorted(a.once for a in arrivals))).hexdigest()


def _unpacked(data: bytes) -> list[list[Any]]:
    """The pushes of a message. Those of before there were several in one had one, without an array around it."""
    told: list[Any] = msgpack.unpackb(data)
    return [told] if isinstance(told[0], str) else told
