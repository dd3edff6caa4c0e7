"""What the personas need to know of a demo title."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

from tvbrain.pack.catalogue import Title
from tvbrain.pack.jsonl import parse_line


@dataclass(frozen=True, slots=True)
class DemoTitle:
    """A title reduced to what decides who watches it.

    `key` is its artwork key, `people` are its directors and cast, `fame` is 1 to 5, `age` 0 to 18.
    """

    id: str
    key: str
    year: int
    type: str
    genres: tuple[str, ...]
    people: tuple[str, ...]
    countries: tuple[str, ...]
    runtime_min: int
    age: int
    fame: int


def read_titles() -> tuple[DemoTitle, ...]:
    """The built-in catalogue, in file order. Raises BadRowError or KeyError if a shipped file is damaged."""
    folder = files("tvbrain.pack.demo")
    fame: dict[str, int] = json.loads(folder.joinpath("fame.json").read_text(encoding="utf-8"))
    lines = folder.joinpath("catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_demo_title(title, fame[title.artwork]) for title in map(parse_line, lines))


def _demo_title(title: Title, fame: int) -> DemoTitle:
    return DemoTitle(
        id=title.id,
        key=title.artwork,
        year=title.year,
        type=title.type,
        genres=title.genres,
        people=(*title.directors, *title.cast),
        countries=title.countries,
        runtime_min=title.runtime_min,
        age=title.age,
        fame=fame,
    )
