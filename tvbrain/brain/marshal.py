"""Python values to the C structs of tvbrain.h, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tvbrain._native import ffi, lib
from tvbrain.brain import reasons
from tvbrain.errors import InvalidArgumentError
from tvbrain.events import ViewingEvent
from tvbrain.types import TERMS, Profile, SlateItem, ViewContext

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
TitleOf = Callable[[str], str]


def text(field: Any) -> str:
    """The text of a fixed-size C field."""
    raw: bytes = ffi.string(field)
    return raw.decode("utf-8")


def put_text(struct: Any, name: str, value: str, size: int) -> None:
    """Set a fixed-size text field; a value that does not fit is an error that names it."""
    raw = value.encode("utf-8")
    if len(raw) >= size or b"\0" in raw:
        raise InvalidArgumentError(
            f"{name}: {value!r} is longer than {size - 1} bytes or has a NUL"
        )
    setattr(struct, name, raw)


def milliseconds(seconds: float) -> int:
    """Seconds since the epoch as whole milliseconds, never 0 (which means "now" to the library)."""
    if not abs(seconds * 1000) < INT64_MAX:  # NaN is in no range
        raise InvalidArgumentError(f"at: {seconds!r}: no time")
    return round(seconds * 1000) or 1


def seconds(value: int) -> float | None:
    """Milliseconds of a window's bound as seconds, None where it is open."""
    return None if value in (INT64_MIN, INT64_MAX) else value / 1000


def event_struct(event: ViewingEvent, profile: int, now: float) -> Any:
    """`tvb_event` for an event; `now` is used where the event has no time of its own."""
    struct = ffi.new("tvb_event *")
    struct.struct_size = ffi.sizeof("tvb_event")
    struct.kind = event.code
    struct.profile = profile
    struct.at = milliseconds(now if event.at is None else event.at)
    fields = 0
    for value, bit, names in (
        (event.watched, lib.TVB_HAS_WATCHED, ("watched",)),
        (event.rating, lib.TVB_HAS_RATING, ("rating",)),
        (event.position_s, lib.TVB_HAS_POSITION, ("position_s",)),
        (event.duration_s, lib.TVB_HAS_DURATION, ("duration_s",)),
        (event.utc_offset_min, lib.TVB_HAS_OFFSET, ("utc_offset_min",)),
    ):
        if value is not None:
            fields |= bit
            for name in names:
                setattr(struct, name, value)
    if event.season is not None and event.episode is not None:
        fields |= lib.TVB_HAS_EPISODE
        struct.season, struct.episode = event.season, event.episode
    if event.row is not None and event.slot is not None:
        fields |= lib.TVB_HAS_PLACE
        struct.row, struct.slot, struct.slot_count = event.row, event.slot, event.slot_count
    if not event.clock_trusted:
        fields |= lib.TVB_CLOCK_UNTRUSTED
    struct.fields = fields
    struct.slate_id = event.slate_id or 0
    put_text(struct, "item", event.item, lib.TVB_ID_SIZE)
    put_text(struct, "session", event.session, lib.TVB_ID_SIZE)
    put_text(struct, "text", event.text, lib.TVB_TEXT_SIZE)
    return struct


def context_struct(context: ViewContext, profile: int, now: float) -> Any:
    """`tvb_context` for a context."""
    struct = ffi.new("tvb_context *")
    struct.struct_size = ffi.sizeof("tvb_context")
    struct.profile = profile
    struct.at = milliseconds(now if context.at is None else context.at)
    if context.utc_offset_min is not None:
        struct.fields = lib.TVB_HAS_OFFSET
        struct.utc_offset_min = context.utc_offset_min
    struct.screen_token = context.screen_token
    struct.k = context.k
    struct.row = context.row
    put_text(struct, "region", context.region, lib.TVB_REGION_SIZE)
    put_text(struct, "genre", context.genre, lib.TVB_GENRE_SIZE)
    put_text(struct, "item", context.item, lib.TVB_ID_SIZE)
    return struct


def terms(array: Any) -> dict[str, float]:
    """The addends of a score by name."""
    return {name: array[index] for index, name in enumerate(TERMS)}


def slate_item(struct: Any, title_of: TitleOf) -> SlateItem:
    """`tvb_slate_item` as a value; `title_of` gives the title of a canonical id."""
    item, reason_item = text(struct.item), text(struct.reason_item)
    genre = text(struct.reason_genre)
    code = reasons.REASONS[struct.reason]
    return SlateItem(
        item=item,
        title=title_of(item),
        score=struct.score,
        reason=reasons.sentence(
            code,
            title=title_of(reason_item) if reason_item else "",
            genre=genre,
            season=struct.season,
            episode=struct.episode,
            channel=text(struct.channel),
        ),
        reason_code=code,
        reason_item=reason_item,
        reason_genre=genre,
        terms=terms(struct.terms),
        propensity=struct.propensity,
        offer=struct.offer,
        position_s=struct.position_s,
        season=struct.season,
        episode=struct.episode,
        channel=text(struct.channel),
        start=struct.start / 1000 if struct.channel[0] != b"\0" else None,
        end=struct.end / 1000 if struct.channel[0] != b"\0" else None,
    )


def profile_struct(profile: Profile) -> Any:
    """`tvb_profile` for a profile."""
    struct = ffi.new("tvb_profile *")
    struct.struct_size = ffi.sizeof("tvb_profile")
    struct.id = profile.id
    struct.max_age = profile.max_age
    struct.consent = int(profile.consent)
    put_text(struct, "region", profile.region, lib.TVB_REGION_SIZE)
    put_text(struct, "name", profile.name, lib.TVB_NAME_SIZE)
    if len(profile.entitlements) > lib.TVB_MAX_ENTITLEMENTS:
        raise InvalidArgumentError(f"entitlements: more than {lib.TVB_MAX_ENTITLEMENTS}")
    struct.entitlement_count = len(profile.entitlements)
    for index, provider in enumerate(profile.entitlements):
        raw = provider.encode("utf-8")
        if not raw or len(raw) >= lib.TVB_PROVIDER_SIZE:
            raise InvalidArgumentError(f"entitlements: {provider!r} is no provider name")
        struct.entitlements[index] = raw
    return struct


def profile_value(struct: Any) -> Profile:
    """`tvb_profile` as a value."""
    return Profile(
        id=struct.id,
        name=text(struct.name),
        max_age=struct.max_age,
        consent=bool(struct.consent),
        region=text(struct.region),
        entitlements=tuple(text(struct.entitlements[i]) for i in range(struct.entitlement_count)),
    )
