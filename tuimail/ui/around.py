# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages around the cursor: their texts are fetched ahead, so that the next one opens at once."""

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.timer import Timer

if TYPE_CHECKING:
    from tuimail.ui.screens.mailbox import MailboxScreen

_REST = 0.15
"""Seconds after the cursor began to move until texts are fetched: whoever scrolls on does not read."""
_STEPS = (0, 1, 2, -1, 3, 4, 5, -2, *range(6, 17), -3, -4)
"""Lines below and above, the likeliest to be read first."""
_READY = 4
"""Of these, those up to here are rendered as well, once a message is open."""


class Around:
    """What will probably be read next."""

    def __init__(self, mailbox: "MailboxScreen") -> None:
        self._mailbox = mailbox
        self._timer: Timer | None = None

    def moved(self) -> None:
        """The cursor moved, or a message was opened."""
        if self._timer is None:
            self._timer = self._mailbox.set_timer(_REST, self._rested)

    def now(self) -> None:
        """Fetch without waiting for the cursor to rest."""
        source, at = self._mailbox.list.source, self._mailbox.list.cursor_index
        keys = [source.key_at(at + step) for step in _STEPS if 0 <= at + step < len(source)]
        reader = self._mailbox.engine.reader
        reader.prefetch(keys)
        if self._mailbox.opened is not None:
            ready: Any = partial(  # of which the checker cannot tell the result
                reader.prepare, keys[1:_READY], width=self._mailbox.body.text_width
            )
            self._mailbox.run_worker(ready, group="prepare", exclusive=True, exit_on_error=False)

    def _rested(self) -> None:
        self._timer = None
        self.now()
