"""Where a simulated life's files lie."""

from __future__ import annotations

from pathlib import Path

from tvbrain.simulation.place import in_memory


def test_in_memory_where_there_is_room_for_it(tmp_path: Path) -> None:
    assert in_memory(tmp_path, room=1) == tmp_path


def test_not_where_there_is_none_or_too_little(tmp_path: Path) -> None:
    assert in_memory(tmp_path / "none", room=1) is None
    assert in_memory(tmp_path, room=1 << 60) is None
