"""Which file system a path lies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvbrain.health import probes
from tvbrain.health.mounts import Mount, mount_of

TABLE = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw,errors=remount-ro
35 21 8:2 / /data rw,nosuid shared:2 - ext4 /dev/data rw,lazytime
36 35 0:5 / /data/my\\040disk rw - f2fs /dev/disk rw
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("place", "kind", "where"),
    [
        ("/", "ext4", "/"),
        ("/database/tv", "ext4", "/"),
        ("/data", "ext4", "/data"),
        ("/data/tv", "ext4", "/data"),
        ("/data/my disk/tv", "f2fs", "/data/my disk"),
    ],
)
def test_a_path_lies_on_the_deepest_mount_above_it(
    table: Path, place: str, kind: str, where: str
) -> None:
    found = mount_of(Path(place), table)
    assert found is not None
    assert (found.kind, found.where) == (kind, where)


def test_options_are_those_of_the_mount_and_of_the_file_system(table: Path) -> None:
    found = mount_of(Path("/data/tv"), table)
    assert found is not None
    assert {"nosuid", "lazytime"} <= found.options


def test_without_the_kernels_table_nothing_is_known(tmp_path: Path) -> None:
    assert mount_of(Path("/data"), tmp_path / "none") is None


@pytest.mark.parametrize(
    ("kind", "options", "verdict"),
    [
        ("ext4", {"rw"}, "warning"),
        ("ext4", {"rw", "lazytime"}, "ok"),
        ("tmpfs", {"rw"}, "ok"),
    ],
)
def test_the_doctor_asks_for_lazytime_where_times_are_committed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, options: set[str], verdict: str
) -> None:
    monkeypatch.setattr(probes, "mount_of", lambda place: Mount(kind, "/", frozenset(options)))
    found = {one.name: one for one in probes.examine(tmp_path, None)}["data_dir.file_system"]
    assert found.verdict == verdict
    assert ("lazytime" in found.advice) == (verdict == "warning")
