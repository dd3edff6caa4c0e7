"""Titles and names made comparable: the same work spelt by two providers should give the same key."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_BRACKET = re.compile(r"[\s:\u2013-]*[(\[]([^()\[\]]*)[)\]]\s*$")
_LEADING_BRACKET = re.compile(r"^[(\[]([^()\[\]]*)[)\]]\s*(?=\S)")
_TRAILING_ARTICLE = re.compile(r"^(.+), (the|an?)$", re.IGNORECASE)
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_VERSION = re.compile(
    r"4k(?: uhd)?|uhd|hd|hd sd ver|restored|remastered|sub(?:bed|titled)?|dub(?:bed)?|english (?:sub|dub)\w*"
    r"|in colou?r|colou?ri[sz]ed|black and white(?: version)?|unrated(?: (?:version|edition|cut))?|uncut"
    r"|(?:extended|directors|theatrical)(?: (?:version|edition|cut))"
    r"|(?:(?:in|en) )?(?:tamil|telugu|hindi|malayalam|kannada|marathi|bengali|gujarati|punjabi"
    r"|english|spanish|espanol|french|german|italian|japanese|korean|arabic|turkish|mandarin|chinese|portuguese)"
    r"(?: (?:version|ver|audio|language|narration|dubbed|dub|subtitled))?"
)
_ROMAN = dict(
    zip(
        ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
        map(str, range(2, 11)),
        strict=True,
    )
)
_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER_WORDS = {name: str(number) for number, name in enumerate(_NAMES, 1)}
_BRANDS = (
    ("marvel", "studios"),
    ("marvels",),
    ("walt", "disneys"),
    ("disneys",),
    ("disney", "pixar"),
)
_PART_WORDS = frozenset({"part", "vol", "volume", "chapter", "episode"})
_LETTERS = str.maketrans(
    {"\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d"}
)
"""Letters that Unicode does not decompose."""


@dataclass(frozen=True, slots=True)
class TitleKey:
    """A title as it is compared: its words, and what stood in brackets behind it.

    words: folded words with numerals as digits. year: from a bracket such as "(1992)", else 0. version: whether a
    bracket named only a language or picture version of the same work.
    """

    words: tuple[str, ...]
    year: int
    version: bool

    @property
    def text(self) -> str:
        """The words with one space between them."""
        return " ".join(self.words)

    @property
    def bare(self) -> str:
        """`text` without spaces and without a leading English article: "Spider-Man" and "Spiderman" agree."""
        words = (
            self.words[1:]
            if len(self.words) > 1 and self.words[0] in ("the", "a", "an")
            else self.words
        )
        return "".join(words)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers in the title, in order; titles that differ here are two parts of one series."""
        return tuple(word for word in self.words if any(c.isdigit() for c in word))


def fold(text: str) -> str:
    """Lower-case letters and digits of any script, single spaces; Latin accents gone. Idempotent."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", decomposed).translate(_LETTERS)
    plain = (c for c in decomposed if not "\u0300" <= c <= "\u036f")
    joined = re.sub(r"['\u2019\u2018`\u00b4\u02bb\u02bc.]", "", "".join(plain)).replace(
        "&", " and "
    )
    spaced = (c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in joined)
    return " ".join("".join(spaced).split())


def title_key(title: str) -> TitleKey:
    """The key of a title as a provider prints it."""
    rest, year, version = _split_brackets(title)
    words = _words(fold(_TRAILING_ARTICLE.sub(r"\2 \1", rest.strip())))
    return TitleKey(words, year, version)


def without_version(title: str) -> str:
    """The title without brackets that name only a language or picture version; others stay. Idempotent."""
    rest, year, version = _split_brackets(title)
    return rest.strip() if version and not year else title


def _split_brackets(title: str) -> tuple[str, int, bool]:
    rest, year, version = title, 0, False
    while (bracket := _BRACKET.search(rest)) and rest[: bracket.start()].strip():
        inside = fold(bracket.group(1))
        if _YEAR.fullmatch(inside):
            year = year or int(inside)
        elif _VERSION.fullmatch(inside):
            version = True
        else:
            break
        rest = rest[: bracket.start()]
    if (leading := _LEADING_BRACKET.match(rest)) and _VERSION.fullmatch(fold(leading.group(1))):
        rest, version = rest[leading.end() :], True
    return rest, year, version


def _words(folded: str) -> tuple[str, ...]:
    """Words with numerals as digits, without a studio's name in front and "3D" behind."""
    words = folded.replace("3 d", "3d").split() if folded.endswith("3 d") else folded.split()
    for brand in _BRANDS:
        if tuple(words[: len(brand)]) == brand and len(words) > len(brand):
            words = words[len(brand) :]
            break
    if len(words) > 1 and words[-1] == "3d":
        words = words[:-1]
    numerals = [_numeral(word, at, len(words)) for at, word in enumerate(words)]
    for at in range(1, len(words)):
        if words[at] == "i" and words[at - 1] in _PART_WORDS:
            numerals[at] = "1"
    return tuple(numerals)


def _numeral(word: str, at: int, count: int) -> str:
    # "V" and "X" alone are titles, and "I" is a pronoun; only from the second word on are they numerals.
    if at and word in _ROMAN:
        return _ROMAN[word]
    if count > 1 and word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word]
    return str(int(word)) if word.isdecimal() and word.isascii() and len(word) < 9 else word


def person_key(name: str) -> str:
    """A person's name for comparing: folded, words sorted, for one list puts the family name first, another last."""
    return "".join(sorted(fold(name).split()))
