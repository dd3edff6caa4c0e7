"""The native ranker against tests/oracle/ranking: random catalogues, people and requests, item for item and term for
term. native/tests/ranking_cases_test.cpp makes the cases."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.catalogue import Stack, read_pack
from tests.oracle.ranking import Entry, History, Pick, Query, Ranking, Request, Rows
from tests.oracle.ranking.exploration import Exploration
from tests.oracle.ranking.history import Pattern

NORMAL_FORMS = {"Der rote Stern": "der rote stern", "Étoile": "etoile"}
WHY_NOT = {
    "age": 1, "entitlement": 2, "region": 4, "window": 8, "finished": 16, "hidden": 32, "genre": 64,
}  # fmt: skip
CASES = 1000 if os.environ.get("TVBRAIN_TEST_SCALE") == "full" else 150


def strength(implicit: int, explicit: int, flags: int) -> int:
    """As native/include/tvcore/fold.hpp states it."""
    if flags & 2:
        return -4096
    if flags & 16:
        return explicit
    floors = [implicit]
    if flags & 8:
        floors.append(2000 * 4096 // 10000)
    if flags & 128:
        floors.append(6000 * 4096 // 10000)
    return max(floors)


def read_fold(data: bytes) -> tuple[int, tuple[Entry, ...], dict[int, int]]:
    _, count, kept, ordinal = struct.unpack_from("<IIII", data)
    entries = []
    for i in range(count):
        row = struct.unpack_from("<QqqIIIIIHHhhHHHHHHBBHhH", data, 64 + 72 * i)
        key, last_ms, listed_ms, touch, own_ordinal, resume, duration, minute, impressions = row[:9]
        implicit, explicit, flags, watched = row[10:14]
        entries.append(
            Entry(
                key=key,
                last_ms=last_ms,
                listed_ms=listed_ms,
                touch=touch,
                ordinal=own_ordinal,
                resume=resume,
                duration=duration,
                impression_min=minute,
                impressions=impressions,
                strength=strength(implicit, explicit, flags),
                flags=flags,
                watched=watched,
                episode=(row[14], row[15]),
                done=(row[16], row[17]),
            )
        )
    at = 64 + 72 * count
    keys = [struct.unpack_from("<QII", data, at + 16 * i) for i in range(kept)]
    return ordinal, tuple(entries), {key: flags for key, _, flags in keys}


def ranking_of(case: dict[str, Any]) -> Ranking:
    packs = [
        read_pack(bytes.fromhex(text), i, NORMAL_FORMS) for i, text in enumerate(case["packs"])
    ]
    stack = Stack(packs)
    ordinal, entries, kept = read_fold(bytes.fromhex(case["fold"]))
    interests = []
    if case["space_id"] == stack.space_id != 0:
        dimension = len(packs[0].mean)
        for scale, bias, row in case["interests"]:
            vector = struct.unpack(f"{len(row) // 2}b", bytes.fromhex(row))
            if scale != 0:
                interests.append(Query(vector[:dimension], scale, bias))
    asked = case["request"]
    request = Request(
        max_age=asked["max_age"],
        entitlements=frozenset(asked["entitlements"]),
        region=asked["region"],
        genre=asked["genre"],
        at_ms=asked["at_ms"],
        utc_offset_min=asked["utc_offset_min"],
        k=asked["k"],
        screen_token=asked["screen_token"],
        weights=tuple(asked["weights"]),
        exploration=None
        if asked["exploration"] is None
        else Exploration(1, asked["exploration"]["version"], tuple(asked["exploration"]["factor"])),
        like=asked["like"],
    )
    patterns = []
    if case["space_id"] == stack.space_id != 0:
        for number, profile, dayparts, weekdays, scale, weight, row in case["patterns"]:
            vector = struct.unpack(f"{len(row) // 2}b", bytes.fromhex(row))
            if profile in (0, 1):
                query = Query(vector[: len(packs[0].mean)], scale, 0)
                patterns.append(Pattern(number, dayparts, weekdays, weight, query))
    affinities = tuple((p, a, h) for p, a, h in case["affinities"])
    row_use = tuple((part, kind, q12) for part, kind, q12 in case["row_use"])
    channels = tuple((part, q12, name) for part, q12, name in case["channels"])
    history = History(
        entries, kept, ordinal, tuple(interests), affinities, row_use, channels, tuple(patterns)
    )
    return Ranking(stack, history, request)


def told(ranking: Ranking, pick: Pick) -> dict[str, Any]:
    """A pick as the cases write it."""
    return {
        "key": pick.key,
        "score": pick.score,
        "terms": list(pick.terms),
        "reason": pick.reason,
        "reason_key": pick.reason_key,
        "reason_genre": pick.reason_genre,
        "offer": ranking.request.first_open_offer(ranking.stack.live[pick.key]),
        "position": pick.position,
        "season": pick.season,
        "episode": pick.episode,
        "start": pick.airing[0],
        "end": pick.airing[1],
        "channel": pick.airing[2],
        "propensity": pick.propensity,
    }


def expected(case: dict[str, Any]) -> dict[str, Any]:
    ranking = ranking_of(case)
    eligible = len(ranking.eligible())

    def slate(picks: list[Pick], count: int) -> dict[str, Any]:
        return {"eligible": count, "picks": [told(ranking, p) for p in picks]}

    meaning = None
    if "meaning" in case:
        scale, bias, row = case["meaning"]
        meaning = Query(struct.unpack(f"{len(row) // 2}b", bytes.fromhex(row)), scale, bias)
    found, picks = ranking.search(case["text"], meaning)
    out: dict[str, Any] = {
        "recommend": slate(ranking.recommend(), eligible),
        "search": slate(picks, found),
        "rows": [
            {"kind": kind, "reason_key": key, "picks": [told(ranking, p) for p in row]}
            for kind, key, row in Rows(ranking).screen(case["row_capacity"])
        ],
    }
    if "asked" in case:
        title = ranking.stack.live[case["asked"]]
        out["similar"] = slate(ranking.similar(title), eligible)
        out["explain"] = {
            "why_not": sum(WHY_NOT[cause] for cause in ranking.why_not(title)),
            "pick": told(ranking, ranking.explain(title)),
            "witnesses": [list(witness) for witness in ranking.witnesses(title)],
        }
    return out


def make_cases(build: Path, folder: Path, kernel: str) -> list[Path]:
    environment = os.environ | {
        "TVBRAIN_RANKING_CASES": str(folder),
        "TVBRAIN_RANKING_COUNT": str(CASES),
        "TVBRAIN_RANKING_SEED": os.environ.get("TVBRAIN_RANKING_SEED", "1"),
        "TVBRAIN_KERNEL": kernel,
    }
    subprocess.run([build / "ranking_cases_test"], env=environment, check=True, capture_output=True)
    return sorted(folder.iterdir(), key=lambda path: int(path.stem))


@pytest.fixture(scope="module")
def cases(native_build: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_cases(native_build, tmp_path_factory.mktemp("cases"), "")


def test_every_answer_is_the_oracles(cases: list[Path]) -> None:
    assert len(cases) == CASES
    for path in cases:
        case = json.loads(path.read_text(encoding="utf-8"))
        for part, wanted in expected(case).items():
            assert case[part] == wanted, f"seed {case['seed']}: {part}"


@pytest.mark.parametrize("kernel", ["scalar", "avx2", "avx512vnni", "neon", "neondot"])
def test_every_kernel_gives_the_same_answers(
    kernel: str, cases: list[Path], native_build: Path, tmp_path: Path
) -> None:
    for wanted, got in zip(cases, make_cases(native_build, tmp_path, kernel), strict=True):
        assert got.read_bytes() == wanted.read_bytes()
