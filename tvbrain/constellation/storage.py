"""What a back end must do. tests/constellation/contract holds every one to it.

Every method may be called from any thread. What returned is durable: it survives a kill of the process, and a power cut
as far as the device keeps what it acknowledged (docs/sync.md, "Durability").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tvbrain.constellation.records import (
    Arrival,
    Counts,
    Dense,
    Device,
    Increments,
    Kept,
    KnownPack,
    Published,
    Waiting,
)


class Registry(Protocol):
    """Who may do what. Tokens are kept as SHA-256 of what was handed out."""

    def add_tenant(self, tenant: str) -> None:
        """Idempotent."""

    def tenants(self) -> list[str]:
        """In alphabetical order."""

    def add_enrolment_token(self, token: bytes, tenant: str, expires: int, uses: int) -> None:
        """`token` enrols up to `uses` sets before `expires`, in seconds since 1970. UnknownTenantError."""

    def add_operator_token(self, token: bytes, tenant: str, expires: int) -> None:
        """UnknownTenantError."""

    def operated_by(self, token: bytes, now: int) -> str:
        """The tenant whose operator this is. RefusedTokenError."""

    def enrol(self, token: bytes, tenant: str, device: Device, now: int) -> Device:
        """Uses the token once for each new device; a device of this tenant is returned as it is.

        RefusedTokenError, ForeignTenantError (the token's or the device's tenant is another), RevokedDeviceError.
        """

    def add_devices(self, devices: Sequence[Device]) -> None:
        """Devices whose keys their maker knows, without a token. Those that are enrolled stay as they are.

        UnknownTenantError, and nothing is added.
        """

    def device(self, device: bytes) -> Device | None:
        """None where none is enrolled; a revoked one is returned."""

    def revoke(self, tenant: str, device: bytes) -> None:
        """For ever. UnknownDeviceError, also for a device of another tenant."""


class Inbox(Protocol):
    """Pushes: each (device, epoch) once, then a stream in one order."""

    def keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        """Receipts and stream in one transaction; of a set's pushes for one epoch the first is in the stream, once."""

    def stream(self) -> bytes:
        """16 bytes that name this stream; another name starts from 1."""

    def waiting(self, after: int, most: int) -> list[Waiting]:
        """The first `most` with seq above `after`, ascending."""

    def trim(self, up_to: int) -> None:
        """Nobody will ask for what is at or below `up_to` again."""

    def forget_receipts(self, before: int) -> None:
        """Drop receipts of epochs below `before`; `floor` is at least `before` from then on."""

    def floor(self) -> int:
        """No push of an epoch below this may be kept: its receipts are gone."""


class Tally(Protocol):
    """Sums. Which part of which stream is in them is part of them."""

    def position(self, stream: bytes) -> int:
        """The last seq of `stream` that is counted, 0 for none."""

    def add(self, stream: bytes, after: int, up_to: int, increments: Increments) -> bool:
        """Adds and moves the position from `after` to `up_to` in one transaction. False, and nothing is added, where it
        was not at `after`: another worker was here.
        """

    def counted(self, once: Sequence[bytes]) -> set[bytes]:
        """Which of these pushes are in the sums: a stream may have one twice."""

    def packs(self, tenant: str) -> list[bytes]:
        """Packs with counts, ascending."""

    def counts(self, tenant: str, pack: bytes, *, canary: bool = False) -> Counts:
        """The sums of the buckets that teach; with `canary` those of the others."""

    def buckets(self, tenant: str, pack: bytes, *, canary: bool = False) -> int:
        """How many buckets stand behind `counts` in all."""

    def dense(self, tenant: str, kind: str) -> list[Dense]:
        """One entry a (key, group), in that order."""

    def forget(self, before: int) -> None:
        """Drop cells whose newest contribution is of an epoch below `before`, and what is known of pushes of such."""


class Shelf(Protocol):
    """Releases, never edited, and what they cost."""

    def put(self, blob: bytes) -> bytes:
        """Its SHA-256. Idempotent."""

    def get(self, content: bytes) -> bytes | None:
        """The blob of this SHA-256."""

    def publish(self, release: Published, charges: Mapping[str, float]) -> None:
        """The release and what it costs, in one transaction. OtherBodyError if its version is not the next one."""

    def append(self, tenant: str, kind: str, number: int, document: bytes) -> None:
        """Signed metadata under its number, from 1. OtherBodyError unless it is the next one of its kind."""

    def document(
        self, tenant: str, kind: str, number: int | None = None
    ) -> tuple[int, bytes] | None:
        """The one of this number, or the newest, with its number."""

    def add_pack(self, tenant: str, pack: KnownPack) -> None:
        """Deltas of this tenant may name the pack. Idempotent."""

    def known_packs(self, tenant: str) -> list[KnownPack]:
        """Packs that deltas may name, by SHA-256."""

    def latest(self, tenant: str) -> Published | None:
        """The release that sets of this tenant pull."""

    def release(self, tenant: str, version: int) -> Published | None:
        """A release that was."""

    def charges(self, tenant: str) -> list[Mapping[str, float]]:
        """What every release of this tenant cost, oldest first."""


class TallyAndShelf(Tally, Shelf, Protocol):
    """What the aggregation half keeps."""
