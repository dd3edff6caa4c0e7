"""Vectors already computed, on disk, by the hash of their text.

One file an embedding space, `vectors-<hash of the embedder's name>.bin`: the magic, u32 dimension, u32 n, n keys of
16 bytes (BLAKE2b-128 of each text), n x dimension float32, and the BLAKE2b-256 of all that, keyed with the
embedder's name; little-endian. Written anew beside the old one and renamed. Nothing is ever dropped from it: 23,000
titles take 36 MB, and the file may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Embedder, Progress
from tvbrain.errors import InvalidArgumentError

MAGIC = b"TVBVECS1"
_HEADER = struct.Struct("<8sII")


def default_cache_dir() -> Path:
    """`TVBRAIN_CACHE`, else `$XDG_CACHE_HOME/tvbrain`, else `~/.cache/tvbrain`. Not created here."""
    own = os.environ.get("TVBRAIN_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tvbrain"


def embed_cached(
    texts: Sequence[str], embedder: Embedder, cache_dir: Path, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Like `embedder.embed`, but texts seen before come from `cache_dir`, and new ones are added to it.

    The file is replaced atomically; a damaged one is set aside (`.damaged`) and its vectors are computed again.
    `progress` counts only the texts that have to be computed. Two builds at once are safe: the later one's file
    stays.
    """
    path = cache_file(cache_dir, embedder)
    known = _load(path, embedder)
    keys = [_key(text) for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        computed = embedder.embed(list(missing.values()), progress)
        if computed.shape != (len(missing), embedder.dimension):
            raise InvalidArgumentError(
                f"{embedder.name} returned vectors of shape {computed.shape}"
            )
        known.update(zip(missing, computed.astype(np.float32, copy=False), strict=True))
        _save(path, embedder, known)
    elif progress is not None:
        progress(0, 0)
    vectors = np.empty((len(keys), embedder.dimension), np.float32)
    for row, key in enumerate(keys):
        vectors[row] = known[key]
    return vectors


def cache_file(cache_dir: Path, embedder: Embedder) -> Path:
    """Where the vectors of this embedder are kept."""
    return (
        cache_dir
        / f"vectors-{hashlib.blake2b(embedder.name.encode(), digest_size=8).hexdigest()}.bin"
    )


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _seal(embedder: Embedder, *parts: bytes) -> bytes:
    key = hashlib.blake2b(embedder.name.encode(), digest_size=32).digest()
    seal = hashlib.blake2b(key=key, digest_size=32)
    for part in parts:
        seal.update(part)
    return seal.digest()


def _load(path: Path, embedder: Embedder) -> dict[bytes, NDArray[np.float32]]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    body = memoryview(raw)[: max(0, len(raw) - 32)]
    whole = len(body) >= _HEADER.size and _seal(embedder, bytes(body)) == raw[-32:]
    _, dimension, count = _HEADER.unpack_from(body) if whole else (b"", 0, 0)
    if dimension != embedder.dimension:
        path.replace(path.with_suffix(".damaged"))
        return {}
    vectors = np.frombuffer(body, "<f4", count * dimension, _HEADER.size + 16 * count)
    keys = (bytes(body[at : at + 16]) for at in range(_HEADER.size, _HEADER.size + 16 * count, 16))
    return dict(zip(keys, vectors.reshape(count, dimension), strict=True))


def _save(path: Path, embedder: Embedder, known: dict[bytes, NDArray[np.float32]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = _HEADER.pack(MAGIC, embedder.dimension, len(known))
    vectors = np.stack(list(known.values())).astype("<f4", copy=False).tobytes()
    parts = (header, b"".join(known), vectors)
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=path.stem, suffix=".tmp", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            for part in (*parts, _seal(embedder, *parts)):
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
