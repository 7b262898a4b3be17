# SPDX-License-Identifier: GPL-3.0-or-later
"""The status line: where the cursor is, what waits, how the connections are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip

from tuimail.model.notice import ConnectionState
from tuimail.model.width import clip
from tuimail.ui.look import Component
from tuimail.ui.widgets.line_widget import LineWidget
from tuimail.ui.widgets.symbols import Symbols

_STYLES: Mapping[ConnectionState, Component] = {
    ConnectionState.ONLINE: Component.GOOD,
    ConnectionState.SYNCING: Component.BUSY,
    ConnectionState.CONNECTING: Component.BUSY,
    ConnectionState.OFFLINE: Component.BAR_MUTED,
    ConnectionState.SIGN_IN_NEEDED: Component.BAD,
    ConnectionState.REFUSED: Component.BAD,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """One account's connection."""

    name: str
    state: ConnectionState


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that the line tells. Replace it as a whole: `StatusLine.status`."""

    place: str = ""
    """The folder's name, or what else is shown."""
    position: int = 0
    """The cursor's line, from 1; 0: none."""
    total: int = 0
    marked: int = 0
    note: str = ""
    """A short word on the list: a filter, a sort order, a search."""
    progress: str = ""
    """How far a long task is."""
    waiting: int = 0
    """Actions that have not reached a server."""
    outbox: int = 0
    """Messages that have not been sent."""
    connections: Sequence[Connection] = ()


class StatusLine(LineWidget):
    """Draws a `Status`."""

    status: reactive[Status] = reactive(Status(), layout=False)

    def line_of(self, status: Status) -> Strip:
        """The line as it would tell that."""
        now = self.status
        self.set_reactive(StatusLine.status, status)
        try:
            return self.render_line(0)
        finally:
            self.set_reactive(StatusLine.status, now)

    def segments(self, width: int) -> tuple[list[Segment], list[Segment]]:
        """Place and position at the left, the rest at the right."""
        status, look, signs = self.status, self.look, self.symbols
        gap = Segment("   ", look[Component.BAR])
        right = self._right(status, signs, short=width < 80)
        left = [Segment(" " + clip(status.place, max(10, width // 3)), look[Component.KEY])]
        if status.total or status.position:
            left += [gap, Segment(f"{status.position:,}/{status.total:,}", look[Component.BAR])]
        if status.marked:
            left += [gap, Segment(f"{signs.mark} {status.marked:,} marked", look[Component.GOOD])]
        if status.note:
            left += [gap, Segment(status.note, look[Component.BAR_MUTED])]
        return left, right

    def _right(self, status: Status, signs: Symbols, *, short: bool) -> list[Segment]:
        look = self.look
        groups: list[list[Segment]] = []
        if status.progress:
            groups.append([Segment(clip(status.progress, 24 if short else 48), look[Component.BUSY])])
        if status.waiting:
            words = "" if short else " waiting"
            groups.append([Segment(f"{signs.waiting} {status.waiting:,}{words}", look[Component.BUSY])])
        if status.outbox:
            groups.append([Segment(f"{status.outbox:,} in outbox", look[Component.BUSY])])
        groups += [self._connection(connection, signs, short=short) for connection in status.connections]
        separated: list[Segment] = []
        for group in groups:
            separated += [Segment("  ", look[Component.BAR]), *group]
        return [*separated, Segment(" ", look[Component.BAR])]

    def _connection(self, connection: Connection, signs: Symbols, *, short: bool) -> list[Segment]:
        state = connection.state
        sign = {
            ConnectionState.ONLINE: signs.online,
            ConnectionState.OFFLINE: signs.offline,
            ConnectionState.SIGN_IN_NEEDED: signs.broken,
            ConnectionState.REFUSED: signs.broken,
        }.get(state, signs.busy)
        look = self.look
        style = look[_STYLES[state]]
        name = clip(connection.name, 8 if short else 20)
        told = "" if state is ConnectionState.ONLINE or short else f" {state.value}"
        return [Segment(sign, style), Segment(f" {name}", look[Component.BAR]), Segment(told, style)]
