"""Canonical ids are given once and kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.pack.making import title
from tvbrain.pack.catalogue import Title
from tvbrain.pack.identity import Identity, assign_ids


def _assign(works: list[str], previous: dict[str, str] | None = None) -> Identity:
    """Works as texts of offer ids, "a:1 b:1"."""
    return assign_ids([[title(name) for name in work.split()] for work in works], previous or {})


def test_a_new_work_has_the_id_of_its_first_row() -> None:
    assert _assign(["a:1 b:1", "b:2"]).canonical == ("a:1", "b:2")


def test_a_work_keeps_its_id_when_another_provider_comes_first() -> None:
    identity = _assign(["z:9 a:1 b:1"], {"a:1": "a:1", "b:1": "a:1"})
    assert identity.canonical == ("a:1",)
    assert identity.aliases == {"z:9": "a:1", "a:1": "a:1", "b:1": "a:1"}


def test_a_work_keeps_its_id_when_the_provider_that_gave_it_leaves() -> None:
    identity = _assign(["b:1"], {"a:1": "a:1", "b:1": "a:1"})
    assert identity.canonical == ("a:1",)
    assert identity.aliases == {"b:1": "a:1", "a:1": "a:1"}
    assert identity.retired == {}


def test_titles_found_to_be_one_keep_the_first_id_and_alias_the_other() -> None:
    identity = _assign(["a:1 b:1"], {"a:1": "a:1", "b:1": "b:1", "c:1": "b:1"})
    assert identity.canonical == ("a:1",)
    assert identity.aliases == {"a:1": "a:1", "b:1": "a:1", "c:1": "a:1"}


def test_a_title_found_to_be_two_leaves_its_id_with_the_row_of_that_id() -> None:
    identity = _assign(["b:1", "a:1"], {"a:1": "a:1", "b:1": "a:1"})
    assert identity.canonical == ("b:1", "a:1")


def test_a_title_that_left_is_retired_and_gets_its_id_back() -> None:
    gone = _assign(["b:2"], {"a:1": "a:1", "b:1": "a:1", "b:2": "b:2"})
    assert gone.retired == {"a:1": "a:1", "b:1": "a:1"}
    back = _assign(["b:2", "b:1"], {**gone.aliases, **gone.retired})
    assert back.canonical == ("b:2", "a:1")
    assert back.retired == {}


def test_a_title_may_have_an_id_that_is_none_of_its_offers() -> None:
    work = Title("own:x", "Tide", 2014, "movie", title("a:1").offers)
    identity = assign_ids([[work]], {})
    assert identity.canonical == ("own:x",)
    assert identity.aliases == {"own:x": "own:x", "a:1": "own:x"}


partitions = st.lists(st.integers(0, 5), min_size=1, max_size=9)


def _works(groups: list[int], here: list[bool]) -> list[list[Title]]:
    ids = [f"{'abc'[n % 3]}:{n // 3}" for n in range(len(groups))]
    works: dict[int, list[Title]] = {}
    for identity, group, present in zip(ids, groups, here, strict=False):
        if present:
            works.setdefault(group, []).append(title(identity))
    return list(works.values())


@given(
    st.lists(
        st.tuples(partitions, st.lists(st.booleans(), min_size=9, max_size=9)),
        min_size=1,
        max_size=5,
    )
)
def test_over_any_history_ids_are_unique_and_nothing_published_is_lost(
    history: list[tuple[list[int], list[bool]]],
) -> None:
    published: dict[str, str] = {}
    for groups, here in history:
        works = _works(groups, here)
        identity = assign_ids(works, published)
        assert len(set(identity.canonical)) == len(identity.canonical)
        for canonical, work in zip(identity.canonical, works, strict=True):
            assert {identity.aliases[row.id] for row in work} == {canonical}
            assert identity.aliases[canonical] == canonical
        assert not identity.aliases.keys() & identity.retired.keys()
        assert published.keys() <= identity.aliases.keys() | identity.retired.keys()
        published = {**identity.aliases, **identity.retired}


@given(partitions, st.lists(st.booleans(), min_size=9, max_size=9))
def test_an_id_stays_with_the_row_that_carries_it(groups: list[int], here: list[bool]) -> None:
    first = assign_ids(_works(groups, [True] * 9), {})
    second = assign_ids(_works(list(reversed(groups)), here), first.aliases)
    for name, canonical in second.aliases.items():
        if name in second.canonical and name in first.canonical:
            assert canonical == name
