"""Recall through the public API: by title, by time, by meaning, over the tiers that are asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, open_brain, titles
from tvbrain import Brain, ViewingEvent, cli
from tvbrain.clock import VirtualClock
from tvbrain.errors import InvalidArgumentError
from tvbrain.loops.table import DAY

IDS = titles(3)


def finish(brain: Brain, item: str, at: float) -> None:
    brain.observe(ViewingEvent(kind="complete", item=item, watched=1.0, at=at))


def test_each_tier_tells_what_it_holds_how_old_it_is_and_what_is_left(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        finish(brain, IDS[0], MONDAY_EVENING)
        (heard,) = brain.recall(tiers=["instant"])
        assert (heard.item, heard.what, heard.strength) == (IDS[0], "complete", 1.0)
        brain.learn_now()
        assert brain.recall(tiers=["instant"]) == ()
        clock.advance(60 * DAY)
        (one,) = brain.recall(tiers=["episodic", "semantic"])
        assert (one.tier, one.item, one.age) == ("episodic", IDS[0], 60 * DAY)
        assert one.strength == pytest.approx(0.5)
        clock.advance(120 * DAY)
        brain.learn_now()
        (moved,) = brain.recall(tiers=["episodic", "semantic"])
        assert (moved.tier, moved.item, moved.age) == ("semantic", IDS[0], 180 * DAY)
        assert moved.strength == pytest.approx(0.5)


def test_recall_by_title_by_time_and_by_meaning(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        for number, item in enumerate(IDS):
            finish(brain, item, MONDAY_EVENING + number * 60)
        brain.learn_now()
        everything = brain.recall(tiers=["episodic"])
        assert [one.item for one in everything] == IDS[::-1]
        assert [one.item for one in brain.recall(tiers=["episodic"], item=IDS[1])] == [IDS[1]]
        since = brain.recall(
            tiers=["episodic"], since=MONDAY_EVENING + 60, until=MONDAY_EVENING + 60
        )
        assert [one.item for one in since] == [IDS[1]]
        alike = brain.recall(tiers=["episodic"], like=IDS[2])
        assert alike[0].item == IDS[2]
        assert alike[0].likeness == pytest.approx(1.0)
        nearness = [one.likeness or 0.0 for one in alike]
        assert nearness == sorted(nearness, reverse=True)
        assert {one.tier for one in brain.recall()} >= {"episodic", "temporal", "session"}
        with pytest.raises(InvalidArgumentError, match="tier"):
            brain.recall(tiers=["thirteenth"])
        with pytest.raises(InvalidArgumentError, match="like"):
            brain.recall(like="nobody:knows")


def test_what_is_forgotten_is_not_recalled(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        finish(brain, IDS[0], MONDAY_EVENING)
        finish(brain, IDS[1], MONDAY_EVENING)
        brain.learn_now()
        brain.forget(item=IDS[0])
        brain.learn_now()
        assert {one.item for one in brain.recall(limit=1000)} & set(IDS) == {IDS[1]}


def test_the_command_prints_what_is_remembered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_brain(tmp_path) as brain:
        finish(brain, IDS[0], MONDAY_EVENING)
        brain.learn_now()
    asked = ["recall", "--data", str(tmp_path / "tv"), "--tier", "semantic", "--tier", "episodic"]
    assert cli.main([*asked, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["recalled"]
    assert one["item"] == IDS[0]
    assert cli.main(asked) == 0
    assert "episodic" in capsys.readouterr().out
