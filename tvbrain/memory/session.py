"""The sittings going on now, in memory alone: the `session` tier."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 32
"""Titles remembered of a sitting; the newest stay."""


@dataclass(slots=True)
class Session:
    """What one profile did since it sat down: titles by key, oldest first, with what they said last.

    `impressions` counts places shown since the last reaction to anything.
    """

    key: int = 0
    last_ms: int = 0
    titles: dict[int, float] = field(default_factory=dict)
    events: int = 0
    impressions: int = 0

    def begin(self, key: int) -> None:
        """Another sitting: nothing of the last one stays."""
        self.key, self.events, self.impressions = key, 0, 0
        self.titles.clear()

    def note(self, item: int, strength: float) -> None:
        """The title was reacted to; it becomes the newest."""
        self.titles.pop(item, None)
        self.titles[item] = strength
        while len(self.titles) > MOST:
            del self.titles[next(iter(self.titles))]
