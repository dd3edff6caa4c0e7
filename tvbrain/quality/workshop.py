"""Where a run's packs and brains are made: packs once for each thing trained on, brains in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tvbrain.quality import brains
from tvbrain.quality.brains import Life
from tvbrain.quality.split import Split, Watch
from tvbrain.quality.world import World


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A file, and the bytes of it and of its weights."""

    path: Path
    sizes: dict[str, int]


@dataclass(slots=True, eq=False)
class Workshop:
    """One world, and a folder that goes away with the run."""

    world: World
    folder: Path
    _packs: dict[int, tuple[Split, Pack]] = field(default_factory=dict)

    def pack(self, split: Split) -> Pack:
        """Of what the split trains on. Splits of the same training share it."""
        key = id(split.histories)
        if key not in self._packs:  # with the split, so that no other histories can get this id
            path = self.folder / f"{len(self._packs)}.tvpack"
            sizes = brains.build_pack(path, self.world.titles, split.histories, self.world.packed)
            self._packs[key] = (split, Pack(path, sizes))
        return self._packs[key][1]

    def lived(self, split: Split, seen: Sequence[Watch]) -> AbstractContextManager[Life]:
        """A fresh brain on the split's pack that was told `seen`."""
        world = self.world
        pack = self.pack(split).path
        return brains.lived(pack, world.titles, world.row_of, seen, scratch=self.folder)


@contextmanager
def workshop(world: World) -> Iterator[Workshop]:
    """In memory where there is such a folder: ratings are synced one by one, and how fast a disk syncs is not what is
    measured here."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="tvbrain-quality-", dir=shared if shared.is_dir() else None
    ) as folder:
        yield Workshop(world, Path(folder))
