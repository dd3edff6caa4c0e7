"""What the drills' judge is told of a directory whose host runs on meanwhile."""

from __future__ import annotations

from pathlib import Path

from tvbrain.health.drill.judge import read_state
from tvbrain.health.drill.share import Role
from tvbrain.health.drill.stage import Stage, Tools, kill

LOOKS = 25


def test_beside_a_host_that_folds_and_deletes_no_event_is_missing_between_checkpoint_and_journal(
    tools: Tools, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, tools, seed=1, journal_cap=1 << 20)
    try:
        host = stage.start_host(rate=10_000)
        stage.wait_serving(host)
        for _ in range(LOOKS):
            state = read_state(tools, stage.data, stage.pack, stage.ledger.items, 0)
            assert not isinstance(state, str)
            oldest = min((event[0] for event in state["events"]), default=1)
            assert state["checkpoint_seq"] >= oldest - 1
        kill(host)
        assert stage.share.done(Role.HOST)["truncate"] >= 1
    finally:
        stage.close()
