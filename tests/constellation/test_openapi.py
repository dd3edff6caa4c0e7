"""Whatever a request says within the published description, or beside it, is answered, and never by a fault of ours."""

from __future__ import annotations

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")
pytest.importorskip("schemathesis", reason="needs pip install -e '.[dev]'")

import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from tests.constellation.sets import Server
from tests.scale import scaled

OPERATIONS = {
    "POST /v1/devices",
    "POST /v1/pushes",
    "GET /v1/tenants/{tenant}/release",
    "GET /v1/tenants/{tenant}/root/{version}",
    "GET /v1/packs/{sha256}",
    "DELETE /v1/devices/{device}",
    "POST /v1/tenants/{tenant}/enrolments",
    "POST /v1/tenants/{tenant}/releases",
    "POST /v1/tenants/{tenant}/rollback",
    "GET /health",
    "GET /ready",
    "GET /metrics",
}


def test_no_request_is_answered_by_a_fault(server: Server) -> None:
    schema = schemathesis.openapi.from_url(f"{server.said['url']}/openapi.json")
    tried = set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        tried.add(operation.label)
        good = operation.as_strategy()
        bad = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

        @settings(max_examples=scaled(300))
        @given(case=good | bad, operates=st.booleans())
        def check(case, operates) -> None:  # type: ignore[no-untyped-def]
            headers = {"Authorization": server.operator} if operates else {}
            answer = case.call(headers=headers)
            assert answer.status_code < 500, (answer.status_code, answer.content)

        check()
    assert tried == OPERATIONS
