"""The constellation over HTTP. docs/sync.md ("HTTP") says what each answer means; /openapi.json is made from this."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response

import tvbrain
from tvbrain.constellation import answers, for_operators, for_sets
from tvbrain.constellation.bodies import BoundedBodies
from tvbrain.constellation.dated import Dated
from tvbrain.constellation.ingest import Gate
from tvbrain.constellation.metrics import Metrics
from tvbrain.constellation.node import Node
from tvbrain.constellation.pushing import Pushing
from tvbrain.constellation.timetable import Timetable
from tvbrain.errors import FileError, TvbrainError

AGE_S = 3600.0
"""Between two looks for receipts of epochs that are over, and for releases that are due."""


def application(node: Node, release_every_s: float | None = None) -> FastAPI:
    """An ASGI application that answers from `node`, which must outlive it.

    `release_every_s`: releases go by themselves (tvbrain.constellation.timetable), the first look after AGE_S. None:
    only when an operator asks.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        gate = Gate(node.registry, node.inbox, node.bucket_key, node.clock)
        app.state.gate = gate
        metrics.watch("tvbrain_waiting", "Pushes that wait for a commit", gate.committer.waiting)
        tasks = [asyncio.create_task(_age(gate))]
        if release_every_s is not None:
            timetable = Timetable(node, release_every_s, metrics.released)
            tasks.append(asyncio.create_task(_release(timetable, metrics)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.to_thread(gate.committer.close)

    app = FastAPI(
        title="tvbrain constellation",
        version=tvbrain.__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.node, app.state.metrics = node, metrics
    metrics.count(
        "tvbrain_aggregated",
        "Pushes by what the aggregation made of them",
        lambda: node.aggregator.outcomes,
    )
    app.add_middleware(Pushing)
    app.add_middleware(BoundedBodies)
    app.add_middleware(Dated, clock=node.clock)
    app.add_exception_handler(TvbrainError, answers.answer)
    app.include_router(for_sets.router)
    app.include_router(for_operators.router)
    _add_looks(app, node, metrics)
    return app


def _add_looks(app: FastAPI, node: Node, metrics: Metrics) -> None:
    @app.get("/health", tags=["looks"])
    async def health() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive", "version": tvbrain.__version__}

    @app.get("/ready", tags=["looks"], responses={503: {"description": "Not now"}})
    async def ready(response: Response) -> dict[str, bool]:
        """Pushes can be kept, and what is kept is being added."""
        found = {"ingest": app.state.gate.committer.alive(), "aggregation": node.healthy()}
        if not all(found.values()):
            response.status_code = 503
        return found

    @app.get("/metrics", tags=["looks"], response_class=Response)
    async def prometheus() -> Response:
        """For Prometheus."""
        return Response(metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _age(gate: Gate) -> None:
    while True:
        await asyncio.to_thread(gate.age)
        await asyncio.sleep(AGE_S)


async def _release(timetable: Timetable, metrics: Metrics) -> None:
    while True:
        await asyncio.sleep(AGE_S)
        try:
            await asyncio.to_thread(timetable.look)
        except FileError as error:
            metrics.released("", type(error).__name__)
