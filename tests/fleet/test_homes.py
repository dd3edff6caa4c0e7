"""Sets with a whole brain: what they watch is told, added up and released, and what is released is on their slates."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.fleet.test_judge import made_up
from tests.pack.making import title
from tvbrain.fleet.homes import Home
from tvbrain.fleet.learning import HTTP, Plan, learn
from tvbrain.fleet.talking import Mishaps

pytestmark = pytest.mark.skipif(
    not (find_spec("granian") and find_spec("cryptography")),
    reason="needs a server: pip install -e '.[constellation]'",
)

TITLES, HOMES, WEEKS = 60, 4, 3

KEY = bytes(32)
"""By which four of the 40 other sets are canaries: enough that their couples can judge a release."""


def test_homes_tell_what_they_watch_and_show_what_the_fleet_taught_them(tmp_path: Path) -> None:
    split, _ = made_up()
    ids = [f"ml:{row}" for row in range(TITLES)]
    homes = [
        Home(person, ids, tmp_path / str(at), WEEKS)
        for at, person in enumerate(split.people[:HOMES])
    ]
    plan = Plan(HTTP, WEEKS, (WEEKS,), mishaps=Mishaps(0.0, 1, 0.0, 0.0), bucket_key=KEY)
    split = replace(split, people=split.people[HOMES:])
    titles = [title(name) for name in ids]
    found = learn(split, titles, tmp_path, plan, lambda done, total: None, homes)
    assert found.line.answers["release: published"] == 1
    for home in homes:
        told = [did for did in home.found.did if did.startswith("pushed")]
        assert len(told) == WEEKS
        assert all(did.endswith("status 202") for did in told)
        assert home.found.did[-2:] == ["release 1", "installed base.tvpack"], home.found.did
        assert home.found.cf_before == 0
        assert home.found.cf_after >= 10
        watched = {watch.row for watch in home.person.history}
        assert not watched & set(home.found.before + home.found.after)
    before, after = (
        np.mean([home.ndcg(getattr(home.found, name)) for home in homes])
        for name in ("before", "after")
    )
    assert after > before + 0.1
