"""Releases that go by themselves: of each tenant one a period, if there is something worth releasing.

What refuses (too few sets, no help, the budget) is asked again a day later. A release that nothing replaced is
published again, unchanged, when half of its life is over: sets stop believing one that has expired.
"""

from __future__ import annotations

from collections.abc import Callable

from tvbrain.constellation.errors import ConstellationError, OtherBodyError
from tvbrain.constellation.node import Node
from tvbrain.constellation.publisher import LIFE_RELEASE

RETRY_S = 86_400.0
"""Before a tenant is tried again."""


class Timetable:
    """`told(tenant, outcome)`: "released", "renewed", or the name of the error that refused. Used by one thread."""

    def __init__(self, node: Node, every_s: float, told: Callable[[str, str], None]) -> None:
        self._node, self._every, self._told = node, every_s, told
        self._tried: dict[str, float] = {}

    def look(self) -> None:
        """Release what is due. Nodes that share a back end may look at the same time: one of them is first.

        FileError where storage does not answer: the next look tries again.
        """
        for tenant in self._node.registry.tenants():
            passed = self._node.clock.monotonic()
            if passed >= self._tried.get(tenant, passed) and self._due(tenant):
                outcome = self._released(tenant)
                self._tried[tenant] = passed + RETRY_S
                self._told(tenant, outcome)

    def _due(self, tenant: str) -> bool:
        latest = self._node.aggregate.latest(tenant)
        return latest is None or self._node.clock.now() >= latest.created + self._every

    def _released(self, tenant: str) -> str:
        try:
            self._node.release(tenant)
        except OtherBodyError:
            return "released"  # by another node
        except ConstellationError as error:
            return "renewed" if self._renewed(tenant) else type(error).__name__
        return "released"

    def _renewed(self, tenant: str) -> bool:
        latest = self._node.aggregate.latest(tenant)
        if latest is None or self._node.clock.now() < latest.created + LIFE_RELEASE / 2:
            return False
        self._node.publisher.rollback(tenant, latest.version)
        return True
