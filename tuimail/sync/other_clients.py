# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether other clients work in the mailbox just now. Pure: the caller brings the time, in seconds of a steady clock."""

_LIVELY = 120.0
"""Seconds after a change of somebody else in which more are likely."""
_ECHO = 3.0
"""Seconds after a push in which what the server tells is taken for its echo. A change of somebody else that this hides is no
less heard; more of them are only not expected from it."""


class OtherClients:
    """Hears of pushes and of changes."""

    def __init__(self) -> None:
        self._until = self._echo_until = float("-inf")

    def pushed(self, now: float) -> None:
        """Actions of our own are, or were, on their way."""
        self._echo_until = now + _ECHO

    def heard(self, now: float) -> bool:
        """The server told of a change. Whether it was somebody else's."""
        if now < self._echo_until:
            return False
        self._until = now + _LIVELY
        return True

    def active(self, now: float) -> bool:
        """Whether more changes are likely."""
        return now < self._until
