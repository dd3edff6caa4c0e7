"""Who may see what: "Filters" of docs/ranking.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle.catalogue import Offer, Title

if TYPE_CHECKING:
    from tests.oracle.ranking.exploration import Exploration


@dataclass(frozen=True)
class Request:
    """One question. `region` is the context's, or else the profile's; `genre` empty for any."""

    max_age: int
    entitlements: frozenset[str]  # empty: all
    region: str
    genre: str
    at_ms: int
    utc_offset_min: int
    k: int
    screen_token: int
    weights: tuple[int, ...]
    exploration: Exploration | None = None
    diversity: int = 100  # what a title loses for being wholly like one chosen before it
    like: int = 0  # rows: the key of the title of "More like this"; 0: no such row

    def is_entitled(self, offer: Offer) -> bool:
        return not self.entitlements or offer.provider in self.entitlements

    def is_in_region(self, offer: Offer) -> bool:
        return not offer.regions or self.region in offer.regions

    def is_in_window(self, offer: Offer) -> bool:
        return offer.start_ms <= self.at_ms < offer.end_ms

    def is_open(self, offer: Offer) -> bool:
        return self.is_entitled(offer) and self.is_in_region(offer) and self.is_in_window(offer)

    def admits(self, title: Title) -> bool:
        return title.age <= self.max_age and any(self.is_open(offer) for offer in title.offers)

    def asks_for(self, title: Title) -> bool:
        return not self.genre or self.genre in title.genres

    def first_open_offer(self, title: Title) -> int:
        """-1 where none is open."""
        found = [index for index, offer in enumerate(title.offers) if self.is_open(offer)]
        return found[0] if found else -1

    def why_no_offer(self, title: Title) -> str:
        """The one cause that is named; empty where an offer is open."""
        entitled = [offer for offer in title.offers if self.is_entitled(offer)]
        here = [offer for offer in entitled if self.is_in_region(offer)]
        if not entitled:
            return "entitlement"
        if not here:
            return "region"
        return "" if any(self.is_in_window(offer) for offer in here) else "window"
