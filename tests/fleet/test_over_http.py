"""Sets that speak to a server process over HTTP, with everything that goes wrong on the way."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.fleet.test_judge import made_up
from tests.pack.making import title
from tvbrain.constellation.records import BUCKETS
from tvbrain.fleet.hearing import Speakers
from tvbrain.fleet.learning import HTTP, IN_PROCESS, Learned, Plan, learn
from tvbrain.fleet.served import Served, ServerEndedError
from tvbrain.fleet.talking import Mishaps
from tvbrain.pack.writer import Contents, write_pack
from tvbrain.wire import limits

pytestmark = pytest.mark.skipif(
    not (find_spec("granian") and find_spec("cryptography")),
    reason="needs a server: pip install -e '.[constellation]'",
)


KEY = bytes(range(32))
"""By which sets fall into buckets, so that it is known here which of them share one."""


def learned(folder: Path, transport: str, mishaps: Mishaps, hostile: float = 0.0) -> Learned:
    split, _ = made_up()
    plan = Plan(transport, 4, (2, 4), hostile, mishaps, seed=1, bucket_key=KEY)
    return learn(
        split, [title(f"ml:{row}") for row in range(60)], folder, plan, lambda done, total: None
    )


def check_pulls(found: Learned) -> None:
    """Every set pulls and believes what was published. The few canary sets here may refuse it: then there is none."""
    answers, sets = found.line.answers, found.sets + found.hostile
    if answers["release: published"]:
        assert answers["pull: 200"] == len(found.line.pulled) == sets
        assert max(found.line.pulled) <= limits.PULL_BYTES
    else:
        assert answers["release: UnhelpfulReleaseError"] == 1
        assert answers["pull: 404"] == sets


def test_every_push_is_kept_once_whatever_happens_on_the_way(tmp_path: Path) -> None:
    found = learned(
        tmp_path, HTTP, Mishaps(offline=0.3, longest=2, twice=0.5, wrong_clock=0.3), 0.1
    )
    answers = found.line.answers
    assert (found.sets, found.hostile) == (40, 4)
    told = {answer for answer in answers if not answer.startswith(("release", "pull"))}
    assert told == {"202 new", "again: 202 known", "offline", "wrong clock: 422"}
    check_pulls(found)
    assert 0 < answers["202 new"] <= len(found.line.bytes) == 4 * 44
    assert max(found.line.bytes) <= limits.PUSH_BYTES
    assert sorted(found.ndcg) == [2, 4]


def test_over_http_the_same_is_learned_as_in_memory(tmp_path: Path) -> None:
    """To the last bit: with the same key the same sets share a bucket."""
    quiet = Mishaps(offline=0.0, twice=0.0, wrong_clock=0.0)
    served = learned(tmp_path, HTTP, quiet)
    near = learned(tmp_path, IN_PROCESS, quiet)
    assert served.line.answers["202 new"] == 160
    check_pulls(served)
    np.testing.assert_array_equal(served.central, near.central)
    for week in (2, 4):
        np.testing.assert_array_equal(served.ndcg[week], near.ndcg[week])
    assert served.ndcg[4].mean() >= 0.95 * served.central.mean() > served.popular.mean()


def test_a_key_puts_sets_into_buckets_of_which_some_share_one() -> None:
    buckets = [Speakers(lambda pack: (), 4, 1, KEY).bucket(number) for number in range(400)]
    assert max(buckets) < BUCKETS
    assert 370 <= len(set(buckets)) < 400
    assert Speakers(lambda pack: (), 4, 1, None).bucket(7) == 7


def test_a_server_that_fails_an_order_ends_instead_of_letting_its_fleet_wait(
    tmp_path: Path,
) -> None:
    pack = tmp_path / "pack.tvpack"
    write_pack(pack, Contents(titles=[title("ml:1")], name="x", version="1", built_at=0))
    with Served(tmp_path, pack, 1.75e9) as served, pytest.raises(ServerEndedError):
        served.set_now("never")  # type: ignore[arg-type]
