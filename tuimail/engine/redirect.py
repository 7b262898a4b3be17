# SPDX-License-Identifier: GPL-3.0-or-later
"""Passing messages on unchanged."""

import asyncio
import time
from collections.abc import Callable

from tuimail.engine.accounts import Accounts
from tuimail.engine.progress import progress_of
from tuimail.engine.reader import Reader
from tuimail.model.draft import OutboxItem, OutboxState
from tuimail.model.errors import InputWrong
from tuimail.model.ids import MessageId, OutboxId
from tuimail.model.notice import Notice, OutboxChanged
from tuimail.model.text import safe_line
from tuimail.store.store import Store


class Redirect:
    """Sends messages on as they are, from the account that has them."""

    def __init__(
        self, store: Store, accounts: Accounts, reader: Reader, publish: Callable[[Notice], None], undo_send: int
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._reader = reader
        self._publish = publish
        self._undo_send = undo_send

    async def send(self, message: MessageId, to: str) -> OutboxItem:
        """Put a message into the outbox for other recipients. Raises InputWrong, Offline."""
        from tuimail.mime.addresses import parse_typed
        from tuimail.mime.compose import new_message_id
        from tuimail.mime.redirect import redirected

        row = self._store.messages.row(message)
        if row is None:
            raise InputWrong("That message is gone.")
        recipients = parse_typed(to)
        if not recipients:
            raise InputWrong("To whom? At least one address is needed.")
        account = self._accounts.get(row.account)
        if account.account.smtp is None:
            raise InputWrong("This account has no server to send by.", "Add smtp to its configuration.")
        identity = account.account.identity
        with progress_of(f"fetch:{message}", "Fetching the message", self._publish) as progress:
            raw = await self._reader.raw(message, progress)
        message_id = new_message_id(identity.email)
        octets = await asyncio.to_thread(redirected, raw, identity, recipients, message_id, int(time.time()))
        item = self._store.outbox.add(
            OutboxItem(
                OutboxId(0),
                account.id,
                None,
                OutboxState.HELD,
                await asyncio.to_thread(self._store.blobs.write, octets),
                row.envelope.message_id or message_id,  # by this one the copy in Sent is looked for
                identity.email,
                tuple(dict.fromkeys(address.email for address in recipients)),
                safe_line(row.envelope.subject),
                len(octets),
                int(time.time()) + self._undo_send,
                soon=True,
            )
        )
        self._publish(OutboxChanged(item.id))
        account.loop.ring()
        return item
