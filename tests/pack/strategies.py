"""Random titles for tests: everything that a pack can hold, and little that is usual."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from tvbrain.pack.catalogue import Airing, Offer, Title

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
GENRES = st.sampled_from(["Action", "Crime", "Drama", "Sci-Fi", "Kinder & Familie"])
PROVIDERS = st.sampled_from(["netflix", "hulu", "ml", "ard"])
SHOWS = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc"]), max_size=12)
IDS = st.builds("{}:{}x".format, PROVIDERS, SHOWS)
REGIONS = st.lists(
    st.text(string.ascii_uppercase, min_size=2, max_size=2), max_size=4, unique=True
).map(tuple)
TIMES = st.integers(-(10**10), 10**11)
U16 = st.integers(0, 0xFFFF)
AIRINGS = st.sets(
    st.builds(
        lambda start, length, channel: Airing(start, start + length, channel),
        TIMES,
        st.integers(1, 86_400),
        st.sampled_from(["Das Erste", "One"]),
    ),
    max_size=3,
).map(lambda found: tuple(sorted(found)))


@st.composite
def offers(draw: st.DrawFn, identity: str) -> Offer:
    start, end = draw(st.none() | TIMES), draw(st.none() | TIMES)
    if start is not None and end is not None and start >= end:
        start, end = end, start + 1
    return Offer(
        identity,
        age=draw(st.none() | st.integers(0, 18)),
        launch=draw(TEXTS),
        regions=draw(REGIONS),
        start=start,
        end=end,
    )


@st.composite
def titles(draw: st.DrawFn, ids: list[str]) -> Title:
    """A title whose offers have `ids`, in the form that a pack gives back: genres sorted, whole days."""
    names = st.lists(TEXTS, max_size=3, unique=True).map(tuple)
    return Title(
        id=draw(st.sampled_from(ids)),
        title=draw(TEXTS),
        year=draw(U16),
        type=draw(st.sampled_from(("movie", "series"))),
        offers=tuple(draw(offers(identity)) for identity in ids),
        genres=tuple(sorted(draw(st.sets(GENRES)))),
        directors=draw(names),
        cast=draw(names),
        description=draw(TEXTS),
        runtime_min=draw(U16),
        seasons=tuple(draw(st.lists(U16, max_size=3))),
        artwork=draw(TEXTS),
        series=draw(TEXTS),
        added=draw(st.none() | st.integers(-30_000, 60_000).map(lambda day: day * 86400)),
        airings=draw(AIRINGS),
        trending=draw(
            st.dictionaries(st.sampled_from(["DE", "US"]), st.integers(1, 2**32 - 1), max_size=2)
        ),
        audience=draw(
            st.dictionaries(
                st.tuples(st.sampled_from(["", "DE", "US"]), st.sampled_from([255, *range(8)])),
                st.integers(1, 2**32 - 1),
                max_size=3,
            )
        ),
        localised=draw(st.dictionaries(st.sampled_from(["de", "pt-BR", ""]), TEXTS, max_size=2)),
    )


@st.composite
def catalogues(draw: st.DrawFn, max_titles: int = 6) -> list[Title]:
    """Titles without an id in common."""
    ids = draw(st.lists(IDS, unique=True, max_size=2 * max_titles))
    found: list[Title] = []
    while ids and len(found) < max_titles:
        count = draw(st.integers(1, 3))
        found.append(draw(titles(ids[:count])))
        ids = ids[count:]
    return found
