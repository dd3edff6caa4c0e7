"""Asking what is new, and believing it only as tvbrain.wire.trust does."""

from __future__ import annotations

from dataclasses import replace

from tvbrain.store.syncing import Enrolled
from tvbrain.sync.errors import AnswerError
from tvbrain.sync.transport import Answer, Transport
from tvbrain.wire import limits, metadata, pull
from tvbrain.wire.errors import ExpiredError
from tvbrain.wire.release import Release
from tvbrain.wire.trust import Trust

ROOTS = 32
"""Steps from root to root at one time."""


class RefusedError(AnswerError):
    """An answer to be asked again after `retry_after` seconds."""

    def __init__(self, what: str, answer: Answer) -> None:
        super().__init__(what, answer.status)
        self.retry_after = answer.retry_after


def ask(transport: Transport, state: Enrolled) -> Answer:
    """The newest release, unless it is the one known."""
    headers = {"If-None-Match": state.etag} if state.etag else {}
    path = f"/v1/tenants/{state.tenant}/release"
    most = limits.PULL_BYTES + 1
    return transport.request("GET", path, most=most, headers=headers, body=None)


def believed(
    transport: Transport, state: Enrolled, answer: Answer, now: float
) -> tuple[Enrolled, bytes, Release] | None:
    """What is known now, the pull and its release; None where there is nothing newer.

    Newer roots are asked for before anything is believed, one after the other: a key that was taken away must not sign
    once more. "Nothing newer" is believed as long as the timestamp in hand: after that newer ones may be held back.
    Raises WireError, AnswerError, UnreachableError: the last good state stays.
    """
    trust = Trust.decode(state.trust, state.tenant)
    if answer.status in (304, 404):
        _check_fresh(state, trust, now)
        return None
    if answer.status != 200:
        raise RefusedError("no release", answer)
    accepted, found = rotated(transport, trust).accepted(answer.body, now)
    etag = answer.headers.get("etag", "")[:128]
    return replace(state, trust=accepted.encode(), etag=etag), answer.body, found


def _check_fresh(state: Enrolled, trust: Trust, now: float) -> None:
    """ExpiredError where the newest timestamp known is over. Of a release that was taken back it is not kept."""
    if state.pull is None or state.applied != trust.release:
        return
    stamp = metadata.decode_timestamp(pull.decode(state.pull).timestamp.body)
    if now >= stamp.expires:
        raise ExpiredError(f"timestamp: expired at {stamp.expires}, and nothing newer is given")


def rotated(transport: Transport, trust: Trust) -> Trust:
    """With the newest root that follows from the one known; the same where there is none."""
    for _ in range(ROOTS):
        path = f"/v1/tenants/{trust.root.tenant}/root/{trust.root.number + 1}"
        most = limits.ROOT_BYTES + 1
        answer = transport.request("GET", path, most=most, headers={}, body=None)
        if answer.status != 200:
            return trust
        trust = trust.rotated(answer.body)
    return trust
