"""A disk as a power cut may leave it, built from the shim's trace.

What is certain after a cut: the writes to a file that had returned before a successful sync of the
file began; the names in a folder that had changed before a successful fsync of the folder began.
Of the rest anything may have happened: each later write may be there or not, whole or in sectors;
of the later changes of a folder's names the first few, in order, as journaling file systems keep
them. A sync that failed makes nothing certain, and no later sync helps what it was to write: the
kernel takes those pages for clean.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path, PurePosixPath

_HEAD = struct.Struct("<IBBBBQQQII")


class Op(IntEnum):
    """Kinds of entries: enum entry in tests/faults/shim.c."""

    CREATE = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC_BEGIN = 4
    SYNC_END = 5
    RENAME = 6
    UNLINK = 7
    MKDIR = 8
    MARK = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, sync or mark, as the shim saw it."""

    op: Op
    role: int
    failed: bool
    ns: int
    inode: int
    offset: int
    path: str
    data: bytes


def read_trace(path: Path) -> Iterator[Entry]:
    """The entries of a trace in their order; a last one that a kill cut off is left out."""
    trace = path.read_bytes()
    at = 0
    while at + _HEAD.size <= len(trace):
        size, op, role, failed, _, ns, inode, offset, named, added = _HEAD.unpack_from(trace, at)
        if size < _HEAD.size or at + size > len(trace):
            return
        begin = at + _HEAD.size
        name = trace[begin : begin + named].decode()
        data = trace[begin + named : begin + named + added]
        yield Entry(Op(op), role, bool(failed), ns, inode, offset, name, data)
        at += size


@dataclass(slots=True)
class _File:
    """A file's certain bytes and what was done to it since."""

    certain: bytearray = field(default_factory=bytearray)
    pending: list[Entry] = field(default_factory=list)
    forgotten: int = 0  # entries taken out of `pending` since the file was made


@dataclass(slots=True)
class _Folder:
    """A folder's certain names and what was done to them since."""

    certain: dict[str, _File | _Folder] = field(default_factory=dict)
    pending: list[tuple[Entry, _File | _Folder | None]] = field(default_factory=list)
    forgotten: int = 0


class Disk:
    """Fed with entries one by one; `cut` builds a directory as it might be if power failed now."""

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {"": _Folder()}
        self._files: dict[int, _File] = {}  # by inode
        self._syncs: dict[int, int] = {}  # by the sync's number: how much it covers

    def feed(self, entry: Entry) -> None:
        """Take in the next entry."""
        match entry.op:
            case Op.CREATE | Op.RENAME | Op.UNLINK | Op.MKDIR:
                self._name(entry)
            case Op.WRITE | Op.TRUNCATE:
                self._files[entry.inode].pending.append(entry)
            case Op.SYNC_BEGIN:
                one = self._synced(entry)
                self._syncs[entry.offset] = one.forgotten + len(one.pending)
            case Op.SYNC_END:
                self.sync(entry)
            case Op.MARK:
                pass

    def _synced(self, entry: Entry) -> _File | _Folder:
        if entry.inode in self._files and entry.path not in self._folders:
            return self._files[entry.inode]
        return self._folders[entry.path]

    def _name(self, entry: Entry) -> None:
        made: _File | _Folder | None = None
        if entry.op is Op.CREATE:
            made = self._files[entry.inode] = _File()
        elif entry.op is Op.MKDIR:
            if entry.path == "":
                return  # the data directory itself: whoever made its parent saw to it
            made = self._folders[entry.path] = _Folder()
        elif entry.op is Op.RENAME and _parent(entry.data.decode()) != _parent(entry.path):
            raise ValueError(f"{entry.path} is renamed into another folder")
        self._folders[_parent(entry.path)].pending.append((entry, made))

    def sync(self, entry: Entry) -> None:
        """A sync has ended: what it covers is certain now."""
        one = self._synced(entry)
        count = max(0, self._syncs.pop(entry.offset) - one.forgotten)
        if isinstance(one, _Folder):
            if not entry.failed:
                for change, made in one.pending[:count]:
                    _change(one.certain, change, made)
                one.forgotten += count
                del one.pending[:count]
            return
        if not entry.failed:
            for change in one.pending[:count]:
                _apply(one.certain, change)
        one.forgotten += count
        del one.pending[:count]

    def cut(self, target: Path, chance: random.Random) -> None:
        """Write into the new folder `target` what a power cut now may leave."""
        _lay(self._folders[""], target, chance)


def _lay(folder: _Folder, target: Path, chance: random.Random) -> None:
    target.mkdir(mode=0o700)
    names = dict(folder.certain)
    kept = chance.choice([0, len(folder.pending), chance.randint(0, len(folder.pending))])
    for change, made in folder.pending[:kept]:
        _change(names, change, made)
    for name, one in names.items():
        if isinstance(one, _Folder):
            _lay(one, target / name, chance)
        else:
            (target / name).write_bytes(_leave(one, chance))


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _change(names: dict[str, _File | _Folder], change: Entry, made: _File | _Folder | None) -> None:
    name = PurePosixPath(change.path).name
    if made is not None:
        names[name] = made
    elif change.op is Op.UNLINK:
        names.pop(name, None)
    elif name in names:
        names[PurePosixPath(change.data.decode()).name] = names.pop(name)


def _apply(content: bytearray, change: Entry) -> None:
    if change.op is Op.TRUNCATE:
        del content[change.offset :]
        content.extend(bytes(change.offset - len(content)))
        return
    _write(content, change.offset, change.data)


def _write(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _leave(file: _File, chance: random.Random) -> bytes:
    """The file's bytes after a cut: nothing, all, the first or any of the pending changes."""
    way = chance.choice(["none", "all", "first", "any", "sectors"])
    if way == "none" or not file.pending:
        return bytes(file.certain)
    content = bytearray(file.certain)
    first = chance.randint(0, len(file.pending)) if way == "first" else len(file.pending)
    sector = chance.choice([512, 4096])
    for change in file.pending[:first]:
        if change.op is Op.TRUNCATE or way in ("all", "first"):
            _apply(content, change)
        elif way == "any":
            if chance.random() < 0.5:
                _apply(content, change)
        else:
            for begin, end in _sectors(change.offset, change.offset + len(change.data), sector):
                if chance.random() < 0.5:
                    part = change.data[begin - change.offset : end - change.offset]
                    _write(content, begin, part)
    return bytes(content)


def _sectors(begin: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    while begin < end:
        stop = min(end, (begin // size + 1) * size)
        yield begin, stop
        begin = stop
