# SPDX-License-Identifier: GPL-3.0-or-later
"""Passing a received message on unchanged, as if it had gone there at first (RFC 5322 §3.6.6)."""

import re

from tuimail.mime import emit
from tuimail.mime.compose import date_text
from tuimail.mime.submission import without_bcc
from tuimail.model.address import Address

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def redirected(raw: bytes, sender: Address, to: tuple[Address, ...], message_id: str, date: int) -> bytes:
    """The message with a block of Resent fields before its own. Nothing else of it changes but bare CR and LF, which SMTP
    forbids, and Bcc goes, which the sender's own copy may have.

    ``date`` in seconds since 1970. Raises InputWrong for an address that cannot be sent.
    """
    block = "".join(
        (
            emit.field("Resent-Date", [date_text(date)]),
            emit.address_list("Resent-From", (sender,)),
            emit.address_list("Resent-To", to),
            emit.message_ids("Resent-Message-ID", (message_id,)),
        )
    )
    return block.encode("ascii") + without_bcc(_BARE.sub(b"\r\n", raw))
