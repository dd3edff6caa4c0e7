"""The oracle's answers as the values that `tvbrain.Brain` gives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tests.oracle.catalogue import Title
from tests.oracle.ranking import Pick, Ranking, Rows
from tests.properties.worlds import World
from tvbrain.brain.reasons import REASONS, ROWS
from tvbrain.pack.native import key_of, normal_form
from tvbrain.types import TERMS, Explanation, Screen, Slate, SlateItem

Value = dict[str, object]


def number(q20: int) -> float:
    """As the C interface makes a float of it."""
    return float(np.float32(q20) * np.float32(1 / 2**20))


def told(item: SlateItem) -> Value:
    """Everything that an item says but its English."""
    names = (
        "item", "title", "score", "reason_code", "reason_item", "reason_genre", "propensity", "offer", "position_s",
        "season", "episode", "channel", "start", "end",
    )  # fmt: skip
    return {name: getattr(item, name) for name in names} | {"terms": dict(item.terms)}


def told_slate(slate: Slate) -> Value:
    return {"eligible": slate.eligible, "items": [told(item) for item in slate]}


def told_screen(screen: Screen) -> list[Value]:
    return [
        {"kind": row.kind, "named": row.reason_item, "items": [told(item) for item in row.items]}
        for row in screen.rows
    ]


def told_explanation(one: Explanation) -> Value:
    return {
        "item": one.item,
        "eligible": one.eligible,
        "why_not": sorted(one.why_not),
        "score": one.score,
        "terms": dict(one.terms),
        "reason_code": one.reason_code,
        "witnesses": list(one.witnesses),
    }


def _terms(pick: Pick) -> Mapping[str, float]:
    return {name: number(term) for name, term in zip(TERMS, pick.terms, strict=True)}


class Wanted:
    """Of one request."""

    def __init__(self, world: World, ranking: Ranking) -> None:
        self.ranking = ranking
        self._titles = {key_of(identity): row.title for identity, row in world.live().items()}

    def _id(self, key: int | None) -> str:
        return "" if key is None else self._titles[key].id

    def item(self, pick: Pick) -> Value:
        return {
            "item": self._id(pick.key),
            "title": self._titles[pick.key].title,
            "score": number(pick.score),
            "reason_code": REASONS[pick.reason],
            "reason_item": self._id(pick.reason_key),
            "reason_genre": pick.reason_genre,
            "propensity": 1.0,
            "offer": self.ranking.request.first_open_offer(self.ranking.stack.live[pick.key]),
            "position_s": pick.position,
            "season": pick.season,
            "episode": pick.episode,
            "channel": pick.airing[2],
            "start": pick.airing[0] / 1000 if pick.airing[2] else None,
            "end": pick.airing[1] / 1000 if pick.airing[2] else None,
            "terms": _terms(pick),
        }

    def _slate(self, eligible: int, picks: list[Pick]) -> Value:
        return {"eligible": eligible, "items": [self.item(pick) for pick in picks]}

    def recommend(self) -> Value:
        return self._slate(len(self.ranking.eligible()), self.ranking.recommend())

    def similar(self, title: Title) -> Value:
        return self._slate(len(self.ranking.eligible()), self.ranking.similar(title))

    def search(self, text: str) -> Value:
        return self._slate(*self.ranking.search(normal_form(text)))

    def rows(self, limit: int) -> list[Value]:
        return [
            {"kind": ROWS[kind][0], "named": self._id(named), "items": list(map(self.item, row))}
            for kind, named, row in Rows(self.ranking).screen(limit)
        ]

    def explanation(self, title: Title) -> Value:
        pick, causes = self.ranking.explain(title), self.ranking.why_not(title)
        return {
            "item": self._id(title.key),
            "eligible": not causes,
            "why_not": sorted(causes),
            "score": number(pick.score),
            "terms": _terms(pick),
            "reason_code": REASONS[pick.reason],
            "witnesses": [(self._id(k), number(q)) for k, q in self.ranking.witnesses(title)],
        }
