# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.hostile.child``: takes the messages named on standard input through the program, within bounds."""

import asyncio
import faulthandler
import gc
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

from tests.hostile.messages import octets

MEMORY = 2_000_000_000
"""Octets of address space that this process may take."""
SECONDS = float(os.environ.get("TUIMAIL_HOSTILE_SECONDS", "30"))
"""CPU time for one message."""
WAYS = os.environ.get("TUIMAIL_HOSTILE_WAYS", "engine screen composer")
"""Of `tests.hostile.journey.Way`."""

GARBAGE = 20_000, 20, 50
"""Thresholds of `gc.set_threshold`: a sixth of the time would go into looking for garbage."""


def _peak(*, forget: bool = False) -> int:
    """Octets of memory at most since `forget`; 0 where the system does not tell."""
    try:
        if forget:
            Path("/proc/self/clear_refs").write_text("5")
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _tell(**what: object) -> None:
    print(json.dumps(what), file=sys.__stdout__, flush=True)  # Textual takes what is printed to the usual one


async def _run(names: list[str]) -> None:
    from tests.hostile.journey import Way, journey

    async with journey([Way(one) for one in WAYS.split()]) as way:
        for name in names:
            raw = octets(name)
            _tell(begin=name)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            before, began = _peak(forget=True), time.process_time()
            failure = ""
            try:
                await way.take(raw)
            except Exception as error:  # whatever it is, it is told
                frames = traceback.extract_tb(error.__traceback__)[-3:]
                where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
                failure = f"{type(error).__name__}: {str(error)[:300]} ({where})"
            _tell(end=name, seconds=time.process_time() - began, memory=_peak() - before, octets=len(raw), failure=failure)
            if failure:  # who knows what is on the screen
                return


if __name__ == "__main__":
    memory = int(os.environ.get("TUIMAIL_HOSTILE_MEMORY", MEMORY))
    said = os.dup(2)  # the screens make another terminal of standard error
    faulthandler.register(signal.SIGPROF, said, all_threads=True, chain=True)  # where it is when the time is over; it ends
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    gc.set_threshold(*GARBAGE)
    asyncio.run(_run(sys.stdin.read().splitlines()))
