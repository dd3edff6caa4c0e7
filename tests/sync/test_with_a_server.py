"""A set and a real constellation, over real HTTP: told, added up, released, pulled, seen on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("granian", reason="needs the extra: pip install -e '.[constellation]'")

from dataclasses import replace

from tests.constellation.sets import TENANT, Server
from tests.sync.test_taking import released
from tests.sync.world import DAY, HOUR, open_home
from tvbrain import ViewContext
from tvbrain.clock import SystemClock
from tvbrain.constellation.node import Node
from tvbrain.sync.transport import HttpTransport


def test_a_set_tells_a_real_server_and_shows_what_it_releases(tmp_path: Path) -> None:
    server = Server(tmp_path / "server")
    now = SystemClock().now()
    home = open_home(tmp_path, enrolled=False, now=now - 3 * DAY)
    try:
        url = f"http://127.0.0.1:{server.port}"
        home.sync._client._connect = home.sync._connect = HttpTransport
        home.enrol(url, server.enrolment_token(1), TENANT)
        home.consent()
        assert home.brain.sync_now() == ("nothing newer",)
        home.watch(100, 101, 102)
        did = home.brain.sync_now()
        assert did[0].endswith("status 202")
        assert home.sync.status().unsent == ()
        assert home.sync.status().waiting == {"pair": 0, "item": 0, "pattern": 0}

        assert server.stop() == 0
        node = Node(server.folder)
        node.add_pack(TENANT, home.factory)
        node.publisher.publish(replace(released(home), tenant=TENANT), {})
        node.publisher.publish(replace(released(home, like=33), tenant=TENANT), {})
        node.close()
        server.start()

        assert home.brain.sync_now() == ("release 2",)
        assert home.brain.sync_now() == ("nothing newer",)
        today = int(now // DAY)  # 1970 began on a Thursday
        monday = today + (4 - today) % 7
        evening = monday * DAY + 19 * HOUR
        slate = home.brain.recommend(ViewContext(at=evening, utc_offset_min=0, k=20))
        assert "ard:33" in [one.item for one in slate if one.reason_code == "pattern"]
    finally:
        home.brain.close()
        server.stop()
