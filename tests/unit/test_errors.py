from __future__ import annotations

import inspect
import re

from tests.places import HEADER
from tvbrain import errors


def own_classes() -> list[type[Exception]]:
    return [
        value
        for _, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, Exception) and value.__module__ == errors.__name__
    ]


def test_everything_raised_on_purpose_is_a_tvbrain_error() -> None:
    assert all(issubclass(kind, errors.TvbrainError) for kind in own_classes())


def test_the_tree_at_the_top_of_the_file_names_every_class() -> None:
    drawn = re.findall(r"^[ |]*(?:\+-- )?(\w*Error)\b", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(kind.__name__ for kind in own_classes())


def test_every_negative_status_of_the_header_has_an_exception() -> None:
    codes = re.findall(r"^#define (TVB_E_\w+) \(-\d+\)", HEADER.read_text("utf-8"), re.MULTILINE)
    assert sorted(codes) == sorted(errors.BY_STATUS)


def test_a_status_becomes_its_cause_with_the_text_of_the_core() -> None:
    error = errors.from_status("TVB_E_BUSY", "serving.lock is held by pid 7")
    assert type(error) is errors.BusyError
    assert str(error) == "serving.lock is held by pid 7"


def test_a_status_of_a_newer_core_is_still_an_error_of_ours() -> None:
    error = errors.from_status("TVB_E_UNKNOWN", "")
    assert type(error) is errors.TvbrainError
    assert str(error) == "TVB_E_UNKNOWN"
