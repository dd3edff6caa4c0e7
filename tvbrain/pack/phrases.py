"""What a text encoder is taught with: pieces of the catalogue's texts and made-up searches, the same for a seed.

Five kinds in turn, so that any beginning of the list is a fair sample of it: windows of descriptions, noun-like
chunks (runs without stop words), searches made of a pattern and such chunks, words by frequency, and titles.
"""

from __future__ import annotations

import random
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tvbrain.pack.catalogue import Title

WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
SENTENCE = re.compile(r"[.!?;:,()\"\u201c\u201d\u2014\u2013]+")
_STOP = (
    "a an the of to in on at by for from with and or but as is are was were be been being it its he she they his her "
    "their them him this that these those who whom whose which what when where while after before into onto over "
    "under up down out off not no nor so than then too very can could will would shall should may might must do does "
    "did has have had having about between through during against among if because until there here one all any both "
    "each more most other some such only own same just also must how s t re ve ll d m i you we our your my me us"
)
_LEADS = (
    "film movie series show documentary comedy drama thriller cartoon anime story mystery romance adventure musical "
    "biography western horror"
)
_ADJECTIVES = "funny scary sad romantic true dark gripping classic new old animated short emotional inspiring strange"
_PLACES = (
    "New York, Paris, London, India, Korea, Japan, China, Africa, Mexico, Brazil, Spain, France, Germany, Italy, "
    "Texas, California, space, the jungle, the desert, school, a hospital, a prison, a small town, the city, the sea, "
    "the mountains, the future, the past, Nigeria, Turkey, Russia, Egypt, Australia, Canada, Ireland, Hollywood"
)
STOP = frozenset(_STOP.split())
LEADS = _LEADS.split()
ADJECTIVES = _ADJECTIVES.split()
PLACES = _PLACES.split(", ")
PEOPLE = ("kids", "children", "adults", "teenagers", "toddlers", "families", "the whole family")
PATTERNS = (
    "{lead} about {one}", "{one}", "{genre} {lead} with {one}", "{one} and {two}", "{genre} about {one}",
    "{lead} set in {place}", "{one} {genre}", "a {one} who {tail}", "{adjective} {lead} for {people}",
    "{adjective} {genre} about {one}", "{place} {genre} {lead}", "life of {one}", "{one} in {place}",
    "{one} falls in love with {two}", "{two} against {one}", "how {one} {tail}", "{genre} for {people}",
)  # fmt: skip


HELD_OUT = 20
"""One title in so many teaches no encoder, so that every encoder can be judged by what it has not seen."""


def held_out(title: Title) -> bool:
    return zlib.crc32(title.id.encode()) % HELD_OUT == 0


def words_of(text: str) -> list[str]:
    return WORD.findall(text)


def chunks_of(text: str) -> list[str]:
    """Runs of one to four words without a stop word and without punctuation between them."""
    found: list[str] = []
    for part in SENTENCE.split(text):
        run: list[str] = []
        for word in [*words_of(part), "the"]:
            if word.lower() in STOP:
                if 1 <= len(run) <= 4:
                    found.append(" ".join(run))
                run = []
            else:
                run.append(word)
    return found


def windows(texts: Sequence[str], draw: random.Random, count: int) -> Iterator[str]:
    """`count` runs of 3 to 9 words of random texts."""
    split = [words for text in texts if len(words := words_of(text)) >= 4]
    for _ in range(count if split else 0):
        words = draw.choice(split)
        size = min(draw.randint(3, 9), len(words))
        start = draw.randint(0, len(words) - size)
        yield " ".join(words[start : start + size])


def phrases(titles: Sequence[Title], count: int, seed: int = 0) -> list[str]:
    """At most `count` different texts of titles that are not held out; fewer where the catalogue has no more."""
    titles = [title for title in titles if not held_out(title)]
    draw = random.Random(seed)
    texts = [title.description for title in titles if title.description]
    chunks = [chunk for text in texts for chunk in chunks_of(text)] or ["something"]
    genres = sorted({genre for title in titles for genre in title.genres}) or ["Drama"]
    often = Counter(word.lower() for text in texts for word in words_of(text))
    vocabulary = [word for word, _ in sorted(often.items(), key=lambda one: (-one[1], one[0]))]
    named = [title.title for title in titles]
    draw.shuffle(named)
    kinds = (
        windows(texts, draw, count),
        (draw.choice(chunks) for _ in range(count)),
        (_search(chunks, genres, draw) for _ in range(count)),
        windows(texts, random.Random(seed + 1), count),
        (_search(chunks, genres, draw) for _ in range(count)),
        iter(vocabulary),
        iter(named),
    )
    seen: dict[str, None] = {}
    for group in zip_longest(*kinds):
        for text in group:
            if text:
                seen.setdefault(text)
        if len(seen) >= count:
            break
    return list(seen)[:count]


def _search(chunks: Sequence[str], genres: Sequence[str], draw: random.Random) -> str:
    one, two = draw.choice(chunks), draw.choice(chunks)
    text = draw.choice(PATTERNS).format(
        lead=draw.choice(LEADS),
        genre=draw.choice(genres).lower(),
        one=one,
        two=two,
        tail=" ".join(draw.choice(chunks).split()[:3]),
        adjective=draw.choice(ADJECTIVES),
        people=draw.choice(PEOPLE),
        place=draw.choice(PLACES),
    )
    return text.lower() if draw.random() < 0.7 else text
