import pytest

from tvbrain.clock import Clock, SystemClock, VirtualClock


def test_time_passes_on_both_virtual_clocks() -> None:
    clock = VirtualClock(now=1000.0, monotonic=5.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (1002.5, 7.5)


def test_setting_the_wall_clock_leaves_the_monotonic_one() -> None:
    clock = VirtualClock(now=1000.0, monotonic=5.0)
    clock.set_now(0.0)
    assert (clock.now(), clock.monotonic()) == (0.0, 5.0)


def test_time_does_not_pass_backwards() -> None:
    clock = VirtualClock()
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1.0)
    assert clock.monotonic() == 0.0


def test_the_system_clock_counts_seconds_since_1970() -> None:
    clock: Clock = SystemClock()
    assert clock.now() > 1_600_000_000
    assert clock.monotonic() <= clock.monotonic()
