# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command is to the session that carries it out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from tuimail.demo.grammar import Arguments

if TYPE_CHECKING:
    from tuimail.demo.session import Session


class State(IntEnum):
    """The states of a connection (RFC 9051 §3)."""

    CONNECTED = 0
    SIGNED_IN = 1
    SELECTED = 2
    LOGGED_OUT = 3


@dataclass(frozen=True, slots=True)
class Command:
    """One command, and when it is allowed."""

    run: Callable[["Session", Arguments], Awaitable[str]]
    """Gives the text of the OK. Raises `No` and `Bad`."""
    lowest: State = State.SIGNED_IN
    highest: State = State.SELECTED
    needs: tuple[str, ...] = ()
    """Capabilities without which the command is unknown."""
    updates: bool = True
    """Whether changes by others may be told before its answer."""
    expunges: bool = True
    """Whether EXPUNGE may be among them: not while sequence numbers are in use (RFC 9051 §7.5.1)."""
