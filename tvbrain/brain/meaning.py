"""A search text's vector by MiniLM, where this device has the model and the packs were made with it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from tvbrain.embed.minilm import MiniLM
from tvbrain.embed.quantise import Space
from tvbrain.errors import (
    CorruptFileError,
    InvalidArgumentError,
    MissingFileError,
    NotInstalledError,
)
from tvbrain.pack.reader import PackFile

ENCODERS = ("auto", "minilm", "static")


@dataclass(frozen=True, slots=True)
class QueryVector:
    """Numbers (int8), scale and bias of a text as a query in the space `space_id`."""

    row: bytes
    scale_q30: int
    bias_q20: int
    space_id: int


@dataclass(frozen=True, slots=True)
class _Base:
    """What counts of the base pack in use."""

    identity: tuple[str, int, int]  # path, inode, time of change
    embedder: str
    space: Space | None
    space_id: int


class Meaning:
    """The model is opened at the first text; any thread may call."""

    def __init__(self, data_dir: Path, factory: Path, model_dir: Path | None) -> None:
        """`model_dir` None: that of TVBRAIN_MODEL; without it there is no model."""
        named = os.environ.get("TVBRAIN_MODEL")
        self._model_dir = model_dir or (Path(named) if named else None)
        self._installed, self._factory = data_dir / "packs" / "base.tvpack", factory
        self._lock = threading.Lock()
        self._model: MiniLM | None = None
        self._base: _Base | None = None
        self._missing = "no model: give Brain.open(model=…) or TVBRAIN_MODEL"

    def vector(self, text: str, encoder: str) -> QueryVector | None:
        """The text's vector for `minilm`, and for `auto` if it can be had; None for `static`.

        InvalidArgumentError for another name, and for `minilm` where the model cannot be used; the message says why.
        """
        if encoder not in ENCODERS:
            raise InvalidArgumentError(f"encoder: {encoder!r} is none of {', '.join(ENCODERS)}")
        if encoder == "static":
            return None
        with self._lock:
            base, model = self._base_in_use(), self._open()
        if model is not None and base.space is not None and base.embedder == model.name:
            made = base.space.quantise(model.embed([text]))
            return QueryVector(
                made.rows[0].tobytes(), int(made.scale_q30[0]), int(made.bias_q20[0]), base.space_id
            )
        if encoder == "minilm":
            why = self._missing if model is None else "the pack's vectors are of another model"
            raise InvalidArgumentError(f"encoder: {why}")
        return None

    def _open(self) -> MiniLM | None:
        if self._model is None and self._model_dir is not None:
            try:
                self._model = MiniLM(self._model_dir, threads=1)
            except (NotInstalledError, MissingFileError, CorruptFileError) as error:
                self._missing, self._model_dir = str(error), None
        return self._model

    def _base_in_use(self) -> _Base:
        path = self._installed if self._installed.is_file() else self._factory
        about = path.stat()
        identity = (str(path), about.st_ino, about.st_mtime_ns)
        if self._base is None or self._base.identity != identity:
            with PackFile(path) as pack:
                self._base = _Base(
                    identity,
                    str(pack.source.get("embedder", "")),
                    pack.space(),
                    pack.meta["space_id"],
                )
        return self._base
