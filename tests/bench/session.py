# SPDX-License-Identifier: GPL-3.0-or-later
"""A client at work on a mailbox behind a proxy: what every scenario begins with."""

import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import mail, processes
from tests.bench.clients.client import Client
from tests.bench.figures import Traffic
from tests.bench.proxy import Proxy
from tests.bench.servers import Mailbox, Open
from tests.bench.terminal import NeverShown, Terminal
from tests.servers.launch import free_port

_MARKER = re.compile(r"Message (\d+):")
_SCREENFUL = 16
"""So many rows of the newest messages are a list that stands."""

_RESTING = 1.0
"""Seconds."""
_NEXT_TO_NOTHING = 1000
"""Octets in `_RESTING`: looks at other folders, signs of life."""
_BARELY_BUSY = 0.1
"""The share of a processor that a resting client may want."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose."""

    rtt: float = 0.1
    """Seconds, for the scenarios on the network."""
    runs: int = 2
    idle: float = 10.0
    """Seconds that the idle client is watched."""
    patience: float = 120.0
    """Seconds after which something counts as never shown."""
    keys: int = 40
    """Keys pressed for each latency."""
    mbit: float = 20.0
    """Width of the line for the big attachment, Mbit/s."""


@dataclass(slots=True)
class Session:
    """A running client."""

    client: Client
    mailbox: Mailbox
    terminal: Terminal
    proxy: Proxy

    def keys(self, name: str) -> str:
        """The client's keys for something. Raises KeyError where it has none."""
        return self.client.keys[name]

    def numbers(self) -> set[int]:
        """The messages whose rows stand on the screen."""
        return {int(found) for found in _MARKER.findall(self.terminal.text)}

    def cursor(self) -> int | None:
        """The message under the cursor, where that can be seen."""
        row = re.compile(self.client.cursor + r".*?Message (\d+):")
        return next((int(found[1]) for line in self.terminal.lines if (found := row.search(line))), None)

    def listed(self, newest: int = 0, patience: float = 60.0) -> float:
        """Wait for the newest screenful. When it stood there."""
        newest = newest or self.mailbox.total
        wanted = set(range(max(newest - _SCREENFUL + 1, 1), newest + 1))
        return self.terminal.until(lambda _: wanted <= self.numbers(), f"the newest messages of {newest}", patience)

    def to_newest(self) -> None:
        """Go to the newest message, where the client has a key for that; else it begins there."""
        if "first" in self.client.keys:
            self.terminal.react(self.keys("first"))

    def moved_from(self, number: int | None) -> float:
        """Wait until the cursor is on another message. When it was."""
        return self.terminal.until(lambda _: self.cursor() not in (number, None), "the cursor moved")

    def gone(self, number: int) -> float:
        """Wait until rows stand there, but not that of this message. When they did."""
        return self.terminal.until(lambda _: self.numbers() and number not in self.numbers(), "rows of the next page")

    def shown(self, number: int, patience: float) -> float:
        """Wait until the row of this message stands there. When it did."""
        return self.terminal.until(lambda _: number in self.numbers(), f"the row of message {number}", patience)

    def replaced(self, numbers: set[int]) -> float:
        """Wait until a screenful of other rows stands there. When it did."""
        wanted = len(numbers) * 3 // 4
        return self.terminal.until(lambda _: len(self.numbers() - numbers) >= wanted, "the next page")

    def until(self, at: float) -> Traffic:
        """The traffic up to a time."""
        return self.proxy.until(at)

    def rested(self, patience: float = 300.0) -> bool:
        """Wait until the client does next to nothing any more; its output is taken in. False: that never came."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            before, ran, begun = self.proxy.until(), processes.wanted_time(self.terminal.pid), time.monotonic()
            self.terminal.settle(_RESTING, _RESTING)
            passed, busy = self.proxy.until().minus(before), processes.wanted_time(self.terminal.pid) - ran
            if passed.down + passed.up < _NEXT_TO_NOTHING and busy < _BARELY_BUSY * (time.monotonic() - begun):
                return True
        return False

    def quit(self) -> None:
        """End the client as its user would; so that it keeps what it has."""
        if "quit" in self.client.keys:
            self.terminal.settle()
            self.terminal.write(self.client.keys["quit"])
            self.terminal.ended()


@dataclass(slots=True)
class Bench:
    """One client on one mailbox size."""

    client: Client
    server: str
    total: int
    open_mailbox: Open
    options: Options
    folder: Path
    """For homes; removed by who made it."""
    _port: int = field(default_factory=free_port)
    """The same for all sessions: caches of clients go by it."""
    _warm: Path | None = None

    def mailbox(self, *, fresh: bool = False) -> Mailbox:
        """The mailbox, or one to be changed."""
        return self.open_mailbox(self.total, fresh=fresh)

    def home(self) -> Path:
        """A new, empty home."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    @contextlib.contextmanager
    def session(self, home: Path, *, rtt: float = 0.0, mbit: float = 0.0, mailbox: Mailbox | None = None) -> Iterator[Session]:
        """A client that was just started. It is killed at the end; see `Session.quit`."""
        behind = mailbox or self.mailbox()
        behind.newest_is_unread()
        with Proxy(behind.host, behind.port, listen=self._port, rtt=rtt, mbit=mbit) as proxy:
            through = behind.through(proxy.port)
            self.client.configure(home, through)
            with self.client.terminal(home, through) as terminal:
                yield Session(self.client, through, terminal, proxy)

    def warm_home(self) -> Path:
        """A copy of `lived_in_home`."""
        home = self.lived_in_home()
        copy = self.folder / f"{home.name}-{time.monotonic_ns()}"
        shutil.copytree(home, copy, symlinks=True)
        return copy

    def lived_in_home(self) -> Path:
        """A home in which the client has everything that it takes from the mailbox by itself; it can tell a copy from it."""
        if self._warm is None:
            home = self.home()
            patience = max(300.0, self.total / 100)
            with self.session(home) as session:
                session.listed(patience=self.options.patience)
                self.complete(session, home, patience)
                session.rested(patience)
                session.quit()
            self._warm = home
        return self._warm

    def complete(self, session: Session, home: Path, patience: float) -> int:
        """Wait until every message has a row, where that can be seen. How many there are; 0: it cannot be seen."""
        rows, end = self.client.rows, time.monotonic() + patience
        if rows is None:
            return 0
        while (found := rows(home)) < self.total:
            if time.monotonic() > end:
                raise NeverShown(f"never listed: {self.total:,} messages; of the largest folder that was read: {found:,}")
            session.terminal.settle(_RESTING, _RESTING)
        return found


def shows(number: int) -> str:
    """What stands on the screen exactly where a message's text does."""
    return mail.hello(number)
