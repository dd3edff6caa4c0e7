"""A title's text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.fakes import FakeEmbedder
from tests.pack.making import title
from tvbrain.pack.vectors import embed_titles, title_text

TIDE = title(
    "a:1",
    "Tide",
    2019,
    "series",
    people=("A", "B", "C", "D", "E"),
    genres=("Drama",),
    description="Sea.",
)


def test_a_described_title_is_its_name_kind_genres_and_description() -> None:
    assert title_text(TIDE) == "Tide. Series. Drama. Sea"


def test_people_stand_in_for_a_description() -> None:
    assert title_text(replace(TIDE, description="")) == "Tide. Series. Drama. A, B, C, D"


def test_what_providers_add_does_not_change_the_text() -> None:
    other = replace(TIDE, id="b:2", offers=(), year=2020, runtime_min=50)
    assert title_text(other) == title_text(TIDE)


def test_titles_are_embedded_in_order_with_and_without_a_cache(tmp_path: Path) -> None:
    titles = [TIDE, replace(TIDE, title="Ebb")]
    bare = embed_titles(titles, FakeEmbedder())
    np.testing.assert_array_equal(bare, FakeEmbedder().embed([title_text(t) for t in titles]))
    np.testing.assert_array_equal(embed_titles(titles, FakeEmbedder(), cache_dir=tmp_path), bare)
