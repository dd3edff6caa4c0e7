"""The extension and its Python side agree with the header."""

from __future__ import annotations

import re

import pytest

import tvbrain
from tests.places import HEADER, ROOT
from tvbrain import errors

native = pytest.importorskip("tvbrain._native", reason="needs the native build")


def test_a_refused_call_raises_its_cause_with_the_text_of_the_core() -> None:
    info = native.ffi.new("tvb_version_info *")
    with pytest.raises(errors.InvalidArgumentError, match="struct_size"):
        native.check(native.lib.tvb_version(info))


def test_success_and_pending_pass_through() -> None:
    assert native.check(native.lib.TVB_OK) == 0
    assert native.check(native.lib.TVB_PENDING) == 1


def test_every_integer_constant_of_the_header_is_in_the_binding() -> None:
    pattern = r"^#define (TVB_\w+)\s+\(?(-?\d+)u?\)?"
    for name, value in re.findall(pattern, HEADER.read_text("utf-8"), re.MULTILINE):
        assert getattr(native.lib, name) == int(value), name


def test_one_version_everywhere() -> None:
    info = native.ffi.new(
        "tvb_version_info *", {"struct_size": native.ffi.sizeof("tvb_version_info")}
    )
    native.check(native.lib.tvb_version(info))
    assert f"{info.major}.{info.minor}.{info.patch}" == tvbrain.__version__
    declared = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert declared is not None
    assert declared[1] == tvbrain.__version__
