"""Search as docs/ranking.md ("Search") and docs/formats.md ("Static encoder") define it, without an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isqrt

WHOLE, PREFIX, PHRASE, WORDS, NEAR_1, NEAR_2, TYPED = 7, 6, 5, 4, 3, 2, 1
FEW = 3
MOST_WORDS, MOST_UNKNOWN = 16, 2


def edits(a: bytes, b: bytes) -> int:
    """Optimal string alignment, the whole table."""
    table = [
        [max(i, j) if not i or not j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)
    ]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, table[i - 2][j - 2] + 1)
            table[i][j] = best
    return table[-1][-1]


def forgiven(size: int) -> int:
    return 0 if size < 4 else 1 if size < 8 else 2


def exact_match(text: bytes, normal: bytes) -> int:
    """What a text matches of one title without an error; 0 if nothing."""
    words = text.split()
    if not words or len(words) > MOST_WORDS:
        return 0
    if text == normal:
        return WHOLE
    if normal.startswith(text):
        return PREFIX
    if b" " + text in normal:
        return PHRASE
    own = normal.split()
    found = all(word in own for word in words[:-1]) and any(w.startswith(words[-1]) for w in own)
    return WORDS if found else 0


class Titles:
    """The normal forms of all live titles, which together decide what words are known."""

    def __init__(self, normals: Iterable[Sequence[str]]) -> None:
        self.words = {w for names in normals for name in names for w in name.encode().split()}

    def typed_match(self, text: bytes, normal: bytes) -> int:
        """What a text with errors matches of one title."""
        squeezed = text.replace(b" ", b"")
        limit = forgiven(len(squeezed))
        distance = edits(squeezed, normal.replace(b" ", b""))
        if squeezed and distance <= limit:
            return NEAR_1 if distance < 2 else NEAR_2
        return TYPED if self._words(text, normal) else 0

    def _words(self, text: bytes, normal: bytes) -> bool:
        words, own = text.split(), normal.split()
        if not words or len(words) > MOST_WORDS:
            return False
        known = [word in self.words for word in words[:-1]]
        known.append(any(word.startswith(words[-1]) for word in self.words))
        unknown = [word for word, knows in zip(words, known, strict=True) if not knows]
        if not 1 <= len(unknown) <= MOST_UNKNOWN or any(forgiven(len(w)) == 0 for w in unknown):
            return False
        for place, (word, knows) in enumerate(zip(words, known, strict=True)):
            last = place == len(words) - 1
            if knows:
                fits = word in own or (last and any(w.startswith(word) for w in own))
            else:
                fits = any(edits(word, w) <= forgiven(len(word)) for w in own)
                if last and len(word) >= 5:
                    fits = fits or any(
                        w[:1] == word[:1] and edits(word, w[:size]) <= 1
                        for w in own
                        for size in range(len(w) + 1)
                    )
            if not fits:
                return False
        return True


def matches(
    text: str, normals: Mapping[int, Sequence[str]], asked: Callable[[int], bool]
) -> dict[int, int]:
    """Key: match, of the titles that are `asked` for. normals: of every live title."""
    typed = text.encode()
    wanted = {key: names for key, names in normals.items() if asked(key)}
    found = {
        key: match
        for key, names in wanted.items()
        if (match := max(exact_match(typed, name.encode()) for name in names))
    }
    if len(found) < FEW:
        titles = Titles(normals.values())
        for key, names in wanted.items():
            match = max(titles.typed_match(typed, name.encode()) for name in names)
            if match:
                found[key] = max(found.get(key, 0), match)
    return found


def encode(
    normal: str,
    rows: Mapping[int, tuple[Sequence[int], int]],
    mean_q20: Sequence[int],
    hash64: Callable[[bytes], int],
) -> tuple[list[int], int, int] | None:
    """Row, scale Q30, bias Q20 of a text. rows: hash -> (numbers, scale Q20). mean_q20: of the space, rotated."""
    total = [0] * len(mean_q20)

    def add(feature: bytes, weight: int = 4096) -> bool:
        row = rows.get(hash64(feature) & 0xFFFFFFFF)
        if row is None:
            return False
        factor = row[1] * weight >> 12
        for at, number in enumerate(row[0]):
            total[at] += factor * number
        return True

    add(b"")
    said = False
    words = [word for word in normal.encode().split(b" ") if word]
    for place, word in enumerate(words):
        if add(word):
            said = True
        else:
            marked = b"<" + word + b">"
            grams = [
                b"\1" + marked[at : at + size]
                for size in (3, 4, 5)
                for at in range(len(marked) - size + 1)
            ]
            known = [gram for gram in grams if hash64(gram) & 0xFFFFFFFF in rows]
            for gram in known:
                said = add(gram, isqrt(2**24 // len(known))) or said
        if place:
            said = add(words[place - 1] + b" " + word) or said
    if not said:
        return None
    shift = 0
    while max(map(abs, total)) >> shift >= 2**24:
        shift += 1
    total = [number >> shift for number in total]
    norm = isqrt(sum(number * number for number in total))
    if norm == 0:
        return None
    unit = [_towards_0(number << 20, norm) for number in total]
    bias = sum(a * b for a, b in zip(unit, mean_q20, strict=True)) >> 20
    centred = [a - b for a, b in zip(unit, mean_q20, strict=True)]
    most = max(map(abs, centred))
    if most == 0:
        return None
    row = [_away(number * 127, most) for number in centred]
    return row, min((most * 1024 + 63) // 127, 2**25 - 1), bias


def _towards_0(number: int, by: int) -> int:
    return number // by if number >= 0 else -(-number // by)


def _away(number: int, by: int) -> int:
    return (number + by // 2) // by if number >= 0 else -((-number + by // 2) // by)
