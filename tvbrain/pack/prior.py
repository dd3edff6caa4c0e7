"""What a pack says that the terms of a score weigh before anything is learned, and how sure that is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tvbrain.errors import InvalidArgumentError
from tvbrain.types import TERMS

ONE_Q12 = 4096
MOST_MEAN, LEAST_CF = 4.0, 1 / 16
LEAST_PRECISION, MOST_PRECISION = 1 / 16, 1e6
SAMPLED = "explore"
"""No prior is about exploration: its weight is drawn, not learned."""


@dataclass(frozen=True, slots=True)
class TermPrior:
    """Of one term's weight: the mean, -4 to 4 in steps of 1/4096 (co-watching: from 1/16), and 1 / variance, 1/16 to
    10^6.
    """

    mean: float
    precision: float


def load_prior(path: Path) -> dict[str, TermPrior]:
    """A prior from a file: {"terms": {"cf": {"mean": 1.0, "precision": 4.0}, ...}}, by term in the ranker's order.

    Terms that it does not name keep the built-in prior. Raises InvalidArgumentError, which names the file and the term;
    OSError.
    """
    try:
        told = json.loads(path.read_bytes(), object_pairs_hook=_once)
    except ValueError as error:
        raise InvalidArgumentError(f"{path}: {error}") from error
    try:
        return checked(_terms(told))
    except InvalidArgumentError as error:
        raise InvalidArgumentError(f"{path}: {error}") from error


def checked(terms: Mapping[str, TermPrior]) -> dict[str, TermPrior]:
    """The same in the ranker's order, means as the pack will have them. Raises InvalidArgumentError by term."""
    for term, one in terms.items():
        if term not in TERMS:
            raise InvalidArgumentError(f"{term}: no such term; there are {', '.join(TERMS)}")
        if term == SAMPLED:
            raise InvalidArgumentError(f"{term}: is sampled, not learned; it has no prior")
        _within(term, "mean", one.mean, LEAST_CF if term == "cf" else -MOST_MEAN, MOST_MEAN)
        _within(term, "precision", one.precision, LEAST_PRECISION, MOST_PRECISION)
    return {
        term: TermPrior(round(terms[term].mean * ONE_Q12) / ONE_Q12, float(terms[term].precision))
        for term in TERMS
        if term in terms
    }


def _terms(told: object) -> dict[str, TermPrior]:
    terms = told.get("terms") if isinstance(told, dict) else None
    if not isinstance(told, dict) or set(told) != {"terms"} or not isinstance(terms, dict):
        raise InvalidArgumentError('not of the form {"terms": {"cf": {"mean": 1, "precision": 4}}}')
    if not terms:
        raise InvalidArgumentError("terms: it names none")
    return {term: _one(term, of) for term, of in terms.items()}


def _one(term: str, of: object) -> TermPrior:
    if not isinstance(of, dict) or set(of) != {"mean", "precision"}:
        raise InvalidArgumentError(f"{term}: needs a mean and a precision, and nothing else")
    for name, value in of.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InvalidArgumentError(f"{term}: {name} is no number")
    return TermPrior(of["mean"], of["precision"])


def _within(term: str, name: str, value: float, least: float, most: float) -> None:
    """What is no number is within nothing."""
    if not least <= value <= most:
        raise InvalidArgumentError(f"{term}: {name} {value} is not {least:g} to {most:g}")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice}: stands twice")
    return found
