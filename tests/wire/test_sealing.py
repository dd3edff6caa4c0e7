"""Who signed it, who may open it, and how large it is at most."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import made_up
from tests.wire.samples import AGGREGATOR, EPOCH
from tvbrain.wire import delta, envelope, keys, limits, residual, seal
from tvbrain.wire.delta import Delta
from tvbrain.wire.errors import MalformedError, OverLimitError, SealError, SignatureError
from tvbrain.wire.pattern import Coding, WirePattern, ascending
from tvbrain.wire.residual import TWO_BIT, Residual

TENANT = made_up.TENANT
PUBLIC = AGGREGATOR.public_key().public_bytes_raw()
SET = made_up.key("set")


@given(st.binary(max_size=limits.FRAME_BYTES))
def test_what_is_sealed_opens_and_its_length_says_one_of_three(content: bytes) -> None:
    sealed = seal.seal(content, PUBLIC, TENANT, EPOCH)
    assert seal.open_sealed(sealed, AGGREGATOR, TENANT, EPOCH) == content
    assert len(sealed) in seal.SEALED_LENGTHS


def test_the_same_content_is_sealed_to_other_bytes_each_time() -> None:
    assert seal.seal(b"a", PUBLIC, TENANT, EPOCH) != seal.seal(b"a", PUBLIC, TENANT, EPOCH)


def test_it_does_not_open_for_another_key_tenant_or_epoch() -> None:
    sealed = seal.seal(b"secret", PUBLIC, TENANT, EPOCH)
    with pytest.raises(SealError, match="another key"):
        seal.open_sealed(sealed, seal.new_opening_key(), TENANT, EPOCH)
    with pytest.raises(SealError):
        seal.open_sealed(sealed, AGGREGATOR, "other", EPOCH)
    with pytest.raises(SealError):
        seal.open_sealed(sealed, AGGREGATOR, TENANT, EPOCH + 1)


@given(st.integers(0, seal.SEALED_LENGTHS[0] - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, change: int) -> None:
    sealed = bytearray(seal.seal(b"secret", PUBLIC, TENANT, EPOCH))
    sealed[at] ^= change
    with pytest.raises(SealError):
        seal.open_sealed(bytes(sealed), AGGREGATOR, TENANT, EPOCH)


def test_another_length_or_padding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal.seal(b"secret", PUBLIC, TENANT, EPOCH)
    with pytest.raises(MalformedError):
        seal.open_sealed(sealed + b"\0", AGGREGATOR, TENANT, EPOCH)
    with pytest.raises(OverLimitError):
        seal.seal(bytes(limits.FRAME_BYTES + 1), PUBLIC, TENANT, EPOCH)
    with pytest.raises(MalformedError):
        seal.seal(b"", PUBLIC[:-1], TENANT, EPOCH)
    monkeypatch.setattr(seal, "_padded", lambda content: b"\1\0" + b"ab".ljust(254, b"\0"))
    bad = seal.seal(b"a", PUBLIC, TENANT, EPOCH)
    monkeypatch.undo()
    with pytest.raises(MalformedError, match="padding"):
        seal.open_sealed(bad, AGGREGATOR, TENANT, EPOCH)


def push(sealed: bytes | None = None) -> envelope.Push:
    inner = seal.seal(b"x", PUBLIC, TENANT, EPOCH) if sealed is None else sealed
    return envelope.sign(SET, TENANT, EPOCH, 7, inner)


def test_a_push_is_its_sets_alone() -> None:
    one = envelope.decode(envelope.encode(push()))
    envelope.verify(one, keys.public_of(SET))
    with pytest.raises(SignatureError):
        envelope.verify(one, keys.public_of(made_up.key("other")))


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": "other"},
        {"device": bytes(16)},
        {"epoch": EPOCH + 1},
        {"base_version": 8},
        {"sealed": seal.seal(b"y", PUBLIC, TENANT, EPOCH)},
        {"signature": bytes(64)},
    ],
)
def test_a_push_that_is_changed_in_any_field_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SignatureError):
        envelope.verify(replace(push(), **change), keys.public_of(SET))  # type: ignore[arg-type]


def test_a_signature_for_one_kind_of_message_is_none_for_another() -> None:
    signature = keys.sign(SET, "tvbrain release 1", b"content")
    keys.verify(keys.public_of(SET), "tvbrain release 1", b"content", signature)
    with pytest.raises(SignatureError):
        keys.verify(keys.public_of(SET), "tvbrain root 1", b"content", signature)


def test_the_largest_delta_makes_a_push_within_its_limit() -> None:
    """Longest tenant, largest numbers, and as many incompressible patterns as fit."""
    coding = Coding(65_535, TWO_BIT, 384)
    length = residual.size(TWO_BIT, 384)
    patterns = ascending(
        [
            WirePattern(code, Residual(9, random.Random(code).randbytes(length)), 1, 1, 0)
            for code in range(8)
        ]
    )  # fmt: skip
    fitting = 0
    for count in range(1, 9):
        one = Delta(pack=made_up.PACK, coding=coding, patterns=patterns[:count])
        try:
            content = delta.encode(one)
        except OverLimitError:
            break
        fitting = count
        tenant = "t" * limits.TENANT_LENGTH
        sealed = seal.seal(content, PUBLIC, tenant, limits.NUMBER)
        sent = envelope.encode(envelope.sign(SET, tenant, limits.NUMBER, limits.NUMBER, sealed))
        assert len(sent) <= limits.PUSH_BYTES
    assert fitting == 7


def test_the_largest_sealed_push_with_the_longest_tenant_fits() -> None:
    tenant = "t" * limits.TENANT_LENGTH
    sealed = seal.seal(bytes(limits.FRAME_BYTES), PUBLIC, tenant, limits.NUMBER)
    sent = envelope.encode(envelope.sign(SET, tenant, limits.NUMBER, limits.NUMBER, sealed))
    assert len(sent) <= limits.PUSH_BYTES


def test_a_push_whose_fields_are_out_of_range_is_not_sent() -> None:
    good = push()
    for bad in (
        replace(good, tenant="Acme"),
        replace(good, device=b""),
        replace(good, epoch=-1),
        replace(good, base_version=1 << 32),
        replace(good, sealed=b""),
        replace(good, signature=b""),
    ):
        with pytest.raises(MalformedError):
            envelope.encode(bad)


def test_keys_of_another_length_are_named() -> None:
    with pytest.raises(MalformedError):
        keys.signing_key(b"short")
    with pytest.raises(MalformedError):
        seal.opening_key(b"short")
    with pytest.raises(MalformedError):
        keys.verify(b"short", "tvbrain push 1", b"", bytes(64))
