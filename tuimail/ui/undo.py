# SPDX-License-Identifier: GPL-3.0-or-later
"""What `undo` takes back, in the order it was done: gestures of the engine, and drafts that were sent or discarded."""

from collections.abc import Awaitable, Callable

from tuimail.engine.actions import Actions, Done
from tuimail.engine.bulk import MANY
from tuimail.engine.engine import Engine
from tuimail.model.draft import Draft
from tuimail.model.ids import UndoId
from tuimail.model.text import safe_line
from tuimail.ui import dialogs

TakeBack = Callable[[], Draft | None]
"""Takes a sent or discarded message back; a draft in the answer is opened again. Raises InputWrong when it is too late."""
_MOST = 100


class Undo:
    """The things done in this run, the latest last. Below them lie the gestures of earlier runs and of commands, which the
    engine knows: who presses a key may not think of these, and is asked.
    """

    def __init__(
        self, engine: Engine, edit: Callable[[Draft], None], ask: Callable[["dialogs.Confirm"], Awaitable[bool | None]]
    ) -> None:
        self._engine = engine
        self._edit = edit
        self._ask = ask
        self._done: list[tuple[UndoId | TakeBack, int]] = []

    def note(self, step: UndoId | TakeBack, count: int = 1) -> None:
        """Something was done, to so many messages, that can be taken back."""
        self._done = [*self._done[1 - _MOST :], (step, count)]

    def take_back(self) -> Done | Awaitable[Done]:
        """Take the latest back, and say so; what was done to many messages, or in an earlier run, is to be awaited.

        Raises InputWrong when there is nothing, or it is too late.
        """
        if not self._done:
            return self._take_back_earlier()
        step, count = self._done.pop()
        if not callable(step):
            return self._undo(step, count)
        draft = step()
        if draft is not None:
            self._edit(draft)
        return Done("Taken back")

    def _undo(self, gesture: UndoId, count: int) -> Done | Awaitable[Done]:
        if count > MANY:
            return self._engine.bulk.do(lambda actions: actions.undo(gesture))
        return self._engine.actions.undo(gesture)

    async def _take_back_earlier(self) -> Done:
        done = self._engine.undoable
        if done and not await self._ask(dialogs.Confirm(f"Not done in this sitting: {safe_line(done)}", yes="Undo it")):
            return Done("Nothing was undone")
        return await self._engine.bulk.do(Actions.undo)
