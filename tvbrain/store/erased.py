"""How far the files of a plane are free of what was forgotten (docs/formats.md, "Erased")."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tvbrain._native import check, ffi, lib

BY_SERVING, BY_LEARNING = "journal/erased", "snapshot/erased"


@dataclass(frozen=True, slots=True)
class Erased:
    """Nothing is left of what records of journal `journal_id` up to `seq` erased, nor of any epoch up to `epoch`."""

    journal_id: int = 0
    seq: int = 0
    epoch: int = 0


def read(path: Path) -> Erased:
    """Nothing erased, if there is no such file. CorruptFileError, NewerFormatError."""
    out = ffi.new("tvn_erased *")
    check(lib.tvn_erased_read(os.fsencode(path), out))
    return Erased(int(out.journal_id), int(out.seq), int(out.epoch))


def write(path: Path, value: Erased) -> None:
    """Durable on return."""
    new = ffi.new("tvn_erased *", (value.journal_id, value.seq, value.epoch))
    check(lib.tvn_erased_write(os.fsencode(path), new))


def complete_epoch(data_dir: Path) -> int:
    """The newest epoch that either plane has finished with: what is older knows something that is forgotten."""
    return max(read(data_dir / name).epoch for name in (BY_SERVING, BY_LEARNING))
