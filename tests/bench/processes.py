# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory and processor time of a program with all processes that it started (Linux' /proc)."""

from pathlib import Path


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found


def memory(pid: int) -> int:
    """Proportional set size in octets, of all processes together."""
    return sum(_pss(each) for each in family(pid))


def processor_time(pid: int) -> float:
    """Seconds on a processor so far, of all processes and threads together; exact to the nanosecond."""
    return sum(_ran(task) for each in family(pid) for task in Path(f"/proc/{each}/task").glob("*")) / 1e9


def wanted_time(pid: int) -> float:
    """As `processor_time`, with the time that they waited for a processor: on a busy machine that tells whether they rest."""
    return sum(_ran(task, waited=True) for each in family(pid) for task in Path(f"/proc/{each}/task").glob("*")) / 1e9


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _ran(task: Path, *, waited: bool = False) -> int:
    try:
        ran, ready, _ = map(int, (task / "schedstat").read_text().split())
    except (OSError, ValueError):
        return 0
    return ran + ready if waited else ran
