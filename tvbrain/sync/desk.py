"""What a client of the constellation works on: the learning side of one set, while nothing else touches it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from tvbrain.pack.facts import PackFacts
from tvbrain.sqlite import Database
from tvbrain.store import syncing
from tvbrain.store.syncing import Enrolled
from tvbrain.sync import apply, consent, gate
from tvbrain.sync.base import BasePack, in_use
from tvbrain.wire import pull, release
from tvbrain.wire.release import Release


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """brain.db, the packs in use, and `publish`, which lets serving see what has changed; it raises if it cannot."""

    db: Database
    data_dir: Path
    factory: Path
    facts: PackFacts
    publish: Callable[[], None]

    def base(self) -> BasePack:
        """The base pack in use."""
        return BasePack(in_use(self.factory, self.data_dir / "packs"))

    def consenting(self) -> frozenset[int]:
        """Profiles whose consent holds now."""
        return consent.consenting(self.data_dir)

    def put_to_use(self, state: Enrolled, pulled: bytes, found: Release, now_ms: int) -> Enrolled:
        """A release that is believed, in one transaction with what is now known of the constellation.

        One that is in use already, or was taken back, changes no pattern. If serving cannot be told, it is taken back.
        """
        if found.number <= max(state.applied, state.refused):
            same = replace(state, pull=pulled) if found.number == state.applied else state
            with self.db.atomic():
                syncing.set_enrolled(self.db, same)
            return same
        new = replace(state, pull=pulled, before=state.pull, applied=found.number, since_ms=now_ms)
        with self.db.atomic():
            apply.apply(self.db, found, self.base(), self.facts)
            syncing.set_enrolled(self.db, new)
        try:
            self.publish()
        except BaseException:
            self.take_back(new, now_ms)
            raise
        return new

    def apply_again(self, state: Enrolled) -> None:
        """On other packs than before."""
        found = None if state.pull is None else release_of(state.pull)
        with self.db.atomic():
            apply.apply(self.db, found, self.base(), self.facts)
        self.publish()

    def take_back(self, state: Enrolled, now_ms: int) -> Enrolled:
        """The release before this one is in use again, or none; this one is not applied again."""
        older = None if state.before is None else release_of(state.before)
        new = replace(
            state,
            pull=state.before,
            before=None,
            applied=0 if older is None else older.number,
            refused=max(state.refused, state.applied),
            since_ms=now_ms,
        )
        with self.db.atomic():
            apply.apply(self.db, older, self.base(), self.facts)
            syncing.set_enrolled(self.db, new)
        return new

    def review(self, state: Enrolled, now_ms: int) -> Enrolled | None:
        """Take the release in use back if people like what they watch less since; None if it stays."""
        if not state.applied or not gate.is_worse(self.db, state.since_ms):
            return None
        new = self.take_back(state, now_ms)
        self.publish()
        return new


def release_of(pulled: bytes) -> Release:
    """What a pull that was believed brought. Raises WireError if it is no pull."""
    return release.decode(pull.decode(pulled).release.body)


Opened = Callable[[], AbstractContextManager[Desk]]
"""Holds the learner still for as long as the desk is used: not while a server is waited for."""
