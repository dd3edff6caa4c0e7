"""What a review reads of the table `judged`: columns that say the same as its rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tvbrain.loops import tuner
from tvbrain.pack import demo_pack_path
from tvbrain.pack.facts import PackFacts
from tvbrain.sqlite import Database, connect
from tvbrain.store import judged, schema, tunings
from tvbrain.store.tunings import Judged
from tvbrain.store.u64 import signed
from tvbrain.types import TERMS

SHORT = st.integers(-(2**15), 2**15 - 1)
ROWS = st.lists(
    st.builds(
        Judged,
        st.integers(1, 3),
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**42),
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**16),
        st.booleans(),
        st.one_of(
            st.tuples(*[SHORT] * len(TERMS)),
            st.tuples(SHORT),  # of a version that had other terms
        ),
    ),
    max_size=12,
)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    found = connect(tmp_path / "brain.db")
    schema.migrations.apply(found)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(0, 2**42))
def test_columns_are_the_rows_of_todays_terms(
    db: Database, written: list[Judged], since_ms: int
) -> None:
    tunings.reset(db, None)
    tunings.keep(db, written)
    wanted = [one for one in tunings.judged(db, since_ms) if len(one.values_q12) == len(TERMS)]
    found = judged.columns(db, since_ms, len(TERMS))
    assert [
        (row["profile"], row["at_ms"], row["row"], row["place"], row["propensity_q16"])
        for row in found
    ] == [(one.profile, one.at_ms, one.row, one.place, one.propensity_q16) for one in wanted]
    assert found["item"].tolist() == [signed(one.item) for one in wanted]
    assert found["values_q12"].tolist() == [list(one.values_q12) for one in wanted]
    assert found["played"].tolist() == [one.played for one in wanted]


def test_more_rows_than_are_read_at_a_time_are_all_there(db: Database, tmp_path: Path) -> None:
    rows = 2 * judged.BATCH + 1
    values = tuple(range(len(TERMS)))
    tunings.keep(db, [Judged(1, 7, at, 0, 0, 0, at % 2 == 0, values) for at in range(rows)])
    found = judged.columns(db, 0, len(TERMS))
    assert found["at_ms"].tolist() == list(range(rows))
    log = tuner.log_of(found, PackFacts(demo_pack_path(), tmp_path / "packs"))
    assert log.values[-1].tolist() == [value / tuner.Q12 for value in values]
    assert log.played.sum() == judged.BATCH + 1
