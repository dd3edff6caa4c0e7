"""From sums to a release: noise, defences, training, canary, patch, publication. If one refuses, nothing leaves.

What the canary judges is trained without its sets; what is published then is trained in the same way on all. Judged are
such trials only, a new one and that of the last release: weights that know a canary set's couples would always win.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation import canary, contents, privacy
from tvbrain.constellation.aggregate import PAIR_CAP
from tvbrain.constellation.errors import NothingToReleaseError, UnhelpfulReleaseError
from tvbrain.constellation.packs import PackStore
from tvbrain.constellation.privacy import Influence
from tvbrain.constellation.publisher import Publisher
from tvbrain.constellation.records import Counts, KnownPack, Published, together
from tvbrain.constellation.storage import TallyAndShelf
from tvbrain.constellation.teaching import taught
from tvbrain.learning.couple_model import Sums
from tvbrain.learning.item_weights import ItemWeights
from tvbrain.pack import patch
from tvbrain.pack.reader import PackFile
from tvbrain.pack.reweighing import merged
from tvbrain.wire import limits
from tvbrain.wire.delta import PACK_NAME
from tvbrain.wire.release import PATCH, PackRef, Release

INFLUENCE = Influence(privacy.WINDOW * (limits.PAIRS + limits.ITEMS), PAIR_CAP)
TRIAL = "trial"
"""The kind of document that names, as JSON, the `pack` that was judged for release `of`."""

BUDGET = "budget"
"""The kind of document that says a tenant's `epsilon` and `noise_multiplier`, as JSON."""


SURE = 50
"""Sets that must have told a title before what they told replaces weights that its pack has."""

PREDECESSORS = 4
"""A set that has the pack of one of so many releases before needs no more than a patch."""


@dataclass(frozen=True, slots=True)
class Made:
    """A release, and what the canary found before and after it."""

    published: Published
    found_before: float
    found_after: float


