"""What a set tells: with consent alone, each thing once, bounded, and not what was forgotten."""

from __future__ import annotations

import socket
import threading
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.sync.world import DAY, WEEK, Home, open_home, unreachable
from tvbrain.store import syncing
from tvbrain.sync.base import BasePack
from tvbrain.sync.transport import Answer, HttpTransport
from tvbrain.wire import envelope, limits
from tvbrain.wire.delta import TURNED


def rows(home: Home, *titles: int) -> tuple[int, ...]:
    from tvbrain.pack.native import key_of

    found = BasePack(home.factory).rows([key_of(f"ard:{n}") for n in titles])
    return tuple(found[key_of(f"ard:{n}")] for n in titles)


def test_with_consent_what_was_watched_since_is_told_once(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2, 3)
    did = home.sync_at_slot()
    assert any("status 202" in text for text in did)
    (told,) = home.server.deltas()
    a, b, c = sorted(rows(home, 1, 2, 3))
    assert set(told.pairs) == {(a, b), (a, c), (b, c)}
    assert told.items == ((a, 1), (b, 1), (c, 1))
    assert sum(told.dayparts) == 1
    assert told.pack == BasePack(home.factory).name
    home.sync_at_slot()
    assert len(home.server.pushes) == 1


def test_titles_watched_in_two_weeks_are_pairs_of_the_second(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2)
    home.sync_at_slot()
    home.watch(3)
    home.sync_at_slot()
    first, second = home.server.deltas()
    a, b, c = rows(home, 1, 2, 3)
    assert len(first.pairs) == 1
    assert set(second.pairs) == {(min(a, c), max(a, c)), (min(b, c), max(b, c))}
    order = dict(zip(second.pairs, second.order, strict=True))
    assert order[min(b, c), max(b, c)] == (0 if b < c else TURNED)
    assert order[min(a, c), max(a, c)] == (1 if a < c else 1 | TURNED)
    assert second.items == ((c, 1),)


def test_what_was_watched_before_the_consent_is_never_told(home: Home) -> None:
    home.watch(1, 2, 3)
    home.consent()
    home.sync_at_slot()
    home.watch(4)
    home.sync_at_slot()
    told = home.server.deltas()
    assert [one.items for one in told] == [((rows(home, 4)[0], 1),)]


