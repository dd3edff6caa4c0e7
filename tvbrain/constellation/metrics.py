"""What Prometheus is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector


class Metrics:
    """A registry of its own, so that a process may hold several nodes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tvbrain_pushes", "Pushes by what became of them", ["outcome"], registry=self.registry
        )
        self.pulls = Counter(
            "tvbrain_pulls", "Polls for a release by answer", ["answer"], registry=self.registry
        )
        self.releases = Counter(
            "tvbrain_releases",
            "Releases that were due or asked for, by what became of them",
            ["tenant", "outcome"],
            registry=self.registry,
        )

    def released(self, tenant: str, outcome: str) -> None:
        """`outcome`: "released", "renewed" or the error's name; `tenant`: "" where none could be asked for."""
        self.releases.labels(tenant, outcome).inc()

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """A gauge that is asked when somebody looks."""
        Gauge(name, text, registry=self.registry).set_function(value)

    def count(self, name: str, text: str, values: Callable[[], Mapping[str, int]]) -> None:
        """Counters by outcome that somebody else keeps."""
        self.registry.register(_Outcomes(name, text, values))

    def page(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)


class _Outcomes(Collector):
    def __init__(self, name: str, text: str, values: Callable[[], Mapping[str, int]]) -> None:
        self._name, self._text, self._values = name, text, values

    def collect(self) -> list[CounterMetricFamily]:
        family = CounterMetricFamily(self._name, self._text, labels=["outcome"])
        for outcome, count in sorted(self._values().items()):
            family.add_metric([outcome], count)
        return [family]
