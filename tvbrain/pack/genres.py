"""Providers name their genres in 125 ways; viewers think in fewer. One written table makes them comparable.

A pack holds at most 64 genre names (docs/formats.md), so a label that is not in the table is kept only where an
operator wrote it himself (JSONL); of the provider lists and MovieLens every label is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_NAMES: tuple[tuple[str, str], ...] = (
    ("Action", "Action|Action & Adventure|Action-Adventure|TV Action & Adventure"),
    ("Adventure", "Adventure|Action & Adventure|Action-Adventure|TV Action & Adventure|Survival"),
    ("Animation", "Animation|Adult Animation|Cartoons|Anime|Anime Features|Anime Series"),
    ("Anime", "Anime|Anime Features|Anime Series"),
    ("Arthouse", "Arthouse"),
    ("Arts", "Arts|Dance"),
    ("Biography", "Biographical"),
    ("Black Stories", "Black Stories"),
    ("British", "British TV Shows"),
    ("Children", "Children|Children & Family Movies|Kids|Kids' TV"),
    ("Classics", "Classics|Classic Movies|Classic & Cult TV"),
    (
        "Comedy",
        "Comedy|Comedies|TV Comedies|Romantic Comedy|Sitcom|Sketch Comedy|Parody|Buddy|Stand-Up Comedy"
        "|Stand Up",
    ),
    ("Concert", "Concert Film|Music Videos and Concerts"),
    ("Cooking", "Cooking & Food"),
    ("Crime", "Crime|Crime TV Shows|Police/Cop"),
    ("Cult", "Cult Movies|Classic & Cult TV"),
    ("Documentary", "Documentary|Documentaries|Docuseries"),
    ("Drama", "Drama|Dramas|TV Dramas|Medical|Soap Opera / Melodrama"),
    ("Faith", "Faith & Spirituality|Faith and Spirituality"),
    ("Family", "Family|Children & Family Movies"),
    ("Fantasy", "Fantasy|Sci-Fi & Fantasy|TV Sci-Fi & Fantasy"),
    ("Fitness", "Fitness"),
    ("Game Show", "Game Shows|Game Show / Competition"),
    ("Health", "Health & Wellness"),
    ("History", "History|Historical"),
    ("Horror", "Horror|Horror Movies|TV Horror"),
    ("Independent", "Independent Movies"),
    ("International", "International|International Movies|International TV Shows"),
    ("Korean", "Korean TV Shows"),
    ("LGBTQ", "LGBTQ|LGBTQ Movies|LGBTQ+"),
    ("Latino", "Latino|Spanish-Language TV Shows"),
    ("Lifestyle", "Lifestyle|Lifestyle & Culture"),
    ("Music", "Music|Music & Musicals|Concert Film|Music Videos and Concerts"),
    ("Musical", "Musical|Music & Musicals"),
    ("Mystery", "Mystery|TV Mysteries"),
    ("Nature", "Animals & Nature|Science & Nature TV"),
    ("News", "News"),
    ("Noir", "Film-Noir"),
    ("Reality", "Reality|Reality TV|Unscripted"),
    ("Romance", "Romance|Romantic Movies|Romantic TV Shows|Romantic Comedy"),
    ("Sci-Fi", "Sci-Fi|Science Fiction|Sci-Fi & Fantasy|TV Sci-Fi & Fantasy"),
    ("Science", "Science & Technology|Science & Nature TV"),
    ("Special Interest", "Special Interest"),
    ("Sports", "Sports|Sports Movies"),
    ("Stand-Up", "Stand Up|Stand-Up Comedy|Stand-Up Comedy & Talk Shows"),
    ("Superhero", "Superhero"),
    ("Talk Show", "Talk Show|Talk Show and Variety|Stand-Up Comedy & Talk Shows|Late Night"),
    ("Teen", "Teen|Teen TV Shows|Coming of Age|Young Adult Audience"),
    ("Thriller", "Thriller|Thrillers|TV Thrillers|Suspense|Spy/Espionage"),
    ("Travel", "Travel"),
    ("Variety", "Variety|Talk Show and Variety"),
    ("War", "War|Military and War"),
    ("Western", "Western"),
)

NOT_GENRES = frozenset(
    [
        "Movies",
        "TV Shows",
        "Series",
        "IMAX",
        "Anthology",
        "Disaster",
        "Entertainment",
        "and Culture",
        "(no genres listed)",
    ]
)
"""Labels that say nothing of the kind: forms, formats and pieces of "Arts, Entertainment, and Culture"."""

GENRES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        label: tuple(name for name, labels in _NAMES if label in labels.split("|"))
        for label in (label for _, labels in _NAMES for label in labels.split("|"))
    }
)
"""Label of a provider -> our names for it."""


def genre_names(labels: Iterable[str]) -> tuple[str, ...]:
    """Our names for a provider's labels, in their order, each once. A label the table lacks stays as it is."""
    names = (
        name for label in labels if label not in NOT_GENRES for name in GENRES.get(label, (label,))
    )
    return tuple(dict.fromkeys(names))
