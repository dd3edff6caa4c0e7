"""How what sets tell gets into sums: in memory by the server's rules, or over HTTP through a real server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from tvbrain.constellation.keyring import bucket_of
from tvbrain.constellation.records import Counts
from tvbrain.fleet.lives import EPOCH_S, FIRST_EPOCH
from tvbrain.fleet.served import TENANT, Served
from tvbrain.fleet.sums import Told
from tvbrain.fleet.talking import Line, Mishaps, Talker
from tvbrain.fleet.telling import Teller
from tvbrain.pack.catalogue import Title
from tvbrain.pack.writer import Contents, write_pack
from tvbrain.wire import keys
from tvbrain.wire.delta import Delta

AT_ONCE = 32
"""Sets that wait for an answer: their pushes share commits."""

Progress = Callable[[int, int], None]

Look = Callable[[int, Callable[[], Counts]], None]
"""Called after each week, from 0, with what gives the sums so far."""


class Guest(Protocol):
    """A set that speaks to the server by itself, beside those of the fleet."""

    def arrive(self, served: Served, pack: Path, now: float) -> None:
        """`pack` is what all sets have; `now` is a week before `live(0)` is over."""

    def live(self, week: int) -> None:
        """Up to the middle of week `week` of the calendar, from 0, and what it tells then."""

    def leave(self) -> None:
        """After the release."""


@dataclass(frozen=True, slots=True)
class Speakers:
    """`tellers` makes them for a pack's name. Their devices' keys follow from `seed`; `bucket_key` as in `Plan`."""

    tellers: Callable[[bytes], Sequence[Teller]]
    weeks: int
    seed: int
    bucket_key: bytes | None

    def secret(self, number: int) -> bytes:
        """The key of one device, 32 bytes."""
        return hashlib.sha256(f"fleet/{self.seed}/{number}".encode()).digest()

    def chance(self, number: int) -> np.random.Generator:
        """What happens to one set."""
        return np.random.default_rng([self.seed, number])

    def bucket(self, number: int) -> int:
        """Where the set counts."""
        if self.bucket_key is None:
            return number
        public = keys.public_of(keys.signing_key(self.secret(number)))
        return bucket_of(self.bucket_key, TENANT, keys.device_of(public))


def in_memory(speakers: Speakers, look: Look, progress: Progress) -> Sequence[Teller]:
    """Nothing goes wrong on the way."""
    tellers = speakers.tellers(bytes(16))
    buckets = [speakers.bucket(number) for number in range(len(tellers))]
    told: list[tuple[int, Delta]] = []
    for week in range(speakers.weeks):
        for number, (teller, bucket) in enumerate(zip(tellers, buckets, strict=True)):
            said = teller.tell(week)
            if said is not None:
                told.append((bucket, said))
            progress(week * len(tellers) + number + 1, len(tellers) * speakers.weeks)
        look(week, lambda: Told.of(told).counts())
    return tellers


def over_http(
    speakers: Speakers,
    titles: Sequence[Title],
    folder: Path,
    mishaps: Mishaps,
    line: Line,
    look: Look,
    progress: Progress,
    guests: Sequence[Guest] = (),
) -> Sequence[Teller]:
    """Pushes week by week, `AT_ONCE` sets at a time; then the server publishes, and every set pulls and verifies."""
    pack = folder / "base.tvpack"
    write_pack(pack, Contents(titles=titles, name="fleet", version="1", built_at=0))
    begin = (FIRST_EPOCH - 0.5) * EPOCH_S
    with (
        Served(folder, pack, begin, speakers.bucket_key) as served,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        tellers = speakers.tellers(served.pack)
        talkers = list(
            pool.map(
                lambda one: Talker(
                    served, speakers.secret(one[0]), one[1], speakers.chance(one[0]), mishaps
                ),
                enumerate(tellers),
            )
        )
        for guest in guests:
            guest.arrive(served, pack, begin)
        for week in range(speakers.weeks):
            served.set_now((FIRST_EPOCH + week + 0.5) * EPOCH_S)
            for at, _ in enumerate(pool.map(partial(Talker.live, week=week), talkers)):
                progress(week * len(talkers) + at + 1, len(talkers) * speakers.weeks)
            for guest in guests:
                guest.live(week)
            look(week, served.sums)
        line.answers["release: " + served.release()] += 1
        end = (FIRST_EPOCH + speakers.weeks - 0.5) * EPOCH_S
        for talker, _ in zip(
            talkers, pool.map(partial(Talker.pull, now=end), talkers), strict=True
        ):
            line.add(talker.line)
        for guest in guests:
            guest.leave()
    return tellers
