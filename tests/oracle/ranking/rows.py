"""A home screen: "Rows" of docs/ranking.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.oracle.catalogue import Title
from tests.oracle.ranking import pick as reasons
from tests.oracle.ranking import terms, values
from tests.oracle.ranking.answers import Ranking
from tests.oracle.ranking.arithmetic import cut, daypart, log2_q16
from tests.oracle.ranking.history import NO_CONTINUE, STARTED, Seen, follows
from tests.oracle.ranking.pick import Pick
from tests.oracle.ranking.slate import Group, group_of

(
    CONTINUE, BECAUSE, TOP_PICKS, POPULAR, NEXT_EPISODE, MY_LIST, NEW, KIDS, MORE_LIKE_THIS,
    TRENDING, LIVE_NOW, STARTING_SOON,
) = range(1, 13)  # fmt: skip
"""TVB_ROW_*."""

PRIOR_ORDER = (
    CONTINUE, NEXT_EPISODE, MY_LIST, MORE_LIKE_THIS, LIVE_NOW, TOP_PICKS, BECAUSE, NEW, STARTING_SOON,
    TRENDING, KIDS, POPULAR,
)  # fmt: skip

Row = tuple[int, int | None, list[Pick]]
"""Kind, the title that the row is named after, picks."""


class Rows:
    """One screen of one ranking."""

    def __init__(self, ranking: Ranking) -> None:
        self.ranking = ranking
        self.told, self.request = ranking.told, ranking.request

    def screen(self, capacity: int) -> list[Row]:
        """From the top."""
        rows: list[Row] = []
        taken: set[Group] = set()
        for kind, named in self._plan():
            if kind == BECAUSE and sum(row[0] == BECAUSE for row in rows) == 2:
                continue
            free = [t for t in self.ranking.eligible() if group_of(t) not in taken]
            picks = self._row(kind, named, free, taken)
            if not picks:
                continue
            taken |= {group_of(self.ranking.stack.live[pick.key]) for pick in picks}
            may = named is not None and self.ranking.may_be_named(named)
            rows.append((kind, named.key if named is not None and may else None, picks))
        return rows[:capacity]

    def _plan(self) -> Iterator[tuple[int, Title | None]]:
        """Every row that may be."""
        for kind in self._order():
            if kind == BECAUSE:
                for one in self.told.recent:
                    if (
                        one.strength >= 2048
                        and one.was_watched
                        and self.ranking.may_be_named(one.title)
                    ):
                        yield kind, one.title
            elif kind == MORE_LIKE_THIS:
                if self.request.like:
                    yield kind, self.ranking.stack.live[self.request.like]
            else:
                yield kind, None

    def _order(self) -> list[int]:
        """The prior order, in which a row rises by up to 8 places by its use at this daypart."""
        part = daypart(self.request.at_ms, self.request.utc_offset_min)
        use = {kind: q12 for at, kind, q12 in self.ranking.history.row_use if at == part}
        rank = {
            kind: place * 512 - min(use.get(kind, 0), 4096)
            for place, kind in enumerate(PRIOR_ORDER)
        }
        return sorted(PRIOR_ORDER, key=rank.__getitem__)

    def _row(
        self, kind: int, named: Title | None, free: list[Title], taken: set[Group]
    ) -> list[Pick]:
        if kind == CONTINUE:
            return self._own(free + self._begun_again(taken), self._begun())
        if kind == NEXT_EPISODE:
            return self._own(free, self._followed())
        if kind == MY_LIST:
            return self._own(free + self._kept_on_list(taken), self._listed())
        if kind == TOP_PICKS:
            return self.ranking.best(free)
        if kind == NEW:
            return self._new(free)
        if kind == KIDS:
            return self._kids(free)
        if kind == POPULAR:
            return self._popular(free)
        if kind == TRENDING:
            return self._trending(free)
        if kind in (LIVE_NOW, STARTING_SOON):
            return self._on_air(free, soon=kind == STARTING_SOON)
        assert named is not None
        return (
            self.ranking.similar(named, free)
            if kind == MORE_LIKE_THIS
            else self._because(named, free)
        )

    # The profile's own titles

    def _own(self, free: list[Title], picks: Iterable[Pick]) -> list[Pick]:
        """The first k of those that are free, one a group."""
        may, row, taken = {t.key: group_of(t) for t in free}, list[Pick](), set[Group]()
        for pick in picks:
            if pick.key in may and may[pick.key] not in taken:
                row.append(pick)
                taken.add(may[pick.key])
        return row[: self.request.k]

    def _under_way(self) -> list[Seen]:
        going = (one for one in self.told.seen.values() if not one.flags & NO_CONTINUE)
        return sorted(going, key=lambda one: (-one.touch, one.title.key))

    def _pick(self, one: Seen, reason: int) -> Pick:
        return Pick(one.title.key, self.ranking.score(one.title), reason)

    def _is_begun(self, one: Seen) -> bool:
        if not one.flags & STARTED:
            return False
        if one.title.key in self.told.finished:
            return one.resume >= 120
        film = not one.title.is_series and one.episode == (0, 0)
        return one.resume >= 120 or (film and one.watched >= 300)

    def _begun_again(self, taken: set[Group]) -> list[Title]:
        """Finished, and under way with a known length."""
        return self._admitted(
            (
                self.told.seen[key].title
                for key in self.told.finished - self.told.unwanted
                if key in self.told.seen
                and self.told.seen[key].flags & STARTED
                and self.told.seen[key].duration > 0
            ),
            taken,
        )

    def _admitted(self, titles: Iterable[Title], taken: set[Group]) -> list[Title]:
        return [
            title
            for title in titles
            if self.request.admits(title)
            and self.request.asks_for(title)
            and group_of(title) not in taken
        ]

    def _begun(self) -> Iterator[Pick]:
        for one in filter(self._is_begun, self._under_way()):
            pick = self._pick(one, reasons.CONTINUE)
            pick.position, (pick.season, pick.episode) = one.resume, one.episode
            yield pick

    def _followed(self) -> Iterator[Pick]:
        for one in self._under_way():
            after = follows(one.title.seasons, one.done) if one.done else None
            if after is not None and not self._is_begun(one):
                pick = self._pick(one, reasons.NEXT_EPISODE)
                pick.season, pick.episode = after
                yield pick

    def _kept_on_list(self, taken: set[Group]) -> list[Title]:
        titles = map(self.ranking.stack.live.__getitem__, self.told.kept_on_list)
        return self._admitted(titles, taken)

    def _listed(self) -> Iterator[Pick]:
        listed = [(one.listed, one) for one in self.told.seen.values() if one.listed is not None]
        for _, one in sorted(listed, key=lambda each: (-each[0], each[1].title.key)):
            yield self._pick(one, reasons.LISTED)

    # The best titles

    def _scored(self, titles: Iterable[Title]) -> list[Pick]:
        return self.ranking.choose_by_history(titles, diverse=False)

    def _new(self, free: list[Title]) -> list[Pick]:
        row = self._scored(t for t in free if values.newness(t, self.request.at_ms) > 0)
        for pick in row:
            pick.reason = reasons.NEW
        return row

    def _kids(self, free: list[Title]) -> list[Pick]:
        watched = (one.title for one in self.told.seen.values() if one.strength > 0)
        if self.request.max_age > 12 and not any(map(_is_for_children, watched)):
            return []
        row = self._scored(filter(_is_for_children, free))
        for pick in row:
            self.ranking.give_reason(pick)
        return row

    def _because(self, named: Title, free: list[Title]) -> list[Pick]:
        if self.ranking.stack.weighing(named.key) is None and named.vector is None:
            return []
        value = terms.of_title(self.ranking.stack, named)
        picks = []
        for title in free:
            of = value(title)
            if group_of(title) != group_of(named) and (of[terms.CF] > 0 or of[terms.TEXT] > 0):
                weighted = terms.weighted(terms.OF_SIMILAR, of)
                watched = weighted[terms.CF] >= weighted[terms.TEXT]
                reason = reasons.WATCHED if watched else reasons.SIMILAR
                picks.append(Pick(title.key, weighted, reason, named.key))
        return self.ranking.choose(picks)

    def _popular(self, free: list[Title]) -> list[Pick]:
        def by_popularity(title: Title) -> tuple[int, ...]:
            return terms.only({terms.POPULARITY: values.popularity(self.ranking.stack, title)})

        popular = (title for title in free if title.popularity > 0)
        return self.ranking.choose(
            Pick(title.key, by_popularity(title), reasons.POPULAR) for title in popular
        )

    def _trending(self, free: list[Title]) -> list[Pick]:
        stack = self.ranking.stack
        counts = stack.counts(self.request.region, 255, 1) or stack.counts("", 255, 1)
        most = log2_q16(1 + max(counts.values(), default=0))
        return self.ranking.choose(
            Pick(t.key, terms.only({terms.POPULARITY: value}), reasons.TRENDING)
            for t in free
            if t.key in counts and (value := (log2_q16(1 + counts[t.key]) << 20) // most) > 0
        )

    # The channels

    def _affinity(self, channel: str) -> int:
        part = daypart(self.request.at_ms, self.request.utc_offset_min)
        known = {name: q12 for at, q12, name in self.ranking.history.channels if at == part}
        return cut(known.get(terms.genre_hash(channel), 0), -4096, 4096)

    def _on_air(self, free: list[Title], *, soon: bool) -> list[Pick]:
        now, picks = self.request.at_ms, []
        weight = max(400, cut(self.request.weights[terms.CHANNEL], -(2**14), 2**14))
        for title in free:
            shown = [
                (-self._affinity(channel), start, terms.genre_hash(channel), end, channel)
                for (start, channel), end in self.ranking.stack.airings(title.key).items()
                if (now < start <= now + 7_200_000 if soon else start <= now < end)
            ]
            if shown:
                negative, start, _, end, channel = min(shown)
                of = list(self.ranking.score(title))
                of[terms.CHANNEL] = weight * -negative * 256 >> 12
                picks.append(Pick(title.key, tuple(of), reasons.SOON if soon else reasons.LIVE))
                picks[-1].airing = (start, end, channel)
        return self.ranking.explore(picks, diverse=False)


def _is_for_children(title: Title) -> bool:
    return title.age <= 7 and not title.genres.isdisjoint({"Children", "Family"})
