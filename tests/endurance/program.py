# SPDX-License-Identifier: GPL-3.0-or-later
"""tuimail as its user runs it, with a wall clock that can be put on from outside, and a count of its objects.

``python -m tests.endurance.program FOLDER [arguments of tuimail]``. The first eight octets of ``FOLDER/clock`` are the seconds
(a double) that `time.time` is ahead; SIGUSR2 writes ``FOLDER/objects``.
"""

import contextlib
import gc
import json
import mmap
import os
import signal
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_KINDS = 60
_SECONDS = 60.0
"""Longer than all objects are counted."""


def main() -> int:
    """Run it. The exit status of tuimail."""
    folder = Path(sys.argv.pop(1))
    with (folder / "clock").open("rb") as file:
        ahead = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
    real = time.time
    time.time = lambda: real() + struct.unpack("d", ahead[:8])[0]
    signal.signal(signal.SIGUSR2, lambda *_: _count(folder))
    from tuimail import __main__ as program

    return program.main()


def _count(folder: Path) -> None:
    """Tell how many objects there are that were made since the start and are not garbage yet, and of what kinds."""
    with _undisturbed():
        objects = gc.get_objects()
        count, kinds = len(objects), Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in objects)
        del objects
    temporary = folder / f"objects.{os.getpid()}"
    temporary.write_text(json.dumps({"objects": count, "kinds": dict(kinds.most_common(_KINDS)), "threads": _threads()}))
    temporary.replace(folder / "objects")


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """No other thread runs Python meanwhile.

    What it lets go of would end with the list of all objects, in this thread; and apsw never ends a cursor whose connection is
    just used by another one: its statement stays open.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SECONDS)
    asked_before = time.perf_counter() + 4 * usual
    while time.perf_counter() < asked_before:
        pass
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _threads() -> dict[str, int]:
    """Names of threads without their numbers → how many."""
    named = {thread.native_id: thread.name.rstrip("0123456789_-") for thread in threading.enumerate()}
    running = os.listdir("/proc/self/task")  # noqa: PTH208  a Path for each is not wanted
    return Counter(named.get(int(number), "not Python's") for number in running)


if __name__ == "__main__":
    sys.exit(main())
