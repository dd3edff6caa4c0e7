"""One question asked in every way, judged by the oracle and by the plain rules of safety."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.properties.lives import Ask
from tests.properties.living import Household, Shown
from tests.properties.safety import Watcher
from tests.properties.wanted import Wanted, told_explanation, told_screen, told_slate
from tvbrain.errors import UnknownItemError
from tvbrain.pack.native import key_of
from tvbrain.types import Slate


def asked(home: Household, ask: Ask) -> list[Shown]:
    """The slates that were shown, in the order of asking."""
    context, brain, believed = ask.context, home.brain, home.believed
    assert isinstance(context.profile, int)
    now = home.clock.now()
    ranking = believed.ranking(context, now)
    wanted = Wanted(home.world, ranking)
    at = now if context.at is None else context.at
    watcher = Watcher(
        home.world,
        believed.history(context.profile),
        believed.profiles[context.profile],
        replace(context),
        ranking.request.at_ms / 1000 if at == 0 else at,
    )

    shown: list[Shown] = []

    def remember(slate: Slate) -> Slate:
        shown.append(Shown(slate.slate_id, {context.row: slate.items}))
        return slate

    slate = remember(brain.recommend(context))
    watcher.check_slate(slate)
    assert told_slate(slate) == wanted.recommend()

    if context.item and believed.stack.find(key_of(context.item)) is None:
        with pytest.raises(UnknownItemError):
            brain.rows(context, limit=ask.rows)
    else:
        screen = brain.rows(context, limit=ask.rows)
        shown.append(Shown(screen.slate_id, {i: row.items for i, row in enumerate(screen.rows)}))
        watcher.check_screen(screen)
        assert told_screen(screen) == wanted.rows(ask.rows)

    found = remember(brain.search(ask.text, context))
    watcher.check_search(found)
    assert told_slate(found) == wanted.search(ask.text)

    title = believed.stack.find(key_of(ask.item))
    if title is None:
        for question in (brain.similar, brain.explain):
            with pytest.raises(UnknownItemError):
                question(ask.item, context)
        return shown
    similar = remember(brain.similar(ask.item, context))
    watcher.check_similar(similar, home.world.names()[ask.item])
    assert told_slate(similar) == wanted.similar(title)

    explanation = brain.explain(ask.item, context)
    watcher.check_explanation(explanation)
    assert told_explanation(explanation) == wanted.explanation(title)
    return shown
