"""What no slate may ever do, said as plainly as possible and apart from the ranking's oracle: from the catalogue as it
was drawn, the profile, the request, and the flags of the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.oracle.fold import (
    DISLIKED,
    FINISHED,
    HIDDEN,
    LISTED,
    RATED,
    STARTED,
    History,
    is_rated_down,
)
from tests.properties.worlds import World
from tvbrain.pack.catalogue import Offer, Title
from tvbrain.pack.native import key_of
from tvbrain.types import Explanation, Profile, Screen, Slate, SlateItem, ViewContext


@dataclass(frozen=True)
class Watcher:
    """Who asks for what, and when (seconds since the epoch)."""

    world: World
    history: History
    profile: Profile
    context: ViewContext
    at: float

    def title(self, identity: str) -> Title:
        return self.world.live()[identity].title

    def may_watch(self, offer: Offer) -> bool:
        region = self.context.region or self.profile.region
        if self.profile.entitlements and offer.provider not in self.profile.entitlements:
            return False
        if offer.regions and region not in offer.regions:
            return False
        if offer.start is not None and self.at < offer.start:
            return False
        return offer.end is None or self.at < offer.end

    def may_see(self, identity: str) -> bool:
        title = self.title(identity)
        return title.age <= self.profile.max_age and any(map(self.may_watch, title.offers))

    def flags(self, identity: str) -> set[str]:
        """Of a title, under any of its ids."""
        found: set[str] = set()
        for name, canonical in self.world.names().items():
            if canonical == identity:
                for known in (self.history.titles, self.history.kept):
                    if key_of(name) in known:
                        found |= known[key_of(name)].flags
        return found

    def is_rated_down(self, identity: str) -> bool:
        rated = [
            (-one.touch, key, is_rated_down(one))
            for name, canonical in self.world.names().items()
            if canonical == identity and (key := key_of(name)) in self.history.titles
            if RATED in (one := self.history.titles[key]).flags
        ]
        return bool(rated) and min(rated)[2]

    def is_unwanted(self, identity: str) -> bool:
        return bool(self.flags(identity) & {HIDDEN, DISLIKED}) or self.is_rated_down(identity)

    def is_over(self, identity: str) -> bool:
        """Whether the last episode that was finished is the last that there is."""
        seasons, newest = self.title(identity).seasons, (0, (0, 0))
        keys = {
            key_of(name) for name, canonical in self.world.names().items() if canonical == identity
        }
        for key in keys & self.history.titles.keys():
            one = self.history.titles[key]
            if one.done != (0, 0):
                newest = max(newest, (one.touch, one.done))
        season, episode = newest[1]
        if not seasons or seasons[-1] == 0 or season == 0:
            return False
        return (season, episode) >= (len(seasons), seasons[-1])

    def may_be_offered(self, identity: str) -> bool:
        return self.may_be_listed(identity) and not self.is_rated_down(identity)

    def may_be_listed(self, identity: str) -> bool:
        """In My list, if it is on it."""
        over = FINISHED in self.flags(identity) or self.is_over(identity)
        return self.is_wanted(identity) and not over

    def may_go_on(self, identity: str) -> bool:
        """In Continue watching, if it is under way: also once more."""
        under_way = STARTED in self.flags(identity)
        return self.is_wanted(identity) and under_way and not self.is_rated_down(identity)

    def is_wanted(self, identity: str) -> bool:
        genre = self.context.genre
        return (
            self.may_see(identity)
            and not self.flags(identity) & {HIDDEN, DISLIKED}
            and (not genre or genre in self.title(identity).genres)
        )

    def groups(self, identities: Iterable[str]) -> list[str]:
        return [self.title(identity).series or identity for identity in identities]

    # What must hold

    def check_item(self, item: SlateItem) -> None:
        """Of search too, which finds what was watched or hidden."""
        title = self.title(item.item)
        assert title.age <= self.profile.max_age
        assert self.may_watch(title.offers[item.offer])
        if item.reason_item:
            assert self.may_see(item.reason_item)
            assert not self.is_unwanted(item.reason_item)

    def check_offered(self, items: Sequence[SlateItem]) -> None:
        offered = [item.item for item in items]
        for item in items:
            self.check_item(item)
            if item.reason_code == "continue":
                assert self.may_go_on(item.item)
            elif item.reason_code == "listed" and LISTED in self.flags(item.item):
                assert self.may_be_listed(item.item)
            else:
                assert self.may_be_offered(item.item)
        groups = self.groups(offered)
        assert len(set(groups)) == len(groups)

    def offerable(self) -> list[str]:
        return [identity for identity in self.world.live() if self.may_be_offered(identity)]

    def check_slate(self, slate: Slate) -> None:
        self.check_offered(slate)
        eligible = self.offerable()
        assert slate.eligible == len(eligible)
        assert len(slate) == min(self.context.k, len(set(self.groups(eligible))))

    def check_similar(self, slate: Slate, asked: str) -> None:
        self.check_offered(slate)
        others = set(self.groups(self.offerable())) - set(self.groups([asked]))
        assert len(slate) == min(self.context.k, len(others))

    def check_search(self, slate: Slate) -> None:
        for item in slate:
            self.check_item(item)
        assert len(slate) == min(self.context.k, slate.eligible)

    def check_screen(self, screen: Screen) -> None:
        self.check_offered([item for row in screen.rows for item in row.items])
        for row in screen.rows:
            assert 1 <= len(row.items) <= self.context.k
            if row.reason_item:
                assert self.may_see(row.reason_item)
                assert not self.is_unwanted(row.reason_item)

    def check_explanation(self, explanation: Explanation) -> None:
        assert explanation.eligible == self.may_be_offered(explanation.item)
        for witness, _ in explanation.witnesses:
            assert self.may_see(witness)
            assert not self.is_unwanted(witness)
