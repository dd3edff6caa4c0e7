"""Other keys for some roles: the next root of every tenant, signed by the root keys before and after it.

Needs keys/root.key. What is new is made first and durable (NAME.next.key), then every tenant gets its root, then the
new keys take their places: a rotation that was cut off is finished by asking for it again. Processes that run with the
old keys answer pulls with 503 from then on, until they are restarted. Sets follow root by root (tvbrain.wire.trust).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tvbrain.clock import Clock
from tvbrain.constellation import keyring
from tvbrain.constellation.errors import OldKeysError
from tvbrain.constellation.publisher import root_of, sign_root
from tvbrain.constellation.storage import Shelf
from tvbrain.errors import InvalidArgumentError
from tvbrain.wire import keys
from tvbrain.wire.keys import SigningKey
from tvbrain.wire.signed import ROLES, ROOT


def rotate(
    shelf: Shelf, tenants: Sequence[str], folder: Path, roles: Sequence[str], clock: Clock
) -> dict[str, int]:
    """The number of each tenant's root that names them. `roles`: of ROLES; none for a root that only lasts longer.

    InvalidArgumentError: another rotation was cut off and is to be finished first. OldKeysError: keys/root.key is not
    what the newest root names. MissingFileError: it is not there.
    """
    begun = keyring.proposed(folder)
    if unknown := [name for name in roles if name not in ROLES]:
        raise InvalidArgumentError(f"no such role: {unknown[0]}; there are {', '.join(ROLES)}")
    if not set(begun) <= set(roles):
        raise InvalidArgumentError(f"first finish the rotation of {', '.join(begun)}")
    before = {name: keys.signing_key(keyring.secret(folder, name)) for name in ROLES}
    after = before | {name: keys.signing_key(keyring.propose(folder, name)) for name in roles}
    numbers = {
        tenant: _next(shelf, tenant, before, after, clock, bool(roles)) for tenant in tenants
    }
    for name in roles:
        keyring.adopt(folder, name)
    return numbers


def _next(
    shelf: Shelf,
    tenant: str,
    before: dict[str, SigningKey],
    after: dict[str, SigningKey],
    clock: Clock,
    others: bool,
) -> int:
    found = shelf.document(tenant, ROOT)
    if found is None:
        raise OldKeysError(f"{tenant} has no root yet")
    number, newest = found[0], root_of(found[1])
    if others and all(keys.public_of(after[name]) in newest.roles[name].keys for name in ROLES):
        return number  # by the rotation that was cut off
    if keys.public_of(before[ROOT]) not in newest.roles[ROOT].keys:
        raise OldKeysError(f"root {number} of {tenant} names another root key than keys/root.key")
    signers = [before[ROOT], after[ROOT]]
    document = sign_root(number + 1, tenant, int(clock.now()), after, signers)
    shelf.append(tenant, ROOT, number + 1, document)
    return number + 1
