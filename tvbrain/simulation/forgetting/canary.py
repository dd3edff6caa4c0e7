"""Two people with canaries wherever a set keeps something, the ways to forget them, and how they look in a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.pack import demo_pack_path
from tvbrain.pack.native import key_of, xxh64
from tvbrain.pack.reader import PackFile
from tvbrain.store import backups
from tvbrain.types import HOUSEHOLD

CANARY = "netflix:canary-7c1d"
"""A title that no pack has, so that nothing may name it but what people did with it."""

NAME, TEXT, CHANNEL = "a canary of a name", "a canary of a search", "a canary of a channel"
"""Of the second profile; what both searched for, and what they watched live."""

WATCHED, KEPT = 40, 5
"""Titles of the demo that both finished: the first KEPT are never forgotten by themselves, the last is."""

DAY = 86_400.0
KINDS = ("select", "complete", "rate", "list_add", "impression", "hide")


@dataclass(frozen=True, slots=True)
class Deed:
    """One call: forget `item` of `profile`, all of `profile`, or everything; or delete `profile`."""

    profile: str = ""
    item: str = ""
    delete: bool = False


def titles() -> list[str]:
    """What is watched."""
    with PackFile(demo_pack_path()) as pack:
        return [pack.title(row).id for row in range(WATCHED)]


def known() -> str:
    """A title of the pack that is forgotten with the canary: whether it may be offered again can be seen."""
    return titles()[-1]


def deeds(what: str) -> list[Deed]:
    """The calls of a `forget` of an item, of profiles, or of all."""
    if what == "item":
        return [Deed(who, item) for who in (HOUSEHOLD, NAME) for item in (CANARY, known())]
    return [Deed(HOUSEHOLD) if what == "profile" else Deed(), Deed(NAME, delete=True)]


def do(brain: Brain, deed: Deed) -> bool:
    """Whether files that knew it are still to be rewritten. A profile that is gone was deleted before a kill."""
    if deed.delete:
        if deed.profile in [one.name for one in brain.profiles()]:
            brain.delete_profile(deed.profile)
        return not complete(brain)
    if deed.item:
        return brain.forget(item=deed.item, profile=deed.profile)
    return brain.forget(profile=deed.profile) if deed.profile else brain.forget(everything=True)


def complete(brain: Brain) -> bool:
    """Whether health says that something was forgotten and no file holds it any more."""
    serving = brain.health().serving
    return serving["erased_epoch"] == serving["erasure_epoch"] != 0


def live(folder: Path, now: float) -> None:
    """A data directory whose two people have canaries everywhere, learned and backed up, the last a minute ago."""
    clock = VirtualClock(now - 2 * DAY)
    with Brain.open(folder, clock=clock) as brain:
        brain.create_profile(NAME)
        for _ in range(2):
            for profile in (HOUSEHOLD, NAME):
                _evening(brain, profile, clock)
            brain.learn_now()
            clock.advance(DAY - 30)
        with brain._learning().looking() as learner:
            backups.make(learner.db, folder, clock.now())
        for profile in (HOUSEHOLD, NAME):
            _evening(brain, profile, clock)
    (folder / "brain.db.damaged").write_bytes(key_of(CANARY).to_bytes(8, "little"))


def _evening(brain: Brain, profile: str, clock: VirtualClock) -> None:
    at = clock.now()
    for item in titles():
        told = ViewingEvent(kind="complete", item=item, profile=profile, at=at, watched=0.95)
        brain.observe(told)
    for kind in KINDS:
        rating = 0.9 if kind == "rate" else None
        brain.observe(
            ViewingEvent(kind=kind, item=CANARY, profile=profile, at=at, rating=rating, watched=0.9)
        )
    brain.observe(ViewingEvent(kind="search", text=TEXT, profile=profile, at=at))
    brain.observe(ViewingEvent(kind="channel_change", text=CHANNEL, profile=profile, at=at))


def traces(what: str) -> dict[str, bytes]:
    """What no file may hold after forgetting, by what it is: the title's key and id as a number or a text may stand in
    a file, and with a profile also its name, what was searched for and the channel.
    """
    key = key_of(CANARY)
    signed = key - 2**64 if key >= 2**63 else key
    found = {
        "id": CANARY.encode(),
        "key, little endian": key.to_bytes(8, "little"),
        "key, big endian": key.to_bytes(8, "big"),
        "key, decimal": str(key).encode(),
        "key, signed": str(signed).encode(),
        "key, hexadecimal": f"{key:016x}".encode(),
        "key, HEXADECIMAL": f"{key:016X}".encode(),
        "id, UTF-16": CANARY.encode("utf-16-le"),
    }
    if what == "item":
        return found
    channel = xxh64(CHANNEL.encode())
    return found | {
        "name": NAME.encode(),
        "search": TEXT.encode(),
        "channel": CHANNEL.encode(),
        "channel, little endian": channel.to_bytes(8, "little"),
        "channel, big endian": channel.to_bytes(8, "big"),
    }


def holding(folders: Iterable[Path], needles: dict[str, bytes]) -> list[str]:
    """Files below these that hold any of it, and which."""
    found = []
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            held = path.read_bytes()
            names = [name for name, needle in needles.items() if needle in held]
            if names:
                found.append(f"{path.relative_to(folder)}: {', '.join(names)}")
    return found
