"""A constellation that was put up with the first version goes on with the files it has."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation import old_files as old
from tvbrain.constellation.errors import RefusedTokenError
from tvbrain.constellation.records import Kept
from tvbrain.constellation.sqlite.aggregate import SqliteAggregate
from tvbrain.constellation.sqlite.ingest import SqliteIngest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(old.GOLDEN, tmp_path / "files"))


def test_who_may_do_what_and_which_pushes_were_kept_is_read(folder: Path) -> None:
    ingest = SqliteIngest(folder)
    assert ingest.tenants() == [old.TENANT]
    assert ingest.operated_by(old.OPERATOR, old.NOW) == old.TENANT
    new = replace(old.WELCOME, device=b"c" * 16)
    assert ingest.enrol(old.ENROLMENT, old.TENANT, new, old.NOW) == new
    with pytest.raises(RefusedTokenError):
        ingest.enrol(old.ENROLMENT, old.TENANT, replace(new, device=b"d" * 16), old.NOW + 101)
    assert ingest.device(old.WELCOME.device) == old.WELCOME
    assert ingest.device(old.REVOKED.device) == replace(old.REVOKED, revoked=True)
    assert ingest.floor() == old.EPOCH - 3
    arrivals = [old.arrival(old.WELCOME.device), old.arrival(old.WELCOME.device, old.EPOCH + 1)]
    assert ingest.keep(arrivals) == [Kept.KNOWN, Kept.NEW]
    assert [one.seq for one in ingest.waiting(0, 9)] == [1, 2, 3]
    kept = {b"sealed " + old.WELCOME.device, b"sealed " + old.REVOKED.device}
    assert {one.sealed for one in ingest.waiting(0, 2)} == kept
    ingest.close()


def test_sums_releases_and_what_they_cost_are_read_and_go_on(folder: Path) -> None:
    ingest, aggregate = SqliteIngest(folder), SqliteAggregate(folder)
    stream, name = ingest.stream(), old.PACK.sha256[:16]
    assert aggregate.position(stream) == 1
    assert aggregate.counted([b"o" * 16, b"p" * 16]) == {b"o" * 16}
    counts = aggregate.counts(old.TENANT, name)
    assert counts.cells.tolist() == [(3 << 32) | 3, old.CELL]
    assert counts.counts.tolist() == [1, 120]
    assert counts.contributors.tolist() == [1, 2]
    (dense,) = aggregate.dense(old.TENANT, "blender")
    assert (dense.key, dense.group, dense.weight, dense.total.tolist()) == ("1:2", 5, 4, [8, -8])
    assert aggregate.add(stream, 1, 2, old.increments())
    assert aggregate.counts(old.TENANT, name).counts.tolist() == [1, 200]
    latest = aggregate.latest(old.TENANT)
    assert latest is not None
    assert aggregate.get(latest.content) == old.BLOB
    assert aggregate.charges(old.TENANT) == [old.CHARGES]
    assert aggregate.document(old.TENANT, "root") == (1, old.DOCUMENT)
    assert aggregate.known_packs(old.TENANT) == [old.PACK]
    ingest.close()
    aggregate.close()
