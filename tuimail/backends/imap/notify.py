# SPDX-License-Identifier: GPL-3.0-or-later
"""NOTIFY (RFC 5465): being told of the list of folders, and of folders that are not selected.

It is asked for once a connection. Dovecot 2.3 tells nothing more of other folders after a second ``NOTIFY SET``, unless
``NOTIFY NONE`` stands between; and it tells while a client idles as well as while it does not.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuimail.backends.imap.wire.arguments import command
from tuimail.backends.imap.wire.codes import parse_status_text
from tuimail.backends.imap.wire.responses import Tagged, Untagged

if TYPE_CHECKING:
    from tuimail.backends.imap.session import Session

NAME = "NOTIFY"
_SELECTED = b"(SELECTED-DELAYED (MessageNew MessageExpunge FlagChange))"
"""Delayed: as without NOTIFY, nothing is expunged while sequence numbers are in use."""
_PERSONAL = b"(PERSONAL (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))"
_KINDS = frozenset({"LIST", "LSUB", "STATUS"})


@dataclass(slots=True)
class Elsewhere:
    """What the server told of everything but the selected mailbox."""

    asked: bool = False
    told: bool = False
    """Asked for, and neither refused nor given up by the server."""
    overflowed: bool = False
    changed: bool = False
    """The list of folders, or the state of one that is not selected, since it was last taken."""
    _doubtful: frozenset[bytes] = frozenset()

    def take(self) -> bool:
        """Whether something changed, and begin anew."""
        changed, self.changed = self.changed, False
        return changed

    def missed(self) -> None:
        """The server told of a change in a mailbox that was being left, and will not tell of it again."""
        self.changed |= self.told

    def doubt(self, names: frozenset[bytes]) -> None:
        """These names of an answer to LIST may come from what was told in between. The same names again are no news: then
        it is the server's way to answer."""
        self.changed |= self.told and not names <= self._doubtful
        self._doubtful = names


def observe(session: "Session", item: Untagged, taken: bool) -> None:
    """Note what a response says of other folders; data that a command asked for is no news."""
    elsewhere = session.elsewhere
    if not elsewhere.told:
        return
    if item.kind == "OK" and parse_status_text(item.unit[0]).code == "NOTIFICATIONOVERFLOW":
        elsewhere.overflowed = True
        _in_force(session, False)
    elif taken or item.kind not in _KINDS:
        return
    elsewhere.changed = True
    if session.mailbox is not None:
        session.mailbox.changes.happened.set()


async def begin(session: "Session") -> None:
    """Ask for it, where it is offered and was not asked for. Its answer is not waited for; a refusal changes nothing.

    A server that is overwhelmed tells nothing at all any more (RFC 5465 §5.8), not even of the selected mailbox: then only
    that is asked for again.
    """
    elsewhere = session.elsewhere
    if elsewhere.overflowed:
        flight = await session.dialogue.start(command(b"NOTIFY SET", _SELECTED))
        flight.done.add_done_callback(_heard)
        elsewhere.overflowed = False
    elif not elsewhere.asked and NAME in session.capabilities:
        flight = await session.dialogue.start(command(b"NOTIFY SET", _SELECTED, _PERSONAL))
        elsewhere.asked = elsewhere.told = True
        flight.done.add_done_callback(lambda done: _in_force(session, _heard(done) and elsewhere.told))


def _heard(done: "asyncio.Future[Tagged]") -> bool:
    """Whether the answer is OK; a lost connection shows in the next command."""
    return done.exception() is None and done.result().status == "OK"


def _in_force(session: "Session", yes: bool) -> None:
    session.elsewhere.told = yes
    enabled = session.capabilities.enabled
    session.capabilities = replace(session.capabilities, enabled=enabled | {NAME} if yes else enabled - {NAME})
