# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program without a terminal, with what it would have sent to one: through the stage, and as Textual does."""

import contextlib
from collections.abc import Iterator
from typing import Any

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.screen import Screen

from tests.ui.output.shown import Emulator
from tuimail.ui.app import TuimailApp
from tuimail.ui.output.stage import Stage

_NAMES = {ColorSystem.STANDARD: "standard", ColorSystem.TRUECOLOR: "truecolor"}


class Watch:
    """Two terminals that a running program draws on."""

    def __init__(self, size: tuple[int, int], system: ColorSystem, *, emulate: bool) -> None:
        self._console = Console(force_terminal=True, color_system=_NAMES[system], _environ={})  # type: ignore[arg-type]
        self.stage = Stage(system)
        self.sent: list[bytes] = []
        """What the stage sent, frame by frame."""
        self.plain_bytes = 0
        self._size = size
        self._emulate = emulate
        self.staged, self.plain = Emulator(*size), Emulator(*size)

    def take(self, update: object) -> None:
        """Draw an update on both."""
        if not isinstance(update, LayoutUpdate | ChopsUpdate):
            return
        data = self.stage.frame(update, None)
        if data:
            self.sent.append(data.encode())
        if self._emulate:
            text = update.render_segments(self._console)
            self.plain_bytes += len(text.encode())
            self.staged.feed(data)
            self.plain.feed(text)

    def cost(self) -> int:
        """Bytes sent since the last question."""
        cost = sum(map(len, self.sent))
        self.sent.clear()
        return cost

    def is_equal(self) -> bool:
        """Whether both show the same."""
        return self.staged.seen == self.plain.seen


@contextlib.contextmanager
def watch(
    size: tuple[int, int] = (120, 40), system: ColorSystem = ColorSystem.TRUECOLOR, *, emulate: bool = True
) -> Iterator[Watch]:
    """Watch the program that is started inside."""
    watched = Watch(size, system, emulate=emulate)
    before = TuimailApp._display

    def display(app: TuimailApp, screen: Screen[Any], renderable: Any) -> None:
        if not app._batch_count:
            watched.take(renderable)
        before(app, screen, renderable)

    TuimailApp._display = display  # type: ignore[method-assign, assignment]
    try:
        yield watched
    finally:
        TuimailApp._display = before  # type: ignore[method-assign]
