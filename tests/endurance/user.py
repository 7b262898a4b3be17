# SPDX-License-Identifier: GPL-3.0-or-later
"""The user at the terminal. Every act begins in the list of the inbox and ends there."""

import random
import time
from collections.abc import Callable

from tests.pty.terminal import Terminal

_AT_LIST = " enter open"
_TOLD, _AWAY = " enter close", "│ Offline "
"""What stands below a dialog that only tells something, and the title of the one that tells that a server is away."""
_FETCHES = "esc do not wait"
"""What stands below the dialog that waits for a text."""
_DIALOG = "╭"
"""The corner of its border."""
_KEYS = {"star": "s", "unread": "u", "archive": "e", "delete": "d", "junk": "!", "undo": "z"}
_PLACES = (
    ("ga", "Archive"), ("gs", "Sent"), ("gd", "Drafts"), ("gt", "Trash"), ("gj", "Junk"), ("gu", "All unread"), ("go", ""),
)  # fmt: skip
"""Keys that lead to other lists, and what the status line calls those; the outbox is a dialog, where something waits in it."""
_KEPT = 1 << 16
"""Octets of the program's output that are remembered."""
_SIZES = ((120, 40), (100, 30), (80, 24), (160, 50))
_PATIENCE = 20.0
"""Seconds in which something is shown on a busy machine; else the act is given up and counted."""
_MOMENT = 0.2


class Astray(Exception):
    """What the act waited for did not come; the text has the screen."""


class Declined(Exception):
    """The program said that it cannot do it while the server is away."""


