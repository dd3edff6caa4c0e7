"""The brain: one data directory, served natively and learned from in Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tvbrain.brain.export import export
from tvbrain.brain.last_good import shown_by
from tvbrain.brain.lifetimes import told_epochs, told_stages
from tvbrain.brain.meaning import Meaning
from tvbrain.brain.plane import LearningHealth, LearningPlane
from tvbrain.brain.recalling import recollections, told_effects, told_patterns
from tvbrain.brain.serving import Serving
from tvbrain.brain.sittings import episodes
from tvbrain.clock import Clock, SystemClock
from tvbrain.config import Config
from tvbrain.errors import (
    DataDirectoryError,
    InvalidArgumentError,
    NoLearnerError,
    NotInstalledError,
    ReadOnlyError,
)
from tvbrain.events import ViewingEvent
from tvbrain.health.probes import Finding
from tvbrain.health.vitals import Told, vital_signs
from tvbrain.loops.table import DAY
from tvbrain.pack import demo_pack_path
from tvbrain.types import (
    HOUSEHOLD,
    CausalEdge,
    Explanation,
    ItemInfo,
    LifeStage,
    Pattern,
    Profile,
    Recollection,
    Screen,
    Slate,
    TasteEpoch,
    ViewContext,
    ViewingEpisode,
)

if TYPE_CHECKING:
    from tvbrain.brain.syncing import Syncing

HINTS = {"playback": 1, "power": 2, "time_trusted": 3, "memory_low": 4}
"""TVB_HINT_* by name."""

FORGET_ITEM, FORGET_PROFILE, FORGET_ALL = 1, 2, 3
"""TVB_FORGET_*."""

ROWS = 13
"""Rows of a home screen, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class Health:
    """`mode` is `full`, `no_learning`, `read_only` or `popularity`; `serving` has the fields of
    tvb_health_info; `learning` is None where the brain was opened read-only. `probes`: journal, database, snapshot,
    packs, index, loops, disk, memory, clock (docs/health.md).
    """

    mode: str
    faults: tuple[str, ...]
    serving: dict[str, object]
    learning: LearningHealth | None
    probes: tuple[Finding, ...]


