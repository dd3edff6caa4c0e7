"""Profiles as the learning plane reads them; serving alone writes them."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvbrain._native import check, ffi, lib

_DETAIL = 4096


class ProfilesState(enum.Enum):
    """Which file was read. LOST: neither could be, and everything runs at age 0."""

    GOOD = lib.TVN_PROFILES_GOOD
    PREDECESSOR = lib.TVN_PROFILES_PREDECESSOR
    LOST = lib.TVN_PROFILES_LOST


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """Who may see what: no title above `max_age` (0 to 18). `entitlements` are provider names, empty
    for all; `region` may be empty.
    """

    id: int
    name: str
    max_age: int
    consent: bool
    region: str
    entitlements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredProfiles:
    """The file's contents, profiles ascending by id; `detail` says why a file was not used."""

    generation: int
    erasure_epoch: int
    journal_id: int
    next_id: int
    state: ProfilesState
    detail: str
    profiles: tuple[StoredProfile, ...]


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What a profile_create, profile_update, profile_delete or consent record says."""

    generation: int
    profile: StoredProfile


def read(data_dir: Path) -> StoredProfiles:
    """What serving would use if it opened now. A directory without history has the household alone."""
    head, rows = ffi.new("tvn_profiles_info *"), ffi.new("tvb_profile[]", lib.TVB_MAX_PROFILES)
    detail = ffi.new("char[]", _DETAIL)
    check(lib.tvn_profiles_read(os.fsencode(data_dir), head, rows, detail, _DETAIL))
    return StoredProfiles(
        int(head.generation),
        int(head.erasure_epoch),
        int(head.journal_id),
        int(head.next_id),
        ProfilesState(head.state),
        _text(detail),
        tuple(_profile(rows[i]) for i in range(head.count)),
    )


def change(added: bytes) -> ProfileChange:
    """Decode what such a record adds. CorruptFileError if it is none."""
    generation, row = ffi.new("uint64_t *"), ffi.new("tvb_profile *")
    check(lib.tvn_profile_change(added, len(added), generation, row))
    return ProfileChange(int(generation[0]), _profile(row))


def _text(field: Any) -> str:
    raw: bytes = ffi.string(field)
    return raw.decode("utf-8", "replace")


def _profile(row: Any) -> StoredProfile:
    return StoredProfile(
        id=int(row.id),
        name=_text(row.name),
        max_age=int(row.max_age),
        consent=bool(row.consent),
        region=_text(row.region),
        entitlements=tuple(_text(row.entitlements[i]) for i in range(row.entitlement_count)),
    )
