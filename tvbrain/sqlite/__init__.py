"""SQLite as both ends use it: a connection with transactions, migrations, and errors named by cause.

Over the standard library's module alone: a set carries nothing else for it (docs/adr/0013).
"""

from tvbrain.sqlite.causes import causes_named
from tvbrain.sqlite.database import Database, connect
from tvbrain.sqlite.migrations import Migrations

__all__ = ["Database", "Migrations", "causes_named", "connect"]
