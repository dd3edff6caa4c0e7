"""The first messages ever written still read, as what they were."""

from __future__ import annotations

import pytest

from tests.wire import made_up, samples
from tests.wire.samples import SAMPLES
from tvbrain.wire import delta, envelope, metadata, pull, release, seal, signed
from tvbrain.wire.trust import Trust


def test_the_first_delta_is_read() -> None:
    assert delta.decode(SAMPLES["wire-1-delta"].content()) == samples.DELTA


def test_the_first_delta_that_tells_an_order_is_read() -> None:
    assert delta.decode(SAMPLES["wire-1-delta-order"].content()) == samples.ORDERED


def test_the_first_push_is_verified_opened_and_read() -> None:
    push = envelope.decode(SAMPLES["wire-1-push"].content())
    assert (push.tenant, push.epoch, push.base_version) == (made_up.TENANT, samples.EPOCH, 3)
    envelope.verify(push, samples.public("set"))
    inner = seal.open_sealed(push.sealed, samples.AGGREGATOR, push.tenant, push.epoch)
    assert delta.decode(inner) == samples.DELTA


def test_the_first_release_is_read() -> None:
    assert release.decode(SAMPLES["wire-1-release"].content()) == samples.RELEASED


def test_the_first_root_is_believed_and_so_is_the_first_pull() -> None:
    signed_root = SAMPLES["wire-1-root"].content()
    assert metadata.decode_root(signed.decode(signed_root, "root", 2048).body) == samples.root()
    trust, found = Trust.pinned(signed_root, made_up.TENANT).accepted(
        SAMPLES["wire-1-pull"].content(), samples.NOW
    )
    assert found == samples.RELEASED
    assert trust == Trust.decode(SAMPLES["wire-1-trust"].content(), made_up.TENANT)


@pytest.mark.parametrize("name", ["wire-1-delta", "wire-1-delta-order", "wire-1-root"])
def test_what_holds_no_chance_and_is_not_compressed_is_written_as_it_was(name: str) -> None:
    assert SAMPLES[name].make() == SAMPLES[name].content()


def test_pulls_are_read_from_both_parts() -> None:
    told = pull.decode(SAMPLES["wire-1-pull"].content())
    assert release.decode(told.release.body) == samples.RELEASED
    assert metadata.decode_timestamp(told.timestamp.body).release == samples.RELEASED.number
