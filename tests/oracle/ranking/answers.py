"""Every question, answered by docs/ranking.md."""

from __future__ import annotations

from collections.abc import Iterable

from tests.oracle.catalogue import Stack, Title
from tests.oracle.ranking import pick as reasons
from tests.oracle.ranking import terms, values
from tests.oracle.ranking.arithmetic import cut
from tests.oracle.ranking.filters import Request
from tests.oracle.ranking.history import NO_CONTINUE, STARTED, History, Seen, follows, tell
from tests.oracle.ranking.pick import Pick
from tests.oracle.ranking.slate import Group, chosen, group_of, in_order
from tests.oracle.ranking.values import Query
from tests.oracle.search import matches

ROW_CONTINUE, ROW_BECAUSE, ROW_TOP_PICKS, ROW_POPULAR = 1, 2, 3, 4
"""TVB_ROW_*."""

Row = tuple[int, int | None, list[Pick]]


class Ranking:
    """One person's request to one stack."""

    def __init__(self, stack: Stack, history: History, request: Request) -> None:
        self.stack, self.history, self.request = stack, history, request
        self.told = tell(stack, history)
        self.score = terms.of_history(stack, history, self.told, request)

    # Filters

    def eligible(self) -> list[Title]:
        return [
            title
            for title in self.stack.live.values()
            if self.request.admits(title)
            and self.request.asks_for(title)
            and title.key not in self.told.finished
            and title.key not in self.told.unwanted
        ]

    def why_not(self, title: Title) -> set[str]:
        causes = {
            "age": title.age > self.request.max_age,
            "genre": not self.request.asks_for(title),
            "finished": title.key in self.told.finished,
            "hidden": title.key in self.told.unwanted,
        }
        return {name for name, holds in causes.items() if holds} | (
            {self.request.why_no_offer(title)} - {""}
        )

    # Slates

    def _choose(self, picks: Iterable[Pick], *, diverse: bool = False) -> list[Pick]:
        request = self.request
        return chosen(self.stack, picks, request.k, request.screen_token, diverse=diverse)

    def _best(self, titles: Iterable[Title]) -> list[Pick]:
        slate = self._choose((Pick(t.key, self.score(t)) for t in titles), diverse=True)
        for pick in slate:
            self.give_reason(pick)
        return slate

    def recommend(self) -> list[Pick]:
        return self._best(self.eligible())

    def similar(self, title: Title) -> list[Pick]:
        value = terms.of_title(self.stack, title)
        named = title.key if self.may_be_named(title) else None
        return self._choose(
            Pick(t.key, terms.weighted(terms.OF_SIMILAR, value(t)), reasons.QUERY, reason_key=named)
            for t in self.eligible()
            if group_of(t) != group_of(title)
        )

    def search(self, text: str, meaning: Query | None = None) -> tuple[int, list[Pick]]:
        """How many are found, and the best; `text` is in normal form, `meaning` its vector if it has one."""

        def asked(key: int) -> bool:
            title = self.stack.live[key]
            return self.request.admits(title) and self.request.asks_for(title)

        live = self.stack.live
        named = matches(text, {key: title.normals for key, title in live.items()}, asked)
        found = []
        for key in filter(asked, live if text else ()):
            value = values.text(self.stack, [meaning], live[key]) if meaning is not None else 0
            if key in named:
                popular = values.popularity(self.stack, live[key])
                found.append(
                    Pick(key, (0, named[key] << 21, 0, popular, 0, 0, 0, 0), reasons.QUERY)
                )
            elif value > 0:
                found.append(Pick(key, (0, value, 0, 0, 0, 0, 0, 0), reasons.QUERY))
        return len(found), in_order(found, self.request.screen_token)[: self.request.k]

    # Reasons

    def may_be_named(self, title: Title) -> bool:
        return self.request.admits(title) and title.key not in self.told.unwanted

    def _speakers(self, key: int) -> list[tuple[int, Seen]]:
        """What the titles that may be named add to CF of one title; those that add nothing are left out."""
        found = []
        for one in self.told.seen.values():
            if one.h != 0 and self.may_be_named(one.title):
                addend = values.adds(self.stack, one.title, one.h).get(key, 0)
                if addend != 0:
                    found.append((addend, one))
        return found

    def _most_watched(self, key: int) -> int | None:
        speaking = [
            (-addend, -one.ordinal, one.title.key)
            for addend, one in self._speakers(key)
            if addend > 0
        ]
        return min(speaking)[2] if speaking else None

    def _most_similar(self, key: int) -> int | None:
        title, best, best_sim = self.stack.live[key], None, 0
        for one in self.told.recent[:64]:
            query = values.query_of(one.title)
            if query is None or one.title.key == key or not self.may_be_named(one.title):
                continue
            near = values.sim(self.stack, query, title)
            if best is None or near > best_sim:
                best, best_sim = one.title.key, near
        return best

    def give_reason(self, pick: Pick) -> None:
        largest = max(pick.terms)
        if largest <= 0:
            return
        pick.reason = reasons.OF_TERM[pick.terms.index(largest)]
        if pick.reason == reasons.WATCHED:
            pick.reason_key = self._most_watched(pick.key)
        elif pick.reason == reasons.SIMILAR:
            pick.reason_key = self._most_similar(pick.key)
        elif pick.reason == reasons.BY_DAYPART:
            title = self.stack.live[pick.key]
            pick.reason_genre = terms.habit(self.history, self.request, title)[1]
        if pick.reason in (reasons.WATCHED, reasons.SIMILAR) and pick.reason_key is None:
            pick.reason = reasons.TASTE

    def explain(self, title: Title) -> Pick:
        pick = Pick(title.key, self.score(title))
        self.give_reason(pick)
        return pick

    def witnesses(self, title: Title) -> list[tuple[int, int]]:
        weight = cut(self.request.weights[terms.CF], -terms.WEIGHT_LIMIT, terms.WEIGHT_LIMIT)
        found = []
        for addend, one in self._speakers(title.key):
            said = weight * cut(addend, -terms.CF_LIMIT, terms.CF_LIMIT) >> 12
            if said != 0:
                found.append((-abs(said), -one.ordinal, one.title.key, said))
        return [(key, said) for _, _, key, said in sorted(found)[:8]]

    # Rows

    def rows(self, capacity: int) -> list[Row]:
        """(kind, the title that the row is named after, picks), from the top."""
        rows: list[Row] = []
        for kind, named in self._row_plan():
            taken = {group_of(self.stack.live[p.key]) for _, _, row in rows for p in row}
            free = [title for title in self.eligible() if group_of(title) not in taken]
            if kind == ROW_BECAUSE and sum(row[0] == ROW_BECAUSE for row in rows) == 2:
                continue
            if kind == ROW_CONTINUE:
                picks = self._under_way(free)
            elif kind == ROW_TOP_PICKS:
                picks = self._best(free)
            elif kind == ROW_POPULAR:
                picks = self._popular(free)
            else:
                assert named is not None
                picks = self._because(named, free)
            if picks:
                rows.append((kind, None if named is None else named.key, picks))
        return rows[:capacity]

    def _row_plan(self) -> list[tuple[int, Title | None]]:
        """Every row that may be; those without titles are left out, and those beyond the second "because"."""
        namesakes = [
            one.title
            for one in self.told.recent
            if one.strength >= 2048 and self.may_be_named(one.title) and self._says(one.title)
        ]
        return [
            (ROW_CONTINUE, None),
            (ROW_TOP_PICKS, None),
            *((ROW_BECAUSE, title) for title in namesakes),
            (ROW_POPULAR, None),
        ]

    def _says(self, title: Title) -> bool:
        return self.stack.weighing(title.key) is not None or title.vector is not None

    def _under_way(self, free: list[Title]) -> list[Pick]:
        row: list[Pick] = []
        taken: set[Group] = set()
        may = {title.key for title in free}
        for one in sorted(self.told.seen.values(), key=lambda s: (-s.touch, s.title.key)):
            title = one.title
            if title.key not in may or group_of(title) in taken or one.flags & NO_CONTINUE:
                continue
            pick = Pick(title.key, self.score(title))
            after = follows(title.seasons, one.done) if one.done else None
            if one.flags & STARTED and (one.resume >= 120 or one.watched >= 300):
                pick.reason, pick.position = reasons.CONTINUE, one.resume
                pick.season, pick.episode = one.episode
            elif after is not None:
                pick.reason = reasons.NEXT_EPISODE
                pick.season, pick.episode = after
            else:
                continue
            row.append(pick)
            taken.add(group_of(title))
        return row[: self.request.k]

    def _because(self, named: Title, free: list[Title]) -> list[Pick]:
        value = terms.of_title(self.stack, named)
        picks = []
        for title in free:
            of = value(title)
            if group_of(title) != group_of(named) and (of[terms.CF] > 0 or of[terms.TEXT] > 0):
                weighted = terms.weighted(terms.OF_SIMILAR, of)
                watched = weighted[terms.CF] >= weighted[terms.TEXT]
                reason = reasons.WATCHED if watched else reasons.SIMILAR
                picks.append(Pick(title.key, weighted, reason, named.key))
        return self._choose(picks)

    def _popular(self, free: list[Title]) -> list[Pick]:
        return self._choose(
            Pick(
                title.key,
                (0, 0, 0, values.popularity(self.stack, title), 0, 0, 0, 0),
                reasons.POPULAR,
            )
            for title in free
            if title.popularity > 0
        )
