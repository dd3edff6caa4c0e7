"""Vectors already computed, on disk, by the hash of their text.

One file an embedding space, `vectors-<hash of the embedder's name>.npz`: `keys` (n, 16) uint8, BLAKE2b-128 of each
text; `vectors` (n, dimension) float32; `name`. Written anew beside the old one and renamed. Nothing is ever dropped
from it: 23,000 titles take 36 MB, and the file may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Embedder, Progress
from tvbrain.errors import InvalidArgumentError


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
        / f"vectors-{hashlib.blake2b(embedder.name.encode(), digest_size=8).hexdigest()}.npz"
    )


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _load(path: Path, embedder: Embedder) -> dict[bytes, NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            keys, vectors, name = file["keys"], file["vectors"], str(file["name"])
        shapes = keys.dtype == np.uint8 and keys.shape == (len(vectors), 16)
        if not shapes or vectors.dtype != np.float32 or vectors.shape[1:] != (embedder.dimension,):
            raise ValueError(f"keys {keys.shape}, vectors {vectors.shape} {vectors.dtype}")
        if name != embedder.name or not np.isfinite(vectors).all():
            raise ValueError(f"vectors of {name!r}")
    except FileNotFoundError:
        return {}
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError):
        path.replace(path.with_suffix(".damaged"))
        return {}
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def _save(path: Path, embedder: Embedder, known: dict[bytes, NDArray[np.float32]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = np.frombuffer(b"".join(known), np.uint8).reshape(len(known), 16)
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=path.stem, suffix=".tmp", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            np.savez(
                file,
                keys=keys,
                vectors=np.stack(list(known.values())),
                name=np.array(embedder.name),
            )
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
