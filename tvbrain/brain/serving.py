"""The serving handle: the C interface of tvbrain.h as one Python object. No learning here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tvbrain._native import check, ffi, lib
from tvbrain.brain import marshal, reasons
from tvbrain.brain.meaning import QueryVector
from tvbrain.clock import Clock
from tvbrain.errors import DataDirectoryError, InvalidArgumentError
from tvbrain.events import ViewingEvent
from tvbrain.types import (
    Explanation,
    ItemInfo,
    OfferInfo,
    Profile,
    Row,
    Screen,
    Slate,
    ViewContext,
)

MODES = ("full", "no_learning", "read_only", "popularity")
FAULTS = {
    lib.TVB_FAULT_PROFILES_LOST: "profiles_lost",
    lib.TVB_FAULT_PROFILES_OLD: "profiles_old",
    lib.TVB_FAULT_SNAPSHOT: "snapshot",
    lib.TVB_FAULT_PACK: "pack",
    lib.TVB_FAULT_JOURNAL: "journal",
    lib.TVB_FAULT_GAP: "gap",
    lib.TVB_FAULT_TORN: "torn",
    lib.TVB_FAULT_LEARNER: "learner",
}
NOT_SHOWN = ("struct_size", "learning", "reserved")
"""Fields of tvb_health_info that say nothing here: in Python, the plane has a health of its own."""
MAX_K: int = lib.TVB_MAX_K
ENCODERS = {
    lib.TVN_MEANING_NONE: "",
    lib.TVN_MEANING_ENCODER: "static",
    lib.TVN_MEANING_MODEL: "minilm",
}


class Serving:
    """One open data directory. Any thread may call any method; `close()` comes last and alone.

    Times that an event or a context leaves out are the clock's.
    """

    def __init__(
        self,
        data_dir: str | os.PathLike[str],
        pack: str | os.PathLike[str],
        *,
        clock: Clock,
        read_only: bool = False,
        thread: bool = True,
        seed: int = 0,
        journal_cap: int = 0,
        clock_trusted: bool = True,
    ) -> None:
        options = ffi.new("tvb_open_options *")
        options.struct_size = ffi.sizeof("tvb_open_options")
        if read_only:
            options.flags |= lib.TVB_OPEN_READ_ONLY
        if not thread:
            options.flags |= lib.TVB_OPEN_NO_THREAD
        options.seed = seed
        options.journal_cap = journal_cap
        options.clock_trusted = int(clock_trusted)
        handle = ffi.new("tvb_brain **")
        check(lib.tvb_open(os.fsencode(data_dir), os.fsencode(pack), options, handle))
        self._brain: Any = handle[0]
        self._clock = clock
        self.data_dir, self.clock_trusted = Path(os.fsdecode(data_dir)), clock_trusted
        """As given at opening."""

    def close(self) -> None:
        """Sync and let the directory go; a second call does nothing."""
        brain, self._brain = self._brain, None
        if brain is not None:
            check(lib.tvb_close(brain))

    @property
    def _handle(self) -> Any:
        if self._brain is None:
            raise DataDirectoryError("this brain is closed")
        return self._brain

    # What happened

    def observe(self, event: ViewingEvent) -> None:
        """Record one event: kept when it returns, known to the next slate."""
        profile = self.profile_id(event.profile)
        struct = marshal.event_struct(event, profile, self._clock.now())
        check(lib.tvb_observe(self._handle, struct))

    def forget(self, scope: int, profile: int, item: str) -> bool:
        """True while files that knew it are still to be rewritten."""
        status: int = check(lib.tvb_forget(self._handle, scope, profile, item.encode("utf-8")))
        pending: int = lib.TVB_PENDING
        return status == pending

    def flush(self) -> None:
        check(lib.tvb_flush(self._handle))

    def pump(self) -> float | None:
        """Do what is due; seconds until the next call is wanted, None for after the next event."""
        wanted = ffi.new("int64_t *")
        check(lib.tvb_pump(self._handle, wanted))
        return None if wanted[0] < 0 else wanted[0] / 1000

    def hint(self, hint: int, value: int) -> None:
        check(lib.tvb_hint(self._handle, hint, value))

    # What to show

    def recommend(self, context: ViewContext) -> Slate:
        return self._slate(context, lib.tvb_recommend)

    def similar(self, item: str, context: ViewContext) -> Slate:
        name = item.encode("utf-8")
        return self._slate(context, lambda brain, *rest: lib.tvb_similar(brain, name, *rest))

    def search(self, query: str, context: ViewContext, vector: QueryVector | None = None) -> Slate:
        name, meaning = query.encode("utf-8"), ffi.new("int32_t *")
        row = ffi.NULL if vector is None else ffi.from_buffer("int8_t[]", vector.row)
        of = QueryVector(b"", 0, 0, 0) if vector is None else vector
        numbers = (row, len(of.row), of.space_id, of.scale_q30, of.bias_q20)
        found = self._slate(
            context, lambda brain, *rest: lib.tvn_search(brain, name, *numbers, *rest, meaning)
        )
        return replace(found, encoder=ENCODERS[meaning[0]])

    def recommended(self, context: ViewContext) -> list[str]:
        """The canonical ids of `recommend`, and nothing else of it."""
        slate, items = self._answer(context, lib.tvb_recommend)
        return [marshal.text(items[place].item) for place in range(slate.count)]

    def _answer(self, context: ViewContext, call: Callable[..., int]) -> tuple[Any, Any]:
        """A slate and its items, as the library fills them."""
        self._check_k(context)
        asked = self._context(context)
        slate = ffi.new("tvb_slate *")
        slate.struct_size, slate.item_size = ffi.sizeof("tvb_slate"), ffi.sizeof("tvb_slate_item")
        items = ffi.new("tvb_slate_item[]", context.k)
        check(call(self._handle, asked, slate, items, context.k))
        return slate, items

    def _slate(self, context: ViewContext, call: Callable[..., int]) -> Slate:
        slate, items = self._answer(context, call)
        values = tuple(marshal.slate_item(items[i], self.title) for i in range(slate.count))
        return Slate(values, slate.slate_id, slate.eligible)

    def rows(self, context: ViewContext, limit: int) -> Screen:
        self._check_k(context)
        asked = self._context(context)
        screen = ffi.new("tvb_screen *")
        screen.struct_size = ffi.sizeof("tvb_screen")
        screen.row_size, screen.item_size = ffi.sizeof("tvb_row"), ffi.sizeof("tvb_slate_item")
        rows = ffi.new("tvb_row[]", limit)
        items = ffi.new("tvb_slate_item[]", limit * context.k)
        check(lib.tvb_rows(self._handle, asked, screen, rows, limit, items, limit * context.k))
        return Screen(
            tuple(self._row(rows[i], items) for i in range(screen.row_count)), screen.slate_id
        )

    def _row(self, row: Any, items: Any) -> Row:
        kind, heading = reasons.ROWS[row.kind]
        named = marshal.text(row.reason_item)
        places = range(row.first, row.first + row.count)
        return Row(
            kind,
            heading.format(title=self.title(named) if named else "this"),
            tuple(marshal.slate_item(items[place], self.title) for place in places),
            named,
        )

    def explain(self, item: str, context: ViewContext) -> Explanation:
        out = ffi.new("tvb_explanation *")
        out.struct_size = ffi.sizeof("tvb_explanation")
        check(lib.tvb_explain(self._handle, item.encode("utf-8"), self._context(context), out))
        return Explanation(
            item=self.item(item).item,
            eligible=bool(out.eligible),
            why_not=tuple(name for bit, name in reasons.WHY_NOT.items() if out.why_not & bit),
            score=out.score,
            terms=marshal.terms(out.terms),
            reason_code=reasons.REASONS[out.reason],
            witnesses=tuple(
                (marshal.text(out.witness[i].item), out.witness[i].cf)
                for i in range(out.witness_count)
            ),
        )

    def _check_k(self, context: ViewContext) -> None:
        if not 1 <= context.k <= MAX_K:
            raise InvalidArgumentError(f"k: {context.k} is not 1 to {MAX_K}")

    def _context(self, context: ViewContext) -> Any:
        return marshal.context_struct(context, self.profile_id(context.profile), self._clock.now())

    # Titles

    def item(self, item: str, language: str = "") -> ItemInfo:
        name = item.encode("utf-8")
        out = ffi.new("tvb_item *")
        out.struct_size = ffi.sizeof("tvb_item")
        check(lib.tvb_item_get(self._handle, name, language.encode("utf-8"), out))
        return ItemInfo(
            item=marshal.text(out.item),
            title=marshal.text(out.title),
            type="series" if out.type == lib.TVB_TYPE_SERIES else "movie",
            year=out.year,
            runtime_min=out.runtime_min,
            seasons=out.seasons,
            age=out.age,
            popularity=out.popularity,
            genres=tuple(marshal.text(out.genres[i]) for i in range(out.genre_count)),
            artwork=marshal.text(out.artwork),
            offers=tuple(self._offer(name, index) for index in range(out.offer_count)),
        )

    def _offer(self, item: bytes, index: int) -> OfferInfo:
        out = ffi.new("tvb_offer *")
        out.struct_size = ffi.sizeof("tvb_offer")
        check(lib.tvb_offer_get(self._handle, item, index, out))
        return OfferInfo(
            id=marshal.text(out.offer),
            provider=marshal.text(out.provider),
            age=None if out.age == 255 else out.age,
            launch=marshal.text(out.launch),
            start=marshal.seconds(out.start),
            end=marshal.seconds(out.end),
        )

    def title(self, item: str) -> str:
        """The title of a canonical id."""
        out = ffi.new("tvb_item *")
        out.struct_size = ffi.sizeof("tvb_item")
        check(lib.tvb_item_get(self._handle, item.encode("utf-8"), ffi.NULL, out))
        return marshal.text(out.title)

    # Profiles

    def profile_id(self, profile: str | int) -> int:
        return profile if isinstance(profile, int) else int(self._found(profile).id)

    def profile(self, profile: str | int) -> Profile:
        return marshal.profile_value(self._found(profile))

    def _found(self, profile: str | int) -> Any:
        out = ffi.new("tvb_profile *")
        out.struct_size = ffi.sizeof("tvb_profile")
        if isinstance(profile, int):
            check(lib.tvb_profile_get(self._handle, profile, out))
        else:
            check(lib.tvb_profile_find(self._handle, profile.encode("utf-8"), out))
        return out

    def profiles(self) -> tuple[Profile, ...]:
        ids = ffi.new("uint32_t[]", lib.TVB_MAX_PROFILES)
        count = ffi.new("uint32_t *")
        check(lib.tvb_profile_list(self._handle, ids, lib.TVB_MAX_PROFILES, count))
        return tuple(self.profile(ids[i]) for i in range(count[0]))

    def create_profile(self, profile: Profile) -> Profile:
        struct = marshal.profile_struct(profile)
        check(lib.tvb_profile_create(self._handle, struct))
        return replace(profile, id=struct.id)

    def update_profile(self, profile: Profile) -> None:
        check(lib.tvb_profile_update(self._handle, marshal.profile_struct(profile)))

    def delete_profile(self, profile: int) -> None:
        check(lib.tvb_profile_delete(self._handle, profile))

    # Health

    def _health(self) -> Any:
        out = ffi.new("tvb_health_info *")
        out.struct_size = ffi.sizeof("tvb_health_info")
        check(lib.tvb_health(self._handle, out))
        return out

    def last_seq(self) -> int:
        """The sequence of the journal's newest record, 0 if there is none."""
        return int(self._health().last_seq)

    def health(self) -> dict[str, object]:
        """`tvb_health_info` by field, with `mode` and `faults` as names."""
        out = self._health()
        plain: dict[str, object] = {
            name: getattr(out, name)
            for name, field in ffi.typeof("tvb_health_info").fields
            if field.type.kind == "primitive" and name not in NOT_SHOWN
        }
        plain["mode"] = MODES[out.mode]
        plain["faults"] = [name for bit, name in FAULTS.items() if out.faults & bit]
        plain["learner"] = bool(out.learner)
        plain["detail"] = marshal.text(out.detail)
        return plain
