# SPDX-License-Identifier: GPL-3.0-or-later
"""What the measurements need to know of a mail client."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.servers import Mailbox
from tests.bench.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Client:
    """One mail client: a table of its ways."""

    name: str
    configure: Callable[[Path, Mailbox], None]
    """Write into a home what makes the client open the mailbox's INBOX without a question, newest message first or last."""
    arguments: Callable[[Path, Mailbox], list[str]]
    """The command line."""
    environment: Callable[[Path], Mapping[str, str]]
    """What is added to the environment."""
    keys: Mapping[str, str]
    """What is to be done → the keys for it. What is not in here cannot be measured with this client."""
    program: str = ""
    """What has to be installed; empty: nothing."""
    password_prompt: str = ""
    """Shown where the client asks for the password at start; it is answered at once."""
    newest_below: bool = False
    """The newest message is the last row."""
    cursor: str = ""
    """A regular expression for what begins the row under the cursor, where that can be seen in the text."""
    unread: str = ""
    """A regular expression for what stands on the screen as long as an unread message does."""
    rows: Callable[[Path], int] | None = None
    """How many messages the largest folder in a home lists, 0 while it is still read; None where that cannot be seen."""
    folder: Path = field(default_factory=Path.cwd)
    """Where it is started."""

    def terminal(self, home: Path, mailbox: Mailbox) -> Terminal:
        """The client, not started yet."""
        basic = {
            "HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
        }
        prompt = self.password_prompt.encode()
        return Terminal(
            self.arguments(home, mailbox),
            env={**basic, **self.environment(home)},
            folder=self.folder,
            answers={prompt: mailbox.password.encode() + b"\r"} if prompt else {},
        )
