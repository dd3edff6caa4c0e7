"""What the constellation refuses, by cause. `tvbrain.constellation.answers` knows the status code of each."""

from __future__ import annotations

from tvbrain.errors import TvbrainError


class ConstellationError(TvbrainError):
    """The root of this package's own."""


class UnknownTenantError(ConstellationError):
    """There is no tenant of this name."""


class UnknownDeviceError(ConstellationError):
    """No device of this name is enrolled."""


class RevokedDeviceError(ConstellationError):
    """The device was enrolled and is no longer welcome."""


class ForeignTenantError(ConstellationError):
    """A device, token or key of one tenant asks for something of another."""


class RefusedTokenError(ConstellationError):
    """An enrolment or operator token is unknown, expired or used up."""


class WrongEpochError(ConstellationError):
    """A push is of an epoch that is not accepted now."""


class OtherBodyError(ConstellationError):
    """A device sent a second, different push for an epoch that has one."""


class OverloadedError(ConstellationError):
    """More pushes wait to be kept than may; the sender should come back."""


class BudgetSpentError(ConstellationError):
    """The release would take the tenant past its privacy budget."""


class UnhelpfulReleaseError(ConstellationError):
    """The release would be no better than what sets have: nothing is published."""


class NothingToReleaseError(ConstellationError):
    """There is no release to publish, roll back to, or pull."""


class OldKeysError(ConstellationError):
    """The newest root names other keys than this process has: they were changed since it started, or never its own."""
