# SPDX-License-Identifier: GPL-3.0-or-later
"""What the protocol log gets of a response: no mail, no secret."""

import re
from collections.abc import Collection

from tuimail.backends.imap.wire.splitter import Unit
from tuimail.backends.log import STRUCK, octets

_FETCH = re.compile(rb"\*[ \t]*\d*[ \t]*FETCH(?![^ \t(])", re.IGNORECASE)
_STATUS = re.compile(rb"(?:\S+[ \t]+(?:OK|NO|BAD|BYE|PREAUTH)(?:[ \t]+\[[^\]]*\])?)", re.IGNORECASE)


def shown(unit: Unit) -> bytes:
    """A response for the log: of mail only how much, of SASL challenges nothing (SCRAM's last lets passwords be tried)."""
    head = unit[0]
    if head.startswith(b"+"):
        return b"+ " + STRUCK if head[1:].strip() else b"+"
    if fetch := _FETCH.match(head):
        return fetch[0] + b" " + octets(sum(map(len, unit)))
    return b"".join(octets(len(piece)) if number % 2 else piece for number, piece in enumerate(unit))


def without_echo(unit: Unit, secrets: Collection[bytes]) -> Unit:
    """The words of a status response struck out, all of them, where they hold a secret: some servers repeat a bad command."""
    status = _STATUS.match(unit[0])
    if status is None or not any(secret in unit[0][status.end() :] for secret in secrets):
        return unit
    return (status[0] + b" " + STRUCK, *unit[1:])
