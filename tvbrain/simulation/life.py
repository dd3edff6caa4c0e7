"""A household in front of its set, day after day: the rules decide, the brain is told, and shows what it would show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from tvbrain.errors import UnknownProfileError
from tvbrain.events import ViewingEvent
from tvbrain.simulation.rules import choice
from tvbrain.simulation.rules.choice import Memory
from tvbrain.simulation.rules.household import Household, Viewers
from tvbrain.simulation.rules.mishaps import NETWORK_AFTER, Mishap
from tvbrain.simulation.rules.rhythm import Sitting, sittings
from tvbrain.simulation.rules.taste import Taste, Title
from tvbrain.simulation.television import OFFSET_MIN, Television
from tvbrain.types import Row, Screen, ViewContext

DAY = 86_400.0
START = 1_767_567_600.0
"""Monday, 2026-01-05, midnight by the set's clock."""

ROWS, PLACES = 6, 6
"""Of a screen; all that is looked at of a row is one impression."""

SCREENS = 3
"""After so many screens without anything to watch, people turn to what is on, or to a title that they think of."""

PROGRESS_S = 50.0
"""The host tells so often where a title stands."""

OWN_ROWS = ("continue", "next_episode", "my_list")
CHANNELS = ("News 24", "One", "Sport", "Music Box")
NAP = 20 * 60.0
"""After so long without anybody, the set goes into standby."""


