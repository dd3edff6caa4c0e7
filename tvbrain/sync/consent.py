"""Who has agreed that something of theirs leaves the set."""

from __future__ import annotations

from pathlib import Path

from tvbrain.store import profiles
from tvbrain.store.profiles import ProfilesState


def consenting(data_dir: Path) -> frozenset[int]:
    """Profiles that consent now. Nobody where the profiles cannot be read."""
    found = profiles.read(data_dir)
    if found.state is ProfilesState.LOST:
        return frozenset()
    return frozenset(one.id for one in found.profiles if one.consent)
