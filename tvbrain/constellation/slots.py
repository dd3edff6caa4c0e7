"""When in an epoch a set pushes: spread evenly, so that the load of a week is the same in each of its minutes."""

from __future__ import annotations

from tvbrain.constellation.records import EPOCH_S

LENGTH_S = 900
"""Within its slot a set pushes when it likes."""


def slot_of(device: bytes) -> tuple[int, int]:
    """(offset in the epoch, length) in seconds; a device's name is a hash, so slots are spread by themselves."""
    slots = EPOCH_S // LENGTH_S
    return int.from_bytes(device[:8], "big") % slots * LENGTH_S, LENGTH_S
