"""Installing a pack into a data directory (docs/formats.md, "The folder of packs")."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tvbrain.errors import FileError, PackMismatchError
from tvbrain.pack.container import sync_folder
from tvbrain.pack.reader import PackFile, stack_live_count

BASE = "base.tvpack"
KEPT = ".1"
"""Suffix of the predecessor and of its side packs."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the pack now lies, what else changed, and how many titles the folder's packs show together."""

    path: Path
    removed: tuple[Path, ...]
    live: int


def install(pack: Path, data: Path, *, factory: Path | None = None) -> Installed:
    """Verifies `pack` to the last byte and puts it into `data`/packs, where the serving side finds it.

    A base pack replaces `base.tvpack`, which stays as `base.tvpack.1` with its side packs if it is sound; one that is
    installed already changes nothing. A side pack
    must belong to `base.tvpack` or, where there is none, to `factory`, and its ordinal must be above the others'.

    Raises CorruptFileError, NewerFormatError, PackMismatchError; nothing has changed then.
    """
    folder = data / "packs"
    with PackFile(pack) as opened:
        opened.verify()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if opened.is_side:
            return _install_side(opened, folder, factory)
        return _install_base(opened, folder)


def _install_base(pack: PackFile, folder: Path) -> Installed:
    live = stack_live_count([pack])
    installed = _sound_hash(folder / BASE)
    if installed == pack.content_hash:
        return Installed(folder / BASE, (), live)
    fresh = _copy(pack.path, folder / BASE)
    removed: list[Path] = []
    if installed is not None:
        removed += _remove(folder, f"side-*.tvpack{KEPT}")
        _keep(folder / BASE)
        for side in sorted(folder.glob("side-*.tvpack")):
            side.replace(side.with_name(side.name + KEPT))
    else:
        removed += _remove(folder, "side-*.tvpack")
    fresh.replace(folder / BASE)
    sync_folder(folder)
    return Installed(folder / BASE, tuple(removed), live)


def _install_side(pack: PackFile, folder: Path, factory: Path | None) -> Installed:
    base = folder / BASE
    if not base.exists():
        if factory is None:
            raise PackMismatchError(
                f"{folder} has no base pack; name the one that {pack.path} belongs to (--factory)"
            )
        base = factory
    ordinal = pack.meta["ordinal"]
    with PackFile(base) as first:
        stack, strangers = [first], list[Path]()
        try:
            for path in sorted(folder.glob("side-*.tvpack")):
                side = PackFile(path)
                if side.meta["base_hash"] != first.content_hash:
                    strangers.append(path)
                    side.close()
                elif side.meta["ordinal"] < ordinal:
                    stack.append(side)
                else:
                    number = side.meta["ordinal"]
                    side.close()
                    if number > ordinal:
                        raise PackMismatchError(f"{path} has ordinal {number}, above {ordinal}")
            live = stack_live_count([*stack, pack])
        finally:
            for side in stack[1:]:
                side.close()
    for path in strangers:
        path.unlink()
    target = folder / f"side-{ordinal:02}.tvpack"
    _copy(pack.path, target).replace(target)
    sync_folder(folder)
    return Installed(target, tuple(strangers), live)


def _copy(source: Path, target: Path) -> Path:
    """A synced copy beside `target`, verified as it now lies on the device."""
    copy = target.with_name(target.name + ".tmp")
    with source.open("rb") as old, copy.open("wb") as new:
        shutil.copyfileobj(old, new)
        new.flush()
        os.fsync(new.fileno())
    with PackFile(copy) as written:
        written.verify()
    return copy


def _keep(path: Path) -> None:
    """`path` stays where it is until it is replaced, and is its own predecessor from now on."""
    kept = path.with_name(path.name + KEPT)
    linked = path.with_name(path.name + ".link")
    linked.unlink(missing_ok=True)
    try:
        os.link(path, linked)
    except OSError:  # a file system without hard links: for a moment only the predecessor is there
        path.replace(kept)
    else:
        linked.replace(kept)


def _sound_hash(path: Path) -> int | None:
    """The content hash of the pack at `path`; None if there is none or it is damaged."""
    try:
        with PackFile(path) as pack:
            pack.verify()
            return pack.content_hash
    except FileError:
        return None


def _remove(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    for path in found:
        path.unlink()
    return found
