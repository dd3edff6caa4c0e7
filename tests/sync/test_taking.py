"""What a set takes: only what is to be believed, once, into slates, and back out again."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.sync.world import DAY, MONDAY, URL, Home, open_home, unreachable
from tests.wire.made_up import TENANT
from tvbrain import ViewContext
from tvbrain.pack.native import key_of
from tvbrain.pack.reader import PackFile
from tvbrain.store import patterns, syncing, viewings
from tvbrain.store.viewings import Choice, Judgement, Viewing
from tvbrain.sync.base import BasePack
from tvbrain.sync.errors import AnswerError, NoConsentError, NotEnrolledError, UnreachableError
from tvbrain.sync.transport import Answer
from tvbrain.wire.errors import (
    ExpiredError,
    MalformedError,
    MismatchError,
    RollbackError,
    SignatureError,
    WireError,
)
from tvbrain.wire.pattern import Coding, WirePattern, ascending
from tvbrain.wire.release import Release
from tvbrain.wire.residual import EIGHT_BIT, quantise

EVENING = 3
"""The daypart of a weekday evening."""


def released(home: Home, number: int = 1, *, like: int = 7, weight: int = 100) -> Release:
    """Everybody likes titles like this one on weekday evenings."""
    base = BasePack(home.factory)
    book = base.codebook()
    assert book is not None
    real = book.real()
    row = base.rows([key_of(f"ard:{like}")])[key_of(f"ard:{like}")]
    with PackFile(home.factory) as pack:
        vectors = pack.vectors()
    assert vectors is not None
    one = vectors.rows[row].astype(np.float32)
    one /= np.linalg.norm(one)
    code = book.nearest(one)
    left = quantise(one - real[code], EIGHT_BIT, np.random.default_rng(1))
    return Release(
        number=number,
        tenant=TENANT,
        created=0,
        expires=0,
        pack=base.name,
        coding=Coding(book.version, EIGHT_BIT, real.shape[1]),
        patterns=ascending([WirePattern(code, left, weight, 1 << EVENING, 0, 40)]),
    )


EVENING_SCREEN = ViewContext(at=MONDAY + 30 * DAY - DAY * 5, utc_offset_min=0, k=20)
"""A Wednesday at 19:00 UTC."""


def by_pattern(home: Home) -> list[str]:
    slate = home.brain.recommend(EVENING_SCREEN)
    return [one.item for one in slate if one.reason_code == "pattern"]


def test_what_others_like_at_a_time_of_the_week_changes_the_slates_of_that_time(home: Home) -> None:
    home.consent()
    home.watch(100, 101)
    before = [one.item for one in home.brain.recommend(EVENING_SCREEN)]
    home.server.publish(released(home))
    assert home.brain.sync_now() == ("release 1",)
    after = [one.item for one in home.brain.recommend(EVENING_SCREEN)]
    assert after != before
    assert "ard:7" in by_pattern(home)
    morning = replace(EVENING_SCREEN, at=(EVENING_SCREEN.at or 0) - 10 * 3600)
    assert "pattern" not in {one.reason_code for one in home.brain.recommend(morning)}
    (told,) = home.brain.recall(tiers=["collective"])
    assert told.tier == "collective"
    assert "weekday evening" in told.what


def test_applying_it_again_changes_nothing(home: Home) -> None:
    home.consent()
    home.watch(100)
    home.server.publish(released(home))
    home.brain.sync_now()
    with home.sync._desk() as desk:
        first = patterns.patterns(desk.db, 0)
        desk.apply_again(syncing.enrolled(desk.db))  # type: ignore[arg-type]
        assert patterns.patterns(desk.db, 0) == first
    assert home.brain.sync_now() == ("nothing newer",)
    home.server.publish(released(home), stamp=11)
    home.brain.sync_now()
    with home.sync._desk() as desk:
        assert patterns.patterns(desk.db, 0) == first


def test_a_newer_release_replaces_what_the_one_before_brought(home: Home) -> None:
    home.consent()
    home.watch(100)
    home.server.publish(released(home, 1, like=7))
    home.brain.sync_now()
    home.server.publish(released(home, 2, like=150))
    home.brain.sync_now()
    shown = by_pattern(home)
    assert "ard:150" in shown
    with home.sync._desk() as desk:
        assert len(patterns.patterns(desk.db, 0)) == 1


def test_a_release_of_another_pack_brings_no_patterns(home: Home) -> None:
    home.consent()
    home.watch(100)
    home.server.publish(replace(released(home), pack=bytes(16)))
    home.brain.sync_now()
    assert by_pattern(home) == []
    assert home.sync.status().release == 1


def test_if_serving_cannot_be_told_it_is_taken_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.consent()
    home.watch(100)
    home.server.publish(released(home))

    def broken() -> None:
        raise OSError("the device is full")

    monkeypatch.setattr(home.brain._learning(), "publish", broken)
    with pytest.raises(OSError, match="full"):
        home.brain.sync_now()
    monkeypatch.undo()
    with home.sync._desk() as desk:
        assert patterns.patterns(desk.db, 0) == []
    assert home.sync.status().refused == 1


def sittings(home: Home, start: float, rewards: list[float]) -> None:
    """A judged sitting a day with these rewards, from `start` on."""
    with home.sync._desk() as desk, desk.db.atomic():
        taken = desk.db.execute("SELECT coalesce(max(id), 0) FROM episode").fetchone()[0]
        for at, reward in enumerate(rewards):
            begun = round((start + at * DAY / 4) * 1000)
            number = taken + 1 + at
            desk.db.execute(
                "INSERT INTO episode VALUES (?, 1, ?, ?, ?, 2)",
                [number, number, begun, begun + 1000],
            )
            chosen = (Choice(key_of("ard:3"), watched=1.0, strength=reward),)
            said = Judgement(reward, reward >= 0.5, "")
            viewings.put(
                desk.db,
                Viewing(number, 1, begun, begun + 1000, 3, 0, 0, (), chosen, said),
            )


@pytest.mark.parametrize(("later", "stays"), [(0.2, False), (0.78, True)])
def test_a_release_after_which_people_like_less_is_taken_back_for_good(
    home: Home, later: float, stays: bool
) -> None:
    home.consent()
    home.watch(100)
    home.server.publish(released(home, 1, like=7))
    home.brain.sync_now()
    home.clock.advance(10 * DAY)
    home.server.publish(released(home, 2, like=150))
    draw = random.Random(1)
    sittings(home, home.clock.now() - 8 * DAY, [0.8 + draw.uniform(-0.1, 0.1) for _ in range(20)])
    home.brain.sync_now()
    sittings(home, home.clock.now() + DAY, [later + draw.uniform(-0.1, 0.1) for _ in range(20)])
    home.clock.advance(8 * DAY)
    did = home.brain.sync_now()
    assert ("took release 2 back" in did) is not stays
    assert home.sync.status().release == (2 if stays else 1)
    home.server.publish(released(home, 2, like=150), stamp=99)
    home.brain.sync_now()
    assert home.sync.status().release == (2 if stays else 1)
    home.server.publish(released(home, 3, like=150), stamp=100)
    home.brain.sync_now()
    assert home.sync.status().release == 3


def refused(home: Home, why: type[WireError]) -> None:
    """What is offered now is refused, by the set and after a restart, and what was good stays."""
    before = by_pattern(home)
    with home.sync._desk() as desk:
        state = syncing.enrolled(desk.db)
    with pytest.raises(why):
        home.brain.sync_now()
    assert home.sync.status().trouble
    with home.sync._desk() as desk:
        assert syncing.enrolled(desk.db) == state
    assert by_pattern(home) == before != []


@pytest.fixture
def settled(home: Home) -> Home:
    """With release 3 in use."""
    home.consent()
    home.watch(100)
    home.server.publish(released(home, 3))
    home.brain.sync_now()
    return home


def test_an_older_release_is_refused(settled: Home) -> None:
    settled.server.publish(released(settled, 2), stamp=99)
    refused(settled, RollbackError)


def test_a_replayed_pull_is_refused(settled: Home) -> None:
    old = settled.server.pulled
    settled.server.publish(released(settled, 4, like=150))
    settled.brain.sync_now()
    settled.server.pulled = old
    refused(settled, RollbackError)


def test_other_content_under_the_same_number_is_refused(settled: Home) -> None:
    settled.server.publish(released(settled, 3, like=150), stamp=99)
    refused(settled, RollbackError)


def test_a_held_back_release_is_noticed_when_its_timestamp_expires(settled: Home) -> None:
    settled.server.publish(released(settled, 4), lasts=DAY)
    settled.clock.advance(2 * DAY)
    refused(settled, ExpiredError)


def test_a_release_of_a_strange_key_is_refused(settled: Home) -> None:
    settled.server.publish(released(settled, 4), stamper="stranger")
    refused(settled, SignatureError)


def test_a_release_of_another_tenant_is_refused(settled: Home) -> None:
    settled.server.publish(replace(released(settled, 4), tenant="other"))
    refused(settled, MismatchError)


@pytest.mark.parametrize("body", [b"", b"x" * 5000, b"\x93\x01\xc4\x00\xc4\x00"])
def test_what_is_no_pull_is_refused(settled: Home, body: bytes) -> None:
    settled.server.pulled = body
    refused(settled, MalformedError)


def test_keys_are_rotated_on_the_way(settled: Home) -> None:
    settled.server.roots[2] = settled.server.root(2, stamper="second")
    settled.server.publish(released(settled, 4, like=150), stamper="second")
    assert settled.brain.sync_now() == ("release 4",)
    settled.server.publish(released(settled, 5), stamper="timestamp")
    refused(settled, SignatureError)


def test_a_key_that_was_taken_away_signs_nothing_though_its_root_is_known(settled: Home) -> None:
    settled.server.roots[2] = settled.server.root(2, stamper="second")
    settled.server.publish(released(settled, 4), stamper="timestamp")
    refused(settled, SignatureError)


def test_nothing_newer_is_believed_as_long_as_the_timestamp_in_hand(settled: Home) -> None:
    assert settled.brain.sync_now() == ("nothing newer",)
    settled.clock.advance(10 * DAY)
    settled.server.publish(released(settled, 3), stamp=31)
    assert settled.brain.sync_now() == ("release 3",)
    settled.clock.advance(13 * DAY)
    assert settled.brain.sync_now() == ("nothing newer",)
    settled.clock.advance(2 * DAY)
    refused(settled, ExpiredError)
    settled.server.publish(released(settled, 3), stamp=32)
    assert settled.brain.sync_now() == ("release 3",)


def test_a_root_that_nobody_known_signed_changes_nothing(settled: Home) -> None:
    settled.server.roots[2] = settled.server.root(2, ("stranger",), "second")
    settled.server.publish(released(settled, 4), stamper="second")
    refused(settled, SignatureError)


def test_what_was_believed_is_known_after_a_restart(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.consent()
    home.watch(100)
    home.server.publish(released(home, 3))
    home.brain.sync_now()
    home.brain.close()
    again = open_home(tmp_path, enrolled=False, server=home.server)
    again.server.publish(released(again, 2), stamp=99)
    refused(again, RollbackError)
    again.brain.close()


def test_a_set_of_no_constellation_is_told_so(tmp_path: Path) -> None:
    home = open_home(tmp_path, enrolled=False)
    with pytest.raises(NotEnrolledError):
        home.brain.sync_now()
    assert home.sync.status().url == ""
    assert home.server.requests == []
    home.brain.close()


def test_even_enrolling_needs_somebodys_consent(tmp_path: Path) -> None:
    home = open_home(tmp_path, enrolled=False)
    with pytest.raises(NoConsentError):
        home.sync.enrol(URL, TENANT, "token")
    assert home.server.requests == []
    home.consent()
    home.sync.enrol(URL, TENANT, "token")
    assert home.sync.enrolled
    home.brain.close()


def test_enrolling_again_keeps_the_set_what_it_was(home: Home) -> None:
    home.consent()
    known = set(home.server.devices)
    home.sync.enrol(URL, TENANT, "token")
    assert set(home.server.devices) == known
    with pytest.raises(AnswerError, match="401"):
        home.sync.enrol(URL, TENANT, "wrong")
    assert home.sync.enrolled


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"device": 7}'])
def test_an_enrolment_that_is_answered_otherwise_changes_nothing(home: Home, body: bytes) -> None:
    home.consent()
    home.server.fails = lambda path: Answer(200, {}, body)
    with pytest.raises(AnswerError):
        home.sync.enrol("http://other.test", TENANT, "token")
    assert home.sync.status().url == URL


def test_a_dead_server_costs_a_set_ever_fewer_requests(home: Home) -> None:
    home.consent()
    home.server.fails = unreachable
    counts = []
    for _ in range(4):
        before = len(home.server.requests)
        for _ in range(24 * 12):
            home.clock.advance(300)
            home.sync.step()
        counts.append(len(home.server.requests) - before)
    assert counts[0] <= 24
    assert counts[-1] <= 8
    assert home.brain.recommend(EVENING_SCREEN)
    home.server.fails = lambda path: None
    home.server.publish(released(home))
    home.clock.advance(7 * 3600)
    assert "release 1" in home.sync.step().did
    home.server.fails = unreachable
    with pytest.raises(UnreachableError):
        home.brain.sync_now()
