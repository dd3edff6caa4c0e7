"""Events are checked when they are made, and their kinds are the core's."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.errors import InvalidArgumentError
from tvbrain.events import KINDS, KINDS_BY_CODE, ViewingEvent


def test_the_table_of_kinds_is_the_cores() -> None:
    native = pytest.importorskip("tvbrain._native", reason="needs the native build")
    count = native.ffi.new("uint32_t *")
    rows = native.ffi.new("tvn_kind[]", 64)
    native.check(native.lib.tvn_kinds(rows, 64, count))
    core = {
        (
            row.kind,
            native.ffi.string(row.name).decode("ascii"),
            row.durable_ms,
            bool(row.needs_item),
            bool(row.from_host),
        )
        for row in (rows[i] for i in range(count[0]))
    }
    assert core == {dataclasses.astuple(kind) for kind in KINDS.values()}
    assert [kind.code for kind in KINDS.values()] == sorted(KINDS_BY_CODE)


def test_the_kinds_of_the_host_are_the_headers() -> None:
    native = pytest.importorskip("tvbrain._native", reason="needs the native build")
    for kind in KINDS.values():
        if kind.from_host:
            assert getattr(native.lib, f"TVB_EVENT_{kind.name.upper()}") == kind.code


def test_an_evening_is_made_of_events() -> None:
    event = ViewingEvent(
        kind="complete",
        item="netflix:s6",
        profile="household",
        at=1700000000.0,
        watched=0.95,
        session="s1",
    )
    assert event.code == 8
    assert event.season is None
    assert ViewingEvent(kind="wake").item == ""
    assert ViewingEvent(kind="search", text="café").text == "café"
    assert ViewingEvent(kind="stop", item="ml:1:2", profile=3).item == "ml:1:2"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"kind": "likes"}),
        ("kind", {"kind": ""}),
        ("kind", {"kind": "profile_create"}),
        ("kind", {"kind": "erase"}),
        ("item", {"item": ""}),
        ("item", {"item": "s6"}),
        ("item", {"item": ":s6"}),
        ("item", {"item": "netflix:"}),
        ("item", {"item": "n:" + "é" * 31}),
        ("item", {"item": "netflix:\n"}),
        ("item", {"item": "netflix:\ud800"}),
        ("item", {"kind": "impression", "item": "netflix"}),
        ("profile", {"profile": ""}),
        ("profile", {"profile": 0}),
        ("profile", {"profile": "x" * 64}),
        ("at", {"at": math.nan}),
        ("at", {"at": math.inf}),
        ("watched", {"watched": 1.01}),
        ("watched", {"watched": math.nan}),
        ("rating", {"rating": -1.5}),
        ("rating", {"kind": "rate"}),
        ("position_s", {"position_s": -1}),
        ("position_s", {"position_s": 1.5}),
        ("duration_s", {"duration_s": 2**32}),
        ("season", {"season": 0, "episode": 1}),
        ("episode", {"season": 1}),
        ("season", {"episode": 1}),
        ("slot", {"row": 1}),
        ("row", {"slot": 1}),
        ("slot_count", {"slot_count": 0}),
        ("slot_count", {"slot_count": 201}),
        ("utc_offset_min", {"utc_offset_min": 841}),
        ("slate_id", {"slate_id": 2**64}),
        ("session", {"session": "x" * 64}),
        ("text", {"text": "only a search"}),
        ("text", {"kind": "search", "text": "x" * 256}),
        ("text", {"kind": "search", "text": "a\0b"}),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_its_field_named(
    field: str, values: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgumentError, match=f"^{field}: "):
        ViewingEvent(**({"kind": "stop", "item": "netflix:s6"} | values))


@given(st.text(max_size=70))
def test_any_text_is_an_item_that_the_core_can_hold_or_refused(item: str) -> None:
    try:
        event = ViewingEvent(kind="select", item=item)
    except InvalidArgumentError:
        return
    assert 3 <= len(event.item.encode("utf-8")) <= 63
    assert "\0" not in event.item
