# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that the server does not take now: each is offered again after a while, and other actions need not wait for it."""

import time
from collections.abc import Callable, Container

from tuimail.model.errors import TryLater
from tuimail.model.ids import ActionId
from tuimail.sync.backoff import delay

FIRST, LONGEST = 60.0, 6 * 3600.0
"""Seconds between two offers, at first and at most: each may cost the whole upload."""


class NotTaken(Exception):
    """The server refused a message that is to be kept and offered again."""

    def __init__(self, error: TryLater) -> None:
        super().__init__(str(error))
        self.error = error
        """What the user is told."""


def full() -> TryLater:
    """What the user is told while there is no room for a message."""
    return TryLater("The mailbox is full: a message waits to be stored.", "Delete something.")


class Postponed:
    """When which action is due again. It is forgotten with the program: after a start everything is tried at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refused: dict[ActionId, tuple[int, float, TryLater]] = {}

    def note(self, action: ActionId, error: TryLater) -> bool:
        """It was refused. True: for the first time."""
        times = self._refused[action][0] + 1 if action in self._refused else 1
        self._refused[action] = (times, self._clock() + delay(times, lambda: 1.0, first=FIRST, longest=LONGEST), error)
        return times == 1

    def waits(self, action: ActionId) -> TryLater | None:
        """Why an action is not to be carried yet; None when it may be."""
        if action not in self._refused:
            return None
        _, due, error = self._refused[action]
        return error if due > self._clock() else None

    def forget(self, action: ActionId) -> None:
        """It was carried, or is not wanted any more."""
        self._refused.pop(action, None)

    def hurry(self) -> None:
        """All are due now."""
        self._refused = {action: (times, self._clock(), error) for action, (times, _, error) in self._refused.items()}

    def went_through(self) -> None:
        """What is due was tried, or has to wait for something else. It is not looked at again before a while has passed."""
        now = self._clock()
        self._refused = {
            action: (times, due if due > now else now + FIRST, error) for action, (times, due, error) in self._refused.items()
        }

    def keep(self, waiting: Container[ActionId]) -> None:
        """Forget what waits no longer: it may have been taken back."""
        self._refused = {action: refused for action, refused in self._refused.items() if action in waiting}

    def __bool__(self) -> bool:
        return bool(self._refused)

    def next(self) -> float | None:
        """Seconds until the first is due; None when nothing waits."""
        due = min((due for _, due, _ in self._refused.values()), default=None)
        return None if due is None else max(due - self._clock(), 0.0)