def test_every_push_fits_and_what_does_not_fit_waits_and_is_told_later(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    for first in range(0, 200, 16):
        home.watch(*range(first, first + 16))
    home.sync_at_slot()
    waited = home.sync.status().waiting
    assert waited["pair"] > 100
    for _ in range(20):
        home.sync_at_slot()
    told = home.server.deltas()
    assert all(len(body) <= limits.PUSH_BYTES for body in home.server.pushes)
    pairs = [pair for one in told for pair in one.pairs]
    assert len(pairs) == len(set(pairs))
    assert home.sync.status().waiting["pair"] == 0
    items = [row for one in told for row, _ in one.items]
    assert len(items) == len(set(items)) == 208


def test_a_person_can_see_what_waits_to_be_told(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2)
    home.clock.advance(-home.clock.now() % WEEK + 100)  # before the slot
    home.sync.step()
    untold = home.brain.export()["untold"]
    assert isinstance(untold, list)
    assert {one["kind"] for one in untold} == {"pair", "item", "daypart"}
    (pair,) = (one for one in untold if one["kind"] == "pair")
    assert [title["item"] for title in pair["titles"]] == ["ard:1", "ard:2"]
    home.sync_at_slot()
    assert home.brain.export()["untold"] == []


def test_withdrawn_consent_empties_what_waits_and_what_is_on_its_way(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2, 3)
    home.server.fails = unreachable
    home.sync_at_slot()
    assert home.sync.status().unsent
    home.consent(False)
    home.server.fails = lambda path: None
    asked = len(home.server.requests)
    home.sync_at_slot()
    status = home.sync.status()
    assert not status.unsent
    assert set(status.waiting.values()) == {0}
    assert len(home.server.requests) == asked


def test_what_is_forgotten_is_not_told(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2, 3)
    home.sync.step()
    home.brain.forget(item="ard:2")
    home.brain.learn_now()
    home.sync_at_slot()
    gone = rows(home, 2)[0]
    for one in home.server.deltas():
        assert gone not in {row for pair in one.pairs for row in pair}
        assert gone not in {row for row, _ in one.items}


def test_a_push_that_was_not_acknowledged_is_sent_again_as_it_was(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2, 3)
    kept: list[bytes] = []
    original = home.server.request

    def lost(method: str, path: str, **rest: object) -> Answer:
        answer = original(method, path, **rest)  # type: ignore[arg-type]
        if path == "/v1/pushes":
            kept.append(rest["body"])  # type: ignore[arg-type]
            if len(kept) == 1:
                unreachable(path)
        return answer

    home.server.request = lost  # type: ignore[method-assign]
    home.sync_at_slot()
    assert "no route" in home.sync.status().trouble
    home.clock.advance(2 * DAY)
    home.sync.step()
    assert len(kept) == 2
    assert kept[0] == kept[1]
    assert len(home.server.pushes) == 1
    assert home.sync.status().trouble == ""


def test_an_outbox_survives_a_restart(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2, 3)
    home.server.fails = unreachable
    home.sync_at_slot()
    before = home.sync.status().unsent
    home.brain.close()
    again = open_home(tmp_path, enrolled=False, server=home.server)
    home.server.fails = lambda path: None
    again.clock.advance(DAY)
    again.sync.step()
    assert [envelope.decode(body).epoch for body in again.server.pushes] == list(before)
    again.brain.close()


def test_epochs_that_no_server_takes_any_more_are_dropped(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    home.server.fails = unreachable
    for number in range(7):
        home.watch(number, number + 20)
        home.sync_at_slot()
    assert len(home.sync.status().unsent) <= syncing.KEPT_EPOCHS


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_a_push_that_is_refused_is_not_sent_for_ever(home: Home, status: int) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2)
    home.server.push_status = status
    home.sync_at_slot()
    assert not home.sync.status().unsent


@pytest.mark.parametrize("status", [401, 403])
def test_a_set_that_is_not_welcome_says_no_more(home: Home, status: int) -> None:
    home.consent()
    home.sync_at_slot()
    home.watch(1, 2)
    home.server.push_status = status
    home.sync_at_slot()
    asked = len(home.server.requests)
    home.watch(3, 4)
    home.sync_at_slot()
    assert len(home.server.requests) == asked
    assert str(status) in home.sync.status().trouble


def test_a_wrong_clock_follows_the_server_to_the_right_epoch(home: Home) -> None:
    home.consent()
    home.sync_at_slot()
    ahead = 20 * WEEK + 3 * DAY

    def dated(path: str) -> Answer | None:
        now = formatdate(home.clock.now() + ahead, usegmt=True)
        return Answer(404, {"date": now}) if "release" in path else None

    home.server.fails = dated
    home.clock.advance(DAY)
    home.sync.step()
    home.watch(1, 2)
    for _ in range(8):
        home.clock.advance(DAY)
        home.sync.step()
    (push,) = map(envelope.decode, home.server.pushes)
    assert push.epoch >= (home.clock.now() + ahead) // WEEK - 2


def test_without_consent_a_real_socket_hears_nothing(tmp_path: Path) -> None:
    """Until the household consents; then it does, so the socket could have heard."""
    heard = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            connection, _ = server.accept()
            heard.set()
            connection.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        home = open_home(tmp_path)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        home.sync._client._connect = lambda of: HttpTransport(url, timeout=5.0)
        home.watch(1, 2, 3)
        for _ in range(3):
            home.sync_at_slot()
            assert home.sync.now() == ()
        assert not heard.is_set()
        home.consent()
        home.clock.advance(DAY)
        home.sync.step()
        thread.join(10.0)
        assert heard.is_set()
        home.brain.close()
