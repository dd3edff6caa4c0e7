"""What goes wrong between a set and a constellation.

SyncError (TvbrainError)
+-- UnreachableError    no answer: no network, no server, too slow, or not HTTP
+-- AnswerError         an answer that is not what docs/sync.md says, or a refusal; has its status
+-- NotEnrolledError    this set belongs to no constellation
+-- NoConsentError      no profile has agreed that anything leaves this set
"""

from __future__ import annotations

from tvbrain.errors import TvbrainError


class SyncError(TvbrainError):
    """Nothing was lost by it: what waits is told later."""


class UnreachableError(SyncError):
    """No answer, or not in time."""


class AnswerError(SyncError):
    """The server refuses, or answers something else than it should."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(f"{what}: status {status}")
        self.status = status


class NotEnrolledError(SyncError):
    """`tvbrain sync enrol` first."""


class NoConsentError(SyncError):
    """No profile has agreed that anything leaves this set; nothing was sent."""
