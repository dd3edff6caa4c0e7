"""What a household does in front of the set, as values: `ViewingEvent` and the table of kinds.

Times are seconds since 1970-01-01 UTC. The table is that of the core (native/src/event.cpp); a test
compares them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tvbrain.errors import InvalidArgumentError

ID_BYTES = 63
TEXT_BYTES = 255
MAX_SLOTS = 200

NOW, SECOND, MINUTE = 0, 1000, 60_000


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of journal record. After a power cut no more than the last `durable_ms` are lost; 0 is
    synced before `observe` returns. Kinds that are not `from_host` are written by the brain alone.
    """

    code: int
    name: str
    durable_ms: int
    needs_item: bool = True
    from_host: bool = True


_TABLE = (
    EventKind(1, "impression", MINUTE, needs_item=False),
    EventKind(2, "select", SECOND),
    EventKind(3, "play_start", SECOND),
    EventKind(4, "progress", MINUTE),
    EventKind(5, "pause", MINUTE),
    EventKind(6, "seek", MINUTE),
    EventKind(7, "stop", SECOND),
    EventKind(8, "complete", SECOND),
    EventKind(9, "rate", NOW),
    EventKind(10, "not_interested", NOW),
    EventKind(11, "hide", NOW),
    EventKind(12, "unhide", NOW),
    EventKind(13, "list_add", NOW),
    EventKind(14, "list_remove", NOW),
    EventKind(15, "remove_from_continue", NOW),
    EventKind(16, "pick", NOW),
    EventKind(17, "undo", NOW),
    EventKind(18, "search", MINUTE, needs_item=False),
    EventKind(19, "channel_change", MINUTE, needs_item=False),
    EventKind(20, "wake", SECOND, needs_item=False),
    EventKind(21, "standby", SECOND, needs_item=False),
    EventKind(32, "profile_create", NOW, needs_item=False, from_host=False),
    EventKind(33, "profile_update", NOW, needs_item=False, from_host=False),
    EventKind(34, "profile_delete", NOW, needs_item=False, from_host=False),
    EventKind(35, "consent", NOW, needs_item=False, from_host=False),
    EventKind(36, "hint", SECOND, needs_item=False, from_host=False),
    EventKind(37, "erase", NOW, needs_item=False, from_host=False),
)

KINDS: dict[str, EventKind] = {kind.name: kind for kind in _TABLE}
KINDS_BY_CODE: dict[int, EventKind] = {kind.code: kind for kind in _TABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewingEvent:
    """One thing that a viewer did. Checked when made: InvalidArgumentError names the field.

    `kind` is a name of `KINDS` that a host may observe; `item` any offer's id (`netflix:s6`), empty
    where the kind needs none; `profile` a name or an id. `at` is now by the brain's clock if left
    out; `clock_trusted` is False where the host knows its clock to be wrong. `watched` is the share
    of the title seen in all, 0 to 1; `rating` -1 to 1, which `rate` needs; `position_s` the resume
    point. `season` and `episode` count from 1 and come together, `row` and `slot` from 0 and
    together; an impression covers `slot_count` places from `slot`. `slate_id` names the slate acted
    upon, `session` the sitting; `text` is what a search looked for, and of a channel change the name
    of the channel that is on now.
    """

    kind: str
    item: str = ""
    profile: str | int = "household"
    at: float | None = None
    watched: float | None = None
    rating: float | None = None
    position_s: int | None = None
    duration_s: int | None = None
    season: int | None = None
    episode: int | None = None
    utc_offset_min: int | None = None
    clock_trusted: bool = True
    slate_id: int | None = None
    row: int | None = None
    slot: int | None = None
    slot_count: int = 1
    session: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        kind = KINDS.get(self.kind)
        if kind is None or not kind.from_host:
            raise _refused("kind", self.kind, "no kind of event that a host observes")
        _check_item(self.item, kind)
        if isinstance(self.profile, int):
            _check_range("profile", self.profile, 1, 2**32 - 1)
        else:
            _check_text("profile", self.profile, 1, ID_BYTES)
        if self.at is not None and not math.isfinite(self.at):
            raise _refused("at", self.at, "no time")
        _check_range("watched", self.watched, 0, 1)
        _check_range("rating", self.rating, -1, 1)
        if self.kind == "rate" and self.rating is None:
            raise _refused("rating", self.rating, "a rate needs one")
        for name, low, high in _WHOLE_NUMBERS:
            value = getattr(self, name)
            if value is None:
                continue
            if not isinstance(value, int):
                raise _refused(name, value, "no whole number")
            _check_range(name, value, low, high)
        for first, second in (("season", "episode"), ("row", "slot")):
            if (getattr(self, first) is None) != (getattr(self, second) is None):
                missing = first if getattr(self, first) is None else second
                raise _refused(missing, None, f"{first} and {second} come together")
        _check_text("session", self.session, 0, ID_BYTES)
        _check_text("text", self.text, 0, TEXT_BYTES)
        if self.text and self.kind not in ("search", "channel_change"):
            raise _refused("text", self.text, "only a search and a channel change have one")

    @property
    def code(self) -> int:
        """The kind's number: TVB_EVENT_* of sdk_headers/tvbrain.h."""
        return KINDS[self.kind].code


_WHOLE_NUMBERS = (
    ("position_s", 0, 2**32 - 1),
    ("duration_s", 0, 2**32 - 1),
    ("season", 1, 2**16 - 1),
    ("episode", 1, 2**16 - 1),
    ("utc_offset_min", -840, 840),
    ("slate_id", 0, 2**64 - 1),
    ("row", 0, 2**16 - 1),
    ("slot", 0, 2**16 - 1),
    ("slot_count", 1, MAX_SLOTS),
)


def _refused(field: str, value: object, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field}: {value!r}: {why}")


def _check_range(field: str, value: float | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:  # NaN is in no range
        raise _refused(field, value, f"not from {low} to {high}")


def _check_text(field: str, value: str, least: int, most: int) -> None:
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise _refused(field, value, "no UTF-8") from error
    if not least <= size <= most:
        raise _refused(field, value, f"not from {least} to {most} bytes")
    if value.isascii() and value.isprintable():
        return
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise _refused(field, value, "has control characters")


def _check_item(item: str, kind: EventKind) -> None:
    if not item and not kind.needs_item:
        return
    _check_text("item", item, 3, ID_BYTES)
    provider, colon, rest = item.partition(":")
    if not (provider and colon and rest):
        raise _refused("item", item, "not provider:show_id")
