"""deploy/ says what the command line and the service understand. Needs no container engine."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")


from tests.places import ROOT
from tvbrain.cli import build_parser

yaml = pytest.importorskip("yaml", reason="needs PyYAML, which schemathesis brings")

DEPLOY = ROOT / "deploy"


def dockerfile(word: str) -> str:
    """What follows the last instruction of this name."""
    joined = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.startswith(word)][-1][len(word) :]


def test_every_node_is_started_with_words_that_the_command_understands() -> None:
    entry = json.loads(dockerfile("ENTRYPOINT"))
    assert entry[0] == "tvbrain"
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    nodes = {name: one for name, one in services.items() if name.startswith("node-")}
    assert len(nodes) == 2
    parser = build_parser()
    for words in (json.loads(dockerfile("CMD")), *(one["command"] for one in nodes.values())):
        found = parser.parse_args([*entry[1:], *words])
        assert (found.act, found.port, found.address) == ("serve", 8484, "0.0.0.0")
        assert str(found.data) == "/data"


def test_nodes_share_keys_and_packs_and_nothing_else() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    mounted = [
        {one.split(":")[1]: one.split(":")[0] for one in compose["services"][name]["volumes"]}
        for name in ("node-a", "node-b")
    ]
    shared = {path for path in mounted[0] if mounted[0][path] == mounted[1].get(path)}
    assert shared == {"/data/keys", "/data/packs"}
    named = {name for volumes in mounted for name in volumes.values()}
    assert named <= set(compose["volumes"])


def test_the_front_names_the_nodes_and_hides_their_figures() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert set(re.findall(r"server ([a-z-]+):8484;", text)) == {"node-a", "node-b"}
    assert re.search(r"location = /metrics \{ deny all; \}", text)


def test_the_health_check_asks_what_the_service_has() -> None:
    (path,) = re.findall(r"127\.0\.0\.1:8484(/[a-z]+)", dockerfile("HEALTHCHECK"))
    assert path == "/ready"
