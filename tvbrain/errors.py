"""Everything that tvbrain raises on purpose. Catch the class of the cause, never the text.

TvbrainError
+-- InvalidArgumentError (also ValueError)   an argument or a field is out of range
+-- ConfigError (also ValueError)            a configuration value; has its field and layer
+-- NotInstalledError                        an extra, a model or the compiled core is missing
+-- DataDirectoryError
|   +-- BusyError                            another process holds the lock
|   +-- ReadOnlyError                        opened read-only, or profiles are unreadable
|   +-- NoLocksError                         the file system has no open-file-description locks
|   +-- ForkedError                          used in a child of the process that opened it
|   +-- NoLearnerError                       nothing learns here in this process
+-- FileError
|   +-- MissingFileError                     a file or folder that must exist does not
|   +-- PermissionRefusedError
|   +-- NoSpaceError
|   +-- StorageError                         the device reported an error
|   +-- CorruptFileError                     checksum or structure is wrong
|   +-- NewerFormatError                     written by a newer major version: kept, not used
|   +-- PackMismatchError                    a side pack of another base
+-- UnknownProfileError (also LookupError)
+-- UnknownItemError (also LookupError)
+-- ProfileExistsError
+-- LimitError                               a documented bound is reached
+-- OutOfMemoryError (also MemoryError)
"""

from __future__ import annotations


class TvbrainError(Exception):
    """The root: whoever wants all of ours catches this."""


class InvalidArgumentError(TvbrainError, ValueError):
    """An argument or a field is out of range; the text names it."""


class ConfigError(TvbrainError, ValueError):
    """A configuration value cannot be used: `field` names it, `layer` is where it came from."""

    def __init__(self, field: str, layer: str, reason: str) -> None:
        super().__init__(f"{field} (from {layer}): {reason}")
        self.field = field
        self.layer = layer
        self.reason = reason


class NotInstalledError(TvbrainError):
    """Something that this function needs is not installed; the text says how to get it."""


class DataDirectoryError(TvbrainError):
    """The data directory cannot be used in the way that was asked for."""


class BusyError(DataDirectoryError):
    """Another process holds the lock; the text has its pid."""


class ReadOnlyError(DataDirectoryError):
    """It was opened read-only, or its profiles are unreadable and nothing may be written."""


class NoLocksError(DataDirectoryError):
    """Its file system has no open-file-description locks."""


class ForkedError(DataDirectoryError):
    """It was opened before fork() and used in the child; open it again there."""


class NoLearnerError(DataDirectoryError):
    """This brain does not learn in this process, or cannot."""


class FileError(TvbrainError):
    """A file cannot be read or written; the text names it."""


class MissingFileError(FileError):
    """A file or folder that must exist does not."""


class PermissionRefusedError(FileError):
    """The file system refused access."""


class NoSpaceError(FileError):
    """The file system is full."""


class StorageError(FileError):
    """The storage device reported an error."""


class CorruptFileError(FileError):
    """A checksum or the structure of a file is wrong."""


class NewerFormatError(FileError):
    """A file of a newer major format: it is kept and not used."""


class PackMismatchError(FileError):
    """A side pack does not belong to the base pack in use."""


class UnknownProfileError(TvbrainError, LookupError):
    """No profile has this id or name."""


class UnknownItemError(TvbrainError, LookupError):
    """No pack in the stack knows this id."""


class ProfileExistsError(TvbrainError):
    """A profile of this name exists."""


class LimitError(TvbrainError):
    """A documented bound is reached: profiles, packs, list entries."""


class OutOfMemoryError(TvbrainError, MemoryError):
    """An allocation of the native core failed."""


BY_STATUS: dict[str, type[TvbrainError]] = {
    "TVB_E_INVALID": InvalidArgumentError,
    "TVB_E_BUSY": BusyError,
    "TVB_E_NO_FILE": MissingFileError,
    "TVB_E_PERMISSION": PermissionRefusedError,
    "TVB_E_NO_SPACE": NoSpaceError,
    "TVB_E_IO": StorageError,
    "TVB_E_NO_LOCKS": NoLocksError,
    "TVB_E_CORRUPT": CorruptFileError,
    "TVB_E_VERSION": NewerFormatError,
    "TVB_E_NO_MEMORY": OutOfMemoryError,
    "TVB_E_READ_ONLY": ReadOnlyError,
    "TVB_E_NO_PROFILE": UnknownProfileError,
    "TVB_E_NO_ITEM": UnknownItemError,
    "TVB_E_LIMIT": LimitError,
    "TVB_E_EXISTS": ProfileExistsError,
    "TVB_E_PACK": PackMismatchError,
    "TVB_E_FORKED": ForkedError,
    "TVB_E_BUFFER": LimitError,
    "TVB_E_NO_LEARNER": NoLearnerError,
}
"""The exception of each negative status of sdk_headers/tvbrain.h, by the constant's name."""


def from_status(name: str, text: str) -> TvbrainError:
    """The exception for a status, from tvb_status_name() and tvb_last_error()."""
    return BY_STATUS.get(name, TvbrainError)(text or name)
