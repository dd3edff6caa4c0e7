"""One process with both halves: alone over SQLite in its folder, or one of several over PostgreSQL and NATS.

keys/   packs/       of one node, or the same for all that share a back end
ingest.db   aggregate.db   node.lock       of a node alone
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tvbrain.clock import Clock, SystemClock
from tvbrain.constellation import keyring, privacy, rotation
from tvbrain.constellation.aggregate import SLICE, Aggregator
from tvbrain.constellation.back_ends import BackEnd, open_sqlite
from tvbrain.constellation.packs import PackStore
from tvbrain.constellation.publisher import Publisher
from tvbrain.constellation.records import KnownPack, epoch_at
from tvbrain.constellation.releasing import BUDGET, Made, Releasing
from tvbrain.errors import StorageError
from tvbrain.pack.reader import PackFile
from tvbrain.wire import delta, seal

KEYS, PACKS = "keys", "packs"
REST_S = 0.5
"""Between two looks at the stream where nothing waited."""


class Node:
    """What the service answers from. Opened once a folder; `close` ends its thread."""

    def __init__(
        self, folder: Path, clock: Clock | None = None, back_end: BackEnd | None = None
    ) -> None:
        """`back_end` is SQLite in the folder if left out; it is closed with the node."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder, self.clock = folder, clock or SystemClock()
        keyring.create(folder / KEYS)
        self._back_end = back_end or open_sqlite(folder)
        self.registry, self.inbox = self._back_end.registry, self._back_end.inbox
        self.aggregate = self._back_end.aggregate
        self.packs = PackStore(folder / PACKS)
        self.publisher = Publisher(self.aggregate, folder / KEYS, self.clock)
        self.bucket_key = keyring.secret(folder / KEYS, keyring.INGEST)
        opening = seal.opening_key(keyring.secret(folder / KEYS, keyring.AGGREGATOR))
        self.aggregator_key = opening.public_key().public_bytes_raw()
        self._known: dict[str, dict[bytes, KnownPack]] = {}
        self.aggregator = Aggregator(
            self.inbox, self.aggregate, opening, self._pack_of, self._newest
        )
        self.releasing = Releasing(
            self.aggregate,
            self.packs,
            self.publisher,
            self.know,
            np.random.default_rng(secrets.randbits(256)),
        )
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.fault: BaseException | None = None

    def add_tenant(self, tenant: str) -> None:
        """With its first root. Idempotent. OldKeysError where its newest root names other keys."""
        self.registry.add_tenant(tenant)
        self.publisher.check_keys(tenant)

    def enrolment_token(self, tenant: str, uses: int, lasts_s: int) -> str:
        """A new one, shown once: only its hash is kept. UnknownTenantError."""
        token = secrets.token_urlsafe(32)
        expires = int(self.clock.now()) + lasts_s
        self.registry.add_enrolment_token(hashed(token), tenant, expires, uses)
        return token

    def operator_token(self, tenant: str, lasts_s: int) -> str:
        """A new one, shown once: only its hash is kept. UnknownTenantError."""
        token = secrets.token_urlsafe(32)
        expires = int(self.clock.now()) + lasts_s
        self.registry.add_operator_token(hashed(token), tenant, expires)
        return token

    def add_pack(self, tenant: str, path: Path) -> bytes:
        """Deltas of this tenant may name it from now on, and sets may fetch it; its SHA-256. FileError."""
        with PackFile(path) as pack:
            rows = len(pack.items)
        sha256 = self.packs.add(path)
        self.know(tenant, KnownPack(sha256, rows, sha256))
        return sha256

    def know(self, tenant: str, pack: KnownPack) -> None:
        """Deltas may name this pack from now on."""
        self.aggregate.add_pack(tenant, pack)
        self._known.pop(tenant, None)

    def release(self, tenant: str) -> Made:
        """Publishes what was learned up to now. Raises as `Releasing.make`."""
        return self.releasing.make(tenant, epoch_at(self.clock.now()))

    def rotate(self, roles: Sequence[str]) -> dict[str, int]:
        """Other keys for these roles, for every tenant; the number of each one's root. As `rotation.rotate`.

        This node goes on with the old keys: open it anew.
        """
        folder = self.folder / KEYS
        return rotation.rotate(self.aggregate, self.registry.tenants(), folder, roles, self.clock)

    def set_budget(self, tenant: str, epsilon: float, noise_multiplier: float) -> None:
        """From now on releases of this tenant are noisy, and refused once `epsilon` (at privacy.DELTA) is spent.
        InvalidArgumentError."""
        privacy.charge(epsilon, [], noise_multiplier)
        last = self.aggregate.document(tenant, BUDGET)
        rules = {"epsilon": epsilon, "noise_multiplier": noise_multiplier}
        number = 1 + (last[0] if last else 0)
        self.aggregate.append(tenant, BUDGET, number, json.dumps(rules).encode())

    def budget(self, tenant: str) -> dict[str, float | None]:
        """`epsilon` and `noise_multiplier`, None without a budget, and the epsilon `spent` by releases up to now."""
        found = self.aggregate.document(tenant, BUDGET)
        rules = json.loads(found[1]) if found else {"epsilon": None, "noise_multiplier": None}
        return {**rules, "spent": privacy.spent(self.aggregate.charges(tenant))}

    def drain(self) -> int:
        """Adds everything that waits; how many pushes that was. Not while the thread of `start` runs."""
        total = 0
        while added := self.aggregator.step():
            total += added
        return total

    def start(self, rest: Callable[[float], bool] | None = None) -> None:
        """Adds what comes, on a thread of its own. `rest` waits so many seconds; True ends the thread."""
        wait = rest or self._stopped.wait
        self._thread = threading.Thread(target=self._add, args=(wait,), name="aggregator")
        self._thread.start()

    def healthy(self) -> bool:
        """False while what is kept cannot be added."""
        return self.fault is None

    def close(self) -> None:
        """Waits for the slice that is being added."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._back_end.close()

    def _add(self, rest: Callable[[float], bool]) -> None:
        while not self._stopped.is_set():
            begun = self.clock.monotonic()
            added = 0
            try:
                added = self.aggregator.step()
                self.fault = None
            except (
                StorageError
            ) as error:  # a server that comes back: nothing was moved, so nothing is lost
                self.fault = error
            except BaseException as error:
                self.fault = error
                raise
            # As long a rest as there was work: whoever pushes finds half of the machine free.
            busy = min(self.clock.monotonic() - begun, REST_S)
            if rest(busy if added == SLICE else REST_S):
                return

    def _pack_of(self, tenant: str, name: bytes) -> KnownPack | None:
        known = self._known.get(tenant, {})
        if name not in known:  # another node may have added it
            packs = self.aggregate.known_packs(tenant)
            known = {pack.sha256[: delta.PACK_NAME]: pack for pack in packs}
            self._known[tenant] = known
        return known.get(name)

    def _newest(self, tenant: str) -> int:
        latest = self.aggregate.latest(tenant)
        return latest.version if latest else 0


def hashed(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
