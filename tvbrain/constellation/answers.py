"""Which status code and header answers which cause. What has none here is a fault of ours: 500, without its text."""

from __future__ import annotations

import random

from fastapi import Request
from fastapi.responses import JSONResponse

from tvbrain.constellation import errors
from tvbrain.errors import FileError, InvalidArgumentError, TvbrainError
from tvbrain.wire import errors as wire

RETRY_S = 30, 90
"""Retry-After, by chance between these: whoever is told at once should not come back at once."""

STATUS: tuple[tuple[type[TvbrainError], int], ...] = (
    (wire.OverLimitError, 413),
    (wire.SignatureError, 401),
    (wire.WireError, 400),
    (errors.UnknownDeviceError, 401),
    (errors.RevokedDeviceError, 401),
    (errors.RefusedTokenError, 401),
    (errors.ForeignTenantError, 403),
    (errors.UnknownTenantError, 404),
    (errors.NothingToReleaseError, 404),
    (errors.OtherBodyError, 409),
    (errors.BudgetSpentError, 409),
    (errors.UnhelpfulReleaseError, 409),
    (errors.WrongEpochError, 422),
    (errors.OverloadedError, 503),
    (errors.OldKeysError, 503),
    (FileError, 503),
    (InvalidArgumentError, 400),
)
"""The first that an error is an instance of."""


def status_of(error: TvbrainError) -> int | None:
    """None for what is our fault."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), None)


async def answer(request: Request, error: Exception) -> JSONResponse:
    """An exception handler for TvbrainError."""
    if not isinstance(error, TvbrainError):
        raise error
    return answer_to(error)


def answer_to(error: TvbrainError) -> JSONResponse:
    """What the client is told; the error itself where it is our fault."""
    status = status_of(error)
    if status is None:
        raise error
    headers = {"Retry-After": str(random.randint(*RETRY_S))} if status == 503 else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = {"error": type(error).__name__, "detail": str(error)}
    return JSONResponse(body, status, headers)
