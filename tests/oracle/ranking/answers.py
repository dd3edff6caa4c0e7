"""Every question about single titles and slates, answered by docs/ranking.md; tests.oracle.ranking.rows has screens."""

from __future__ import annotations

from collections.abc import Iterable

from tests.oracle.catalogue import Stack, Title
from tests.oracle.ranking import pick as reasons
from tests.oracle.ranking import terms, values
from tests.oracle.ranking.arithmetic import cut
from tests.oracle.ranking.exploration import propensities
from tests.oracle.ranking.filters import Request
from tests.oracle.ranking.history import History, Seen, tell
from tests.oracle.ranking.pick import Pick
from tests.oracle.ranking.slate import chosen, group_of, in_order
from tests.oracle.ranking.taste import Genres
from tests.oracle.ranking.values import Query
from tests.oracle.search import matches


class Ranking:
    """One person's request to one stack."""

    def __init__(self, stack: Stack, history: History, request: Request) -> None:
        self.stack, self.history, self.request = stack, history, request
        self.told = tell(stack, history)
        self.value = terms.of_history(stack, history, self.told, request)
        self.genres = Genres.of(stack, [one.title for one in self.told.recent])

    def score(self, title: Title) -> tuple[int, ...]:
        return terms.explored(self.request, self.value(title.key))

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

    def choose(self, picks: Iterable[Pick], *, diverse: bool = False) -> list[Pick]:
        request = self.request
        shares = self.genres.shares if diverse else None
        token, diversity = request.screen_token, request.diversity
        return chosen(self.stack, picks, request.k, token, shares, diversity)

    def choose_by_history(self, titles: Iterable[Title], *, diverse: bool) -> list[Pick]:
        return self.explore([Pick(title.key, self.score(title)) for title in titles], diverse)

    def explore(self, picks: list[Pick], diverse: bool) -> list[Pick]:
        """The choice among picks scored by the history, with their propensities."""
        request = self.request
        slate = self.choose(picks, diverse=diverse)
        if request.exploration is not None:
            likely = propensities(
                self.stack, picks, request.k, request.screen_token, request.exploration,
                self.value, self.genres.shares if diverse else None, request.diversity,
            )  # fmt: skip
            for pick in slate:
                pick.propensity = likely[pick.key]
        return slate

    def best(self, titles: Iterable[Title]) -> list[Pick]:
        slate = self.choose_by_history(titles, diverse=True)
        for pick in slate:
            self.give_reason(pick)
        return slate

    def recommend(self) -> list[Pick]:
        return self.best(self.eligible())

    def similar(self, title: Title, titles: Iterable[Title] | None = None) -> list[Pick]:
        """Of all that are eligible, or of `titles`."""
        value = terms.of_title(self.stack, title)
        named = title.key if self.may_be_named(title) else None
        return self.choose(
            Pick(t.key, terms.weighted(terms.OF_SIMILAR, value(t)), reasons.QUERY, reason_key=named)
            for t in (self.eligible() if titles is None else titles)
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
                of = {terms.TEXT: named[key] << 21, terms.POPULARITY: popular}
                found.append(Pick(key, terms.only(of), reasons.QUERY))
            elif value > 0:
                found.append(Pick(key, terms.only({terms.TEXT: value}), reasons.QUERY))
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
            if pick.reason_key is not None and not self.told.seen[pick.reason_key].was_watched:
                pick.reason = reasons.CHOSEN
        elif pick.reason == reasons.SIMILAR:
            pick.reason_key = self._most_similar(pick.key)
        elif pick.reason == reasons.NEW:
            title = self.stack.live[pick.key]
            if values.newness(title, self.request.at_ms) == 0:
                pick.reason = reasons.NONE
        elif pick.reason == reasons.BY_GENRE:
            pick.reason_genre = terms.much_watched(self.genres, self.stack.live[pick.key])
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
