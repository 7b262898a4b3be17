# SPDX-License-Identifier: GPL-3.0-or-later
"""The program in a terminal that also tells which widgets it shows and what it means to stand in every column."""

import contextlib
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

from pyte.screens import wcwidth

from tests.pty.terminal import Terminal
from tuimail.model.width import cell_len, split_graphemes

_PROGRAM = """
import asyncio, json, os, signal, sys
from tuimail.ui.leaving import Leaving

file = sys.argv.pop(1)
watch = Leaving.watch_signals

from textual.content import Content

read, as_markup = Content.from_markup.__func__, set()

def from_markup(kind, text, **variables):
    as_markup.add(str(text))
    return read(kind, text, **variables)

Content.from_markup = classmethod(from_markup)

def tell(app):
    rows = [[part.text for part in strip] for strip in app.screen._compositor.render_strips()]
    shown = {type(one).__name__ for screen in app.screen_stack for one in screen.walk_children(with_self=True)}
    with open(file + ".new", "w", encoding="utf-8") as told:
        json.dump({"rows": rows, "shown": sorted(shown), "markup": sorted(as_markup)}, told)
    os.replace(file + ".new", file)

def watch_signals(leaving):
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell, leaving._app)
    watch(leaving)

Leaving.watch_signals = watch_signals
from tuimail.__main__ import main
sys.argv = ["tuimail", *sys.argv[1:]]
sys.exit(main())
"""
OWN = re.compile(
    rb"\x1b\[[?>=<]?[0-9;:]*[A-Za-z]"  # CSI: colours, cursor, modes
    rb"|\x1b\[\?[0-9;]*\$p"  # which modes there are
    rb"|\x1b\]8;[!-:<-~]*;[!-~]*\x1b\\"  # links
    rb"|\x1b\]22;[a-z-]*\x07"  # shape of the mouse pointer
    rb"|\x1b\]52;c;[A-Za-z0-9+/=]*\x07"  # what was copied
    rb"|\x1b[78=>DM]"
)
"""Sequences that the program writes."""
_FOREIGN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no row may have: C0, C1, separators, bidi controls (UAX #9), lone surrogates."""


class Drawn:
    """A running program, of which every screen that is looked at is compared with what the terminal shows."""

    def __init__(self, terminal: Terminal, file: Path) -> None:
        self.terminal = terminal
        self._file = file
        self.markup: set[str] = set()
        """What was read as markup."""
        self.met: set[str] = set()
        """Names of the widgets' classes that stood on the screens looked at."""

    def look(self, *texts: str) -> None:
        """Wait until all these stand on the screen, then until the terminal shows what the program thinks it does."""
        self.terminal.sees(*texts)
        wrong: list[str] = []
        try:
            self.terminal.until(lambda: not self._wrong(wrong), "the terminal shows what the program thinks it does")
        except AssertionError as error:
            error.add_note("\n".join(wrong))
            raise

    def gone(self, text: str) -> None:
        """Wait until this does not stand on the screen any more."""
        self.terminal.until(lambda: text not in self.terminal.text, f"{text} goes")

    def _wrong(self, wrong: list[str]) -> list[str]:
        self._file.unlink(missing_ok=True)
        self.terminal.signal(signal.SIGUSR1)
        while not self._file.exists():
            assert self.terminal.read(), f"the program ended\n{self.terminal.text}"
        told = json.loads(self._file.read_text("utf-8"))
        self.met |= set(told["shown"])
        self.markup |= set(told["markup"])
        wrong[:] = [found for y, row in enumerate(told["rows"]) if (found := self._row(y, row))]
        return wrong

    def _row(self, y: int, parts: list[str]) -> str:
        """What is wrong with a row, up to the first cluster on whose width terminals disagree; blanks may have its remains."""
        row = "".join(parts)
        foreign = _FOREIGN.search(row)
        assert not foreign, f"{foreign[0]!r} in {row!r}"
        width, columns = sum(map(cell_len, parts)), self.terminal._screen.columns
        assert width == columns, f"{width} columns: {parts!r}"
        shown, x = self.terminal._screen.buffer[y], 0
        for start, end, cells in split_graphemes(row)[0]:
            cluster = row[start:end]
            if len(cluster) > 1 or wcwidth(cluster) != cells:
                break
            if cluster != " " and shown[x].data != cluster:
                return f"row {y}, column {x}: {shown[x].data!r} instead of {cluster!r} in {row!r}"
            x += cells
        return ""

    def assert_own_sequences(self) -> None:
        """Nothing but the program's own sequences went to the terminal, and of texts its own ones alone were read as markup."""
        assert not [text for text in self.markup if "[" in text or not text.isprintable() or "red" in text]
        rest = OWN.sub(b"", bytes(self.terminal.written))
        assert b"\x1b" not in rest, rest[max(0, rest.index(b"\x1b") - 20) :][:60]
        assert not set(rest) & (set(range(32)) - set(b"\r\n\t\x0f\x08"))
        assert not re.search("[\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", rest.decode("utf-8", "replace"))


@contextlib.contextmanager
def drawn(home: Path, *, size: tuple[int, int] = (120, 40), env: dict[str, str] | None = None) -> Iterator[Drawn]:
    """The program with its files below ``home``, watched."""
    file = home.with_name(f"{home.name}-told.json")
    with Terminal(["-c", _PROGRAM, str(file), "--home", str(home)], size=size, env=env) as terminal:
        yield Drawn(terminal, file)
