# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending from a script: a letter built from its pieces, or a message that another program wrote. There is no draft."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuimail.backends.submission import MailSender
from tuimail.engine.accounts import OpenAccount
from tuimail.engine.carrying import Outcome, SendOutcome
from tuimail.engine.files import read_file
from tuimail.model.account import Account
from tuimail.model.address import Address
from tuimail.model.draft import OutboxItem, OutboxState
from tuimail.model.errors import AnswerUnknown, ExitStatus, InputWrong, ServerRefused
from tuimail.model.ids import OutboxId
from tuimail.model.notice import Notice, OutboxChanged
from tuimail.model.text import safe_line
from tuimail.store.store import Store

if TYPE_CHECKING:
    from tuimail.mime.compose import OutgoingAttachment


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent, as it was typed."""

    from_: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    reply_to: str = ""
    subject: str = ""
    body: str = ""
    files: tuple[Path, ...] = ()
    markdown: bool = False
    """The body is Markdown: an HTML wording goes along."""
    html: bool = False
    """The body is HTML: a plain wording goes along."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message, ready to go."""

    message_id: str
    sender: str
    """The envelope's reverse-path; may be empty."""
    recipients: tuple[str, ...]
    """The envelope's forward-paths, Bcc included, none twice."""
    subject: str
    raw: bytes
    """Lines ended by CRLF, without Bcc."""


def prepare(letter: Letter, identity: Address | None) -> Prepared:
    """Build the message. ``identity`` is the sender where the letter names none.

    Raises InputWrong for addresses that cannot be used, FileProblem. Takes time: call it in a thread.
    """
    from tuimail.mime.addresses import parse_typed
    from tuimail.mime.compose import Outgoing, build, new_message_id

    senders = parse_typed(letter.from_) or ((identity,) if identity is not None else ())
    if len(senders) != 1:
        raise InputWrong("Who is it from? One address is needed.", "Name it with --from.")
    to, cc, bcc = map(parse_typed, (letter.to, letter.cc, letter.bcc))
    recipients = tuple(dict.fromkeys(address.email for address in (*to, *cc, *bcc)))
    if not recipients:
        raise InputWrong("To whom? At least one address is needed.", "Name it with --to, --cc or --bcc.")
    message_id = new_message_id(senders[0].email)
    text, html = _wordings(letter)
    outgoing = Outgoing(
        from_=senders[0],
        to=to,
        cc=cc,
        reply_to=parse_typed(letter.reply_to),
        subject=letter.subject,
        text=text,
        html=html,
        attachments=tuple(map(_attachment, letter.files)),
        message_id=message_id,
        date=int(time.time()),
    )
    return Prepared(message_id, senders[0].email, recipients, safe_line(letter.subject), build(outgoing))


def _wordings(letter: Letter) -> tuple[str, str]:
    """Plain and HTML; the latter empty where there is none."""
    if letter.markdown:
        from tuimail.mime.markdown import to_html

        return letter.body, to_html(letter.body)
    if letter.html:
        from tuimail.render.port import render

        lines = render("text/html", letter.body, width=72).lines
        return "\n".join("> " * line.quote + line.text for line in lines), letter.body
    return letter.body, ""


def _attachment(path: Path) -> "OutgoingAttachment":
    from tuimail.mime.compose import OutgoingAttachment
    from tuimail.mime.content_type import guess

    name, data = safe_line(path.name), read_file(path)
    return OutgoingAttachment(name, guess(name, data[:512]), data)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What came along with a message that another program wrote."""

    recipients: tuple[str, ...] = ()
    """Names without a domain are users of this machine: their mail goes to the account's own address."""
    from_header: bool = False
    """The recipients that the header names are added."""
    sender: str | None = None
    """The reverse-path, may be empty; None for the address of the From field, where it is the account's."""


def take_in(raw: bytes, account: Account, envelope: Envelope, name: str = "") -> Prepared:
    """A message as sendmail(8) takes it; ``name`` stands in a From field that has to be added.

    Raises InputWrong where nobody is to get it, or an address cannot be used.
    """
    from tuimail.mime.addresses import ascii_address
    from tuimail.mime.compose import new_message_id
    from tuimail.mime.submission import submitted

    own = account.identity
    told = envelope.sender
    sender = own.email if told and "@" not in told else told
    identity = Address(name or own.name, sender if sender and account.owns(sender) else own.email)
    message = submitted(raw, identity, message_id=new_message_id(own.email), date=int(time.time()))
    named = [*envelope.recipients, *(message.recipients if envelope.from_header else ())]
    everyone = tuple(dict.fromkeys(recipient if "@" in recipient else own.email for recipient in named))
    if not everyone:
        raise InputWrong("The message has no recipient.", "Name them as arguments, or take those of the header with -t.")
    if sender is None:
        sender = message.sender if message.sender and account.owns(message.sender) else own.email
    for address in (*everyone, sender):
        if address:
            ascii_address(address, smtputf8=True)
    return Prepared(message.message_id, sender, everyone, message.subject, message.raw)


class Dispatch:
    """Puts messages into the outbox, due at once."""

    def __init__(self, store: Store, publish: Callable[[Notice], None]) -> None:
        self._store = store
        self._publish = publish

    async def queue(self, account: OpenAccount, message: Prepared) -> OutboxItem:
        """From now on it is the outbox's to send. Raises InputWrong where the account has no server for that."""
        if account.account.smtp is None:
            raise InputWrong(f"The account {account.account.key} has no server to send by.", "Add smtp to its configuration.")
        blob = await asyncio.to_thread(self._store.blobs.write, message.raw)
        item = self._store.outbox.add(
            OutboxItem(
                OutboxId(0),
                account.id,
                None,
                OutboxState.QUEUED,
                blob,
                message.message_id,
                message.sender,
                message.recipients,
                message.subject,
                len(message.raw),
                int(time.time()),
                soon=True,
            )
        )
        self._publish(OutboxChanged(item.id))
        account.loop.ring()
        return item

    def forget(self, item: OutboxItem) -> None:
        """Take a message that was refused out of the outbox: whoever handed it in keeps it, and was told."""
        if self._store.outbox.take_back(item.id) is not None:
            self._store.blobs.remove(item.blob)
            self._publish(OutboxChanged(item.id))


async def send_directly(sender: MailSender, message: Prepared) -> SendOutcome:
    """Send by a server without any account: nothing is kept, not even when it fails.

    Raises what the server's port raises, but for an answer that never came.
    """
    try:
        sent = await sender.send(message.sender, message.recipients, message.raw)
    except AnswerUnknown as error:
        return SendOutcome(Outcome("unknown", str(error), error.exit_status), message.message_id)
    except ServerRefused as error:
        return SendOutcome(Outcome("refused", str(error), error.exit_status), message.message_id, refused=error.recipients)
    if sent.refused:
        names = ", ".join(f"{one.address} ({one.code} {one.text})" for one in sent.refused)
        outcome = Outcome("refused", f"Not delivered to {names}.", ExitStatus.UNAVAILABLE)
    else:
        outcome = Outcome("done", sent.answer or "Sent.")
    return SendOutcome(outcome, message.message_id, sent.accepted, sent.refused)
