"""What must not change an answer: the order of rows, how a catalogue is cut into packs, when the brain learned, what
was asked before, the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.places import ROOT
from tests.properties.answering import Answers, answer, answers
from tests.properties.folders import new_folder
from tests.properties.lives import TEACHINGS, Life, Observe, Teach, evenings, lives
from tests.properties.living import Household
from tests.properties.worlds import World, worlds
from tests.scale import scaled
from tvbrain._native import check, ffi, lib
from tvbrain.store import snapshot

SLOW = list(HealthCheck)


@st.composite
def cut_catalogues(draw: st.DrawFn) -> tuple[World, World, Life]:
    """A stack, one base pack that shows the same, and a life with either."""
    world = draw(worlds().filter(lambda world: len(world.packs) > 1 and bool(world.live())))
    return world, world.flat(draw(st.permutations(sorted(world.live())))), draw(lives(world))


@pytest.mark.slow
@settings(max_examples=scaled(300), suppress_health_check=SLOW)
@given(cut_catalogues())
def test_a_stack_answers_as_one_base_pack_with_the_same_titles(
    cut: tuple[World, World, Life],
) -> None:
    stack, base, life = cut
    assert answers(stack, life) == answers(base, life)


@st.composite
def shuffled_packs(draw: st.DrawFn) -> tuple[World, World, Life]:
    """A stack, and the same with the rows of every pack in another order."""
    world = draw(worlds())
    packs = [replace(pack, rows=tuple(draw(st.permutations(pack.rows)))) for pack in world.packs]
    return world, replace(world, packs=tuple(packs)), draw(lives(world))


@pytest.mark.slow
@settings(max_examples=scaled(300), suppress_health_check=SLOW)
@given(shuffled_packs())
def test_the_order_of_a_packs_rows_decides_nothing(shuffled: tuple[World, World, Life]) -> None:
    one, other, life = shuffled
    assert answers(one, life) == answers(other, life)


@st.composite
def split_lives(draw: st.DrawFn) -> tuple[World, Life, Teach, int]:
    """A life without learning, what is learned of it, and when the snapshot folds what came before."""
    world = draw(worlds())
    life = draw(lives(world, disturbed=False))
    return world, life, draw(TEACHINGS), draw(st.integers(0, 14))


@pytest.mark.slow
@settings(max_examples=scaled(300), suppress_health_check=SLOW)
@given(split_lives())
def test_every_split_into_snapshot_and_tail_gives_the_same_answers(
    split: tuple[World, Life, Teach, int],
) -> None:
    world, life, what, learned_after = split
    steps = tuple(step for step in life.steps if isinstance(step, Observe))
    found = []
    for at in (learned_after, len(steps)):
        told = Answers()
        with new_folder() as folder, closing(Household(world, folder, told)) as home:
            home.move_in(life.profiles)
            for step in steps[:at]:
                home.take(step)
            home.learn()
            for step in steps[at:]:
                home.take(step)
            home.brain.close()
            newest = snapshot.load(home.snapshots).snapshot
            assert newest is not None
            snapshot.publish(home.snapshots, home.taught(what, newest))
            home.reopen()
            for ask in life.last:
                home.take(ask)
        found.append(told.told)
    assert found[0] == found[1]


@pytest.mark.slow
@settings(max_examples=scaled(100), suppress_health_check=SLOW)
@given(evenings())
def test_the_same_question_has_the_same_answer_whatever_was_asked_before(
    evening: tuple[World, Life],
) -> None:
    world, life = evening
    with new_folder() as folder, closing(Household(world, folder, Answers())) as home:
        home.live(life)
        first = [answer(home, ask) for ask in life.last]
        again = [answer(home, ask) for ask in reversed(life.last)]
    assert first == again[::-1]


@pytest.mark.slow
def test_every_kernel_gives_the_same_answers() -> None:
    info = ffi.new("tvb_version_info *", {"struct_size": ffi.sizeof("tvb_version_info")})
    check(lib.tvb_version(info))
    kernels = ffi.string(info.kernels).decode().split(",")
    assert "scalar" in kernels
    found = set()
    for kernel in kernels:
        run = subprocess.run(
            [sys.executable, "-m", "tests.properties.answering", str(scaled(100))],
            env=os.environ | {"TVBRAIN_KERNEL": kernel},
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        assert len(run.stdout) > 1000
        found.add(run.stdout)
    assert len(found) == 1
