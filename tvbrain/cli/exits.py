"""Exit codes, the same for every command."""

from __future__ import annotations

from tvbrain import errors

OK = 0
FAILED = 1
USAGE = 2
BUSY = 3
BAD_FILE = 4
NOT_INSTALLED = 5
INTERRUPTED = 130

TABLE = """\
exit codes:
  0    done
  1    failed: the command ran and says what is wrong
  2    usage: an argument or a configuration value cannot be used
  3    busy: another process holds the data directory
  4    file: missing, unreadable, damaged or too new
  5    not installed: an extra, a model or the compiled core is missing
  130  interrupted
"""

_BY_ERROR: tuple[tuple[type[errors.TvbrainError], int], ...] = (
    (errors.ConfigError, USAGE),
    (errors.InvalidArgumentError, USAGE),
    (errors.BusyError, BUSY),
    (errors.FileError, BAD_FILE),
    (errors.NotInstalledError, NOT_INSTALLED),
)


def of(error: errors.TvbrainError) -> int:
    """The exit code of an error that ends a command."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), FAILED)
