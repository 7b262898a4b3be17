# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts `tests.hostile.child`, ends it where a message takes too long, and goes on with the next one."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from tests.shape.sources import ROOT

_START = 120
"""Seconds in which the program is ready, on any machine."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one message."""

    name: str
    seconds: float = 0
    """CPU time of everything: the program and the servers beside it."""
    memory: int = 0
    """Octets that were taken more than before."""
    octets: int = 0
    failure: str = ""


def take_all(names: Sequence[str], seconds: float, ways: str = "") -> Iterator[Taken]:
    """Take messages through, in as many processes, one after the other, as it needs; ``seconds`` of CPU time for each.

    ``ways`` are some of `tests.hostile.journey.Way`, blanks between; empty for all.
    """
    left = list(names)
    while left:
        done = yield from _take(left, seconds, ways)
        left = left[done:]


def _take(names: Sequence[str], seconds: float, ways: str) -> Generator[Taken, None, int]:
    """Messages, until the process ends. Returns how many are done."""
    done = 0
    env = {**os.environ, "TUIMAIL_HOSTILE_SECONDS": str(seconds), **({"TUIMAIL_HOSTILE_WAYS": ways} if ways else {})}
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, cwd=ROOT, env=env, bufsize=0,
        ) as child,
    ):  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("\n".join(names).encode("utf-8", "surrogateescape"))
        child.stdin.close()
        try:
            while done < len(names):
                line = _line(child.stdout, _START + 20 * seconds)
                if not line:
                    yield Taken(names[done], failure=_ending(child, said))
                    return done + 1
                told = json.loads(line)
                if "end" in told:
                    done += 1
                    yield Taken(told["end"], told["seconds"], told["memory"], told["octets"], told["failure"])
                    if told["failure"]:
                        return done
        finally:
            if done < len(names):
                child.kill()
    return done


def _ending(child: subprocess.Popen[bytes], said: IO[bytes]) -> str:
    """Why nothing more came, with the last that the process said: where it was."""
    if child.poll() is None:
        child.send_signal(signal.SIGPROF)
    status = child.wait(_START)
    said.seek(0)
    return f"ended with {status}\n{said.read()[-3000:].decode('utf-8', 'replace')}"


def _line(stream: IO[bytes], seconds: float) -> bytes:
    """The next line; empty when there is none in time."""
    ready, _, _ = select.select([stream], [], [], seconds)
    return stream.readline() if ready else b""
