"""docs/ranking.md in plain Python integers, by brute force: what every slate must be.

Nothing here looks at the native code. A title is known by the key of its canonical id alone.
"""

from tests.oracle.ranking.answers import Ranking
from tests.oracle.ranking.filters import Request
from tests.oracle.ranking.history import Entry, History
from tests.oracle.ranking.pick import Pick
from tests.oracle.ranking.rows import Rows
from tests.oracle.ranking.values import Query

__all__ = ["Entry", "History", "Pick", "Query", "Ranking", "Request", "Rows"]
