"""The demo catalogue: real films and series to try tvbrain with, and invented people who watch them.

`catalogue.jsonl` is in the format of `tvbrain.pack.jsonl`: facts only, written by hand from general knowledge; no
data set was copied. `age` is our reading of the US rating: G and TV-Y 0, milder PG and TV-Y7 7, PG and TV-PG 8,
PG-13 13, TV-14 14, R and TV-MA 17, stricter 18. For a series `directors` are its creators, `year` its first
broadcast, and `seasons` lists its first seasons as far as we are sure of them: it may be shorter than the series,
and empty. No title has a `series` key: parts of a franchise are works of their own.

`fame.json` gives each title, by artwork key, how widely it is known: 2 to enthusiasts, 3 to many, 4 to most, 5 to
nearly everybody. It weighs what the personas watch and is no fact of the catalogue, so it stands beside it.

The providers `demo`, `cinema` and `kids`, and every region and window, are invented, so that entitlements and
availability have something to act on. They say nothing about where a title can be watched.
"""

GENRES = (
    "Action",
    "Adventure",
    "Animation",
    "Anime",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "History",
    "Horror",
    "Music",
    "Mystery",
    "Reality",
    "Romance",
    "Sci-Fi",
    "Sports",
    "Thriller",
    "War",
    "Western",
)
"""The whole genre vocabulary of the demo catalogue."""

PROVIDERS = ("demo", "cinema", "kids")
"""The invented providers."""
