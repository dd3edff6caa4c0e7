"""What sets ask for."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tvbrain.constellation.described import BYTES, TenantName, body_of, problems
from tvbrain.constellation.errors import NothingToReleaseError
from tvbrain.constellation.node import Node, hashed
from tvbrain.constellation.pushing import pushed
from tvbrain.constellation.records import EPOCH_S, Device
from tvbrain.constellation.slots import slot_of
from tvbrain.errors import InvalidArgumentError
from tvbrain.wire import keys, limits

router = APIRouter(prefix="/v1", tags=["sets"])
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


class Enrolment(BaseModel):
    """A set's request to belong to a tenant. `public_key`: 32 bytes of Ed25519 in base64url."""

    model_config = ConfigDict(extra="forbid")
    tenant: Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]
    token: Annotated[str, Field(min_length=1, max_length=128)]
    public_key: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{43}=?$")]


class Enrolled(BaseModel):
    """How to behave from now on. `slot`: offset in each epoch and length, in seconds. Bytes are base64url."""

    device: str
    epoch_length_s: int
    slot: tuple[int, int]
    aggregator_key: str
    root: str


@router.post(
    "/devices",
    response_model=Enrolled,
    responses=problems(400, 401, 403, 413, 503),
    openapi_extra=body_of(Enrolment),
)
async def enrol(request: Request) -> Enrolled:
    """Enrol a set with its public key. The same key again gives the same answer."""
    node: Node = request.app.state.node
    try:
        wanted = Enrolment.model_validate_json(await request.body())
        public = base64.urlsafe_b64decode(wanted.public_key + "=" * (-len(wanted.public_key) % 4))
    except (ValidationError, binascii.Error) as error:
        raise InvalidArgumentError(f"no enrolment: {error}") from error
    if len(public) != keys.PUBLIC:
        raise InvalidArgumentError(f"a public key has {keys.PUBLIC} bytes, not {len(public)}")
    device = Device(keys.device_of(public), wanted.tenant, public)
    await asyncio.to_thread(
        node.registry.enrol, hashed(wanted.token), wanted.tenant, device, int(node.clock.now())
    )
    root = await asyncio.to_thread(node.publisher.root, wanted.tenant)
    return Enrolled(
        device=device.device.hex(),
        epoch_length_s=EPOCH_S,
        slot=slot_of(device.device),
        aggregator_key=_text(node.aggregator_key),
        root=_text(root),
    )


@router.post(
    "/pushes",
    status_code=202,
    responses=problems(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=body_of(None),
)
async def push(request: Request) -> JSONResponse:
    """One set's delta of one epoch. 202 once it is durable, also for one that is known."""
    # What it says is for /openapi.json; in a service `Pushing` answers before a route is looked for.
    return await pushed(request.app.state, await request.body())


@router.get(
    "/tenants/{tenant}/release",
    response_class=Response,
    responses={
        200: {"content": {BYTES: {}}},
        304: {"description": "Nothing newer"},
        **problems(404),
    },
)
async def release(
    request: Request, tenant: TenantName, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """The newest timestamp and release, signed."""
    node: Node = request.app.state.node
    tag, body = await asyncio.to_thread(node.publisher.pulled, tenant)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    known = if_none_match is not None and tag in if_none_match
    request.app.state.metrics.pulls.labels("304" if known else "200").inc()
    if known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=BYTES, headers=headers)


@router.get(
    "/tenants/{tenant}/root/{version}",
    response_class=Response,
    responses={200: {"content": {BYTES: {}}}, **problems(404)},
)
async def root(
    request: Request, tenant: TenantName, version: Annotated[int, Path(ge=1, le=limits.NUMBER)]
) -> Response:
    """A signed root; whoever trusts root n asks for n + 1 until there is none."""
    node: Node = request.app.state.node
    found = await asyncio.to_thread(node.aggregate.document, tenant, "root", version)
    if found is None:
        raise NothingToReleaseError(f"{tenant} has no root {version}")
    return Response(found[1], media_type=BYTES)


@router.get(
    "/packs/{sha256}",
    response_class=FileResponse,
    responses={
        200: {"content": {BYTES: {}}},
        206: {"description": "A part, by Range"},
        416: {"description": "There is no such part"},
        **problems(404),
    },
)
async def pack(request: Request, sha256: Sha256) -> FileResponse:
    """A pack or patch by its SHA-256; it never changes."""
    node: Node = request.app.state.node
    path = node.packs.find(bytes.fromhex(sha256))
    if path is None:
        raise NothingToReleaseError("there is no such pack")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type=BYTES, headers=headers)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