class Life:
    """One household. Everything that is drawn comes from `seed`."""

    def __init__(
        self,
        television: Television,
        household: Household,
        titles: dict[str, Title],
        *,
        mishaps: Mapping[int, Sequence[Mishap]],
        seed: int,
    ) -> None:
        self._set, self._household, self._titles = television, household, titles
        self._all = list(titles.values())
        self._seed, self._mishaps = seed, mishaps
        self._memories: dict[str, Memory] = {}
        self._sitting = 0
        for name, max_age in household.profiles().items():
            try:
                television.brain.profile(name)
            except UnknownProfileError:
                television.brain.create_profile(name, max_age=max_age)

    def day(self, number: int, at_home: bool = True) -> None:
        """Live day `number` of the life, from 0; the set is in standby at its end, or all day if nobody is at home."""
        if not at_home:
            self._until(START + (number + 1) * DAY)
            return
        draw = Random(f"{self._seed} {number}")
        midnight = START + number * DAY
        happens = list(self._mishaps.get(number, ()))
        plan = sittings(number % 365, number % 7, draw)
        year = number / 365
        parts = [(one, self._household.viewers(one.who, year)) for one in plan]
        present = [(one, viewers) for one, viewers in parts if viewers is not None]
        for at, (one, viewers) in enumerate(present):
            self._until(midnight + one.start * 60)
            for mishap in [m for m in happens if m.sitting == at or at == len(present) - 1]:
                happens.remove(mishap)
                self._happen(mishap)
            self._sit(one, viewers, number, draw)
            following = present[at + 1][0].start if at + 1 < len(present) else 24 * 60
            if following * 60 + midnight - self._set.now > NAP:
                self._tell("standby")
                self._set.look()
        self._until(midnight + DAY)

    def _until(self, moment: float) -> None:
        """Standby until then, if that is to come; whoever comes early waits for nobody."""
        if moment > self._set.now:
            self._set.sleep(moment - self._set.now)

    def _happen(self, mishap: Mishap) -> None:
        if mishap.kind == "power_cut":
            self._set.cut_power(mishap.seconds, blind=mishap.blind)
        else:
            self._set.set_clock(mishap.seconds)

    def _sit(self, one: Sitting, viewers: Viewers, day: int, draw: Random) -> None:
        """One sitting: titles until its time is over, or nothing is found."""
        begun = self._set.now
        self._sitting += 1
        self._tell("wake")
        self._set.look()
        if one.live:
            self._watch_live(viewers.profile, one.minutes, draw)
            return
        while (left := one.minutes - (self._set.now - begun) / 60) > 5:
            if not self._set.trusted and self._set.now - begun > NETWORK_AFTER:
                self._set.set_clock(0.0)
            taste = viewers.tastes[draw.randrange(len(viewers.tastes))]
            if self._choose(viewers.profile, taste, round(left), day, draw):
                continue
            title = choice.thought_of(taste, self._all, draw)
            if title is None:
                self._watch_live(viewers.profile, min(30, round(left)), draw)
                continue
            self._tell("search", profile=viewers.profile, text=title.id)
            self._watch(title, {}, viewers.profile, taste, round(left), draw)

    def _choose(self, profile: str, taste: Taste, left: int, day: int, draw: Random) -> bool:
        """Look at screens until something is taken and watched; False if nothing was."""
        memory = self._memories.setdefault(profile, Memory())
        for _ in range(SCREENS):
            screen = self._screen(profile, draw)
            rows = [[self._titles[item.item] for item in row.items] for row in screen.rows]
            own = [row.kind in OWN_ROWS for row in screen.rows]
            found = choice.answer(rows, own, taste, memory, day, draw)
            self._show(screen.rows, screen.slate_id, profile, found.looked)
            if found.taken is not None:
                row, place = found.taken
                at = {"slate_id": screen.slate_id, "row": row, "slot": place}
                self._watch(rows[row][place], at, profile, taste, left, draw)
                return True
            self._set.pass_time(draw.uniform(20, 60))
        return False

    def _screen(self, profile: str, draw: Random) -> Screen:
        context = ViewContext(
            profile=profile, k=PLACES, screen_token=draw.getrandbits(63), utc_offset_min=OFFSET_MIN
        )
        return self._set.brain.rows(context, limit=ROWS)

    def _show(self, rows: Sequence[Row], slate: int, profile: str, looked: Sequence[int]) -> None:
        for at, places in enumerate(looked):
            self._tell(
                "impression",
                rows[at].items[0].item,
                profile=profile,
                slate_id=slate,
                row=at,
                slot=0,
                slot_count=places,
            )
            self._set.pass_time(2.0 * places)
        self._set.look()

    def _watch(
        self,
        title: Title,
        shown: Mapping[str, int],
        profile: str,
        taste: Taste,
        left: int,
        draw: Random,
    ) -> None:
        """`shown`: where on a screen it was taken; empty if it was typed in."""
        memory = self._memories.setdefault(profile, Memory())
        liking = taste.liking(title)
        minutes = choice.minutes_watched(liking, title.minutes, left, draw)
        part: dict[str, object] = {"profile": profile}
        if title.series:
            season, episode = choice.next_episode(title, memory.place)
            part |= {"season": season, "episode": episode}
        self._tell("select", title.id, **shown, **part)
        self._tell("play_start", title.id, **shown, **part)
        self._set.playing(True)
        self._set.look()
        for told in range(1, round(minutes * 60 / PROGRESS_S)):
            self._set.pass_time(PROGRESS_S)
            self._tell("progress", title.id, **self._at(told * PROGRESS_S / 60, title), **part)
        self._set.pass_time(PROGRESS_S)
        done = minutes >= 0.95 * title.minutes
        self._tell("complete" if done else "stop", title.id, **self._at(minutes, title), **part)
        self._set.playing(False)
        if done and title.series:
            memory.place[title.id] = season, episode
        (memory.begun.discard if done else memory.begun.add)(title.id)
        said = choice.thumb(liking, draw) if done or liking < choice.LEAVES_BELOW else None
        if said is not None:
            self._tell("rate", title.id, rating=said, profile=profile)
        self._set.look()

    def _at(self, minutes: float, title: Title) -> dict[str, object]:
        share = min(minutes / title.minutes, 1.0)
        return {
            "position_s": round(share * title.minutes * 60),
            "duration_s": title.minutes * 60,
            "watched": share,
        }

    def _watch_live(self, profile: str, minutes: int, draw: Random) -> None:
        for _ in range(draw.randrange(1, 3)):
            self._tell("channel_change", profile=profile, text=draw.choice(CHANNELS))
            self._set.pass_time(30.0)
        self._set.pass_time(minutes * 60.0)
        self._tell("channel_change", profile=profile)
        self._set.look()

    def _tell(self, kind: str, item: str = "", **more: object) -> None:
        self._set.tell(
            ViewingEvent(
                kind=kind,
                item=item,
                session=f"s{self._sitting}",
                utc_offset_min=OFFSET_MIN,
                clock_trusted=self._set.trusted,
                **more,  # type: ignore[arg-type]
            )
        )
