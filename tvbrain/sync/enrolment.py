"""Becoming one of a constellation's sets: with a token of the operator, and a key that never leaves the set."""

from __future__ import annotations

import base64
import binascii
import json

from tvbrain.store.syncing import Enrolled
from tvbrain.sync.errors import AnswerError
from tvbrain.sync.transport import Transport
from tvbrain.wire import keys
from tvbrain.wire.trust import Trust

MOST = 16_384
DAY = 86_400


def enrol(transport: Transport, url: str, tenant: str, token: str, key: bytes) -> Enrolled:
    """Ask for it; the same key again gives the same answer. The root that comes with the answer is pinned.

    Raises UnreachableError, AnswerError, WireError for a root that is not to be believed.
    """
    public = keys.public_of(keys.signing_key(key))
    wanted = {"tenant": tenant, "token": token, "public_key": _text(public)}
    answer = transport.request(
        "POST",
        "/v1/devices",
        most=MOST,
        headers={"Content-Type": "application/json"},
        body=json.dumps(wanted).encode(),
    )
    if answer.status != 200:
        raise AnswerError("enrolment is refused", answer.status)
    try:
        told = json.loads(answer.body)
        device, slot, root = bytes.fromhex(told["device"]), told["slot"], _bytes(told["root"])
        epoch_s, aggregator = int(told["epoch_length_s"]), _bytes(told["aggregator_key"])
        offset, length = int(slot[0]), int(slot[1])
    except (ValueError, KeyError, TypeError, IndexError, binascii.Error) as error:
        raise AnswerError("enrolment is answered in another form", answer.status) from error
    sound = (
        device == keys.device_of(public)
        and len(aggregator) == keys.PUBLIC
        and 3600 <= epoch_s <= 366 * DAY
        and 0 <= offset < epoch_s
        and 0 < length <= epoch_s
    )
    if not sound:
        raise AnswerError("enrolment is answered for another set, or out of range", answer.status)
    trust = Trust.pinned(root, tenant)
    return Enrolled(url, tenant, key, aggregator, epoch_s, offset, length, trust.encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
