"""The last good slates that go with a snapshot, kept as long as they are what would be shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tvbrain.loops.publisher import Slates
from tvbrain.pack.facts import PackFacts

DAY = 86_400.0

AskSlates = Callable[[Collection[int]], Slates]
"""What serving would show each profile now, but those that are given."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A profile's slate, and what it was made of: its folded history, the packs, and the day."""

    history: bytes
    facts: PackFacts
    day: float
    slate: Sequence[int]


class LastGood:
    """Slates are asked for anew where something was recorded of the profile, the packs are others, or a day is over."""

    def __init__(self, ask: AskSlates) -> None:
        self._ask = ask
        self._kept: dict[int, _Kept] = {}

    def clear(self) -> None:
        """After an erasure: nothing of before is known."""
        self._kept.clear()

    def slates(self, histories: Mapping[int, bytes], facts: PackFacts, now: float) -> Slates:
        """Of every profile. `histories`: the folded ones, as of this moment."""
        day = now // DAY
        kept = {
            profile: one
            for profile, one in self._kept.items()
            if one.facts is facts and one.day == day and one.history == histories.get(profile)
        }
        asked = self._ask(kept.keys())
        for profile, slate in asked.items():
            if profile in histories:
                kept[profile] = _Kept(histories[profile], facts, day, slate)
        self._kept = kept
        return {**asked, **{profile: one.slate for profile, one in kept.items()}}
