"""The blender end to end: what is shown and played through the public API changes what is shown next."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.brain.brain import Brain
from tvbrain.brain.plane import BlenderHealth
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.learning import blender
from tvbrain.learning.blender import Belief, Prior, Vector
from tvbrain.pack import demo_pack_path
from tvbrain.pack.prior import TermPrior
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, SideOf, lay_out
from tvbrain.store import blends, snapshot
from tvbrain.types import Slate, ViewContext

DAY, WINDOW, SHOWN = 86_400.0, 1800.0, 10


@pytest.fixture(scope="module")
def popular() -> dict[str, float]:
    """The share of the demo's titles that are not more popular than each."""
    with PackFile(demo_pack_path()) as pack:
        titles = {pack.title(row).id: int(n) for row, n in enumerate(pack.popularity)}
    ordered = sorted(titles.values())
    return {item: sum(n <= own for n in ordered) / len(ordered) for item, own in titles.items()}


class Household:
    """Before a set: every evening a slate, some of it played, and the night to learn."""

    def __init__(self, folder: Path, likes: Callable[[str], float] = lambda item: 0.0) -> None:
        self.clock = VirtualClock(MONDAY_EVENING)
        self.brain: Brain = open_brain(folder, self.clock)
        self._likes, self._draw = likes, random.Random(1)
        self.brain.observe(e for e in evening(5, 30) if e.kind in ("complete", "rate"))
        self.sleep()

    def slate(self, k: int = SHOWN) -> Slate:
        return self.brain.recommend(ViewContext(k=k, at=self.clock.now()))

    def look(self, k: int = SHOWN) -> Slate:
        """At a slate, whose impression is logged."""
        slate, now = self.slate(k), self.clock.now()
        seen = ViewingEvent(
            kind="impression", at=now, slate_id=slate.slate_id, row=0, slot=0, slot_count=k
        )
        self.brain.observe(seen)
        return slate

    def react(self, item: str, kind: str = "play_start", **more: float) -> None:
        self.clock.advance(60)
        self.brain.observe(ViewingEvent(kind=kind, item=item, at=self.clock.now(), **more))  # type: ignore[arg-type]

    def sleep(self, seconds: float = DAY) -> None:
        self.clock.advance(seconds)
        self.brain.learn_now()

    def spend_evening(self) -> None:
        for entry in self.look():
            if self._draw.random() < self._likes(entry.item):
                self.react(entry.item)
        self.sleep()

    def blender(self) -> BlenderHealth:
        learning = self.brain.health().learning
        assert learning is not None
        (one,) = learning.blenders
        return one

    def weights(self) -> dict[str, float]:
        blender = self.brain.export()["blender"]
        assert isinstance(blender, dict)
        return {term: of["mean"] for term, of in blender["weights"].items()}


def titles(slate: Iterable[object]) -> list[str]:
    return [entry.item for entry in slate]  # type: ignore[attr-defined]


def test_two_households_with_one_history_and_different_reactions_get_different_screens(
    tmp_path: Path, popular: dict[str, float]
) -> None:
    one = Household(tmp_path / "one", lambda item: popular[item] ** 4)
    other = Household(tmp_path / "other", lambda item: (1 - popular[item]) ** 0.5)
    assert titles(one.slate()) == titles(other.slate())
    for _ in range(25):
        one.spend_evening()
        other.spend_evening()
    assert (one.blender().version, one.blender().updates) == (25, 25 * SHOWN)
    assert one.weights()["popularity"] > other.weights()["popularity"] + 0.005
    assert titles(one.slate()) != titles(other.slate())
    mean = [fmean(popular[item] for item in titles(of.slate())) for of in (one, other)]
    assert mean[0] > mean[1]


def test_reactions_to_what_was_not_logged_as_shown_teach_nothing_and_nothing_is_explored(
    tmp_path: Path,
) -> None:
    household = Household(tmp_path)
    for _ in range(3):
        for item in titles(household.slate())[:3]:
            household.react(item)
        household.sleep()
    learning = household.brain.health().learning
    assert learning is not None
    assert learning.blenders == ()
    assert all(entry.terms["explore"] == 0 for entry in household.slate())


def test_an_outcome_is_known_when_its_window_has_passed_and_is_learned_once(tmp_path: Path) -> None:
    household = Household(tmp_path)
    slate = household.look()
    household.react(slate[2].item)
    household.brain.learn_now()
    assert household.blender() == BlenderHealth(1, 0, 0, 0.0, SHOWN)
    household.sleep(WINDOW)
    learned = household.blender()
    assert (learned.version, learned.updates, learned.waiting) == (1, SHOWN, 0)
    before = household.weights()
    household.brain.observe(ViewingEvent(kind="wake", at=household.clock.now()))
    household.sleep()
    assert household.blender() == learned
    assert household.weights() == before


def test_a_title_shown_again_before_its_outcome_is_known_was_shown_once(tmp_path: Path) -> None:
    household = Household(tmp_path)
    for _ in range(4):
        household.look()
        household.clock.advance(300)
    household.sleep(WINDOW)
    shown_anew = household.blender().updates - SHOWN
    assert 0 <= shown_anew < SHOWN  # fatigue may have brought others into the later slates
    assert household.blender().waiting == 0


