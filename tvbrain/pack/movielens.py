"""MovieLens `movies.csv`: movieId, title, genres. Ids are `ml:<movieId>`.

Its titles carry everything: "Postman, The (Postino, Il) (1994)" is "The Postman", also known as "Il Postino", 1994.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from tvbrain.pack.catalogue import Offer, Title, TitleType
from tvbrain.pack.errors import BadRowError
from tvbrain.pack.fields import FIRST_YEAR, LAST_YEAR, check_id, clean
from tvbrain.pack.genres import genre_names
from tvbrain.pack.rows import Row, check_text, csv_rows

COLUMNS = frozenset({"movieId", "title", "genres"})
LONGEST_TITLE = 1000

_YEAR = re.compile(r"\s*\((\d{4})(-|\u2013|\u2014)?(\d{4})?\)\s*$")
_LAST_BRACKET = re.compile(r"^(?P<stem>.*\S)\s+\((?P<inside>(?:[^()]|\([^()]*\))+)\)$")
_CONTINUES = re.compile(r"(?:\bor|:)$", re.IGNORECASE)
_ALSO = re.compile(r"^(?:a\.?k\.?a\.?|aka)\s+", re.IGNORECASE)
_ARTICLES = (
    "The A An Le La Les L' Il Lo I Gli Un Une Una El Los Las Der Die Das De Den Det En Ett Os O"
)
_TRAILING_ARTICLE = re.compile(rf"^(?P<rest>.+), (?P<article>{'|'.join(_ARTICLES.split())})$")


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """A MovieLens title taken apart; `year` 0 where there is none, `series` where it is a span of years."""

    title: str
    year: int
    aka: tuple[str, ...]
    series: bool


def parse_title(text: str) -> ParsedTitle:
    """Takes year, alternative titles and the trailing article out of a MovieLens title."""
    rest, year, series = clean(text), 0, False
    match = _YEAR.search(rest)
    if match and FIRST_YEAR <= int(match.group(1)) <= LAST_YEAR and match.start() > 0:
        rest, year, series = rest[: match.start()], int(match.group(1)), match.group(2) is not None
    others: list[str] = []
    # "Birdman: Or (The Unexpected …)" goes on inside its bracket, and "Frontière(s)" has no space before it.
    while (bracket := _LAST_BRACKET.match(rest)) and not _CONTINUES.search(bracket["stem"]):
        others.append(article_first(_ALSO.sub("", bracket["inside"])))
        rest = bracket["stem"]
    name = article_first(rest)
    aka = tuple(dict.fromkeys(other for other in reversed(others) if other and other != name))
    return ParsedTitle(name, year, aka, series)


def article_first(text: str) -> str:
    """ "Godfather, The" to "The Godfather", "Avventura, L'" to "L'Avventura"; others unchanged."""
    match = _TRAILING_ARTICLE.match(text.strip())
    if match is None:
        return text.strip()
    article = match["article"]
    return f"{article}{match['rest']}" if article.endswith("'") else f"{article} {match['rest']}"


def movielens_titles(
    lines: Sequence[str], header: Sequence[str]
) -> Iterator[tuple[Row, Callable[[], Title]]]:
    """Yields each row and a function that reads it or raises BadRowError."""
    names = [name.strip() for name in header]
    for row in islice(csv_rows(lines, len(names)), 1, None):
        yield row, partial(_title, row, names)


def _title(row: Row, names: Sequence[str]) -> Title:
    check_text(row.fields)
    field = dict(zip(names, row.fields, strict=True))
    if not re.fullmatch(r"[0-9]+", field["movieId"].strip()):
        raise BadRowError(f"movieId {field['movieId']!r} is not a number")
    identity = check_id(f"ml:{int(field['movieId'])}")
    if len(field["title"]) > LONGEST_TITLE:
        raise BadRowError(f"the title is longer than {LONGEST_TITLE} characters")
    parsed = parse_title(field["title"])
    if not parsed.title:
        raise BadRowError("the title is empty")
    kind: TitleType = "series" if parsed.series else "movie"
    genres = genre_names(label for label in clean(field["genres"]).split("|") if label)
    return Title(
        id=identity,
        title=parsed.title,
        year=parsed.year,
        type=kind,
        offers=(Offer(id=identity),),
        genres=genres,
        aka=parsed.aka,
    )
