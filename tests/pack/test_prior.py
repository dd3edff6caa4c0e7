"""What terms weigh before anything is learned: from a file to a pack, and to what a fresh profile is shown.

tests/golden/pack-1.4-prior.tvpack was written once by `write_golden()` (`python -m tests.pack.test_prior`).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.places import ROOT
from tvbrain import Brain
from tvbrain.cli import exits, main
from tvbrain.clock import VirtualClock
from tvbrain.errors import InvalidArgumentError
from tvbrain.pack.catalogue import Offer, Title
from tvbrain.pack.facts import PackFacts
from tvbrain.pack.prior import TermPrior, load_prior
from tvbrain.pack.reader import PackFile
from tvbrain.pack.writer import Contents, SideOf, lay_out
from tvbrain.store.snapshot import default_weights
from tvbrain.types import TERMS, ViewContext

GOLDEN = ROOT / "tests" / "golden" / "pack-1.4-prior.tvpack"
NOW = 1_700_000_000
PRIOR = {"cf": TermPrior(0.5, 4.0), "era": TermPrior(-0.25, 100.0)}


def title(number: int, year: int = 0) -> Title:
    identity = f"ard:{number}"
    return Title(identity, f"Film {number}", year, "movie", (Offer(identity, 0),))


OLD, NEW = title(1, 1950), title(2, 2023)


def pack_of(prior: dict[str, TermPrior], side: SideOf | None = None) -> bytes:
    titles = () if side else (OLD, NEW)
    return lay_out(Contents(titles, "tv", "1", NOW, side=side, prior=prior))


def write_golden() -> None:
    GOLDEN.write_bytes(pack_of(PRIOR))


def test_the_first_pack_with_a_prior_is_read() -> None:
    assert GOLDEN.read_bytes()[8:12] == bytes([1, 0, 4, 0])
    with PackFile(GOLDEN) as pack:
        pack.verify()
        assert pack.prior == PRIOR


def test_a_pack_without_one_says_so_and_is_of_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "tv.tvpack"
    path.write_bytes(pack_of({}))
    assert path.read_bytes()[8:12] == bytes([1, 0, 0, 0])
    with PackFile(path) as pack:
        assert pack.prior == {}
    facts = PackFacts(path, tmp_path / "none")
    assert facts.weights_q12 == tuple(default_weights())
    assert facts.precisions == (0.0,) * len(TERMS)


def first(folder: Path, prior: dict[str, TermPrior], of_side: dict[str, TermPrior]) -> str:
    """What a fresh profile is shown first."""
    factory, packs = folder / "factory.tvpack", folder / "data" / "packs"
    packs.mkdir(parents=True, mode=0o700)
    factory.write_bytes(pack_of(prior))
    if of_side:
        with PackFile(factory) as base:
            side = SideOf(base.content_hash, 1)
        (packs / "side-01.tvpack").write_bytes(pack_of(of_side, side))
    with Brain.open(folder / "data", pack=factory, clock=VirtualClock(NOW), seed=1) as brain:
        return brain.recommend(ViewContext(k=2))[0].item


def test_two_packs_with_different_priors_show_a_fresh_profile_different_slates(
    tmp_path: Path,
) -> None:
    likes, dislikes = {"fresh": TermPrior(1.0, 4.0)}, {"fresh": TermPrior(-1.0, 4.0)}
    assert first(tmp_path / "one", likes, {}) == NEW.id
    assert first(tmp_path / "other", dislikes, {}) == OLD.id
    assert first(tmp_path / "side", likes, dislikes) == OLD.id


def test_the_command_takes_one_and_inspect_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, pack, told = tmp_path / "a.jsonl", tmp_path / "a.tvpack", tmp_path / "prior.json"
    source.write_text(json.dumps({"id": "ard:1", "title": "Heat", "type": "movie"}) + "\n")
    told.write_text(
        '{"terms": {"era": {"mean": -0.25, "precision": 100}, "cf": {"mean": 0.5, "precision": 4}}}'
    )
    words = ["pack", "build", str(source), "-o", str(pack), "--no-vectors", "--prior", str(told)]
    assert main([*words, "--json"]) == exits.OK
    capsys.readouterr()
    assert main(["pack", "inspect", str(pack), "--json"]) == exits.OK
    shown = json.loads(capsys.readouterr().out)["prior"]
    assert list(shown) == ["cf", "era"]
    assert shown["era"] == {"mean": -0.25, "precision": 100.0}
    assert main(["pack", "inspect", str(pack)]) == exits.OK
    assert "precision" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "Expecting property name"),
        ("[]", "not of the form"),
        ('{"terms": {}}', "names none"),
        ('{"terms": {"cf": {"mean": 1, "precision": 4}}, "more": 1}', "not of the form"),
        ('{"terms": {"magic": {"mean": 1, "precision": 4}}}', "magic: no such term"),
        ('{"terms": {"explore": {"mean": 1, "precision": 4}}}', "explore: is sampled"),
        ('{"terms": {"cf": {"mean": 1}}}', "cf: needs a mean and a precision"),
        ('{"terms": {"cf": {"mean": "1", "precision": 4}}}', "cf: mean is no number"),
        ('{"terms": {"cf": {"mean": true, "precision": 4}}}', "cf: mean is no number"),
        ('{"terms": {"cf": {"mean": NaN, "precision": 4}}}', "cf: mean nan is not 0.0625 to 4"),
        ('{"terms": {"cf": {"mean": 0, "precision": 4}}}', "cf: mean 0 is not 0.0625 to 4"),
        ('{"terms": {"era": {"mean": 5, "precision": 4}}}', "era: mean 5 is not -4 to 4"),
        ('{"terms": {"era": {"mean": 0, "precision": 0}}}', "era: precision 0 is not"),
        ('{"terms": {"era": {"mean": 0, "precision": 1e999}}}', "era: precision inf is not"),
        (
            '{"terms": {"cf": {"mean": 1, "precision": 4}, "cf": {"mean": 1, "precision": 4}}}',
            "cf: stands twice",
        ),
    ],
)
def test_a_file_that_says_it_wrong_is_refused_by_file_and_term(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "prior.json"
    path.write_text(text)
    with pytest.raises(InvalidArgumentError) as refused:
        load_prior(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert says in str(refused.value)


if __name__ == "__main__":
    write_golden()
