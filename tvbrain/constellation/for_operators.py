"""What operators ask for, each with `Authorization: Bearer TOKEN` of their tenant."""

from __future__ import annotations

import asyncio
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tvbrain.constellation.described import Problem, TenantName, body_of, problems
from tvbrain.constellation.errors import (
    ForeignTenantError,
    RefusedTokenError,
    UnknownDeviceError,
)
from tvbrain.constellation.node import Node, hashed
from tvbrain.constellation.records import Published
from tvbrain.constellation.releasing import Made
from tvbrain.errors import InvalidArgumentError
from tvbrain.wire import limits

router = APIRouter(prefix="/v1", tags=["operators"])


class Rollback(BaseModel):
    """`to`: the number of the release whose content is published again."""

    model_config = ConfigDict(extra="forbid")
    to: Annotated[int, Field(ge=1, le=limits.NUMBER)]


class Wanted(BaseModel):
    """A token with which `uses` sets may enrol within `days`."""

    model_config = ConfigDict(extra="forbid")
    uses: Annotated[int, Field(ge=1, le=1_000_000_000)]
    days: Annotated[int, Field(ge=1, le=3650)] = 365


class Token(BaseModel):
    """Shown once: only its hash is kept."""

    token: str


class Released(BaseModel):
    """A release: its number, the number whose content it has, its SHA-256, seconds since 1970; of a new one, what the
    canary found before and after it, 0 to 1."""

    number: int
    of: int
    content: str
    created: int
    found_before: float | None = None
    found_after: float | None = None

    @classmethod
    def says(cls, one: Published, made: Made | None = None) -> Released:
        """As JSON."""
        return cls(
            number=one.version,
            of=one.of,
            content=one.content.hex(),
            created=one.created,
            found_before=made.found_before if made else None,
            found_after=made.found_after if made else None,
        )


async def operator(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> str:
    """The tenant that the caller operates."""
    if given is None:
        raise RefusedTokenError("an operator's token is needed")
    node: Node = request.app.state.node
    token, now = hashed(given.credentials), int(node.clock.now())
    return await asyncio.to_thread(node.registry.operated_by, token, now)


Operator = Annotated[str, Depends(operator)]


@router.delete("/devices/{device}", status_code=204, responses=problems(401, 404, 413, 503))
async def revoke(
    request: Request,
    operated: Operator,
    device: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
) -> Response:
    """The device is no longer welcome: for ever."""
    node: Node = request.app.state.node
    name = bytes.fromhex(device)
    try:
        await asyncio.to_thread(node.registry.revoke, operated, name)
    except UnknownDeviceError as error:
        problem = Problem(error=type(error).__name__, detail=str(error))
        return JSONResponse(problem.model_dump(), 404)
    request.app.state.gate.forget(name)
    return Response(status_code=204)


@router.post(
    "/tenants/{tenant}/enrolments",
    status_code=201,
    responses=problems(400, 401, 403, 413, 503),
    openapi_extra=body_of(Wanted),
)
async def allow(request: Request, tenant: TenantName, operated: Operator) -> Token:
    """Let more sets enrol."""
    _own(tenant, operated)
    node: Node = request.app.state.node
    wanted = _read(Wanted, await request.body())
    lasts = wanted.days * 86_400
    return Token(token=await asyncio.to_thread(node.enrolment_token, tenant, wanted.uses, lasts))


@router.post(
    "/tenants/{tenant}/releases",
    status_code=201,
    responses=problems(401, 403, 404, 409, 413, 503),
)
async def publish(request: Request, tenant: TenantName, operated: Operator) -> Released:
    """Publish what was learned up to now, if the canary finds it no worse than what sets have."""
    _own(tenant, operated)
    node: Node = request.app.state.node
    made = await asyncio.to_thread(node.release, tenant)
    request.app.state.metrics.released(tenant, "released")
    return Released.says(made.published, made)


@router.post(
    "/tenants/{tenant}/rollback",
    responses=problems(400, 401, 403, 404, 413, 503),
    openapi_extra=body_of(Rollback),
)
async def rollback(request: Request, tenant: TenantName, operated: Operator) -> Released:
    """Publish again, under a higher number, what an older release said."""
    _own(tenant, operated)
    node: Node = request.app.state.node
    wanted = _read(Rollback, await request.body())
    return Released.says(await asyncio.to_thread(node.publisher.rollback, tenant, wanted.to))


_Model = TypeVar("_Model", bound=BaseModel)


def _read(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InvalidArgumentError(f"no {model.__name__.lower()}: {error}") from error


def _own(tenant: str, operated: str) -> None:
    if tenant != operated:
        raise ForeignTenantError("this token is of another tenant")
