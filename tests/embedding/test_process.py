"""libtvbrain in a C program: threads, signals, fork, dlopen, the interpreter lock."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.embedding.conftest import RUNNING, Host
from tests.places import HEADER
from tvbrain.pack import demo_pack_path

pytestmark = pytest.mark.slow
FULL = os.environ.get("TVBRAIN_TEST_SCALE") == "full"


def count(reduced: int, full: int) -> int:
    return full if FULL else reduced


def number(answer: dict[str, object], name: str) -> int:
    value = answer[name]
    assert isinstance(value, (int, float)), answer
    return int(value)


def listed(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_full_library_has_the_functions_of_the_header_and_needs_libc_alone(host: Host) -> None:
    lines = listed("nm", "-D", "--defined-only", host.library).splitlines()
    exported = {line.split()[-1].split("@")[0] for line in lines if line.split()[-2] != "A"}
    text = HEADER.read_text("utf-8")
    assert exported == set(re.findall(r"^TVB_API .*?(tvb_\w+)\(", text, re.MULTILINE))
    dynamic = listed("readelf", "-d", host.library)
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)
    assert all(re.match(r"libc\.so|ld-linux|libdl\.so|libpthread", name) for name in needed), needed
    assert re.search(r"FLAGS_1.*NODELETE", dynamic)


def test_a_c_program_learns_on_one_more_thread_without_signals_and_without_handlers(
    host: Host, tmp_path: Path
) -> None:
    found = host.run("ready", tmp_path / "tv")
    assert (found["learning"], found["titles"]) == (RUNNING, 20)
    assert found["threads"] == "3"  # the program's, the serving plane's, the learning plane's
    ordinary = (1 << 31) - 1  # the C library has two of its own above
    assert not int(str(found["handled_after"]), 16) & ordinary
    assert found["ignored_after"] == found["ignored"]
    sigpipe = 1 << 12
    assert int(str(found["blocked"]), 16) & sigpipe
    assert (tmp_path / "tv" / "brain.db").exists()


def test_slates_are_made_while_the_interpreter_lock_is_held(host: Host, tmp_path: Path) -> None:
    found = host.run("lock", tmp_path / "tv", 2)
    assert found == {"during": 1000, "worst_us": found["worst_us"], "learn_now": "TVB_OK"}


def test_threads_ask_observe_search_and_learn_while_packs_are_swapped(
    host: Host, tmp_path: Path
) -> None:
    packs = [tmp_path / "a.tvpack", tmp_path / "b.tvpack"]
    for pack in packs:
        shutil.copy(demo_pack_path(), pack)
    found = host.run("threads", tmp_path / "tv", count(5, 60), *packs)
    assert (found["short"], found["faults"]) == (0, 0)
    assert found["seen"] == found["observes"] == found["last"] == found["learned"]
    assert all(number(found, name) > 1 for name in ("recommends", "searches", "swaps", "lessons"))
    assert number(found, "snapshots") > 1


def test_children_are_refused_by_a_code_and_none_hangs(host: Host, tmp_path: Path) -> None:
    times = count(40, 1000)
    found = host.run("fork", tmp_path / "tv", times)
    assert (found["forks"], found["failed"], found["hung"]) == (times, 0, 0)


def test_the_library_is_loaded_once_however_often_it_is_opened(host: Host, tmp_path: Path) -> None:
    found = host.run("reopen", tmp_path / "tv", count(50, 200))
    assert found["moved"] == 0
    assert number(found, "after_kib") - number(found, "before_kib") < 1024


def test_the_tails_of_slates_are_compared_with_learning_and_without(
    host: Host, tmp_path: Path
) -> None:
    """The comparison is a bench's (docs/embedding.md has its figures); here it only has to be one."""
    words = (tmp_path / "tv", demo_pack_path(), 4, 500)
    found = json.loads(host.say("blocks", *words))
    assert min(number(found, name) for name in ("running_us", "paused_us")) > 0
    assert found["lessons_paused"] == 0


def test_a_daemon_may_close_its_descriptors_leave_its_folder_and_have_children(
    host: Host, tmp_path: Path
) -> None:
    found = host.run("daemon", tmp_path / "tv")
    assert found == {"low": 0, "faults": 0, "events": 20, "learned": 20, "again": RUNNING}


def test_a_program_may_end_with_a_brain_at_work(host: Host, tmp_path: Path) -> None:
    for turn in range(count(3, 30)):
        host.run("leave", tmp_path / f"tv{turn}")
