"""Packs and patches as files, named by the SHA-256 of their content. Written once, then only read."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from tvbrain.errors import MissingFileError


class PackStore:
    """A folder of them; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o755, exist_ok=True)
        self._folder = folder

    def add(self, source: Path) -> bytes:
        """Its SHA-256, once a copy of it is durable. MissingFileError."""
        if not source.is_file():
            raise MissingFileError(f"{source} does not exist")
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").digest()
        target = self._path(sha256)
        if not target.exists():
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as copy:
                with source.open("rb") as file:
                    shutil.copyfileobj(file, copy)
                copy.flush()
                os.fchmod(copy.fileno(), 0o444)
                os.fsync(copy.fileno())
            os.replace(copy.name, target)
            handle = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return sha256

    def find(self, sha256: bytes) -> Path | None:
        """Where it lies."""
        path = self._path(sha256)
        return path if path.exists() else None

    def _path(self, sha256: bytes) -> Path:
        return self._folder / sha256.hex()
