"""The memory that a drill shares with the shims of its processes: orders in, phases out.

The layout is that of `struct share` in tests/faults/shim.c.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path

PHASES = (
    *("other", "append", "sync", "prepare", "roll", "checkpoint", "truncate", "profiles", "lock"),
    *("commit", "database", "snapshot", "rename", "prune", "floor", "pack"),
)
"""What a process does to the data directory; the place in this tuple is the shim's number."""

_ROLES, _ORDERS, _PLACES = 4, 4, 32
_HEAD = struct.Struct("<II")
_ORDER = struct.Struct("<IIQqiIII")
_ROLE = struct.Struct(f"<II{_PLACES}I{_PLACES}Q")
_ROLES_AT = _HEAD.size + _ORDERS * _ORDER.size
SIZE = _ROLES_AT + _ROLES * _ROLE.size


class Role(IntEnum):
    """Whose shim it is."""

    HOST = 0
    LEARNER = 1
    INSTALLER = 2


class Action(IntEnum):
    """What an order makes of the operation that it meets."""

    NONE = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    KILL_HALF = 3
    FAIL = 4
    SHORT = 5


class Share:
    """The shared file, mapped. One drill owns it; shims come and go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)

    def order(
        self,
        action: Action,
        role: Role,
        phases: Iterable[str],
        *,
        nth: int = 1,
        error: int = 0,
        times: int = 0,
        place: int = 0,
    ) -> None:
        """Carry out `action` at the `nth` operation (from 1) of `phases` from now on.

        FAIL fails `times` operations with the errno `error`, all until `withdraw` if `times` is 0.
        """
        mask = sum(1 << PHASES.index(phase) for phase in phases)
        at = _HEAD.size + place * _ORDER.size
        self.withdraw(place)
        _ORDER.pack_into(self._map, at, Action.NONE, role, mask, nth, error, times, 0, 0)
        struct.pack_into("<I", self._map, at, action)

    def withdraw(self, place: int = 0) -> None:
        struct.pack_into("<I", self._map, _HEAD.size + place * _ORDER.size, Action.NONE)

    def fired(self, place: int = 0) -> tuple[int, str]:
        """How often the order was carried out, and in which phase at last."""
        order = _ORDER.unpack_from(self._map, _HEAD.size + place * _ORDER.size)
        return order[6], PHASES[order[7]]

    def inside(self, role: Role) -> list[str]:
        """The phases that the process of `role` is in the middle of, or was when it died."""
        fields = _ROLE.unpack_from(self._map, _ROLES_AT + role * _ROLE.size)
        return [name for name, threads in zip(PHASES, fields[2:], strict=False) if threads > 0]

    def done(self, role: Role) -> dict[str, int]:
        """Operations of each phase that processes of `role` have completed since the drill began."""
        fields = _ROLE.unpack_from(self._map, _ROLES_AT + role * _ROLE.size)
        return dict(zip(PHASES, fields[2 + _PLACES :], strict=False))

    def close(self) -> None:
        self._map.close()
