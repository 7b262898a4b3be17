# SPDX-License-Identifier: GPL-3.0-or-later
"""What a submission server is to the rest of the program; errors as in `tuimail.backends.port`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tuimail.backends.port import ProgressSink
from tuimail.model.draft import RefusedRecipient


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the message for these recipients."""

    accepted: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...] = ()
    answer: str = ""
    """The server's last line, often with its queue id; safe to show."""


class MailSender(Protocol):
    """A submission server (RFC 6409)."""

    async def send(
        self,
        sender: str,
        recipients: tuple[str, ...],
        message: bytes,
        *,
        progress: ProgressSink | None = None,
        before_dot: Callable[[], None] | None = None,
    ) -> Sent:
        """Send one message, lines ended by CRLF. ``before_dot`` is called right before the final dot goes out.

        Raises TryLater (4xx), ServerRefused (5xx, or every recipient refused), AnswerUnknown (the dot went out and no answer
        came), Offline (lost before the dot). Cancelling before the dot aborts the connection, so that nothing is sent.
        """
        ...

    async def check(self) -> None:
        """Connect and sign in, send nothing."""
        ...
