# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tuimail.worker``: the processes that read and write the older messages of a huge folder. Joins their few parts.

Reading and parsing take as long as writing, and threads of Python would do them by turns. So the process forks: one part talks
with the server, the other one with the store.

One line of JSON on standard input says what to do; closing it ends the process. Standard output brings a line with a number
for each count of new rows, and at last, if something went wrong, what it was.
"""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tuimail.backends.imap.backend import ImapBackend
from tuimail.model.account import ServerAddress, is_loopback
from tuimail.model.errors import ExitStatus, TuimailError
from tuimail.model.store_key import StoreKey
from tuimail.sync.row_pipe import RowReceiver, RowSender, row_pipe
from tuimail.sync.worker import FillOrder, read_older, write_older

_NICE = 5


@dataclass(frozen=True, slots=True)
class FillTask:
    """All that the process must know."""

    store: str
    """The store's folder."""
    server: ServerAddress
    secret: str
    order: FillOrder
    key: str = ""
    """Of the store, where it is encrypted."""
    compresses: bool = True
    """Whether the server compresses where it says so."""


def command() -> list[str]:
    """What starts the process. Modules are not looked for in the folder that the user happens to be in."""
    return [sys.executable, "-P", "-m", "tuimail.worker"]


def main() -> int:
    """Do the one task. Returns the exit status."""
    os.umask(0o077)
    os.nice(_NICE)
    gc.freeze()
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=FillTask)
    receiving, sending = row_pipe()
    writer = os.fork()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if writer == 0:
        os.close(sending)
        key = StoreKey.read(task.key) if task.key else None
        os._exit(_status(lambda: write_older(Path(task.store), key, task.order, RowReceiver(receiving), _report)))
    os.close(receiving)
    status = _status(lambda: asyncio.run(_read(task, RowSender(sending))))
    os.close(sending)
    _, ended = os.waitpid(writer, 0)
    return status or (ExitStatus.FAILED if ended else ExitStatus.OK)


def _status(work: Callable[[], None]) -> int:
    """Do it, and say what went wrong. Returns the exit status."""
    try:
        work()
    except BrokenPipeError:  # the other process says why
        return ExitStatus.FAILED
    except TuimailError as error:
        print(f"{type(error).__name__}: {error.message}", flush=True)
        return ExitStatus.TRY_LATER
    except Exception as error:  # nobody reads a traceback here; the loop of the account goes on without this process
        print(f"{type(error).__name__} in the worker", flush=True)
        return ExitStatus.FAILED
    return ExitStatus.OK


def _report(fresh: int) -> None:
    print(fresh, flush=True)


async def _read(task: FillTask, rows: RowSender) -> None:
    async def secret() -> str:
        return task.secret

    backend = ImapBackend(task.server, secret, compress=task.compresses and not is_loopback(task.server.host))
    try:
        await backend.connect()
        if task.compresses:
            await backend.compress_if_far()
        await read_older(backend, task.order, rows)
    finally:
        await backend.close()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(ExitStatus.TRY_LATER)


if __name__ == "__main__":
    sys.exit(main())
