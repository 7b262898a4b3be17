# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be open and run at the same time, by kind: both come and go, but are never more than that. Pure."""

import os
from collections.abc import Iterator, Mapping, Sequence

from tests.endurance.samples import Sample

POOL = min(32, (os.cpu_count() or 1) + 4)
"""Threads that asyncio keeps for work that waits; it makes them one by one, as work comes while all are busy."""
_STORES = 2 + POOL
"""Connections to the store: the program's, the search's, one for the work of each of these threads.

SQLite keeps the descriptors of one that ended for the next, as to close them would give up the locks of all
("How To Corrupt An SQLite Database File", 2.2).
"""

_COMMANDS = 2
"""Commands that tell a password run for a moment, for IMAP and for SMTP."""

THREADS: Mapping[str, int] = {
    "MainThread": 1,
    "asyncio": POOL,
    "search": 1,
    "textual-output": 1,
    "asyncio-waitpid": _COMMANDS,
}
"""Name without its number → how many there may be."""
DESCRIPTORS: Mapping[str, int] = {
    "terminal": 4,  # input, output, errors, and once more to be written without waiting
    "own.sqlite": _STORES,
    "own.sqlite-wal": _STORES,
    "cache.sqlite": _STORES,
    "cache.sqlite-wal": _STORES,
    "TCP, open": 6,  # two connections to the IMAP server and one to send, each while another one takes its place
    "TCP, opening": 3,
    "TCP, closed by the server": 3,
    "socket": 4 + _COMMANDS,  # the event loop's pair, the doorbell, and a program that rings it
    "pipe": 1 + 3 * _COMMANDS,  # what the program was started with
}
"""Kind (`tests.endurance.samples`) → how many there may be."""
_OTHER = 1
"""Of each kind that is not named: a lock, the log, a file that is read."""


def beyond(samples: Sequence[Sample]) -> Iterator[str]:
    """What was too much, at its worst."""
    for what, most, bounds in _kinds(samples):
        for kind, count in most.items():
            if count > bounds.get(kind, _OTHER):
                yield f"{count} {what} at once: {kind}; there may be {bounds.get(kind, _OTHER)}"


def table(samples: Sequence[Sample]) -> str:
    """The most there was of each kind at once, and what there may be."""
    rows = ["| kind | most at once | may be |", "| --- | ---: | ---: |"]
    for what, most, bounds in _kinds(samples):
        named = {kind: count for kind, count in most.items() if kind in bounds}
        rows += [f"| {what}: {kind} | {count} | {bounds[kind]} |" for kind, count in named.items()]
        others = {kind: count for kind, count in most.items() if kind not in bounds}
        if others:
            rows.append(f"| {what}: {', '.join(sorted(others))} | {max(others.values())} each | {_OTHER} each |")
    return "\n".join(rows)


def _kinds(samples: Sequence[Sample]) -> Iterator[tuple[str, Mapping[str, int], Mapping[str, int]]]:
    yield "threads", _most([sample.running for sample in samples]), THREADS
    yield "descriptors", _most([sample.open_files for sample in samples]), DESCRIPTORS


def _most(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {kind: max(each.get(kind, 0) for each in counts) for kind in sorted({kind for each in counts for kind in each})}
