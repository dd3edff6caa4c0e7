"""Exploration as a host sees it: drawn weights, and how likely each title was to be shown."""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from pathlib import Path
from statistics import fmean

import pytest

from tests.learner.test_blending import Household
from tests.learner.viewing import open_brain
from tests.oracle.ranking.exploration import Exploration, moves
from tvbrain.events import KINDS, ViewingEvent
from tvbrain.learning import blender
from tvbrain.store import journal
from tvbrain.types import ViewContext

TERMS, K, SLATES, ROUNDS = 12, 10, 64, 4


def test_the_draws_are_nearly_normal_and_independent() -> None:
    unit = [2**16 if i == j else 0 for i in range(TERMS) for j in range(i + 1)]
    of = Exploration(1, 7, tuple(unit))
    draws = [[m / 2**16 for m in moves(of, TERMS, token, 0)] for token in range(2000)]
    flat = sorted(value for draw in draws for value in draw)
    count = len(flat)
    assert abs(fmean(flat)) < 4 / math.sqrt(count)
    assert fmean(v * v for v in flat) == pytest.approx(1.0, abs=0.03)
    normal = (0.5 * (1 + math.erf(v / math.sqrt(2))) for v in flat)
    off = max(abs((rank + 0.5) / count - p) for rank, p in enumerate(normal))
    assert off < 1.36 / math.sqrt(count) + 0.005  # eight uniform numbers are not quite normal
    for term in range(1, TERMS):
        assert abs(fmean(d[term] * d[term - 1] for d in draws)) < 4 / math.sqrt(len(draws))
        other = moves(of, TERMS, 5, 1)
        assert other != moves(of, TERMS, 5, 0)


def test_titles_are_shown_as_often_as_their_propensities_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blender, "TEMPERATURE", 1.0)
    household = Household(tmp_path / "first")
    household.look()
    household.sleep()
    household.brain.close()
    shown: dict[int, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "first", folder)
        with open_brain(folder, household.clock) as brain:
            before = journal.info(folder / "tv").last_seq
            asked = [
                ViewContext(k=K, at=household.clock.now(), screen_token=1 + number * SLATES + i)
                for i in range(SLATES)
            ]
            slates = [brain.recommend(context) for context in asked]
            assert [e.item for e in brain.recommend(asked[-1])] == [e.item for e in slates[-1]]
            for slate in slates[1:]:  # the set remembers 64, and one was asked for twice
                seen = ViewingEvent(
                    kind="impression", at=household.clock.now(), slate_id=slate.slate_id,
                    row=0, slot=0, slot_count=K,
                )  # fmt: skip
                brain.observe(seen)
        _note(folder / "tv", before, shown)
    count = ROUNDS * (SLATES - 1)
    # A title that is shown seldom is shown by draws that are near to showing it again: those are left out.
    often = [likely for likely in shown.values() if len(likely) >= 0.1 * count]
    assert len(often) > K  # or there was nothing to explore
    for likely in often:
        frequency, said = len(likely) / count, fmean(likely)
        chance = 3.5 * math.sqrt(max(said * (1 - said), 1 / count) / count)
        assert abs(frequency - said) < chance + 0.06, (frequency, said)


def _note(data: Path, before: int, shown: dict[int, list[float]]) -> None:
    """What the impressions after record `before` say of each title."""
    for batch in journal.read_after(data, 0, before):
        for index, row in enumerate(batch.events):
            if int(row["kind"]) == KINDS["impression"].code:
                for place in journal.shown(batch.added_of(index)):
                    assert place.propensity is not None
                    shown[place.key].append(place.propensity)
