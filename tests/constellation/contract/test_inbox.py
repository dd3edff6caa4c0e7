"""Pushes are kept once and stand in one order."""

from __future__ import annotations

import threading
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tests.constellation.contract.conftest import Opened, Place
from tvbrain.constellation.records import Arrival, Kept, Waiting


def arrival(device: int = 1, epoch: int = 7, body: int = 0, tenant: str = "north") -> Arrival:
    name = device.to_bytes(16, "big")
    once = (device + 1000 * epoch).to_bytes(16, "big")
    sealed = name + bytes([body])
    return Arrival(tenant, name, epoch, bytes([body]) * 32, 3, device % 5, once, sealed)


def everything(opened: Opened) -> list[Waiting]:
    return opened.inbox.waiting(0, 1_000_000)


def test_a_push_is_kept_as_it_came(opened: Opened) -> None:
    one = arrival()
    assert opened.inbox.keep([one]) == [Kept.NEW]
    (found,) = everything(opened)
    assert found == Waiting(found.seq, "north", 7, 3, 1, one.once, one.sealed)


def test_the_same_push_is_known_and_another_body_is_refused(opened: Opened, place: Place) -> None:
    assert opened.inbox.keep([arrival(), arrival(), arrival(body=1)]) == [
        Kept.NEW,
        Kept.KNOWN,
        Kept.OTHER,
    ]
    again = place.reopen()
    assert again.inbox.keep([arrival(body=1), arrival()]) == [Kept.OTHER, Kept.KNOWN]
    assert [found.sealed for found in everything(again)] == [arrival().sealed]


def test_each_device_and_each_epoch_has_its_own(opened: Opened) -> None:
    many = [arrival(device, epoch) for device in range(4) for epoch in range(3)]
    assert opened.inbox.keep(many) == [Kept.NEW] * 12
    assert len(everything(opened)) == 12


def test_nothing_in_the_stream_tells_whose_it_is() -> None:
    assert "device" not in Waiting.__slots__


def test_a_batch_stands_in_the_stream_in_an_order_of_its_own(opened: Opened) -> None:
    batch = [arrival(device) for device in range(100)]
    opened.inbox.keep(batch)
    assert {w.sealed for w in everything(opened)} == {a.sealed for a in batch}
    assert [w.sealed for w in everything(opened)] != [a.sealed for a in batch]


def test_the_stream_is_read_from_any_place_and_numbers_are_never_used_again(place: Place) -> None:
    place.now.inbox.keep([arrival(device) for device in range(10)])
    first = everything(place.now)
    seqs = [found.seq for found in first]
    assert seqs == sorted(set(seqs))
    assert place.now.inbox.waiting(seqs[3], 2) == first[4:6]
    place.now.inbox.trim(seqs[-1])
    assert everything(place.now) == []
    name = place.now.inbox.stream()
    again = place.reopen()
    again.inbox.keep([arrival(99)])
    assert everything(again)[0].seq > seqs[-1]
    assert again.inbox.stream() == name
    assert len(name) == 16


def test_trimmed_pushes_are_still_known(opened: Opened) -> None:
    opened.inbox.keep([arrival()])
    opened.inbox.trim(everything(opened)[-1].seq)
    assert opened.inbox.keep([arrival()]) == [Kept.KNOWN]
    assert everything(opened) == []


def test_epochs_whose_receipts_are_gone_are_below_the_floor(opened: Opened, place: Place) -> None:
    opened.inbox.keep([arrival(epoch=7), arrival(epoch=8)])
    assert opened.inbox.floor() == 0
    opened.inbox.forget_receipts(8)
    opened.inbox.forget_receipts(5)
    again = place.reopen()
    assert again.inbox.floor() == 8
    assert again.inbox.keep([arrival(epoch=8)]) == [Kept.KNOWN]


def test_of_copies_that_come_at_once_one_is_new(opened: Opened) -> None:
    outcomes: list[Kept] = []

    def send(body: int) -> Callable[[], None]:
        return lambda: outcomes.extend(opened.inbox.keep([arrival(body=body)]))

    threads = [threading.Thread(target=send(body=0)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept.value for kept in outcomes) == ["known"] * 19 + ["new"]
    assert len(everything(opened)) == 1


_PUSHES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)), max_size=8)


def test_any_mix_of_batches_keeps_the_first_body_of_each_epoch_once(opened: Opened) -> None:
    run = 0

    @given(st.lists(_PUSHES, max_size=5))
    def check(batches: list[list[tuple[int, int, int]]]) -> None:
        nonlocal run
        run += 1
        first: dict[tuple[int, int], int] = {}
        before = max((w.seq for w in everything(opened)), default=0)
        for batch in batches:
            pushes = [arrival(device + 10 * run, epoch, body) for device, epoch, body in batch]
            expected = []
            for device, epoch, body in batch:
                known = first.setdefault((device, epoch), body)
                seen = (device, epoch) in expected_new
                expected_new.add((device, epoch))
                kept = Kept.KNOWN if known == body else Kept.OTHER
                expected.append(kept if seen else Kept.NEW)
            assert opened.inbox.keep(pushes) == expected
        kept_bodies = sorted(w.sealed for w in opened.inbox.waiting(before, 1000))
        assert kept_bodies == sorted(
            arrival(device + 10 * run, epoch, body).sealed
            for (device, epoch), body in first.items()
        )
        expected_new.clear()

    expected_new: set[tuple[int, int]] = set()
    check()


def test_a_body_that_waits_is_sent_whatever_else_comes_with_it(opened: Opened) -> None:
    """Another body of the same set and epoch before it in the batch changes nothing."""
    assert opened.inbox.keep([arrival(), arrival(2)]) == [Kept.NEW, Kept.NEW]
    batch = [arrival(body=1), arrival(), arrival(2), arrival(3, body=1), arrival(3)]
    expected = [Kept.OTHER, Kept.KNOWN, Kept.KNOWN, Kept.NEW, Kept.OTHER]
    assert opened.inbox.keep(batch) == expected
    assert sorted(found.sealed for found in everything(opened)) == sorted(
        one.sealed for one in (arrival(), arrival(2), arrival(3, body=1))
    )


def test_a_message_is_read_in_pieces_and_trimmed_when_all_of_it_may_go(opened: Opened) -> None:
    opened.inbox.keep([arrival(device) for device in range(700)])
    opened.inbox.keep([arrival(device) for device in range(700, 900)])
    all_of_it = everything(opened)
    assert len(all_of_it) == 900
    at, read = 0, []
    while part := opened.inbox.waiting(at, 130):
        assert len(part) <= 130
        read += part
        at = part[-1].seq
        opened.inbox.trim(at)
    assert read == all_of_it
    assert everything(opened) == []
