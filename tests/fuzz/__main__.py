# SPDX-License-Identifier: GPL-3.0-or-later
"""``make fuzz``: changed input for every reader, for as long as wanted; Ctrl-C ends it earlier.

Inputs that went new ways, and failures, stay in ``build/fuzz``. What failed belongs to ``tests/data/fuzz/TARGET/``, where
`tests.fuzz.test_fuzz` tries it in every run.
"""

import argparse
import hashlib
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from types import FrameType

from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS, Target, seeds
from tests.shape.sources import ROOT

FOLDER = ROOT / "build" / "fuzz"
MEMORY = 1_000_000_000
"""Octets of address space for one process."""
LONGEST = 10
"""Seconds of CPU time for one input."""
_TURN = 30
"""Seconds before it is another target's turn."""
_KEPT = 100
"""Inputs of earlier turns that a turn goes on from."""
_OWN = str(ROOT / "tuimail")


class TooSlow(Exception):
    """An input took longer than `LONGEST`."""


class _Ways:
    """Calls from line to function that were seen before: an input that brings new ones is worth changing further."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, object]] = set()
        self._new = False

    def __enter__(self) -> "_Ways":
        self._new = False
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, _event: str, _argument: object) -> None:
        code, before = frame.f_code, frame.f_back
        if code.co_filename.startswith(_OWN) and before is not None:
            way = (before.f_lineno, code)
            if way not in self._seen:
                self._seen.add(way)
                self._new = True

    @property
    def found_new(self) -> bool:
        """Whether the latest input went a new way."""
        return self._new


def _too_slow(*_: object) -> None:
    raise TooSlow


def _keep(kind: str, name: str, data: bytes) -> Path:
    folder = FOLDER / kind / name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / hashlib.sha256(data).hexdigest()[:16]
    file.write_bytes(data)
    return file


def _turn(name: str, target: Target, base: int, seconds: float) -> dict[str, object]:
    """Try inputs for some seconds. In a process of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _too_slow)
    random = Random(f"{name} {base}")
    kept = sorted((FOLDER / "corpus" / name.replace(" ", "-")).glob("*"))
    chosen = random.sample(kept, min(len(kept), _KEPT))
    examples = [*seeds(name), *(file.read_bytes() for file in chosen)]
    ways, failures, slowest, count = _Ways(), [], 0.0, 0
    for data in examples:
        with ways:
            _outcome(target, data)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(random, examples, target.words)
        began = time.process_time()
        with ways:
            failure = _outcome(target, data)
        slowest = max(slowest, time.process_time() - began)
        count += 1
        if failure:
            failures.append(f"{failure} {_keep('failures', name, data)}")
        elif ways.found_new:
            examples.append(data)
            _keep("corpus", name, data)
    return {"count": count, "slowest": slowest, "failures": failures}


def _outcome(target: Target, data: bytes) -> str:
    """What an input led to; empty where all is well."""
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        target.try_(data)
    except Exception as error:  # every kind of failure is a finding
        return f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


def _in_child(name: str, target: Target, base: int, seconds: float) -> dict[str, object]:
    """`_turn` in a process of its own, which may die of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        signal.alarm(int(seconds) + 10 * LONGEST)  # where not even Python is reached any more
        status = 1
        try:
            os.write(writing, json.dumps(_turn(name, target, base, seconds)).encode()[:60_000])
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(child, 0)
    if not told:
        ending = f"the process of turn {base} ended with {os.waitstatus_to_exitcode(status)}"
        return {"count": 0, "slowest": 0.0, "failures": [ending]}
    found: dict[str, object] = json.loads(told)
    return found


def main() -> int:
    """The exit status: 1 where anything failed."""
    parser = argparse.ArgumentParser(description="Feed every reader with changed input.")
    parser.add_argument("--seconds", type=float, default=3600, help="how long, all targets together")
    parser.add_argument("--target", choices=list(TARGETS), action="append", help="only these")
    parser.add_argument("--turn", type=int, default=int(time.time()), help="number of the first turn: the same gives the same")
    options = parser.parse_args()
    names = options.target or list(TARGETS)
    tried: Counter[str] = Counter()
    slowest: dict[str, float] = {}
    failures = 0
    end, turn = time.monotonic() + options.seconds, options.turn
    order = [name for name in names for _ in range(TARGETS[name].turns)]
    with suppress(KeyboardInterrupt):
        while (left := end - time.monotonic()) > 0:
            name = order[turn % len(order)]
            told = _in_child(name, TARGETS[name], turn, min(_TURN, left))
            tried[name] += int(str(told["count"]))
            slowest[name] = max(slowest.get(name, 0), float(str(told["slowest"])))
            for failure in told["failures"] if isinstance(told["failures"], list) else []:
                failures += 1
                print(f"{name}: {failure}", flush=True)
            turn += 1
    print(f"{sum(tried.values()):,} inputs, {failures} failures")
    for name in names:
        print(f"  {name:16} {tried[name]:>9,} inputs, slowest {slowest.get(name, 0):.2f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
