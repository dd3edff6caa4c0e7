"""Preferences and affinities: which genres are liked, and at which time of the week more than else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tvbrain.memory.episodes import Memory
from tvbrain.memory.tiers import decay
from tvbrain.store.tastes import Preference

SHRINK = 6.0
"""Titles of a genre, as expected at a daypart, before half of what the difference says is believed."""

LEAST = 0.02
"""Affinities nearer to 0 are left out."""

Genres = Mapping[int, Sequence[str]]
"""Each title's genres, by key."""


def preferences(memories: Iterable[Memory], genres_of: Genres) -> list[Preference]:
    """Sums of strengths a genre and daypart, each title's shared among its genres, decayed to the time
    of the newest evidence of that sum; ascending by genre, daypart. Titles that no pack knows add
    nothing. A function of the memories alone, so that what is forgotten leaves no trace.
    """
    sums: dict[tuple[str, int], tuple[float, int]] = {}
    for memory in memories:  # oldest first
        genres = genres_of[memory.item]
        for genre in genres:
            place = (genre, memory.daypart)
            weight, at = sums.get(place, (0.0, memory.at_ms))
            newest = max(at, memory.at_ms)
            kept = weight * decay("temporal", (newest - at) / 1000)
            added = memory.strength / len(genres)
            sums[place] = (
                kept + added * decay("temporal", (newest - memory.at_ms) / 1000),
                newest,
            )
    return [Preference(genre, part, *sums[genre, part]) for genre, part in sorted(sums)]


def affinities(learned: Sequence[Preference], now: float) -> list[tuple[str, int, float]]:
    """(genre, daypart, affinity in [-1, 1]): how much more than usual a genre is liked then.

    With n the decayed positive sums and e = n[g] n[d] / n, what would be expected at the daypart:
    (n[g, d] + SHRINK) / (e + SHRINK) - 1, cut to [-1, 1]. 0 without evidence; and near 0 where little of the genre
    could be expected, so that one rare title makes no habit.
    """
    counts: dict[tuple[str, int], float] = {}
    for one in learned:
        weight = one.weight * decay("temporal", now - one.at_ms / 1000)
        if weight > 0:
            counts[one.genre, one.daypart] = weight
    total = sum(counts.values())
    of_genre: dict[str, float] = {}
    of_part: dict[int, float] = {}
    for (genre, part), weight in counts.items():
        of_genre[genre] = of_genre.get(genre, 0.0) + weight
        of_part[part] = of_part.get(part, 0.0) + weight
    found = []
    for genre in sorted(of_genre):
        usual = of_genre[genre] / total
        for part in sorted(of_part):
            expected = usual * of_part[part]
            here = counts.get((genre, part), 0.0)
            value = max(-1.0, min((here + SHRINK) / (expected + SHRINK) - 1.0, 1.0))
            if abs(value) >= LEAST:
                found.append((genre, part, value))
    return found
