"""How long a set waits, and that many sets do not come back together."""

from __future__ import annotations

import hashlib
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.sync.world import Home, unreachable
from tvbrain.constellation.records import EPOCH_S
from tvbrain.constellation.slots import slot_of
from tvbrain.sync.client import push_moment
from tvbrain.sync.patience import LONGEST_ASKED_S, LONGEST_S, OPEN_AFTER, Patience
from tvbrain.sync.transport import Answer

INTERVAL = (300, 900)


@given(st.floats(0, 1), st.integers(1, 60))
def test_waits_grow_and_are_bounded(chance: float, failures: int) -> None:
    one = Patience(INTERVAL, lambda: chance)
    waits = [one.after_failure() for _ in range(failures)]
    assert waits == sorted(waits)
    assert all(150 <= wait <= LONGEST_S for wait in waits)
    assert one.open == (failures >= OPEN_AFTER)
    assert 300 <= one.after_success() <= 900
    assert not one.open
    assert one.after_failure() <= 300


@given(st.floats(0, 1), st.floats(1, 1e9))
def test_never_less_than_the_server_asks_for_up_to_a_day(chance: float, asked: float) -> None:
    wait = Patience(INTERVAL, lambda: chance).after_failure(asked)
    assert min(asked, LONGEST_ASKED_S) <= wait <= LONGEST_ASKED_S + 300


def requests_a_minute(sets: int, hours: int, outage: range) -> Counter[int]:
    """Of polls, and of pushes with the first poll after a set's moment, with the real waits, slots and moments.
    The hours lie in the middle of an epoch; in `outage` (s) nobody is answered."""
    minutes: Counter[int] = Counter()
    begin = 3 * 86_400
    for number in range(sets):
        draw = random.Random(number).random
        device = hashlib.sha256(number.to_bytes(8, "big")).digest()[:16]
        moment = push_moment(device, *slot_of(device)) - begin
        one = Patience(INTERVAL, draw)
        at, pushed = draw() * 600, moment < 0
        while at < hours * 3600:
            if int(at) in outage:
                at += one.after_failure()
                continue
            minutes[int(at // 60)] += 1 + (not pushed and at >= moment)
            pushed = pushed or at >= moment
            at += one.after_success()
    return minutes


def test_after_an_hour_without_a_server_sets_come_back_spread() -> None:
    """10,000 sets, an outage from 1 h to 2 h: no minute has 1.5 times the requests that a usual one has."""
    minutes = requests_a_minute(10_000, 6, range(3600, 7200))
    usual = sum(minutes[minute] for minute in range(20, 60)) / 40
    peak = max(minutes[minute] for minute in range(120, 360))
    assert peak <= 1.5 * usual


def test_pushes_of_a_week_are_spread_over_it() -> None:
    """Of 10,000 sets no hour has much more than its 168th, and none pushes after its slot has ended."""
    hours: Counter[int] = Counter()
    for number in range(10_000):
        device = hashlib.sha256(number.to_bytes(8, "big")).digest()[:16]
        slot, length = slot_of(device)
        moment = push_moment(device, slot, length)
        assert slot <= moment < slot + length <= EPOCH_S
        hours[int(moment // 3600)] += 1
    assert len(hours) == 168
    assert max(hours.values()) <= 1.7 * 10_000 / 168


def test_a_server_that_asks_to_wait_is_not_asked_before(home: Home) -> None:
    home.consent()
    home.clock.advance(1000)
    home.server.fails = lambda path: Answer(503, {"retry-after": "7200"})
    home.sync.step()
    asked = len(home.server.requests)
    home.clock.advance(7199)
    home.sync.step()
    assert len(home.server.requests) == asked
    home.clock.advance(400)
    home.sync.step()
    assert len(home.server.requests) > asked


def test_behind_an_open_breaker_only_news_are_asked_for_until_an_answer_comes(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2)
    home.server.fails = unreachable
    home.sync_at_slot()
    for _ in range(2 * OPEN_AFTER):
        home.clock.advance(LONGEST_S)
        home.sync.step()
    before = len(home.server.requests)
    home.clock.advance(LONGEST_S)
    home.sync.step()
    assert [path.rsplit("/", 1)[1] for _, path in home.server.requests[before:]] == ["release"]
    home.server.fails = lambda path: None
    for _ in range(2):
        home.clock.advance(LONGEST_S)
        home.sync.step()
    assert len(home.server.pushes) == 1
