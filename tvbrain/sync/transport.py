"""Requests to a constellation, bounded in time and size."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from tvbrain.clock import passed
from tvbrain.errors import InvalidArgumentError
from tvbrain.sync.errors import UnreachableError

TIMEOUT_S = 5.0
"""For connecting, and for each piece of an answer."""
PIECES = 3
"""So many times as long all of a body may take."""


@dataclass(frozen=True, slots=True)
class Answer:
    """headers: names in lower case. body: at most as long as was asked for; `whole` tells whether that was all."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = True

    @property
    def retry_after(self) -> float:
        """Seconds that the server asks to wait, 0 where it does not say."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isascii() and text.isdigit() else 0.0

    @property
    def date(self) -> float | None:
        """The server's time, in seconds since 1970."""
        try:
            return parsedate_to_datetime(self.headers["date"]).timestamp()
        except (KeyError, ValueError, OverflowError):
            return None


class Transport(Protocol):
    """What carries requests: HTTP, or a test."""

    def request(
        self, method: str, path: str, *, most: int, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """At most `most` bytes of the answer's body. Raises UnreachableError."""


class HttpTransport:
    """One connection a request: a set asks every few minutes, and servers have many sets."""

    def __init__(self, url: str, timeout: float = TIMEOUT_S) -> None:
        """`url`: http or https, and whatever path the API is under. InvalidArgumentError for another."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidArgumentError(f"{url!r} is not an http or https address")
        self._parts, self._timeout, self._whole_timeout = parts, timeout, PIECES * timeout

    def request(
        self, method: str, path: str, *, most: int, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        kind = (
            http.client.HTTPSConnection
            if self._parts.scheme == "https"
            else http.client.HTTPConnection
        )
        host = self._parts.hostname or ""
        connection = kind(host, self._parts.port, timeout=self._timeout)
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, body, dict(headers))
            response = connection.getresponse()
            content, whole = self._body(response, most, passed() + self._whole_timeout)
            headers_of = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers_of, content, whole)
        except (TimeoutError, OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{host}: {type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def _body(
        self, response: http.client.HTTPResponse, most: int, until: float
    ) -> tuple[bytes, bool]:
        """At most `most` bytes, and whether there are no more. UnreachableError where it ends too early or too late."""
        content = b""
        while len(content) < most and (piece := response.read1(most - len(content))):
            content += piece
            if passed() > until:
                raise UnreachableError("an answer that does not come to its end")
        if len(content) < most and response.length:
            raise UnreachableError("an answer that ends before its end")
        return content, len(content) < most or not response.length