class Releasing:
    """`know` lets deltas name a pack that a release makes. `random` draws the noise."""

    def __init__(
        self,
        storage: TallyAndShelf,
        packs: PackStore,
        publisher: Publisher,
        know: Callable[[str, KnownPack], None],
        random: np.random.Generator,
    ) -> None:
        self._storage, self._packs, self._publisher = storage, packs, publisher
        self._know, self._random = know, random

    def make(self, tenant: str, epoch: int) -> Made:
        """Publishes what was learned up to now; `epoch` is the current one.

        NothingToReleaseError, UnhelpfulReleaseError, BudgetSpentError.
        """
        self._storage.forget(epoch - privacy.WINDOW + 1)
        base = self._base(tenant)
        name = base.sha256[:PACK_NAME]
        teaching = self._storage.counts(tenant, name)
        held = self._storage.counts(tenant, name, canary=True)
        noise, charges = self._noise(tenant)
        source = self._path(base.sha256)
        with PackFile(source) as pack:
            own = pack.weights()
        trial = self._trained(tenant, base, own, noise(teaching))[1]
        before, after = canary.judge(trial, self._judged(tenant) or own, held)
        sums, weights = self._trained(tenant, base, own, noise(together(teaching, held)))
        refs = self._patches(tenant, base, source.read_bytes(), weights)
        self._remember(tenant, patch.reweighed(source.read_bytes(), trial))
        private = bool(charges)
        blender = (
            (0, ()) if private else contents.blender_of(self._storage.dense(tenant, "blender"))
        )
        said = [] if private else self._storage.dense(tenant, "pattern")
        coding, patterns = contents.patterns_of(said, self._random)
        release = Release(
            number=1,
            tenant=tenant,
            created=0,
            expires=0,
            pack=name,
            coding=coding,
            patterns=patterns,
            counts=contents.counts_of(sums.support),
            layout=blender[0],
            blender=blender[1],
            packs=refs,
        )
        return Made(self._publisher.publish(release, charges), before, after)

    def _base(self, tenant: str) -> KnownPack:
        """The pack that most sets spoke of."""
        known = {pack.sha256[:PACK_NAME]: pack for pack in self._storage.known_packs(tenant)}
        spoken = [name for name in self._storage.packs(tenant) if name in known]
        if not spoken:
            raise NothingToReleaseError(f"no set of {tenant} has said anything yet")
        return known[max(spoken, key=lambda name: self._storage.buckets(tenant, name))]

    def _noise(self, tenant: str) -> tuple[Callable[[Counts], Counts], dict[str, float]]:
        """What a budget asks to be added, and what one release with it costs. BudgetSpentError."""
        budget = self._storage.document(tenant, BUDGET)
        if budget is None:
            return lambda counts: counts, {}
        rules = json.loads(budget[1])
        multiplier = rules["noise_multiplier"]
        charges = privacy.charge(rules["epsilon"], self._storage.charges(tenant), multiplier)
        noise = partial(
            privacy.noisy, influence=INFLUENCE, multiplier=multiplier, random=self._random
        )
        return noise, dict(charges)

    def _trained(
        self, tenant: str, base: KnownPack, own: ItemWeights | None, counts: Counts
    ) -> tuple[Sums, ItemWeights]:
        """From what these sets say, over the pack's own weights."""
        sums, new = taught(counts, base.rows)
        if new is None:
            sets = self._storage.buckets(tenant, base.sha256[:PACK_NAME])
            raise UnhelpfulReleaseError(
                f"{sets} sets are too few: no couple of titles passes the defences, so nothing is published"
            )
        return sums, merged(own, new, _replaced(own, sums.support))

    def _remember(self, tenant: str, trial: bytes) -> None:
        """The pack whose weights are judged for the release that is published next."""
        found = self._storage.document(tenant, TRIAL)
        latest = self._storage.latest(tenant)
        said = {"of": 1 + (latest.version if latest else 0), "pack": self._add(trial).hex()}
        number = 1 + (found[0] if found else 0)
        self._storage.append(tenant, TRIAL, number, json.dumps(said).encode())

    def _judged(self, tenant: str) -> ItemWeights | None:
        """What the last release's weights were when they were judged: canary sets had not taught them.

        Of a release from before there were trials its own: they taught none of those either. None without a release.
        """
        latest = self._storage.latest(tenant)
        given = self._given(tenant, 1)
        if latest is None or not given:
            return None
        found = self._storage.document(tenant, TRIAL)
        while found is not None:
            said = json.loads(found[1])
            if said["of"] == latest.of:
                given = [bytes.fromhex(said["pack"])]
                break
            found = self._storage.document(tenant, TRIAL, found[0] - 1)
        with PackFile(self._path(given[0])) as pack:
            return pack.weights()

    def _given(self, tenant: str, most: int) -> list[bytes]:
        """The packs that the newest releases made, newest first."""
        latest = self._storage.latest(tenant)
        newest = latest.version if latest else 0
        found = [
            self._storage.release(tenant, version)
            for version in range(newest, max(0, newest - most), -1)
        ]
        made = [self._publisher.content(release).packs for release in found if release]
        return [packs[0].result for packs in made if packs]

    def _patches(
        self, tenant: str, base: KnownPack, source: bytes, weights: ItemWeights
    ) -> tuple[PackRef, ...]:
        """From the base pack and from what sets may have made of it: each set finds the one for its own."""
        result = patch.reweighed(source, weights)
        whole = self._add(result)
        self._know(tenant, KnownPack(whole, base.rows, base.rows_of))
        refs = []
        for name in dict.fromkeys([base.sha256, *self._given(tenant, PREDECESSORS)]):
            if name != whole:
                between = patch.make(self._path(name).read_bytes(), result)
                refs.append(PackRef(PATCH, self._add(between), len(between), name, whole))
        return tuple(refs)

    def _add(self, data: bytes) -> bytes:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return self._packs.add(Path(file.name))

    def _path(self, sha256: bytes) -> Path:
        path = self._packs.find(sha256)
        if path is None:
            raise NothingToReleaseError(f"the pack {sha256.hex()} is not here")
        return path


def _replaced(own: ItemWeights | None, support: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(titles,): whose weights come from what sets told."""
    known = np.zeros(len(support), bool)
    if own is not None:
        known[own.indices] = True
    return support >= np.where(known, SURE, 1)
