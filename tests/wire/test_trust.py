"""What a set believes: nothing unsigned, nothing older, nothing expired, nothing of others."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.wire import made_up
from tests.wire.made_up import TENANT, key
from tests.wire.samples import NOW, RELEASED, public, root, signed_root
from tvbrain.wire import limits, metadata, pull, signed
from tvbrain.wire.errors import (
    ExpiredError,
    MalformedError,
    MismatchError,
    OverLimitError,
    RollbackError,
    SignatureError,
    UntrustedError,
    WireError,
)
from tvbrain.wire.metadata import Root
from tvbrain.wire.pull import Pull
from tvbrain.wire.release import Release
from tvbrain.wire.signed import RELEASE, ROOT, TIMESTAMP, Role
from tvbrain.wire.trust import Trust

DAY = 86_400


def pinned() -> Trust:
    return Trust.pinned(signed_root(), TENANT)


def offer(
    number: int = 3,
    stamp: int = 9,
    *,
    created: int = NOW,
    lasts: int = DAY,
    one: Release = RELEASED,
    release_key: str = "release",
    stamp_key: str = "timestamp",
) -> bytes:
    """A pull of this release number and timestamp number."""
    made = pull.sign_release(replace(one, number=number), [key(release_key)])
    stamped = pull.sign_timestamp(stamp, created, created + lasts, made, [key(stamp_key)])
    return pull.encode(Pull(stamped, made))


def next_root(
    number: int = 2,
    signers: tuple[str, ...] = ("root 1", "root 2"),
    roles: dict[str, Role] | None = None,
) -> bytes:
    made = Root(number, TENANT, NOW + 800 * DAY, root().roles | (roles or {}))
    body = metadata.encode_root(made)
    return signed.encode(signed.sign(ROOT, body, map(key, signers)), limits.ROOT_BYTES)


def refused(trust: Trust, data: bytes, why: type[WireError], now: float = NOW) -> None:
    before = trust.encode()
    with pytest.raises(why):
        trust.accepted(data, now)
    assert trust.encode() == before


def test_a_release_is_believed_and_the_same_again() -> None:
    trust, found = pinned().accepted(offer(), NOW)
    assert found == RELEASED
    again, _ = trust.accepted(offer(), NOW + 60)
    assert again == trust


def test_a_newer_timestamp_of_the_same_release_and_a_newer_release_are_believed() -> None:
    trust, _ = pinned().accepted(offer(), NOW)
    trust, _ = trust.accepted(offer(3, 10, created=NOW + DAY), NOW + DAY)
    trust, found = trust.accepted(offer(4, 11, created=NOW + DAY), NOW + DAY)
    assert (trust.release, found.number, trust.timestamp) == (4, 4, 11)


def test_the_state_survives_being_kept() -> None:
    trust, _ = pinned().accepted(offer(), NOW)
    assert Trust.decode(trust.encode(), TENANT) == trust
    assert Trust.decode(pinned().encode(), TENANT) == pinned()
    with pytest.raises(MismatchError):
        Trust.decode(trust.encode(), "other")


def test_an_older_release_or_timestamp_is_refused() -> None:
    trust, _ = pinned().accepted(offer(4, 9), NOW)
    refused(trust, offer(3, 10), RollbackError)
    refused(trust, offer(4, 8), RollbackError)


def test_another_content_under_a_known_number_is_refused() -> None:
    trust, _ = pinned().accepted(offer(), NOW)
    other = replace(RELEASED, layout=2)
    refused(trust, offer(one=other), RollbackError)
    refused(trust, offer(stamp=10, one=other), RollbackError)
    refused(trust, offer(lasts=2 * DAY), RollbackError)


def test_a_timestamp_that_has_expired_is_refused() -> None:
    refused(pinned(), offer(), ExpiredError, NOW + DAY)
    trust, _ = pinned().accepted(offer(), NOW + DAY - 1)
    refused(trust, offer(), ExpiredError, NOW + DAY)


def test_a_release_or_root_that_has_expired_is_refused() -> None:
    refused(pinned(), offer(lasts=99 * DAY), ExpiredError, NOW + 31 * DAY)
    fresh = replace(RELEASED, expires=limits.NUMBER)
    refused(pinned(), offer(lasts=999 * DAY, one=fresh), ExpiredError, NOW + 366 * DAY)


def test_a_clock_that_is_behind_does_not_make_an_old_timestamp_new() -> None:
    trust, _ = pinned().accepted(offer(4, 9, created=NOW + 2 * DAY), NOW + 2 * DAY)
    refused(trust, offer(4, 10, created=NOW), ExpiredError, now=0)
    first, _ = pinned().accepted(offer(), 0)
    assert first.seen == NOW


def test_keys_of_another_role_or_of_nobody_are_refused() -> None:
    refused(pinned(), offer(release_key="timestamp"), SignatureError)
    refused(pinned(), offer(stamp_key="release"), SignatureError)
    refused(pinned(), offer(release_key="stranger"), SignatureError)
    refused(pinned(), offer(stamp_key="root 1"), SignatureError)


def test_a_release_that_the_timestamp_does_not_name_is_refused() -> None:
    mixed = Pull(pull.decode(offer(3)).timestamp, pull.decode(offer(4)).release)
    refused(pinned(), pull.encode(mixed), MismatchError)


def test_a_timestamp_that_names_it_by_another_number_is_refused() -> None:
    made = pull.sign_release(RELEASED, [key("release")])
    stamp = metadata.decode_timestamp(pull.decode(offer()).timestamp.body)
    body = metadata.encode_timestamp(replace(stamp, release=4))
    told = pull.encode(Pull(signed.sign(TIMESTAMP, body, [key("timestamp")]), made))
    refused(pinned(), told, MismatchError)


def test_what_is_signed_for_another_tenant_is_refused() -> None:
    refused(pinned(), offer(one=replace(RELEASED, tenant="other")), MismatchError)
    with pytest.raises(MismatchError):
        Trust.pinned(signed_root(), "other")


def test_a_signature_that_is_changed_is_refused() -> None:
    for part in ("timestamp", "release"):
        told = pull.decode(offer())
        name, signature = getattr(told, part).signatures[0]
        bad = replace(
            getattr(told, part), signatures=((name, bytes([signature[0] ^ 1]) + signature[1:]),)
        )
        refused(pinned(), pull.encode(replace(told, **{part: bad})), SignatureError)


def test_a_role_of_two_keys_needs_both() -> None:
    both = Role(2, (public("release"), public("second")))
    trust = pinned().rotated(next_root(roles={RELEASE: both}))
    refused(trust, offer(), SignatureError)
    made = pull.sign_release(RELEASED, [key("release"), key("second")])
    stamp = pull.sign_timestamp(9, NOW, NOW + DAY, made, [key("timestamp")])
    assert trust.accepted(pull.encode(Pull(stamp, made)), NOW)[1] == RELEASED


def test_one_key_that_signs_twice_counts_once() -> None:
    one = signed.sign(RELEASE, b"body", [key("release")])
    twice = replace(one, signatures=one.signatures * 2)
    data = signed.encode(twice, limits.PULL_BYTES)
    with pytest.raises(MalformedError):
        signed.decode(data, RELEASE, limits.PULL_BYTES)


def test_keys_are_rotated_by_a_root_that_the_old_and_the_new_keys_sign() -> None:
    new = Role(1, (public("new root"),))
    ok = next_root(signers=("root 1", "root 2", "new root"), roles={ROOT: new})
    trust = pinned().rotated(ok)
    assert trust.root.number == 2
    with pytest.raises(SignatureError):
        pinned().rotated(next_root(signers=("new root",), roles={ROOT: new}))
    with pytest.raises(SignatureError):
        pinned().rotated(next_root(signers=("root 1", "root 2"), roles={ROOT: new}))
    with pytest.raises(SignatureError):
        pinned().rotated(next_root(signers=("root 1",)))


def test_roots_are_taken_one_by_one_and_never_back() -> None:
    trust = pinned().rotated(next_root())
    for number in (1, 2, 4):
        with pytest.raises(RollbackError):
            trust.rotated(next_root(number))
    assert trust.rotated(next_root(3)).root.number == 3


def test_a_key_that_is_taken_away_signs_nothing_any_more_and_its_lies_are_forgotten() -> None:
    """A stolen timestamp key may have told of a number that nobody can pass."""
    trust, _ = pinned().accepted(offer(3, limits.NUMBER), NOW)
    refused(trust, offer(4, 10), RollbackError)
    new = Role(1, (public("new timestamp"),))
    trust = trust.rotated(next_root(roles={TIMESTAMP: new}))
    refused(trust, offer(4, 10), SignatureError)
    after, found = trust.accepted(offer(4, 10, stamp_key="new timestamp"), NOW)
    assert (after.timestamp, found.number) == (10, 4)


def test_a_rotation_of_other_keys_forgets_nothing() -> None:
    trust, _ = pinned().accepted(offer(4, 9), NOW)
    rotated = trust.rotated(next_root())
    refused(rotated, offer(3, 10), RollbackError)


def test_a_root_that_has_expired_still_leads_to_the_next() -> None:
    body = metadata.encode_root(replace(root(), expires=NOW - 1))
    old = signed.encode(signed.sign(ROOT, body, [key("root 1"), key("root 2")]), limits.ROOT_BYTES)
    trust = Trust.pinned(old, TENANT)
    refused(trust, offer(), ExpiredError)
    trust.rotated(next_root()).accepted(offer(), NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(root(), number=0),
        replace(root(), tenant=""),
        replace(root(), roles=root().roles | {RELEASE: Role(2, (public("release"),))}),
        replace(root(), roles=root().roles | {RELEASE: Role(0, (public("release"),))}),
        replace(root(), roles=root().roles | {RELEASE: Role(1, (b"short",))}),
        replace(root(), roles=root().roles | {RELEASE: Role(1, tuple(public(str(i)) for i in range(9)))}),
    ],
)  # fmt: skip
def test_a_root_that_nobody_could_use_is_not_written(wrong: Root) -> None:
    with pytest.raises(WireError):
        metadata.encode_root(wrong)


def test_a_pull_over_its_limit_is_not_written() -> None:
    rows = range(limits.COUNTS)
    draw = random.Random(1)
    many = tuple(
        (0, 8, row * 4000 + draw.randrange(4000), draw.randrange(1, 10**9)) for row in rows
    )
    made = pull.sign_release(replace(RELEASED, counts=many), [key("release")])
    stamp = pull.decode(offer()).timestamp
    with pytest.raises(OverLimitError):
        pull.encode(Pull(stamp, made))


def test_what_a_pull_carries_beside_its_release_is_small() -> None:
    made = pull.decode(offer())
    assert len(offer()) - len(made.release.body) <= 260


def test_every_refusal_of_something_whole_is_one_kind_of_error() -> None:
    for one in (SignatureError, RollbackError, ExpiredError, MismatchError):
        assert issubclass(one, UntrustedError)
    assert made_up.TENANT == TENANT
