"""Why bytes from outside are refused.

WireError (TvbrainError, ValueError)
+-- OverLimitError       larger, or more of something, than may be sent; nothing was decoded
+-- MalformedError       not the format, not its one encoding, or a number out of range
+-- NewerWireError       a version that this side does not speak
+-- SealError            not sealed to this key, or changed on the way
+-- UntrustedError
    +-- SignatureError   not enough good signatures of keys that may sign this
    +-- RollbackError    older than what was seen before, or another under the same number
    +-- ExpiredError     too old to be the newest: somebody may be holding newer ones back
    +-- MismatchError    of another tenant, or the parts do not belong together
"""

from __future__ import annotations

from tvbrain.errors import TvbrainError


class WireError(TvbrainError, ValueError):
    """A message is refused; nothing of it was used."""


class OverLimitError(WireError):
    """Larger than tvbrain.wire.limits allows."""


class MalformedError(WireError):
    """Not in the one encoding that docs/sync.md gives; the text names the message and the field."""


class NewerWireError(WireError):
    """A version that this side does not speak."""


class SealError(WireError):
    """What was sealed does not open with this key and context."""


class UntrustedError(WireError):
    """Whole, but not to be believed; the last good state stays."""


class SignatureError(UntrustedError):
    """Not signed by enough of the keys that may sign it."""


class RollbackError(UntrustedError):
    """Older than what was accepted before, or something else under the same number."""


class ExpiredError(UntrustedError):
    """Past its time: what is newest may be held back from us."""


class MismatchError(UntrustedError):
    """Signed, but of another tenant, or its parts do not belong together."""
