"""A million changed messages at full size: each is refused by name or is the one encoding of what it says."""

from __future__ import annotations

import resource

from tests.scale import scaled
from tests.wire.mutating import Guided, at_random
from tests.wire.samples import SAMPLES, Sample
from tests.wire.test_messages import same
from tvbrain.wire.errors import WireError

MEGABYTE = 1024
"""As the kernel counts what a process holds."""


def judge(sample: Sample, message: bytes) -> bool:
    """Whether it was read. Anything but a WireError is a fault of ours."""
    try:
        value = sample.decode(message)
    except WireError:
        return False
    assert same(sample, value, message), message.hex()
    return True


def held() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_changed_messages_are_refused_by_name_within_bounded_memory() -> None:
    for sample in SAMPLES.values():
        assert judge(sample, sample.content())
    before = held()
    read = sum(judge(sample, message) for sample, message in at_random(1, scaled(1_000_000)))
    assert 0 < read < scaled(1_000_000) / 2
    assert held() - before < 64 * MEGABYTE


def test_a_search_for_new_steps_through_the_decoders_finds_no_other_error() -> None:
    fuzzer = Guided(2)
    fuzzer.run(0, judge)
    known = len(fuzzer.steps)
    fuzzer.run(scaled(100_000), judge)
    assert len(fuzzer.steps) > known
    assert len(fuzzer.corpus) > len(SAMPLES) + 10
