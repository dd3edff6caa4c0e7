"""Keys change: sets that know the old ones follow, whoever stole one is shut out, and a cut in between is mended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from tests.constellation.house import TENANT, House
from tvbrain.cli import exits, main
from tvbrain.constellation import keyring
from tvbrain.constellation.errors import OldKeysError
from tvbrain.constellation.node import KEYS
from tvbrain.constellation.publisher import LIFE_ROOT, root_of
from tvbrain.errors import InvalidArgumentError, MissingFileError
from tvbrain.wire.errors import SignatureError
from tvbrain.wire.signed import ROLES, ROOT

ROLE_SETS = [[name] for name in ROLES] + [list(ROLES)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.live(600)
    house.node.release(TENANT)
    yield house
    house.node.close()


def keys_of(house: House) -> dict[str, bytes]:
    return {name: keyring.secret(house.folder / KEYS, name) for name in ROLES}


@pytest.mark.parametrize("roles", ROLE_SETS, ids="+".join)
def test_sets_follow_to_the_new_keys_and_those_alone_change(house: House, roles: list[str]) -> None:
    state, first = house.trust().accepted(house.pull(), house.clock.now())
    before = keys_of(house)
    assert house.node.rotate(roles) == {TENANT: 2}
    house.reopen()
    after = keys_of(house)
    assert {name for name in ROLES if before[name] != after[name]} == set(roles)
    house.node.add_tenant(TENANT)
    pulled = house.pull()
    if set(roles) != {ROOT}:
        with pytest.raises(SignatureError):
            state.accepted(pulled, house.clock.now())
    followed = state.rotated(house.node.publisher.root(TENANT))
    _, second = followed.accepted(pulled, house.clock.now())
    assert (second.pack, second.counts, second.packs) == (first.pack, first.counts, first.packs)
    assert house.pull() == pulled


def test_what_the_old_keys_signed_is_refused_after_a_rotation(house: House) -> None:
    old = house.pull()
    house.node.rotate(["release", "timestamp"])
    house.reopen()
    with pytest.raises(SignatureError):
        house.trust().accepted(old, house.clock.now())


def test_a_process_with_the_old_keys_publishes_nothing_any_more(house: House) -> None:
    house.node.rotate(["release", "timestamp"])
    for asked in (
        lambda: house.node.release(TENANT),
        lambda: house.node.publisher.rollback(TENANT, 1),
        lambda: house.node.add_tenant(TENANT),
    ):
        with pytest.raises(OldKeysError, match="names another release key"):
            asked()
    house.clock.advance(8 * 86_400)  # its timestamp is due
    with pytest.raises(OldKeysError):
        house.pull()


def test_a_rotation_that_was_cut_off_is_finished_by_asking_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys_of(house)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keyring, "adopt", cut)
        with pytest.raises(KeyboardInterrupt):
            house.node.rotate(["root", "release"])
    assert keys_of(house) == before
    house.reopen()
    with pytest.raises(OldKeysError, match="rotate"):
        house.node.add_tenant(TENANT)
    with pytest.raises(InvalidArgumentError, match="first finish the rotation of root, release"):
        house.node.rotate(["timestamp"])
    assert house.node.rotate(["root", "release"]) == {TENANT: 2}
    house.reopen()
    house.node.add_tenant(TENANT)
    house.accept()


def test_renewing_keeps_the_keys_and_lasts_longer(house: House) -> None:
    state, _ = house.trust().accepted(house.pull(), house.clock.now())
    before = keys_of(house)
    house.clock.advance(LIFE_ROOT - 86_400)
    assert house.node.rotate([]) == {TENANT: 2}
    assert keys_of(house) == before
    assert root_of(house.node.publisher.root(TENANT)).expires == house.clock.now() + LIFE_ROOT
    house.node.publisher.rollback(TENANT, 1)  # the release would have expired
    state.rotated(house.node.publisher.root(TENANT)).accepted(house.pull(), house.clock.now())


def test_a_root_key_that_is_kept_elsewhere_is_not_made_anew(house: House) -> None:
    path = house.folder / KEYS / "root.key"
    elsewhere = path.read_bytes()
    path.unlink()
    house.reopen()
    assert not path.exists()
    house.node.add_tenant(TENANT)
    house.accept()
    with pytest.raises(MissingFileError, match=r"root\.key"):
        house.node.rotate(["release"])
    path.write_bytes(os.urandom(32).hex().encode() + b"\n")
    with pytest.raises(OldKeysError, match=r"another root key than keys/root\.key"):
        house.node.rotate(["release"])
    path.write_bytes(elsewhere)
    assert house.node.rotate(["release"]) == {TENANT: 2}


def test_the_command_rotates_while_nothing_serves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path)
    words = ["constellation", "rotate", "--data", str(tmp_path)]
    assert main([*words, "release"]) != 0  # the folder is in use
    house.node.close()
    capsys.readouterr()
    assert main([*words, "release"]) == 0
    assert capsys.readouterr().out.split() == [TENANT, "root", "2"]
    assert main(words) == exits.USAGE
