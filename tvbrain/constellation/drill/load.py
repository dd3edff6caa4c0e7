"""Senders that send each push until it is acknowledged, while servers come and go."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from itertools import count

from tvbrain.errors import TvbrainError

SENDERS = 8
AGAIN_S = 0.1
ANSWER_S = 60.0


class Load:
    """`bodies` are sent to `ports` in turn. An answer that is neither 202 nor 503 is a fault: TvbrainError."""

    def __init__(self, bodies: Sequence[bytes], ports: Sequence[int]) -> None:
        self._bodies, self._ports = bodies, ports
        self._lock = threading.Lock()
        self._acknowledged = threading.Condition(self._lock)
        self._next = 0
        self._ended = False
        self.answers: Counter[str] = Counter()
        self.lost = 0
        """Sendings that were not acknowledged: no answer, or 503."""

    def run(self, interrupt: Callable[[Load], None]) -> None:
        """Returns when every push is acknowledged and `interrupt` has returned."""
        with ThreadPoolExecutor(SENDERS) as pool:
            senders = [pool.submit(self._send) for _ in range(SENDERS)]
            try:
                interrupt(self)
            except BaseException:
                self._ended = True
                raise
            for sender in senders:
                sender.result()

    def wait_for(self, answers: int) -> bool:
        """Until there are so many; False if all are there already."""
        with self._acknowledged:
            if self.answers.total() >= len(self._bodies):
                return False
            most = min(answers, len(self._bodies))
            self._acknowledged.wait_for(lambda: self._ended or self.answers.total() >= most)
            return not self._ended

    def _send(self) -> None:
        try:
            while not self._ended:
                with self._lock:
                    at, self._next = self._next, self._next + 1
                if at >= len(self._bodies):
                    return
                kept = self._until_acknowledged(self._bodies[at], at)
                with self._acknowledged:
                    self.answers[kept] += 1
                    self._acknowledged.notify_all()
        except BaseException:
            with self._acknowledged:
                self._ended = True
                self._acknowledged.notify_all()
            raise

    def _until_acknowledged(self, body: bytes, at: int) -> str:
        pause = threading.Event()
        for attempt in count(at):  # each attempt asks the next node
            if self._ended:
                break
            connection = HTTPConnection(
                "127.0.0.1", self._ports[attempt % len(self._ports)], timeout=ANSWER_S
            )
            try:
                connection.request("POST", "/v1/pushes", body)
                answer = connection.getresponse()
                said = answer.read()
            except (HTTPException, OSError):
                status = 503
            else:
                status = answer.status
            finally:
                connection.close()
            if status == 202:
                kept: str = json.loads(said)["kept"]
                return kept
            if status != 503:
                raise TvbrainError(f"a push was answered with {status}: {said!r}")
            with self._lock:
                self.lost += 1
            pause.wait(AGAIN_S)
        raise TvbrainError("the load was ended")
