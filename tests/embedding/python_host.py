"""A Python program that loads libtvbrain as a plugin while it goes on being a Python program.

    python python_host.py LIBRARY DATA PACK close|leave

Ends with the brain closed, or with the brain at work; says as JSON how learning stands and that its own
thread went on counting. Only the standard library: any Python runs it.
"""

from __future__ import annotations

import ctypes
import json
import sqlite3
import sys
import threading
import time

LEARNING_AT, DETAIL_AT, DETAIL_SIZE, HEALTH_SIZE = 384, 392, 256, 648
library, data, pack, end = sys.argv[1:]
tvb = ctypes.CDLL(library, mode=ctypes.RTLD_LOCAL)
counted, stop = 0, threading.Event()


def count() -> None:
    global counted
    connection = sqlite3.connect(":memory:")
    while not stop.is_set():
        counted = connection.execute("select ? + 1", (counted,)).fetchone()[0]


def health(brain: ctypes.c_void_p) -> tuple[int, str]:
    size = HEALTH_SIZE.to_bytes(4, "little")
    info = ctypes.create_string_buffer(size, HEALTH_SIZE)
    assert tvb.tvb_health(brain, info) == 0
    learning = int.from_bytes(info.raw[LEARNING_AT : LEARNING_AT + 4], "little")
    detail = info.raw[DETAIL_AT : DETAIL_AT + DETAIL_SIZE].split(b"\0")[0].decode()
    return learning, detail


worker = threading.Thread(target=count)
worker.start()
brain = ctypes.c_void_p()
assert tvb.tvb_open(data.encode(), pack.encode(), None, ctypes.byref(brain)) == 0
while health(brain)[0] == 1:
    time.sleep(0.001)
learned = tvb.tvb_learn_now(brain)
learning, detail = health(brain)
if end == "close":
    assert tvb.tvb_close(brain) == 0
stop.set()
worker.join()
found = {
    "learning": learning,
    "detail": detail,
    "learn_now": learned,
    "counted": counted > 0,
    "tvbrain": "tvbrain" in sys.modules,
}
sys.stdout.write(json.dumps(found))
