# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells how far a long task is, and that it ended: also where it failed or was given up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tuimail.backends.port import ProgressSink
from tuimail.model.notice import Notice, Progress


@contextmanager
def progress_of(task: str, text: str, publish: Callable[[Notice], None]) -> Iterator[ProgressSink]:
    """Gives what the task is to call. ``task`` and ``text`` are those of `Progress`."""
    told = False

    def tell(done: int, total: int) -> None:
        nonlocal told
        told = True
        publish(Progress(task, text, done, total))

    try:
        yield tell
    finally:
        if told:
            publish(Progress(task, text, 1, 1))
