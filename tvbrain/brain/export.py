"""Everything that is stored about one person, with titles instead of keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import cache

from tvbrain.brain.lifetimes import told_epochs, told_stages
from tvbrain.brain.recalling import told_effects, told_patterns
from tvbrain.events import KINDS_BY_CODE
from tvbrain.learning import blender
from tvbrain.learning.training import belief_of, prior_of
from tvbrain.loops.learner import Learner
from tvbrain.memory import episodes, habits
from tvbrain.memory.records import records
from tvbrain.pack.facts import NO_SLOT, PackFacts
from tvbrain.sqlite import Database
from tvbrain.store import blends, consumption, journal, syncing, tastes, tunings, viewings
from tvbrain.store.u64 import unsigned
from tvbrain.tuning.space import STEP
from tvbrain.types import TERMS, Profile

Named = Callable[[int], dict[str, object]]
TITLED = (syncing.PAIR, syncing.ITEM)


def export(learner: Learner, facts: PackFacts, profile: Profile) -> dict[str, object]:
    """Settings, journal records, history, sittings, memories, preferences, interests, what was shown (not yet answered,
    and answered), the household's configurations of the ranking, the weights that the blender learned, and what waits
    to be told to a constellation. What is sealed already nobody here can read.

    Times are seconds since the epoch. A title that no pack knows has its key alone.
    """
    named = _namer(facts)
    db = learner.db
    return {
        "profile": asdict(profile),
        "records": _records(learner, profile.id, named),
        "history": _history(learner, profile.id, named),
        "sittings": [
            {
                "session": f"{unsigned(session):016x}",
                "started": started / 1000,
                "ended": ended / 1000,
                "events": events,
            }
            for session, started, ended, events in db.execute(
                "SELECT session, started, ended, events FROM episode WHERE profile = ?"
                " ORDER BY started, id",
                [profile.id],
            ).fetchall()
        ],
        "offered": [
            {
                "started": one.started_ms / 1000,
                "ended": one.ended_ms / 1000,
                "daypart": one.daypart,
                "weekday": one.weekday,
                "shown": one.shown,
                "offered": [named(offer.item) for offer in one.offered],
                "chosen": [
                    named(choice.item) | {"watched": choice.watched, "strength": choice.strength}
                    for choice in one.chosen
                ],
                "critique": "" if one.judged is None else one.judged.critique,
            }
            for one in viewings.viewings(db, profile.id)
        ],
        "patterns": [asdict(one) for one in told_patterns(learner, facts, profile.id)],
        "effects": [asdict(one) for one in told_effects(learner, profile.id)],
        "epochs": [asdict(one) for one in told_epochs(learner, facts, profile.id)],
        "life_stages": [asdict(one) for one in told_stages(learner, profile.id)],
        "memories": [
            named(memory.item)
            | {
                "tier": memory.tier,
                "at": memory.at_ms / 1000,
                "daypart": memory.daypart,
                "strength": memory.strength,
            }
            for memory in episodes.memories(db, profile.id)
        ],
        "preferences": [
            {
                "genre": one.genre,
                "daypart": one.daypart,
                "weight": one.weight,
                "at": one.at_ms / 1000,
            }
            for one in tastes.preferences(db, profile.id)
        ],
        "interests": [
            named(one.item) | {"weight": one.weight}
            for one in tastes.interests(db).get(profile.id, [])
        ],
        "habits": [
            {"sort": one.sort, "daypart": one.daypart, "thing": f"{one.thing:x}"}
            | {"amount": one.amount, "at": one.at_ms / 1000}
            for one in habits.of_profile(db, profile.id)
        ],
        "shown": [
            named(one.item)
            | {"at": one.at_ms / 1000, "row": one.row, "place": one.place, "played": one.played}
            for one in blends.showings(db, profile.id)
        ],
        "answered": [
            named(one.item)
            | {"at": one.at_ms / 1000, "row": one.row, "place": one.place, "played": one.played}
            for one in tunings.judged(db, 0, profile.id)
        ],
        "configurations": [
            {
                "factors": {knob: STEP**steps for knob, steps in sorted(one.steps.items())},
                "since": one.since_ms / 1000,
                "until": None if one.until_ms is None else one.until_ms / 1000,
                "why": one.why,
                "gain": one.gain,
                "error": one.error,
            }
            for one in tunings.used(db)
        ],
        "blender": _blender(db, facts, profile.id),
        "untold": _untold(db, profile.id, named),
        "tallies": {
            KINDS_BY_CODE[kind].name if kind in KINDS_BY_CODE else str(kind): n
            for (who, kind), n in sorted(consumption.tallies(db).items())
            if who == profile.id
        },
    }


def _untold(db: Database, profile: int, named: Named) -> list[dict[str, object]]:
    """What waits to be told to a constellation."""
    return [
        {"kind": kind, "value": one.value}
        | ({"titles": [named(key) for key in (one.a, one.b) if key]} if kind in TITLED else {})
        | ({} if kind in TITLED else {"which": f"{one.a:x}"})
        for kind in (syncing.PAIR, syncing.ITEM, syncing.DAYPART, syncing.PATTERN)
        for one in syncing.unsaid(db, kind)
        if one.profile == profile
    ]


def _blender(db: Database, facts: PackFacts, profile: int) -> dict[str, object]:
    stored = blends.blends(db).get(profile)
    if stored is None:
        return {}
    belief = belief_of(stored, prior_of(facts.weights_q12, facts.precisions))
    sds = blender.deviations(belief, len(TERMS))
    return {
        "showings": stored.updates,
        "weights": {
            term: {"mean": mean, "sd": sd}
            for term, mean, sd in zip(TERMS, belief.mean, sds, strict=False)
        },
    }


def _namer(facts: PackFacts) -> Named:
    @cache
    def name(key: int) -> tuple[tuple[str, object], ...]:
        (slot,), _ = facts.find([key])
        if slot == NO_SLOT:
            return (("key", f"{key:016x}"),)
        item, title = facts.name(slot)
        return ("item", item), ("title", title)

    return lambda key: dict(name(key))


def _records(learner: Learner, profile: int, named: Named) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for batch in journal.read_after(learner.path.parent, 0, 0):
        for row in records(batch.events):
            kind = KINDS_BY_CODE.get(row.kind)
            if row.profile != profile or kind is None:
                continue
            value: dict[str, object] = {"seq": row.seq, "kind": kind.name, "at": row.at_ms / 1000}
            if row.item:
                value |= named(row.item)
            added = batch.added[row.added_at : row.added_at + row.added_size]
            if kind.name in ("search", "channel_change"):
                value["text"] = added.decode("utf-8", "replace")
            if kind.name == "impression":
                value["shown"] = [named(place.key) for place in journal.shown(added)]
            found.append(value)
    return found


def _history(learner: Learner, profile: int, named: Named) -> list[dict[str, object]]:
    fold = learner.consumer.fold
    if profile not in fold.profiles():
        return []
    entries, strengths = fold.entries(profile), fold.strengths_q12(profile)
    names = [name for name in entries.dtype.names or () if name != "key" and "reserved" not in name]
    rows = [
        named(int(entry["key"]))
        | {"strength": int(strength) / 4096}
        | {name: int(entry[name]) for name in names}
        for entry, strength in zip(entries, strengths, strict=True)
    ]
    kept = [named(int(one["key"])) | {"flags": int(one["flags"])} for one in fold.kept(profile)]
    return rows + kept
