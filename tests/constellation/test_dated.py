"""The time that answers say."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from email.utils import parsedate_to_datetime

from fastapi.testclient import TestClient

from tvbrain.clock import VirtualClock
from tvbrain.constellation.node import Node
from tvbrain.constellation.service import application


def test_answers_say_the_time_by_which_epochs_go_be_they_refusals_or_not(tmp_path: Path) -> None:
    clock = VirtualClock(1_700_000_000.0)
    node = Node(tmp_path, clock)
    try:
        client = TestClient(application(node))
        for path in ("/health", "/v1/tenants/nobody/release"):
            (date,) = client.get(path).headers.get_list("date")
            assert parsedate_to_datetime(date).timestamp() == clock.now()
            clock.advance(86_400)
        bomb = client.post("/v1/pushes", content=bytes(5_000))
        assert bomb.status_code == 413
        assert parsedate_to_datetime(bomb.headers["date"]).timestamp() == clock.now()
    finally:
        node.close()
