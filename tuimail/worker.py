# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tuimail.worker``: the process that reads the older messages of a huge folder. Joins its few parts.

One line of JSON on standard input says what to do; closing it ends the process. Standard output brings a line with a number
for each count of new rows, and at last, if something went wrong, what it was.
"""

import asyncio
import gc
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tuimail.backends.imap.backend import ImapBackend
from tuimail.model.account import ServerAddress, is_loopback
from tuimail.model.errors import ExitStatus, TuimailError
from tuimail.sync.worker import FillOrder, read_older

_NICE = 5
_SWITCH = 0.0005
"""Seconds after which parsing gives way to the thread that writes; the usual 5 ms would cost it that with each statement."""


@dataclass(frozen=True, slots=True)
class FillTask:
    """All that the process must know."""

    store: str
    """The store's folder."""
    server: ServerAddress
    secret: str
    order: FillOrder


def command() -> list[str]:
    """What starts the process. Modules are not looked for in the folder that the user happens to be in."""
    return [sys.executable, "-P", "-m", "tuimail.worker"]


def main() -> int:
    """Do the one task. Returns the exit status."""
    os.umask(0o077)
    os.nice(_NICE)
    sys.setswitchinterval(_SWITCH)
    gc.freeze()
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=FillTask)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        asyncio.run(_read(task))
    except TuimailError as error:
        print(f"{type(error).__name__}: {error.message}", flush=True)
        return ExitStatus.TRY_LATER
    except Exception as error:  # nobody reads a traceback here; the loop of the account goes on without this process
        print(f"{type(error).__name__} in the worker", flush=True)
        return ExitStatus.FAILED
    return ExitStatus.OK


async def _read(task: FillTask) -> None:
    async def secret() -> str:
        return task.secret

    backend = ImapBackend(task.server, secret, compress=not is_loopback(task.server.host))
    try:
        await backend.connect()
        await backend.compress_if_far()
        await read_older(backend, Path(task.store), task.order, lambda fresh: print(fresh, flush=True))
    finally:
        await backend.close()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(ExitStatus.TRY_LATER)


if __name__ == "__main__":
    sys.exit(main())
