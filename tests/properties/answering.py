"""Everything that a brain answers, for a comparison; as a program, the answers of the first so many random households:
`python -m tests.properties.answering COUNT`."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from tests.properties.folders import new_folder
from tests.properties.lives import Ask, Life, evenings
from tests.properties.living import Household, Shown
from tests.properties.wanted import told_explanation, told_screen, told_slate
from tests.properties.worlds import World
from tvbrain.errors import UnknownItemError
from tvbrain.types import Slate


class Answers:
    """An `ask` for a household that judges nothing; `told` grows with every answer."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def __call__(self, home: Household, ask: Ask) -> list[Shown]:
        context, shown = ask.context, list[Shown]()

        def answered(slate: Slate) -> None:
            shown.append(Shown(slate.slate_id, {context.row: slate.items}))
            self.told.append(told_slate(slate))

        answered(home.brain.recommend(context))
        try:
            screen = home.brain.rows(context, limit=ask.rows)
            rows = {i: row.items for i, row in enumerate(screen.rows)}
            shown.append(Shown(screen.slate_id, rows))
            self.told.append(told_screen(screen))
        except UnknownItemError:
            self.told.append("unknown")
        answered(home.brain.search(ask.text, context))
        try:
            answered(home.brain.similar(ask.item, context))
            self.told.append(told_explanation(home.brain.explain(ask.item, context)))
        except UnknownItemError:
            self.told.append("unknown")
        return shown


def answer(home: Household, ask: Ask) -> list[Any]:
    """To one question."""
    answers = Answers()
    answers(home, ask)
    return answers.told


def answers(world: World, life: Life) -> list[Any]:
    """To every question of a life."""
    told = Answers()
    with new_folder() as folder, closing(Household(world, folder, told)) as home:
        home.live(life)
    return told.told


def _main(count: int) -> None:
    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(evenings())
    def write(evening: tuple[World, Life]) -> None:
        for told in answers(*evening):
            sys.stdout.write(f"{told}\n")

    write()


if __name__ == "__main__":
    _main(int(sys.argv[1]))