class User:
    """Presses keys and looks."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.pressed = 0
        """Keys so far."""
        self.letters = 0
        """Letters given to be sent."""
        self.astray: list[str] = []
        """Acts that were given up, each with its screen."""
        self.declined = 0
        """Acts that needed a server that was away."""

    def do(self, kind: str, dice: random.Random) -> None:
        """One event, and back to the inbox."""
        try:
            self._act(kind, dice)
        except Declined:
            self.declined += 1
            self.home()
        except Astray as astray:
            self.astray.append(f"{kind}: {astray}")
            self.home()

    def _act(self, kind: str, dice: random.Random) -> None:
        if kind in _KEYS:
            self._simple(dice, _KEYS[kind])
            if kind == "undo":
                self._leave_what_came_back()
        else:
            {
                "read": self._read_message, "scroll": self._scroll, "mark": self._mark, "move": self._move,
                "label": self._label, "search": self._search, "filter": self._filter, "folders": self._folders,
                "look": self._look, "send": self._send, "reply": self._reply, "draft": self._draft,
                "take up": self._take_up, "resize": self._resize, "pause": self._pause,
            }[kind](dice)  # fmt: skip

    def home(self) -> None:
        """From wherever it is to the inbox: out of whatever is open, and there. Raises Astray."""
        end = time.monotonic() + 3 * _PATIENCE
        while not self._at_inbox():
            if time.monotonic() > end:
                raise Astray(f"the inbox\n{self.terminal.text}")
            if self._at_list():
                self.press("gi")
                if self._wait(self._at_inbox, 10 * _MOMENT):
                    return
            self._escape()

    def _escape(self) -> None:
        """A key that comes too soon after it would be taken for another one, with alt."""
        before = self.terminal.text
        self.press("\x1b")
        self._wait(lambda: self.terminal.text != before, 10 * _MOMENT)
        self.rest(_MOMENT)

    def press(self, keys: str) -> None:
        """Press keys."""
        self.pressed += len(keys)
        self.terminal.keys(keys)

    def rest(self, seconds: float) -> None:
        """Look at the screen for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(min(left, 0.05))

    def until(self, condition: Callable[[], object], what: str, patience: float = _PATIENCE) -> None:
        """Wait until something is on the screen. Raises Astray, Declined."""
        came = self._wait(lambda: condition() or self._declines(), patience)
        if self._declines() or (not came and _FETCHES in self.terminal.lines[-1]):
            raise Declined
        if not came:
            raise Astray(f"{what}\n{self.terminal.text}")

    def _wait(self, condition: Callable[[], object], patience: float) -> bool:
        end = time.monotonic() + patience
        while not (self.terminal.is_whole and condition()):
            if time.monotonic() > end:
                return False
            self._read(0.05)
        return True

    def _read(self, seconds: float) -> None:
        """Take in all that comes until there is nothing more for the moment."""
        had = -1
        while len(self.terminal.written) != had:
            had = len(self.terminal.written)
            if not self.terminal.read(seconds):
                raise ConnectionError(f"the program ended\n{self.terminal.text}")
            seconds = 0.0
        if len(self.terminal.written) > 2 * _KEPT:
            del self.terminal.written[:-_KEPT]

    def _sees(self, text: str) -> None:
        self.until(lambda: text in self.terminal.text, text)

    def _misses(self, text: str) -> None:
        self.until(lambda: text not in self.terminal.text, f"no more {text}")

    def _declines(self) -> bool:
        return self.terminal.lines[-1].startswith(_TOLD) and _AWAY in self.terminal.text

    def _at_list(self) -> bool:
        return self.terminal.lines[-1].startswith(_AT_LIST) and _DIALOG not in self.terminal.text

    def _at_inbox(self) -> bool:
        return self._at_list() and self._status().startswith(" Inbox") and "“" not in self._status()

    def _status(self) -> str:
        return self.terminal.lines[-2]

    def _list(self) -> None:
        self.until(self._at_list, "the list")

    def _somewhere(self, dice: random.Random) -> None:
        """Mostly near the top, where others are at work, too."""
        self.press("gg" if dice.random() < 0.5 else "")
        self.press("j" * dice.randrange(12))

    # Acts. Their names are those of the workload.

    def _read_message(self, dice: random.Random) -> None:
        self.press("\r")
        self.until(lambda: not self._at_list(), "the message")
        for _ in range(dice.randrange(4)):
            self.press(dice.choice((" ", "J", "J", "K", "H", "h")))
            self.rest(0.05)
        self.home()

    def _scroll(self, dice: random.Random) -> None:
        keys = dice.choice(("j" * 20, "k" * 20, " " * 8, "G" + "-" * 5, "gg" + "j" * 10, "\x04\x04\x15", "\x1b[6~" * 5))
        self.press(keys)
        self.rest(0.05)
        if keys.isspace():  # it reads on, in the message under the cursor
            self._wait(lambda: not self._at_list(), _PATIENCE / 2)
            self.home()

    def _folders(self, dice: random.Random) -> None:
        keys, place = dice.choice(_PLACES)
        if place:
            self.press(keys)
            self.until(lambda: self._at_list() and self._status().startswith(f" {place}"), place)
            self.press("jjjk")
        elif "in outbox" in self._status():
            self.press(keys)
            self._wait(lambda: _DIALOG in self.terminal.text, _PATIENCE)
        self.home()

    def _look(self, dice: random.Random) -> None:
        if dice.random() < 0.5:
            self.press("?")
            self._sees("Type a key or a word")
        else:
            self.press(":")
            self.press("theme")
            self._sees("Change theme")
        self.home()

    def _simple(self, dice: random.Random, keys: str) -> None:
        self._somewhere(dice)
        self.press(keys)
        self.rest(0.02)

    def _mark(self, dice: random.Random) -> None:
        self._simple(dice, "x" + "jx" * dice.randrange(1, 5) + dice.choice(("s", "u", "e", "e")) + "*n")

    def _move(self, dice: random.Random) -> None:
        self._somewhere(dice)
        self.press("m")
        self._sees("Move to")
        self.press(dice.choice(("alpha", "beta", "gamma")))
        self._sees("▌ Work / ")
        self.press("\r")
        self._misses("Move to")

    def _label(self, dice: random.Random) -> None:
        self._somewhere(dice)
        self.press("l")
        self._sees("Labels")
        self.press(f"{dice.choice(('', '-'))}{dice.choice(('trip', 'later', 'print'))}\r")
        self._misses("Words to add")

    def _search(self, dice: random.Random) -> None:
        word = dice.choice(("harbour", "bathyscaphe", "atlas", "subject:legend", "from:mira", "is:unread"))
        self.press("/")
        self._sees("Search:")
        self.press(f"{word}\r")
        self.until(lambda: f"“{word}" in self._status(), f"what has {word}")
        self.press("jj\r")
        self.rest(_MOMENT)
        self.home()

    def _filter(self, dice: random.Random) -> None:
        word = dice.choice(("harbour", "arrived", "paper"))
        self.press("\\")
        self._sees("enter keep what fits")
        self.press(word)
        self.until(lambda: f"“{word}" in self._status(), f"what fits {word}")
        self.press("\r")
        self._misses("enter keep what fits")
        self.home()

    def _leave_what_came_back(self) -> None:
        """A draft that was thrown away stands open again; else the next key asks for help. It is handed out only then."""
        self.press("?")
        self.until(lambda: not self._at_list(), "help, or what came back")
        self.home()

    def _compose(self, subject: str, dice: random.Random) -> None:
        self.press("c")
        self._sees("^X finish")
        self.press(f"reader{dice.randrange(10**9)}@paper.example\t\t\t{subject}\r")
        self.press(f"{subject}, and some words about it.")
        self._sees("words about it.")

    def _send(self, dice: random.Random) -> None:
        self._compose(f"Written {self.letters}", dice)
        self.press("\x18y")
        self._list()
        self.letters += 1

    def _reply(self, dice: random.Random) -> None:
        self.press("r")
        self._sees("^X finish")
        self.press(f"Answer {self.letters}.")
        self._sees(f"Answer {self.letters}.")
        self.press("\x18y")
        self._list()
        self.letters += 1

    def _draft(self, dice: random.Random) -> None:
        self._compose(f"Draft {dice.randrange(1000)}", dice)
        self.press("\x18p")
        self._list()

    def _take_up(self, dice: random.Random) -> None:
        """A draft stays open; then it is found again, and thrown away."""
        self._compose(f"Open {dice.randrange(1000)}", dice)
        self.press("\x1b")
        self._list()
        self.press("gc")
        self._sees("^X finish")
        self.press(" More.")
        self.press("\x18x")
        self._list()

    def _pause(self, dice: random.Random) -> None:
        """The user looks elsewhere, long enough for the program to come to rest."""
        self.rest(dice.uniform(2.5, 4.0))

    def _resize(self, dice: random.Random) -> None:
        """The window gets another size."""
        self.terminal.resize(dice.choice(_SIZES))
        self.until(self._at_inbox, "the list in the new size")
