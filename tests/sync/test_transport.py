"""Requests over real sockets: bounded in time and size, whatever the other side does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tvbrain.errors import InvalidArgumentError
from tvbrain.sync.errors import UnreachableError
from tvbrain.sync.transport import Answer, HttpTransport


@contextmanager
def served(answer: Callable[[socket.socket, bytes], None]) -> Iterator[HttpTransport]:
    """A server for one request, which is given to `answer`."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            answer(connection, connection.recv(65_536))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield HttpTransport(f"http://127.0.0.1:{listening.getsockname()[1]}/api/", timeout=0.5)
        thread.join(10)


def ask(transport: HttpTransport, most: int = 100) -> Answer:
    return transport.request("GET", "/v1/x", most=most, headers={"X-One": "1"}, body=None)


def test_an_answer_comes_with_its_headers_in_lower_case() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(
            b"HTTP/1.1 503 No\r\nRetry-After: 17\r\nDate: Mon, 24 Mar 2025 19:00:00 GMT\r\n"
            b"Content-Length: 3\r\n\r\nabc"
        )

    with served(answer) as transport:
        found = ask(transport)
    assert (found.status, found.body, found.whole) == (503, b"abc", True)
    assert (found.retry_after, found.date) == (17.0, 1_742_842_800.0)
    assert seen[0].startswith(b"GET /api/v1/x HTTP/1.1")
    assert b"X-One: 1" in seen[0]


def test_no_more_is_read_than_was_asked_for() -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000))

    with served(answer) as transport:
        found = ask(transport, most=1000)
    assert (len(found.body), found.whole) == (1000, False)


@pytest.mark.parametrize(
    "answer",
    [
        lambda connection, request: connection.recv(1),
        lambda connection, request: connection.sendall(b"not http at all\r\n\r\n"),
        lambda connection, request: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
        lambda connection, request: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500),
        lambda connection, request: None,
    ],
    ids=["silence", "garbage", "half an answer", "headers without end", "hangs up"],
)  # fmt: skip
def test_whatever_is_no_answer_is_unreachable_in_little_time(
    answer: Callable[[socket.socket, bytes], None],
) -> None:
    with served(answer) as transport, pytest.raises(UnreachableError):
        ask(transport)


def test_an_answer_that_drips_is_given_up() -> None:
    """Each byte in time, and the whole never."""

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        connection.settimeout(0.1)
        with suppress(OSError):
            while True:
                connection.sendall(b"x")
                with suppress(TimeoutError):
                    if not connection.recv(1):
                        return

    with served(answer) as transport, pytest.raises(UnreachableError, match="its end"):
        ask(transport)


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(UnreachableError):
        ask(HttpTransport(f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize("url", ["", "ftp://x", "constellation", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidArgumentError):
        HttpTransport(url)


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "\u0661"])
def test_a_retry_after_that_is_no_number_of_seconds_is_none(text: str) -> None:
    assert Answer(503, {"retry-after": text, "date": text}).retry_after == 0.0
    assert Answer(503, {"date": text}).date is None
