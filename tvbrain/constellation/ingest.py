"""The ingest half: who sent it, may they, is it for now; then it is kept once. It cannot read what it keeps."""

from __future__ import annotations

import asyncio
import hashlib

from tvbrain.clock import Clock
from tvbrain.constellation.committer import Committer
from tvbrain.constellation.errors import (
    ForeignTenantError,
    OtherBodyError,
    RevokedDeviceError,
    UnknownDeviceError,
    WrongEpochError,
)
from tvbrain.constellation.keyring import bucket_of, once_of
from tvbrain.constellation.records import (
    ACCEPTED_EPOCHS,
    Arrival,
    Device,
    Kept,
    epoch_at,
)
from tvbrain.constellation.storage import Inbox, Registry
from tvbrain.wire import envelope

REMEMBERED = 100_000
"""Devices whose keys are held in memory, about 300 bytes each."""

REMEMBERED_S = 60.0
"""So long a node may not notice that another one revoked a device."""


class Gate:
    """One an event loop. `key` is the secret of the buckets."""

    def __init__(self, registry: Registry, inbox: Inbox, key: bytes, clock: Clock) -> None:
        self._registry, self._inbox, self._key, self._clock = registry, inbox, key, clock
        self._devices: dict[bytes, tuple[Device, float]] = {}
        self._floor = inbox.floor()
        self.committer = Committer(inbox.keep)

    async def push(self, body: bytes) -> Kept:
        """NEW or KNOWN once it is durable.

        WireError, UnknownDeviceError, RevokedDeviceError, ForeignTenantError, WrongEpochError, OtherBodyError,
        OverloadedError, and what the storage raises.
        """
        push = envelope.decode(body)
        device = await self._device(push.device)
        if device.revoked:
            raise RevokedDeviceError("this device was revoked")
        envelope.verify(push, device.public_key)
        if push.tenant != device.tenant:
            raise ForeignTenantError("this device is enrolled with another tenant")
        self._check_epoch(push.epoch)
        kept = await self.committer.keep(
            Arrival(
                tenant=push.tenant,
                device=push.device,
                epoch=push.epoch,
                digest=hashlib.sha256(body).digest(),
                base=push.base_version,
                bucket=bucket_of(self._key, push.tenant, push.device),
                once=once_of(self._key, push.device, push.epoch),
                sealed=push.sealed,
            )
        )
        if kept is Kept.OTHER:
            raise OtherBodyError("this device sent another push for this epoch before")
        return kept

    def forget(self, device: bytes) -> None:
        """What is remembered of a device: after it was revoked."""
        self._devices.pop(device, None)

    def age(self) -> None:
        """Lets go of the receipts of epochs that are no longer accepted. Blocks."""
        self._floor = max(self._floor, epoch_at(self._clock.now()) - ACCEPTED_EPOCHS + 1)
        self._inbox.forget_receipts(self._floor)

    def _check_epoch(self, epoch: int) -> None:
        now = epoch_at(self._clock.now())
        if not max(self._floor, now - ACCEPTED_EPOCHS + 1) <= epoch <= now:
            raise WrongEpochError(f"epoch {epoch} is not accepted in epoch {now}")

    async def _device(self, name: bytes) -> Device:
        now = self._clock.monotonic()
        known = self._devices.get(name)
        if known is not None and now < known[1]:
            return known[0]
        found = await asyncio.to_thread(self._registry.device, name)
        if found is None:
            raise UnknownDeviceError("no device of this name is enrolled")
        if name not in self._devices and len(self._devices) >= REMEMBERED:
            self._devices.pop(next(iter(self._devices)))
        self._devices[name] = (found, now + REMEMBERED_S)
        return found
