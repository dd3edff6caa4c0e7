"""Releases follow each other and are never edited."""

from __future__ import annotations

import hashlib

import pytest

from tests.constellation.contract.conftest import Opened, Place
from tvbrain.constellation.errors import OtherBodyError
from tvbrain.constellation.records import KnownPack, Published


def published(version: int, content: bytes = b"c" * 32, tenant: str = "north") -> Published:
    return Published(tenant, version, content, created=1000 + version, of=version)


def test_a_blob_is_found_by_its_hash_alone(opened: Opened, place: Place) -> None:
    name = opened.shelf.put(b"a pack")
    assert name == hashlib.sha256(b"a pack").digest() == opened.shelf.put(b"a pack")
    assert place.reopen().shelf.get(name) == b"a pack"
    assert place.now.shelf.get(b"?" * 32) is None


def test_the_newest_release_of_a_tenant_is_pulled(opened: Opened, place: Place) -> None:
    assert opened.shelf.latest("north") is None
    for release in (published(1), published(1, tenant="south"), published(2)):
        opened.shelf.publish(release, {})
    again = place.reopen().shelf
    assert again.latest("north") == published(2)
    assert again.latest("south") == published(1, tenant="south")
    assert again.release("north", 1) == published(1)
    assert again.release("north", 3) is None


def test_versions_follow_each_other_without_gap_or_second_body(opened: Opened) -> None:
    opened.shelf.publish(published(1), {})
    for version in (1, 3, 0):
        with pytest.raises(OtherBodyError):
            opened.shelf.publish(published(version, b"d" * 32), {})
    assert opened.shelf.latest("north") == published(1)


def test_documents_of_a_kind_follow_each_other(opened: Opened, place: Place) -> None:
    assert opened.shelf.document("north", "root") is None
    for number in (1, 2):
        opened.shelf.append("north", "root", number, b"root %d" % number)
    opened.shelf.append("north", "timestamp", 1, b"timestamp")
    for number in (1, 2, 4):
        with pytest.raises(OtherBodyError):
            opened.shelf.append("north", "root", number, b"another")
    again = place.reopen().shelf
    assert again.document("north", "root") == (2, b"root 2")
    assert again.document("north", "root", 1) == (1, b"root 1")
    assert again.document("north", "root", 3) is None
    assert again.document("south", "root") is None


def test_the_packs_of_a_tenant_are_its_own(opened: Opened, place: Place) -> None:
    base = KnownPack(b"p" * 32, 7, b"p" * 32)
    patched, foreign = KnownPack(b"a" * 32, 7, b"p" * 32), KnownPack(b"q" * 32, 9, b"q" * 32)
    for tenant, pack in (("north", base), ("north", base), ("south", foreign), ("north", patched)):
        opened.shelf.add_pack(tenant, pack)
    again = place.reopen().shelf
    assert again.known_packs("north") == [patched, base]
    assert again.known_packs("nobody") == []


def test_what_a_release_cost_is_kept_with_it(opened: Opened, place: Place) -> None:
    opened.shelf.publish(published(1), {"noise": 1.5})
    opened.shelf.publish(published(1, tenant="south"), {"noise": 9.0})
    opened.shelf.publish(published(2), {})
    assert place.reopen().shelf.charges("north") == [{"noise": 1.5}, {}]