@pytest.mark.parametrize(
    ("kind", "more", "played"),
    [
        ("play_start", {}, True),
        ("complete", {"watched": 0.9}, True),
        ("stop", {"watched": 0.7}, True),
        ("stop", {"watched": 0.1}, False),
        ("stop", {"watched": 0.02}, False),
        ("rate", {"rating": -0.5}, False),
        ("rate", {"rating": 0.5}, True),
        ("not_interested", {}, False),
        ("select", {}, False),
    ],
)
def test_played_is_what_was_not_left_at_once(
    tmp_path: Path, kind: str, more: dict[str, float], played: bool
) -> None:
    household = Household(tmp_path)
    slate = household.look()
    household.react(slate[0].item, kind, **more)
    household.brain.learn_now()
    with household.brain._learning().looking() as learner:
        waiting = blends.showings(learner.db, 1)
    assert sum(one.played for one in waiting) == played
    assert len(waiting) == SHOWN


def test_a_play_under_another_id_of_the_title_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    household = Household(tmp_path)
    slate = household.look(3 * SHOWN)
    item, other = next(
        (item, offer.id)
        for item in titles(slate)
        for offer in household.brain.item(item).offers
        if offer.id != item
    )
    learned: list[bool] = []

    def learn(belief: Belief, prior: Prior, x: Vector, played: bool) -> Belief:
        learned.append(played)
        return real(belief, prior, x, played)

    real = blender.learn
    monkeypatch.setattr(blender, "learn", learn)
    household.react(other)
    household.sleep()
    assert sum(learned) == 1
    assert len(learned) == 3 * SHOWN
    assert item in titles(slate)


def test_what_a_restarted_set_no_longer_knows_is_no_evidence(tmp_path: Path) -> None:
    household = Household(tmp_path)
    slate = household.slate()
    household.brain.close()
    with open_brain(tmp_path, household.clock) as brain:
        gone = ViewingEvent(
            kind="impression", item=slate[0].item, at=household.clock.now(),
            slate_id=slate.slate_id, row=0, slot=0, slot_count=SHOWN,
        )  # fmt: skip
        brain.observe(gone)
        household.clock.advance(DAY)
        brain.learn_now()
        assert brain.export()["blender"] == {}


@pytest.mark.parametrize("scope", ["item", "profile", "everything"])
def test_forgetting_takes_what_the_blender_learned(tmp_path: Path, scope: str) -> None:
    household = Household(tmp_path)
    slate = household.look()
    household.sleep()
    household.look()
    household.brain.learn_now()
    assert household.blender().updates == SHOWN
    what: dict[str, object] = {
        "item": {"item": slate[0].item},
        "profile": {"profile": "household"},
        "everything": {"everything": True},
    }[scope]  # type: ignore[assignment]
    household.brain.forget(**what)  # type: ignore[arg-type]
    household.brain.learn_now()
    learning = household.brain.health().learning
    assert learning is not None
    assert learning.blenders == ()
    newest = snapshot.load(tmp_path / "tv" / "snapshot").snapshot
    assert newest is not None
    assert (len(newest.weights), len(newest.factors)) == (0, 0)


def test_a_learner_that_dies_while_it_trains_learns_every_showing_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm, troubled = Household(tmp_path / "calm"), Household(tmp_path / "troubled")
    for household in (calm, troubled):
        slate = household.look()
        household.react(slate[1].item)
    with monkeypatch.context() as patched:

        def dies(*arguments: object) -> None:
            real(*arguments)  # type: ignore[arg-type]
            raise OSError("the power went")

        real = blends.set_blend
        patched.setattr(blends, "set_blend", dies)
        troubled.sleep(WINDOW)
    assert troubled.blender().updates == 0
    assert troubled.blender().waiting == SHOWN
    troubled.sleep(DAY - WINDOW)
    calm.sleep()
    assert troubled.blender() == calm.blender()
    assert troubled.weights() == calm.weights()


def bring_prior(data: Path, prior: dict[str, TermPrior], ordinal: int) -> None:
    """With a side pack that has nothing else."""
    with PackFile(demo_pack_path()) as base:
        side = SideOf(base.content_hash, ordinal)
    folder = data / "packs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    contents = Contents((), "prior", "1", 0, side=side, prior=prior)
    (folder / f"side-{ordinal:02}.tvpack").write_bytes(lay_out(contents))


def test_learning_starts_from_the_packs_prior(tmp_path: Path) -> None:
    bring_prior(tmp_path / "tv", {"popularity": TermPrior(0.5, 1e6)}, 1)
    household = Household(tmp_path)
    household.look()
    household.sleep()
    assert household.blender().updates == SHOWN
    assert household.weights()["popularity"] == pytest.approx(0.5, abs=0.01)


def test_another_prior_keeps_what_was_learned(tmp_path: Path) -> None:
    """Of a term that no title shown had: nothing was learned of it, and no other weight hangs on it."""
    household = Household(tmp_path)
    household.look()
    household.sleep()
    before = household.weights()
    household.brain.close()
    bring_prior(tmp_path / "tv", {"pattern": TermPrior(0.5, 4.0)}, 1)
    with open_brain(tmp_path, household.clock) as household.brain:
        after = household.weights()
        assert household.blender().updates == SHOWN
    assert (before.pop("pattern"), after.pop("pattern")) == pytest.approx((1.0, 0.5))
    assert after == pytest.approx(before, abs=1e-9)
    assert after["cf"] != pytest.approx(1.0, abs=1e-9)
