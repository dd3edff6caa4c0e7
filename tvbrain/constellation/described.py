"""What the routes' descriptions have in common, for /openapi.json."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel

from tvbrain.wire import limits

BYTES = "application/octet-stream"
TenantName = Annotated[str, Path(pattern="^[a-z0-9-]{1,32}$")]


class Problem(BaseModel):
    """Why not: the name of the cause, and what is wrong in words."""

    error: str
    detail: str


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers of these status codes say a Problem."""
    return {status: {"model": Problem} for status in statuses}


def body_of(model: type[BaseModel] | None) -> dict[str, Any]:
    """A body that is read by hand, after its length was checked: JSON of `model`, or a push."""
    if model is None:
        binary = {"type": "string", "format": "binary", "maxLength": limits.PUSH_BYTES}
        content: dict[str, Any] = {BYTES: {"schema": binary}}
    else:
        content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}
