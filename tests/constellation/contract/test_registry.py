"""Who may do what."""

from __future__ import annotations

import pytest

from tests.constellation.contract.conftest import Opened, Place
from tvbrain.constellation.errors import (
    ForeignTenantError,
    RefusedTokenError,
    RevokedDeviceError,
    UnknownDeviceError,
    UnknownTenantError,
)
from tvbrain.constellation.records import Device

TOKEN, OTHER_TOKEN = b"t" * 32, b"u" * 32


def device(number: int, tenant: str = "north") -> Device:
    return Device(bytes([number]) * 16, tenant, bytes([number]) * 32)


@pytest.fixture
def registry(opened: Opened) -> Opened:
    for tenant in ("south", "north", "north"):
        opened.registry.add_tenant(tenant)
    opened.registry.add_enrolment_token(TOKEN, "north", expires=100, uses=2)
    opened.registry.add_enrolment_token(OTHER_TOKEN, "south", expires=100, uses=2)
    return opened


def test_tenants_are_there_once(registry: Opened) -> None:
    assert registry.registry.tenants() == ["north", "south"]


def test_a_token_enrols_as_many_devices_as_it_may_and_each_once(registry: Opened) -> None:
    for number in (1, 1, 2, 1):
        enrolled = registry.registry.enrol(TOKEN, "north", device(number), now=50)
        assert enrolled == device(number)
    with pytest.raises(RefusedTokenError):
        registry.registry.enrol(TOKEN, "north", device(3), now=50)
    assert registry.registry.device(device(3).device) is None


def test_unknown_and_expired_tokens_enrol_nobody(registry: Opened) -> None:
    with pytest.raises(RefusedTokenError):
        registry.registry.enrol(b"?" * 32, "north", device(1), now=50)
    with pytest.raises(RefusedTokenError):
        registry.registry.enrol(TOKEN, "north", device(1), now=100)
    assert registry.registry.device(device(1).device) is None


def test_a_token_of_another_tenant_enrols_nobody(registry: Opened) -> None:
    with pytest.raises(ForeignTenantError):
        registry.registry.enrol(TOKEN, "south", device(1, "south"), now=50)


def test_a_device_belongs_to_one_tenant(registry: Opened) -> None:
    registry.registry.enrol(TOKEN, "north", device(1), now=50)
    with pytest.raises(ForeignTenantError):
        registry.registry.enrol(OTHER_TOKEN, "south", device(1, "south"), now=50)


def test_devices_that_their_maker_knows_need_no_token(registry: Opened) -> None:
    registry.registry.add_devices([device(1)])
    registry.registry.revoke("north", device(1).device)
    registry.registry.add_devices([device(1), device(2, "south")])
    found = registry.registry.device(device(1).device)
    assert found is not None
    assert found.revoked
    assert registry.registry.device(device(2).device) == device(2, "south")
    with pytest.raises(UnknownTenantError):
        registry.registry.add_devices([device(3), device(4, "nobody")])
    assert registry.registry.device(device(3).device) is None


def test_a_revoked_device_stays_revoked(registry: Opened, place: Place) -> None:
    registry.registry.enrol(TOKEN, "north", device(1), now=50)
    registry.registry.revoke("north", device(1).device)
    again = place.reopen().registry
    found = again.device(device(1).device)
    assert found is not None
    assert found.revoked
    with pytest.raises(RevokedDeviceError):
        again.enrol(TOKEN, "north", device(1), now=50)


def test_only_its_tenant_revokes_a_device(registry: Opened) -> None:
    registry.registry.enrol(TOKEN, "north", device(1), now=50)
    for tenant, name in (("south", device(1).device), ("north", device(2).device)):
        with pytest.raises(UnknownDeviceError):
            registry.registry.revoke(tenant, name)
    assert registry.registry.device(device(1).device) == device(1)


def test_operators_are_known_by_their_token_until_it_expires(registry: Opened) -> None:
    registry.registry.add_operator_token(TOKEN, "south", expires=100)
    assert registry.registry.operated_by(TOKEN, now=99) == "south"
    for token, now in ((TOKEN, 100), (OTHER_TOKEN, 99)):
        with pytest.raises(RefusedTokenError):
            registry.registry.operated_by(token, now)


def test_tokens_need_a_tenant(opened: Opened) -> None:
    with pytest.raises(UnknownTenantError):
        opened.registry.add_enrolment_token(TOKEN, "nobody", expires=100, uses=1)
    with pytest.raises(UnknownTenantError):
        opened.registry.add_operator_token(TOKEN, "nobody", expires=100)
