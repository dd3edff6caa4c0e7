"""Whoever is not who they say, or asks for what is another's, is refused, at every endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.sets import TENANT, Client, Server, TestSet
from tests.constellation.test_service import SAID
from tvbrain.wire import delta, envelope, keys, seal


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.enrolment_token(1000)


@pytest.fixture
def one(client: Client, token: str) -> TestSet:
    return TestSet(client, token)


def status(client: Client, body: bytes) -> int:
    return client.ask("POST", "/v1/pushes", body).status


def test_a_device_that_never_enrolled(server: Server, client: Client, one: TestSet) -> None:
    one.key = keys.new_signing_key()
    assert status(client, one.push(server.epoch, SAID)) == 401


def test_a_push_signed_by_another_key(server: Server, client: Client, one: TestSet) -> None:
    good = envelope.decode(one.push(server.epoch, SAID))
    sealed, epoch = good.sealed, good.epoch
    other = envelope.sign(keys.new_signing_key(), TENANT, epoch, 0, sealed)
    forged = replace(good, signature=other.signature)
    assert status(client, envelope.encode(forged)) == 401


@pytest.mark.parametrize("changed", [{"epoch": -1}, {"base_version": 1}, {"tenant": "other"}])
def test_a_push_of_which_anything_was_changed(
    server: Server, client: Client, one: TestSet, changed: dict[str, int | str]
) -> None:
    good = envelope.decode(one.push(server.epoch, SAID))
    changed = {"epoch": good.epoch - 1} if "epoch" in changed else changed
    assert status(client, envelope.encode(replace(good, **changed))) == 401  # type: ignore[arg-type]


def test_a_push_for_another_tenant(server: Server, client: Client, one: TestSet) -> None:
    sealed = seal.seal(delta.encode(SAID), one.aggregator_key, "other", server.epoch)
    push = envelope.sign(one.key, "other", server.epoch, 0, sealed)
    assert status(client, envelope.encode(push)) == 403


@pytest.mark.parametrize(("behind", "expected"), [(-1, 422), (0, 202), (3, 202), (4, 422)])
def test_epochs_that_are_over_or_to_come(
    server: Server, client: Client, one: TestSet, behind: int, expected: int
) -> None:
    assert status(client, one.push(server.epoch - behind, SAID)) == expected


def test_a_second_body_for_an_epoch(server: Server, client: Client, one: TestSet) -> None:
    assert status(client, one.push(server.epoch, SAID)) == 202
    assert status(client, one.push(server.epoch, SAID, base=1)) == 409


def test_a_revoked_device_from_the_next_push_on(
    server: Server, client: Client, one: TestSet
) -> None:
    known = one.push(server.epoch, SAID)
    assert status(client, known) == 202
    path = f"/v1/devices/{one.device.hex()}"
    assert client.ask("DELETE", path, Authorization=server.operator).status == 204
    assert status(client, known) == 401
    assert status(client, one.push(server.epoch - 1, SAID)) == 401
    assert one.enrol(client).status == 401


def test_revoking_what_is_not_there(server: Server, client: Client) -> None:
    path = f"/v1/devices/{'0' * 32}"
    assert client.ask("DELETE", path, Authorization=server.operator).status == 404


def test_tokens_that_are_unknown_or_of_another_tenant(
    server: Server, client: Client, one: TestSet
) -> None:
    assert one.enrol(client, token="guessed").status == 401
    assert one.enrol(client, tenant="other").status == 403


OPERATORS: tuple[tuple[str, str, object], ...] = (
    ("POST", "/v1/tenants/{tenant}/enrolments", {"uses": 1}),
    ("POST", "/v1/tenants/{tenant}/releases", {}),
    ("POST", "/v1/tenants/{tenant}/rollback", {"to": 1}),
)


@pytest.mark.parametrize(("method", "path", "said"), OPERATORS)
def test_operators_act_for_their_own_tenant_only(
    server: Server, client: Client, method: str, path: str, said: object
) -> None:
    foreign = path.format(tenant="other")
    assert client.tell(method, foreign, said, Authorization=server.operator).status == 403
    own = path.format(tenant=TENANT)
    assert client.tell(method, own, said).status == 401
    assert client.tell(method, own, said, Authorization="Bearer guessed").status == 401


def test_a_foreign_tenant_has_no_release_and_no_root_here(client: Client) -> None:
    for path in ("release", "root/1"):
        assert client.ask("GET", f"/v1/tenants/other/{path}").status == 404
