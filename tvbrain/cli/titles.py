"""Titles as commands show them: a table for people, plain values for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tvbrain.cli import output

if TYPE_CHECKING:
    from tvbrain.brain.brain import Brain
    from tvbrain.types import ItemInfo, SlateItem


def print_titles(brain: Brain, heading: str, items: Sequence[SlateItem]) -> None:
    """One line a title: place, name and year, score, reason, id."""
    rows = []
    for place, entry in enumerate(items, 1):
        named = dated(brain.item(entry.item))
        rows.append([str(place), named, f"{entry.score:.3f}", entry.reason, entry.item])
    output.print_table(heading, ["", "title", "score", "reason", "id"], rows)


def dated(facts: ItemInfo) -> str:
    """The title with its year, where that is known."""
    return f"{facts.title} ({facts.year})" if facts.year else facts.title


def plain_title(brain: Brain, entry: SlateItem) -> dict[str, object]:
    """Everything that a slate says of a title, with its year and age."""
    facts = brain.item(entry.item)
    return {
        "item": entry.item,
        "title": entry.title,
        "year": facts.year,
        "age": facts.age,
        "score": entry.score,
        "reason": entry.reason,
        "reason_code": entry.reason_code,
        "reason_item": entry.reason_item,
        "reason_genre": entry.reason_genre,
        "terms": dict(entry.terms),
        "propensity": entry.propensity,
        "offer": entry.offer,
        "position_s": entry.position_s,
        "season": entry.season,
        "episode": entry.episode,
        "channel": entry.channel,
        "start": entry.start,
        "end": entry.end,
    }
