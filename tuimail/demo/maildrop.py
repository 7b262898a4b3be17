# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's INBOX as POP3 shows it: the messages that were there at sign-in, numbered, some marked as deleted."""

from dataclasses import dataclass, field

from tuimail.demo.mailbox import Mailbox, Message


class Refused(Exception):
    """The command is answered by ``-ERR`` and this text."""


@dataclass(slots=True)
class Maildrop:
    """The messages as they were at sign-in, numbered from 1."""

    user: str
    mailbox: Mailbox
    messages: list[Message]
    deleted: set[int] = field(default_factory=set)

    def left(self) -> list[tuple[int, Message]]:
        """Number and message of all that are not marked as deleted."""
        return [(number, each) for number, each in enumerate(self.messages, 1) if number not in self.deleted]

    def get(self, text: str) -> tuple[int, Message]:
        """Number and message for an argument. Raises `Refused`."""
        number = int(text) if text.isascii() and text.isdigit() else 0
        if not 1 <= number <= len(self.messages) or number in self.deleted:
            raise Refused("There is no such message")
        return number, self.messages[number - 1]