class Brain:
    """Open with `Brain.open`, close with `close` or `with`. Any thread may call any method.

    Errors are those of tvbrain.errors: UnknownProfileError, UnknownItemError, ReadOnlyError,
    InvalidArgumentError, and FileErrors of the storage.
    """

    def __init__(
        self,
        serving: Serving,
        plane: LearningPlane | None,
        clock: Clock,
        meaning: Meaning,
        syncing: Callable[[LearningPlane], Syncing] | None = None,
    ) -> None:
        self._made_syncing = syncing
        self._syncing: Syncing | None = None
        self._meaning = meaning
        self._serving = serving
        self._plane = plane
        self._clock = clock

    @classmethod
    def open(
        cls,
        data_dir: str | os.PathLike[str] | None = None,
        *,
        pack: str | os.PathLike[str] | None = None,
        config: Config | None = None,
        clock: Clock | None = None,
        read_only: bool = False,
        clock_trusted: bool = True,
        seed: int = 0,
        model: str | os.PathLike[str] | None = None,
        log: Callable[[str], None] = lambda text: None,
    ) -> Self:
        """Open or create a data directory on a factory pack; the demo's, if none is given.

        Takes both locks: BusyError, with the holder's pid, if another process has one. `read_only`
        takes none and learns nothing. With an injected `clock` there is no thread: `learn_now`
        does what is due. `seed` fixes the id of a new journal. `model` is the folder of MiniLM for `search`, that of
        TVBRAIN_MODEL if left out. `data_dir` is the configuration's
        if left out. Other errors: MissingFileError, CorruptFileError, NewerFormatError of the
        pack; PermissionRefusedError, NoLocksError, NoSpaceError, StorageError.
        """
        if data_dir is None:
            data_dir = (config or Config.load()).data_dir
        # Files are opened later too: whoever changes the working folder means those of before.
        folder = Path(data_dir).absolute()
        factory = Path(pack).absolute() if pack is not None else demo_pack_path()
        ticking = clock or SystemClock()
        with ExitStack() as opening:
            serving = Serving(
                folder,
                factory,
                clock=ticking,
                read_only=read_only,
                thread=clock is None and not read_only,
                seed=seed,
                clock_trusted=clock_trusted,
            )
            opening.callback(serving.close)
            plane = None
            if not read_only:
                plane = LearningPlane(
                    folder,
                    factory,
                    ticking,
                    clock_trusted=clock_trusted,
                    log=log,
                    slates=lambda known: shown_by(serving, known),
                    since=serving.last_seq(),
                    budgets=clock is None,
                )
                if clock is None:
                    plane.start()
            opening.pop_all()

        def syncing(of: LearningPlane) -> Syncing:
            from tvbrain.brain.syncing import Syncing

            interval = (config or Config.load(data_dir=folder)).sync_interval
            return Syncing(of, folder, factory, ticking, interval=interval, log=log)

        brain = cls(
            serving,
            plane,
            ticking,
            Meaning(folder, factory, None if model is None else Path(model)),
            syncing,
        )
        if clock is None and plane is not None and plane.enrolled:
            brain._keep_in_touch(log)
        return brain

    def _keep_in_touch(self, log: Callable[[str], None]) -> None:
        """Sync on a thread of its own; a firmware without the extra says so and goes on alone."""
        try:
            self.sync().start()
        except NotInstalledError as error:
            log(f"nothing is synced: {error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Store what is known, stop the thread, let the locks go. A second call does nothing."""
        with ExitStack() as closing:
            closing.callback(self._serving.close)
            if self._plane is not None:
                closing.callback(self._plane.close)
            if self._syncing is not None:
                self._syncing.close()

    # What happened

    def observe(self, event: ViewingEvent | Iterable[ViewingEvent]) -> None:
        """Record one event, or several in order: each is kept when this returns, and the next slate
        knows it. An id that no pack knows is recorded all the same.
        """
        for one in (event,) if isinstance(event, ViewingEvent) else event:
            self._serving.observe(one)

    def hint(self, name: str, value: int) -> None:
        """What the host knows: `playback` 0 or 1, `power` 0 to 2, `time_trusted` and `memory_low` 0 or 1."""
        if name not in HINTS:
            raise InvalidArgumentError(f"hint: {name!r} is none of {', '.join(HINTS)}")
        self._serving.hint(HINTS[name], value)

    def forget(
        self,
        *,
        item: str | None = None,
        profile: str | int | None = None,
        everything: bool = False,
    ) -> bool:
        """Forget one title of a profile (the household's if none is named), a profile's history, or
        everything watched. Hidden at once and durable; True while files that knew it remain.

        `forget(profile=…)` is how a profile is reset: what it watched, rated, hid and listed goes with everything
        learned from it; its id, name, age limit, entitlements, region and consent stay.
        """
        if everything == (item is not None or profile is not None):
            raise InvalidArgumentError("forget: an item, a profile, or everything")
        if everything:
            return self._serving.forget(FORGET_ALL, 0, "")
        who = self._serving.profile_id(HOUSEHOLD if profile is None else profile)
        if item is None:
            return self._serving.forget(FORGET_PROFILE, who, "")
        return self._serving.forget(FORGET_ITEM, who, item)

    def flush(self) -> None:
        """Make everything acknowledged durable against power cuts now."""
        self._serving.flush()

    # What to show

    def recommend(self, context: ViewContext | None = None) -> Slate:
        """The best `context.k` titles, best first."""
        return self._serving.recommend(context or ViewContext())

    def rows(self, context: ViewContext | None = None, *, limit: int = ROWS) -> Screen:
        """A home screen of at most `limit` rows of at most `context.k` titles."""
        return self._serving.rows(context or ViewContext(), limit)

    def similar(self, item: str, context: ViewContext | None = None) -> Slate:
        """More like this."""
        return self._serving.similar(item, context or ViewContext())

    def search(
        self, text: str, context: ViewContext | None = None, *, encoder: str = "auto"
    ) -> Slate:
        """Titles that `text` names, then titles that it describes; `Slate.encoder` says who told the meaning.

        `encoder`: `minilm` (InvalidArgumentError where it cannot be used), `static` (the pack's), or `auto`: the
        first of these that can be had, else titles alone.
        """
        vector = self._meaning.vector(text, encoder)
        return self._serving.search(text, context or ViewContext(), vector)

    def explain(self, item: str, context: ViewContext | None = None) -> Explanation:
        """Why a title has the score it has, eligible or not."""
        return self._serving.explain(item, context or ViewContext())

    def item(self, item: str, *, language: str = "") -> ItemInfo:
        """Facts about the title that any of its offers' ids names."""
        return self._serving.item(item, language)

    # Profiles

    def profiles(self) -> tuple[Profile, ...]:
        """All of them, ascending by id; "household" (1) is always there."""
        return self._serving.profiles()

    def profile(self, profile: str | int) -> Profile:
        """By name or id."""
        return self._serving.profile(profile)

    def create_profile(
        self,
        name: str,
        *,
        max_age: int = 18,
        entitlements: Iterable[str] = (),
        region: str = "",
        consent: bool = False,
    ) -> Profile:
        """ProfileExistsError, LimitError (32 profiles)."""
        wanted = Profile(0, name, max_age, consent, region, tuple(entitlements))
        return self._serving.create_profile(wanted)

    def update_profile(
        self,
        profile: str | int,
        *,
        name: str | None = None,
        max_age: int | None = None,
        entitlements: Iterable[str] | None = None,
        region: str | None = None,
        consent: bool | None = None,
    ) -> Profile:
        """Change what is given. In force for every call that starts after it returns."""
        old = self._serving.profile(profile)
        new = replace(
            old,
            name=old.name if name is None else name,
            max_age=old.max_age if max_age is None else max_age,
            consent=old.consent if consent is None else consent,
            region=old.region if region is None else region,
            entitlements=old.entitlements if entitlements is None else tuple(entitlements),
        )
        self._serving.update_profile(new)
        return new

    def delete_profile(self, profile: str | int) -> None:
        """The profile and its history; the household cannot be deleted."""
        self._serving.delete_profile(self._serving.profile_id(profile))

    def recall(
        self,
        profile: str | int = HOUSEHOLD,
        *,
        tiers: Iterable[str] = (),
        item: str = "",
        like: str = "",
        since: float | None = None,
        until: float | None = None,
        daypart: int | None = None,
        limit: int = 20,
    ) -> tuple[Recollection, ...]:
        """What is remembered of a profile, in the tiers that are named (all, if none is).

        By title (`item`: any of its ids), by time (`since` to `until`, seconds since the epoch, both inclusive;
        `daypart` 0 to 7), by meaning (`like`: an id; the most alike first). Without meaning the newest is first.
        InvalidArgumentError for a tier that there is not or a `like` without a vector.
        """
        who = self._serving.profile_id(profile)
        with self._learning().looking() as learner:
            return recollections(
                learner,
                self._learning().facts(),
                who,
                self._clock.now(),
                tiers=tuple(tiers),
                item=item,
                like=like,
                since=since,
                until=until,
                part=daypart,
                limit=limit,
            )

    def episodes(
        self,
        profile: str | int = HOUSEHOLD,
        *,
        like: str = "",
        daypart: int | None = None,
        weekday: int | None = None,
        limit: int = 20,
    ) -> tuple[ViewingEpisode, ...]:
        """Sittings of a profile, the newest first, or with `like` (an id) those whose choices are most alike to it.

        `daypart` 0 to 7 and `weekday` (0 is Monday) keep those of that context. InvalidArgumentError for a `like`
        without a vector.
        """
        who = self._serving.profile_id(profile)
        with self._learning().looking() as learner:
            facts = self._learning().facts()
            return episodes(
                learner, facts, who, like=like, daypart=daypart, weekday=weekday, limit=limit
            )

    def patterns(self, profile: str | int = HOUSEHOLD) -> tuple[Pattern, ...]:
        """The patterns of the week of a profile, the weightiest first; those that hold no more come last."""
        who = self._serving.profile_id(profile)
        with self._learning().looking() as learner:
            return told_patterns(learner, self._learning().facts(), who)

    def effects(self, profile: str | int = HOUSEHOLD) -> tuple[CausalEdge, ...]:
        """What came of what a profile was shown, by daypart and genre."""
        who = self._serving.profile_id(profile)
        with self._learning().looking() as learner:
            return told_effects(learner, who)

    def epochs(self, profile: str | int = HOUSEHOLD) -> tuple[TasteEpoch, ...]:
        """The taste epochs of a profile, oldest first."""
        who = self._serving.profile_id(profile)
        with self._learning().looking() as learner:
            return told_epochs(learner, self._learning().facts(), who)

    def life_stages(self, profile: str | int = HOUSEHOLD) -> tuple[LifeStage, ...]:
        """The stages of life of a profile as the last look back found them, oldest first."""
        who = self._serving.profile_id(profile)
        with self._learning().looking() as learner:
            return told_stages(learner, who)

    def export(self, profile: str | int = HOUSEHOLD) -> dict[str, object]:
        """Everything that is stored about one person, as plain values for JSON."""
        with self._learning().looking() as learner:
            return export(learner, self._learning().facts(), self._serving.profile(profile))

    # Learning

    def learn_now(self) -> list[str]:
        """Learn everything observed and run the loops that are due, to the end; the names of those."""
        ran = self._learning().step(hurry=True)
        self._serving.pump()
        return ran

    def run_due(self) -> list[str]:
        """Run what is due by the clock, and no more: what the brain's own thread does when it wakes. For an injected
        clock. The names of the loops.
        """
        ran = self._learning().step()
        self._serving.pump()
        return ran

    def next_wait(self) -> float:
        """Seconds by the clock until something is due if nothing happens before: how long that thread would sleep."""
        return self._learning().next_wait()

    def sync_now(self) -> tuple[str, ...]:
        """Push to this set's constellation and pull from it at once (docs/sync.md); what was done, in words.

        Nothing leaves without consent. Errors: NotInstalledError without the extra `[sync]`, NotEnrolledError, and what
        went wrong: SyncError, WireError; nothing is lost by it.
        """
        did = self.sync().now()
        self._serving.pump()
        return did

    def sync(self) -> Syncing:
        """What lies between this set and its constellation. NotInstalledError without the extra `[sync]`."""
        if self._syncing is None:
            if self._made_syncing is None:
                raise NoLearnerError("this brain was made without a way to sync")
            self._syncing = self._made_syncing(self._learning())
        return self._syncing

    def recover(self) -> str:
        """Put a damaged brain.db aside; learn on from the newest sound backup, the newest snapshot and the journal.

        What was done and what is lost, or "" if the database is sound.
        """
        return self._learning().recover()

    def health(self) -> Health:
        """What works and what does not."""
        serving = self._serving.health()
        learning = None if self._plane is None else self._plane.health()
        faults = tuple(map(str, _list(serving["faults"])))
        mode = str(serving["mode"])
        if learning is not None and (learning.fault or learning.stuck):
            faults = (*faults, "learning")
            mode = "no_learning" if mode == "full" else mode
        return Health(mode, faults, serving, learning, self._probed(serving, faults, learning))

    def _probed(
        self, serving: dict[str, object], faults: tuple[str, ...], learning: LearningHealth | None
    ) -> tuple[Finding, ...]:
        loops = () if learning is None else learning.loops
        told = Told(
            self._serving.data_dir,
            serving,
            faults,
            None if learning is None else learning.fault,
            {loop.name: loop.error for loop in loops if loop.error},
            [loop.name for loop in loops if loop.overdue > max(loop.period, DAY)],
            None if self._plane is None else self._plane.facts().dimension,
            self._clock.now(),
            self._serving.clock_trusted if learning is None else learning.clock_trusted,
        )
        return vital_signs(told)

    def _learning(self) -> LearningPlane:
        if self._plane is None:
            raise ReadOnlyError("opened read-only: nothing is learned")
        return self._plane


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise DataDirectoryError(f"health: {value!r} is no list")
    return value
