"""A constellation in memory and a set that belongs to it, on clocks that stand still."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tests.wire.made_up import TENANT, key
from tests.wire.samples import AGGREGATOR, public
from tvbrain import Brain, ViewingEvent
from tvbrain.brain.syncing import Syncing
from tvbrain.clock import VirtualClock
from tvbrain.embed.quantise import Space
from tvbrain.pack.catalogue import Offer, Title
from tvbrain.pack.codebook import train
from tvbrain.pack.writer import Contents, Vectors, write_pack
from tvbrain.sync.errors import UnreachableError
from tvbrain.sync.transport import Answer
from tvbrain.wire import delta, envelope, keys, limits, metadata, pull, seal, signed
from tvbrain.wire.delta import Delta
from tvbrain.wire.metadata import Root
from tvbrain.wire.pull import Pull
from tvbrain.wire.release import Release
from tvbrain.wire.signed import RELEASE, ROOT, TIMESTAMP, Role

WEEK, DAY, HOUR = 604_800, 86_400, 3600
MONDAY = 2881 * WEEK + 4 * DAY + 19 * HOUR  # 2025-03-24 19:00 UTC; epochs begin on Thursdays
TITLES, DIMENSION = 240, 32
URL = "http://constellation.test/api"


def write_base(path: Path, *, built_at: int = 1_700_000_000, titles: int = TITLES) -> None:
    """A pack whose titles have vectors, genres and a codebook of 16 entries."""
    draws = np.random.default_rng(3).normal(size=(TITLES, DIMENSION))
    vectors = np.asarray(draws / np.linalg.norm(draws, axis=1, keepdims=True), np.float32)[:titles]
    space = Space.fit(vectors, seed=1)
    rows = space.quantise(vectors)
    write_pack(
        path,
        Contents(
            [made_title(number) for number in range(titles)],
            "tv",
            "1",
            built_at,
            vectors=Vectors(space, rows),
            codebook=train(rows, 16),
        ),
    )


def made_title(number: int) -> Title:
    identity = f"ard:{number}"
    genre = ("Comedy", "Drama", "Crime")[number % 3]
    return Title(identity, f"Film {number}", 2000, "movie", (Offer(identity, 0),), genres=(genre,))


@dataclass
class Constellation:
    """Answers as docs/sync.md says, from memory. `fails`: what to do instead of answering."""

    clock: VirtualClock
    devices: dict[bytes, bytes] = field(default_factory=dict)
    pushes: list[bytes] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    pulled: bytes | None = None
    packs: dict[str, bytes] = field(default_factory=dict)
    push_status: int = 202
    fails: Callable[[str], Answer | None] = lambda path: None

    def __post_init__(self) -> None:
        self.roots[1] = self.root(1)

    def root(
        self, number: int, signers: tuple[str, ...] = ("root",), stamper: str = "timestamp"
    ) -> bytes:
        roles = {
            ROOT: Role(1, (public("root"),)),
            RELEASE: Role(1, (public("release"),)),
            TIMESTAMP: Role(1, (public(stamper),)),
        }
        body = metadata.encode_root(Root(number, TENANT, MONDAY + 900 * DAY, roles))
        return signed.encode(signed.sign(ROOT, body, map(key, signers)), limits.ROOT_BYTES)

    def publish(
        self, one: Release, *, stamp: int = 0, stamper: str = "timestamp", lasts: int = 14 * DAY
    ) -> None:
        """`one` is the newest release, as of now."""
        now = int(self.clock.now())
        told = pull.sign_release(
            replace(one, created=MONDAY + one.number, expires=MONDAY + 400 * DAY), [key("release")]
        )
        number = stamp or one.number * 10
        stamped = pull.sign_timestamp(number, now, now + lasts, told, [key(stamper)])
        self.pulled = pull.encode(Pull(stamped, told))

    def deltas(self) -> list[Delta]:
        """What was pushed, opened."""
        found = []
        for body in self.pushes:
            push = envelope.decode(body)
            envelope.verify(push, self.devices[push.device])
            opened = seal.open_sealed(push.sealed, AGGREGATOR, push.tenant, push.epoch)
            found.append(delta.decode(opened))
        return found

    def request(
        self, method: str, path: str, *, most: int, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        self.requests.append((method, path))
        instead = self.fails(path)
        if instead is not None:
            return instead
        if path == "/v1/devices":
            return self._enrol(json.loads(body or b""))
        if path == "/v1/pushes":
            assert body is not None
            if self.push_status == 202 and body not in self.pushes:
                self.pushes.append(body)
            return Answer(self.push_status)
        if path.startswith("/v1/packs/"):
            return self._piece(self.packs[path.rsplit("/", 1)[1]], headers["Range"])
        if "/root/" in path:
            found = self.roots.get(int(path.rsplit("/", 1)[1]))
            return Answer(404) if found is None else Answer(200, {}, found)
        if self.pulled is None:
            return Answer(404)
        tag = hashlib.sha256(self.pulled).hexdigest()
        if headers.get("If-None-Match") == tag:
            return Answer(304)
        return Answer(200, {"etag": tag}, self.pulled)

    def _enrol(self, wanted: dict[str, str]) -> Answer:
        if wanted["token"] != "token":
            return Answer(401)
        raw = base64.urlsafe_b64decode(wanted["public_key"] + "=")
        self.devices[keys.device_of(raw)] = raw
        told = {
            "device": keys.device_of(raw).hex(),
            "epoch_length_s": WEEK,
            "slot": [5 * DAY, 900],
            "aggregator_key": text(AGGREGATOR.public_key().public_bytes_raw()),
            "root": text(self.roots[1]),
        }
        return Answer(200, {}, json.dumps(told).encode())

    def _piece(self, whole: bytes, wanted: str) -> Answer:
        first, last = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
        return Answer(206, {}, whole[first : last + 1])


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unreachable(path: str) -> Answer | None:
    raise UnreachableError("no route")


@dataclass
class Home:
    """A set, what it syncs by, and its constellation."""

    brain: Brain
    sync: Syncing
    server: Constellation
    clock: VirtualClock
    folder: Path
    factory: Path

    def enrol(self, url: str, token: str, tenant: str = TENANT) -> None:
        """With consent that holds for so long."""
        before = self.brain.profile("household").consent
        self.brain.update_profile("household", consent=True)
        self.sync.enrol(url, tenant, token)
        self.brain.update_profile("household", consent=before)

    def consent(self, agrees: bool = True) -> None:
        self.brain.update_profile("household", consent=agrees)
        self.brain.learn_now()

    def watch(self, *titles: int) -> None:
        """One sitting of an evening, judged when this returns: two hours each, all liked."""
        start = self.clock.now()
        for number in titles:
            for kind, watched in (("play_start", None), ("complete", 1.0)):
                self.clock.advance(HOUR)
                self.brain.observe(
                    ViewingEvent(
                        kind=kind,
                        item=f"ard:{number}",
                        at=self.clock.now(),
                        watched=watched,
                        session=f"s{start}",
                    )
                )
        self.clock.advance(DAY)
        self.brain.learn_now()

    def sync_at_slot(self) -> tuple[str, ...]:
        """As when the slot of the next epoch is over."""
        now = self.clock.now()
        self.clock.advance((now // WEEK + 1) * WEEK + 5 * DAY + 1000 - now)
        return self.sync.step().did


def open_home(
    folder: Path,
    *,
    enrolled: bool = True,
    server: Constellation | None = None,
    now: float = MONDAY,
) -> Home:
    """On a clock that stands at a Monday evening. Close its brain."""
    factory = folder / "factory.tvpack"
    if not factory.exists():
        write_base(factory)
    clock = VirtualClock(now) if server is None else server.clock
    known = server or Constellation(clock)
    brain = Brain.open(folder / "data", pack=factory, clock=clock, seed=5)
    sync = Syncing(brain._learning(), folder / "data", factory, clock, connect=lambda url: known)
    brain._syncing = sync
    home = Home(brain, sync, known, clock, folder / "data", factory)
    if enrolled:
        home.enrol(URL, "token")
    return home
