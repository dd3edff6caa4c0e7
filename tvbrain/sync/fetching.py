"""Packs that a release names: fetched in pieces, resumed after a break, verified by hash, installed.

A file lies in `packs/incoming/` under its SHA-256 until it is whole. What it holds is installed as
`tvbrain pack install` does it; serving opens the new packs by itself.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tvbrain.errors import CorruptFileError, FileError
from tvbrain.pack import patch
from tvbrain.pack.install import install
from tvbrain.sync.base import in_use, sha256_of
from tvbrain.sync.desk import Opened
from tvbrain.sync.errors import AnswerError
from tvbrain.sync.transport import Transport
from tvbrain.wire.release import BASE, PATCH, PackRef, Release

FOLDER = "incoming"
PIECE = 1 << 18


class Fetcher:
    """Of one data directory. `factory`: the pack that came with the set."""

    def __init__(self, data_dir: Path, factory: Path) -> None:
        self._dir, self._factory = data_dir, factory
        self._folder = data_dir / "packs" / FOLDER

    def fetch(self, transport: Transport, opened: Opened, release: Release) -> list[str]:
        """Install what is missing, in order; what was done, in words. SyncError, FileError: nothing is half done.

        What makes a base pack that is in use already is passed over, and so is a side pack that lies there, and a
        patch of another base.
        """
        did = []
        for ref in release.packs:
            if self._has(ref):
                continue
            if (
                ref.kind == PATCH
                and sha256_of(in_use(self._factory, self._dir / "packs")) != ref.source
            ):
                continue
            whole = self._whole(transport, ref)
            pack = self._patched(whole, ref) if ref.kind == PATCH else whole
            with opened():
                path = install(pack, self._dir, factory=self._factory).path
            for used in {whole, pack}:
                used.unlink()
            did.append(f"installed {path.name}")
        return did

    def _has(self, ref: PackRef) -> bool:
        wanted = ref.result if ref.kind == PATCH else ref.sha256
        if ref.kind in (BASE, PATCH):
            return sha256_of(in_use(self._factory, self._dir / "packs")) == wanted
        sides = sorted((self._dir / "packs").glob("side-*.tvpack"))
        return any(sha256_of(path) == wanted for path in sides)

    def _whole(self, transport: Transport, ref: PackRef) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f"{ref.sha256.hex()}.part"
        for other in self._folder.iterdir():
            if other != part:
                other.unlink()
        while (have := part.stat().st_size if part.exists() else 0) < ref.size:
            last = min(have + PIECE, ref.size) - 1
            answer = transport.request(
                "GET",
                f"/v1/packs/{ref.sha256.hex()}",
                most=PIECE,
                headers={"Range": f"bytes={have}-{last}"},
                body=None,
            )
            if answer.status != 206 or not answer.body or len(answer.body) > last - have + 1:
                raise AnswerError("a pack is not given in pieces", answer.status)
            with part.open("ab") as file:
                file.write(answer.body)
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").digest()
        if found != ref.sha256:
            part.unlink()
            raise FileError(f"{ref.sha256.hex()}: what was fetched is another file")
        return part

    def _patched(self, part: Path, ref: PackRef) -> Path:
        """What the patch makes of the base in use. CorruptFileError, and the patch goes, if that is another."""
        source = in_use(self._factory, self._dir / "packs")
        made = part.with_suffix(".made")
        try:
            made.write_bytes(patch.apply(source.read_bytes(), part.read_bytes(), ref.result))
        except CorruptFileError:
            part.unlink()
            raise
        return made
