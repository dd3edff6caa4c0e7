"""The constellation over HTTP, as sets and operators meet it."""

from __future__ import annotations

import base64
import hashlib

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.sets import TENANT, Client, Server, TestSet
from tvbrain.constellation.bodies import MOST
from tvbrain.pack import demo_pack_path
from tvbrain.wire import keys
from tvbrain.wire.delta import Delta
from tvbrain.wire.trust import Trust

PACK = demo_pack_path()
SHA256 = hashlib.sha256(PACK.read_bytes())
SAID = Delta(pack=SHA256.digest()[:16], pairs=((1, 2), (3, 9)), items=((1, 1),))


@pytest.fixture
def one(server: Server, client: Client) -> TestSet:
    return TestSet(client, server.enrolment_token(1))


def test_a_push_is_new_once_and_known_afterwards(
    server: Server, client: Client, one: TestSet
) -> None:
    body = one.push(server.epoch, SAID)
    answers = [client.ask("POST", "/v1/pushes", body) for _ in range(3)]
    assert [(a.status, a.json()["kept"]) for a in answers] == [
        (202, "new"),
        (202, "known"),
        (202, "known"),
    ]


def test_enrolling_again_gives_the_same_answer_and_costs_no_use(
    client: Client, one: TestSet
) -> None:
    assert one.enrol(client).json() == one.enrol(client).json()


def test_a_set_learns_what_it_needs_when_it_enrols(client: Client, one: TestSet) -> None:
    said = one.enrol(client).json()
    assert bytes.fromhex(said["device"]) == keys.device_of(keys.public_of(one.key))
    offset, length = said["slot"]
    assert 0 <= offset <= offset + length <= said["epoch_length_s"] == 7 * 86_400
    trust = Trust.pinned(one.root, TENANT)
    kept = client.ask("GET", f"/v1/tenants/{TENANT}/root/{trust.root.number}")
    assert (kept.status, kept.body) == (200, one.root)
    assert client.ask("GET", f"/v1/tenants/{TENANT}/root/2").status == 404


def test_packs_are_fetched_in_parts(client: Client) -> None:
    path = f"/v1/packs/{SHA256.hexdigest()}"
    whole = PACK.read_bytes()
    assert client.ask("GET", path).body == whole
    part = client.ask("GET", path, Range="bytes=1000-1999")
    assert (part.status, part.body) == (206, whole[1000:2000])
    assert client.ask("GET", f"/v1/packs/{'0' * 64}").status == 404


@pytest.mark.parametrize("path", ["/v1/pushes", "/v1/devices"])
def test_a_body_that_is_too_long_is_refused(client: Client, path: str) -> None:
    assert client.ask("POST", path, b"x" * (MOST + 1)).status == 413


def test_a_push_over_its_own_limit_is_refused(server: Server, client: Client, one: TestSet) -> None:
    body = one.push(server.epoch, SAID)
    assert client.ask("POST", "/v1/pushes", body + bytes(1025 - len(body))).status == 413


@pytest.mark.parametrize("body", [b"", b"\0", b"{}", b"\xdc\xff\xff", b"\x97" + b"\0" * 7])
def test_what_is_no_push_is_refused(client: Client, body: bytes) -> None:
    assert client.ask("POST", "/v1/pushes", body).status == 400


def test_before_the_first_release_there_is_none(client: Client) -> None:
    assert client.ask("GET", f"/v1/tenants/{TENANT}/release").status == 404


def test_it_says_that_it_lives_is_ready_and_what_it_did(
    server: Server, client: Client, one: TestSet
) -> None:
    client.ask("POST", "/v1/pushes", one.push(server.epoch, SAID))
    assert client.ask("GET", "/health").json()["status"] == "alive"
    assert client.ask("GET", "/ready").json() == {"ingest": True, "aggregation": True}
    page = client.ask("GET", "/metrics").body.decode()
    assert 'tvbrain_pushes_total{outcome="new"}' in page
    assert "/v1/pushes" in client.ask("GET", "/openapi.json").json()["paths"]


def test_a_public_key_of_another_length_enrols_nobody(server: Server, client: Client) -> None:
    token = server.enrolment_token(1)
    short = base64.urlsafe_b64encode(bytes(31)).decode()
    for public in (short, "!" * 43, "0" * 42 + "\x80", short + "=="):
        said = {"tenant": TENANT, "token": token, "public_key": public}
        assert client.tell("POST", "/v1/devices", said).status == 400
