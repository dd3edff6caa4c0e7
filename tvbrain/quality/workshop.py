"""Where a run's packs and brains are made: packs once for each thing trained on, brains in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tvbrain.quality import brains
from tvbrain.quality.brains import Life
from tvbrain.quality.packs import AS_SHIPPED, Recipe, build_pack
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
    _packs: dict[tuple[int, Recipe], tuple[Split, Pack]] = field(default_factory=dict)
    _made: int = 0

    def pack(self, split: Split, recipe: Recipe = AS_SHIPPED) -> Pack:
        """Of what the split trains on. Splits of the same training share it."""
        key = id(split.histories), recipe
        if key not in self._packs:  # with the split, so that no other histories can get this id
            self._made += 1
            path = self.folder / f"{self._made}.tvpack"
            world = self.world
            sizes = build_pack(
                *(path, world.titles, split.histories, world.packed, world.plain, recipe)
            )
            self._packs[key] = (split, Pack(path, sizes))
        return self._packs[key][1]

    def forget(self, split: Split) -> None:
        """Remove the packs of what the split trains on."""
        for key in [key for key in self._packs if key[0] == id(split.histories)]:
            self._packs.pop(key)[1].path.unlink()

    def lived(
        self, split: Split, seen: Sequence[Watch], recipe: Recipe = AS_SHIPPED
    ) -> AbstractContextManager[Life]:
        """A fresh brain on the split's pack that was told `seen`."""
        world = self.world
        pack = self.pack(split, recipe).path
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
