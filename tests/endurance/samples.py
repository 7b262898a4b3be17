# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program takes while the day goes on, and whether it grows (Linux' /proc)."""

import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

_PATIENCE = 30.0
_MB = 1e6
_TCP = {"01": "TCP, open", "08": "TCP, closed by the server", "02": "TCP, opening"}
"""By the state's number in /proc/net/tcp."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look."""

    hour: float
    """Of the simulated day."""
    events: int
    pss: float
    """Proportional set size of the process, MB. It depends on who else maps the same files, such as the C library."""
    written: float
    """Memory that it wrote to and shares with nobody, MB: what it allocated."""
    descriptors: int
    threads: int
    processes: int
    """With those that it started."""
    objects: int
    """Python objects that the collector knows, made since the start."""
    cache: float
    """MB of cache.sqlite."""
    own: float
    """MB of own.sqlite."""
    log: float
    """MB of both write-ahead logs."""
    processor: float
    """Seconds of processor time so far."""
    open_files: Mapping[str, int] = field(default_factory=dict)
    """What is open, by kind (`_opened`) → how many."""
    running: Mapping[str, int] = field(default_factory=dict)
    """Names of threads, without their numbers → how many."""
    at_rest: bool = False
    """After an audit and a while without keys, in which what was done with is given back."""


def take(pid: int, folder: Path, *, hour: float, events: int, at_rest: bool = False) -> tuple[Sample, Mapping[str, int]]:
    """Look at the program, whose files are in ``folder``; and how many objects of the most frequent kinds there are."""
    memory = _memory(pid)
    counted = _objects(pid, folder)
    data = folder / "home" / "data"
    opened = _opened(pid)
    return (
        Sample(
            hour,
            events,
            memory["Pss"] / _MB,
            (memory["Private_Dirty"] + memory["Swap"]) / _MB,
            sum(opened.values()),
            sum(counted.threads.values()),
            1 + sum(len(file.read_text().split()) for file in Path(f"/proc/{pid}/task").glob("*/children")),
            counted.objects,
            _size(data / "cache.sqlite"),
            _size(data / "own.sqlite"),
            _size(data / "cache.sqlite-wal") + _size(data / "own.sqlite-wal"),
            _processor_time(pid),
            opened,
            counted.threads,
            at_rest,
        ),
        counted.kinds,
    )


def _opened(pid: int) -> dict[str, int]:
    """Kinds of open files: the last part of a path, what the kernel calls what has none, and sockets by their state."""
    states = _tcp_states(pid)
    kinds: Counter[str] = Counter()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            name, _, number = str(link.readlink()).partition(":[")
            kinds[states.get(number.rstrip("]"), "socket") if name == "socket" else _name(name)] += 1
    return dict(kinds)


def _name(path: str) -> str:
    return "terminal" if path.startswith("/dev/pts/") else Path(path).name


def _tcp_states(pid: int) -> dict[str, str]:
    """Inode → what a TCP socket is."""
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return {row[9]: _TCP.get(row[3], "TCP, other") for row in rows}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the line that fits best (least squares): how much y grows for each x."""
    count = len(points)
    x_mean, y_mean = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / spread if spread else 0.0


def _memory(pid: int) -> dict[str, int]:
    """Octets by the names of the kernel."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}


class _Counted(NamedTuple):
    objects: int
    kinds: Mapping[str, int]
    threads: Mapping[str, int]


def _objects(pid: int, folder: Path) -> _Counted:
    told = folder / "objects"
    told.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR2)
    end = time.monotonic() + _PATIENCE
    while not told.exists():
        if time.monotonic() > end:
            raise TimeoutError("the program does not count its objects")
        time.sleep(0.01)
    said = json.loads(told.read_text())
    return _Counted(said["objects"], said["kinds"], said["threads"])


def _size(file: Path) -> float:
    try:
        return file.stat().st_size / _MB
    except OSError:
        return 0.0


def _processor_time(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
