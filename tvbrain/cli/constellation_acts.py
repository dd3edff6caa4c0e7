"""What an operator does beside serving: tokens, packs, budgets, keys."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.errors import InvalidArgumentError, NotInstalledError

if TYPE_CHECKING:
    from tvbrain.constellation.node import Node

ROLES = ("root", "release", "timestamp")

Act = tuple[argparse.ArgumentParser, Callable[[argparse.Namespace], int]]


def add_acts(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> Sequence[Act]:
    """Each act's parser, and what runs it."""
    token = acts.add_parser("token", help="make a token; it is shown once")
    kind = token.add_mutually_exclusive_group(required=True)
    kind.add_argument("--enrol", type=int, metavar="N", help="for N sets")
    kind.add_argument("--operator", action="store_true", help="for an operator")
    token.add_argument("--days", type=int, default=365, metavar="N", help="it lasts (365)")
    pack = acts.add_parser("pack", help="add a pack")
    pack.add_argument("file", type=Path, metavar="FILE")
    budget = acts.add_parser("budget", help="the privacy budget: set it, or say what is spent")
    budget.add_argument("--epsilon", type=float, metavar="E", help="of all releases together")
    budget.add_argument("--noise", type=float, metavar="M", help="a release's, in sensitivities")
    rotate = acts.add_parser("rotate", help="other keys, while nothing serves; sets follow")
    rotate.add_argument("roles", nargs="*", metavar="ROLE", help=", ".join(ROLES))
    rotate.add_argument("--renew", action="store_true", help="the same keys for longer")
    return (token, _token), (pack, _pack), (budget, _budget), (rotate, _rotate)


def _token(arguments: argparse.Namespace) -> int:
    node = open_node(arguments)
    try:
        node.add_tenant(arguments.tenant)
        lasts = arguments.days * 86_400
        if arguments.operator:
            token = node.operator_token(arguments.tenant, lasts)
        else:
            token = node.enrolment_token(arguments.tenant, arguments.enrol, lasts)
    finally:
        node.close()
    _say(arguments, {"tenant": arguments.tenant, "token": token})
    return exits.OK


def _pack(arguments: argparse.Namespace) -> int:
    node = open_node(arguments)
    try:
        node.add_tenant(arguments.tenant)
        sha256 = node.add_pack(arguments.tenant, arguments.file)
    finally:
        node.close()
    _say(arguments, {"tenant": arguments.tenant, "sha256": sha256.hex()})
    return exits.OK


def _budget(arguments: argparse.Namespace) -> int:
    if (arguments.epsilon is None) != (arguments.noise is None):
        raise InvalidArgumentError("--epsilon and --noise belong together")
    node = open_node(arguments)
    try:
        node.add_tenant(arguments.tenant)
        if arguments.epsilon is not None:
            node.set_budget(arguments.tenant, arguments.epsilon, arguments.noise)
        said = node.budget(arguments.tenant)
    finally:
        node.close()
    if arguments.json:
        output.print_json({"tenant": arguments.tenant, **said})
    elif said["epsilon"] is None:
        output.print_line("no budget: releases have no noise")
    else:
        output.print_line(
            f"epsilon {said['spent']:.3f} of {said['epsilon']:g} spent, noise {said['noise_multiplier']:g}"
        )
    return exits.OK


def _rotate(arguments: argparse.Namespace) -> int:
    if bool(arguments.roles) == arguments.renew:
        raise InvalidArgumentError(f"name roles ({', '.join(ROLES)}), or --renew")
    node = open_node(arguments)
    try:
        numbers = node.rotate(arguments.roles)
    finally:
        node.close()
    if arguments.json:
        output.print_json({"roots": numbers})
    else:
        for tenant, number in numbers.items():
            output.print_line(f"{tenant:32} root {number}")
    return exits.OK


def _say(arguments: argparse.Namespace, said: dict[str, str]) -> None:
    if arguments.json:
        output.print_json(said)
    else:
        output.print_line(list(said.values())[-1])


def open_node(arguments: argparse.Namespace) -> Node:
    if (arguments.postgres is None) != (arguments.nats is None):
        raise InvalidArgumentError("--postgres and --nats belong together")
    try:
        from tvbrain.constellation.back_ends import open_shared
        from tvbrain.constellation.node import Node
    except ImportError as error:
        raise NotInstalledError(
            f"{error.name} is missing: pip install 'tvbrain[constellation]'"
        ) from error
    shared = open_shared(arguments.postgres, arguments.nats) if arguments.postgres else None
    return Node(arguments.data or _default_folder(), back_end=shared)


def _default_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state, "tvbrain-constellation")
