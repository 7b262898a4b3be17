# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing mail: drafts, replies, attachments, and the way into the outbox. Whatever is typed is kept."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tuimail.engine.accounts import Accounts, OpenAccount
from tuimail.engine.files import read_file
from tuimail.engine.mailto import mailto_fields
from tuimail.engine.outgoing import build_message, build_stored, problems_of
from tuimail.engine.progress import progress_of
from tuimail.engine.reader import Reader
from tuimail.model.action import Append
from tuimail.model.address import Address, format_addresses
from tuimail.model.deception import listed_name
from tuimail.model.draft import Draft, DraftAttachment, DraftKind, OutboxItem, OutboxState
from tuimail.model.errors import InputWrong
from tuimail.model.flags import DRAFT, SEEN
from tuimail.model.folder import FolderRole
from tuimail.model.ids import AccountId, DraftId, MessageId, OutboxId
from tuimail.model.message import MessageRow
from tuimail.model.notice import DraftsChanged, FolderChanged, Notice, OutboxChanged, WaitingChanged
from tuimail.model.text import safe_line
from tuimail.store.store import Store


class Composer:
    """Drafts and the outbox."""

    def __init__(
        self, store: Store, accounts: Accounts, reader: Reader, publish: Callable[[Notice], None], undo_send: int = 10
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._reader = reader
        self._publish = publish
        self._undo_send = undo_send

    def new(self, account: AccountId | None = None, **fields: str) -> Draft:
        """An empty draft from an account, the first one by default. ``fields`` are of `Draft`. Raises InputWrong."""
        sender = self._accounts.get(account) if account is not None else self._accounts.default
        if sender is None:
            raise InputWrong("There is no account to write from.", "Add one first: tuimail account add.")
        body = fields.pop("body", "") + _signature(sender)
        draft = Draft(DraftId(0), sender.id, from_=str(sender.account.identity), body=body, **fields)  # type: ignore[arg-type]
        return self._keep(self._store.drafts.new(draft))

    async def reply(self, message: MessageId, *, everyone: bool = False, to: tuple[Address, ...] = ()) -> Draft:
        """A draft that answers a message, its text quoted. ``to`` overrides the recipients (a mailing list)."""
        from tuimail.mime.reply import identity_for, quote_reply, references_for, reply_recipients, reply_subject

        row, account = self._source(message)
        envelope = row.envelope
        first, second = reply_recipients(envelope, account.account, everyone=everyone)
        author = listed_name(envelope.from_[0]) if envelope.from_ else ""
        original, _ = await self._reader.text(message)
        text = await asyncio.to_thread(quote_reply, original, author, envelope.date)
        draft = Draft(
            DraftId(0),
            account.id,
            DraftKind.REPLY,
            from_=str(identity_for(envelope, account.account)),
            to=format_addresses(to or first),
            cc="" if to else format_addresses(second),
            subject=reply_subject(envelope.subject),
            body=f"\n\n{text}{_signature(account)}",
            source=message,
            in_reply_to=envelope.message_id,
            references=references_for(envelope),
        )
        return self._keep(self._store.drafts.new(draft))

    async def reply_to_list(self, message: MessageId) -> Draft:
        """A draft to the mailing list that the message came by (RFC 2369 List-Post). Raises InputWrong."""
        from tuimail.mime.addresses import parse_addresses

        opened = await self._reader.open(message, width=72, all_headers=True)
        posts = [value for name, value in opened.headers if name.lower() == "list-post"]
        target = next((value.partition("mailto:")[2].partition(">")[0].partition("?")[0] for value in posts), "")
        addresses = parse_addresses(target) if "@" in target else ()
        if not addresses:
            raise InputWrong("This message did not come by a mailing list.", "Use r to answer its author, a to answer all.")
        return await self.reply(message, to=addresses)

    async def forward(self, message: MessageId, *, as_attachment: bool = False) -> Draft:
        """A draft that passes a message on: its text below a head, its attachments attached; or the message as a file, which it
        also is where its text is too long to be written in.
        """
        from tuimail.mime.choose import attachments
        from tuimail.mime.content_type import passed_on
        from tuimail.mime.filename import message_filename, part_filename
        from tuimail.mime.reply import forward_subject, forward_text, identity_for, is_too_long
        from tuimail.mime.submission import without_bcc

        row, account = self._source(message)
        envelope = row.envelope
        body, files = "", []
        text, is_whole = ("", True) if as_attachment else await self._reader.text(message)
        if as_attachment or not is_whole or is_too_long(text):
            with progress_of(f"fetch:{message}", "Fetching the message", self._publish) as progress:
                raw = await self._reader.raw(message, progress)
            files.append(await self._file(message_filename(envelope.subject), "message/rfc822", without_bcc(raw)))
        else:
            body = forward_text(text, envelope)
            for part in attachments(await self._reader.structure(message)):
                with progress_of(f"fetch:{message}", f"Fetching {part_filename(part)}", self._publish) as progress:
                    content = await self._reader.content(message, part, progress)
                files.append(await self._file(part_filename(part), passed_on(part), content))
        draft = Draft(
            DraftId(0),
            account.id,
            DraftKind.FORWARD,
            from_=str(identity_for(envelope, account.account)),
            subject=forward_subject(envelope.subject),
            body=f"\n\n{body}{_signature(account)}" if body else _signature(account),
            attachments=tuple(files),
            source=message,
        )
        return self._keep(self._store.drafts.new(draft))

    async def edit_stored(self, message: MessageId) -> Draft:
        """A draft that lies in a Drafts folder on the server, to go on writing; the open one where it was taken up already.

        Raises InputWrong where its text is too long: what is saved would lack the rest.
        """
        from tuimail.mime.choose import attachments
        from tuimail.mime.content_type import passed_on
        from tuimail.mime.filename import part_filename

        if (taken_up := self._taken_up(message)) is not None:
            return taken_up
        row, account = self._source(message)
        envelope = row.envelope
        body, is_whole = await self._reader.written(message)
        if not is_whole:
            raise InputWrong("The text of this draft is too long to be edited here.", "Save it as a file, and attach that.")
        files = [
            await self._file(part_filename(part), passed_on(part), await self._reader.content(message, part))
            for part in attachments(await self._reader.structure(message))
        ]
        if (taken_up := self._taken_up(message)) is not None:
            return taken_up
        draft = Draft(
            DraftId(0),
            account.id,
            from_=format_addresses(envelope.from_[:1]) or str(account.account.identity),
            to=format_addresses(envelope.to),
            cc=format_addresses(envelope.cc),
            bcc=format_addresses(envelope.bcc),
            subject=envelope.subject,
            body=body,
            attachments=tuple(files),
            in_reply_to=envelope.in_reply_to,
            references=envelope.references,
            stored=message,
        )
        return self._keep(self._store.drafts.new(draft))

    def save(self, draft: Draft) -> Draft:
        """Keep what was written so far."""
        return self._store.drafts.save(draft)

    def save_text(self, draft: Draft) -> Draft:
        """Keep what was typed so far. The files are those in the store: another program may have attached some meanwhile."""
        with self._store.transaction():
            current = self._store.drafts.get(draft.id) or draft
            return self.save(replace(draft, attachments=current.attachments))

    def get(self, draft: DraftId) -> Draft | None:
        """A draft by its id."""
        return self._store.drafts.get(draft)

    async def attach(self, draft: Draft, path: Path) -> Draft:
        """Copy a file into the draft. Raises FileProblem."""
        from tuimail.mime.content_type import guess

        content = await asyncio.to_thread(read_file, path)
        name = safe_line(path.name)
        file = await self._file(name, guess(name, content[:512]), content)
        with self._store.transaction():
            current = self._store.drafts.get(draft.id) or draft
            saved = self.save(replace(current, attachments=(*current.attachments, file)))
        self._publish(DraftsChanged())
        return saved

    def detach(self, draft: Draft, attachment: DraftAttachment) -> Draft:
        """Take a file off the draft."""
        return self.save(replace(draft, attachments=tuple(file for file in draft.attachments if file != attachment)))

    def discard(self, draft: DraftId) -> None:
        """Throw a draft away; `restore` brings it back."""
        self._store.drafts.set_state(draft, "discarded")
        self._publish(DraftsChanged())

    def restore(self, draft: DraftId) -> Draft:
        """Bring a discarded draft back. Raises InputWrong when it is gone."""
        found = self._store.drafts.get(draft)
        if found is None:
            raise InputWrong("That draft is gone.")
        self._store.drafts.set_state(draft, "open")
        return self._keep(found)

    def account_for(self, draft: Draft) -> AccountId:
        """The account that the From address belongs to: the one it has where that owns the address, as others may too."""
        from tuimail.mime.addresses import parse_typed

        try:
            senders = parse_typed(draft.from_)
        except InputWrong:
            return draft.account
        if not senders or self._accounts.get(draft.account).account.owns(senders[0].email):
            return draft.account
        owner = self._accounts.owner_of(senders[0].email)
        return owner.id if owner is not None else draft.account

    def from_mailto(self, url: str) -> Draft:
        """A draft from a ``mailto:`` URL (RFC 6068). Only fields that can do no harm are taken; files never."""
        return self.new(None, **mailto_fields(url))

    def problems(self, draft: Draft) -> dict[str, str]:
        """What keeps a draft from being sent: field of `Draft` → sentence."""
        return problems_of(draft, self._accounts.get(draft.account).account)

    async def send(self, draft: Draft, *, delay: int | None = None, at: int | None = None) -> OutboxItem:
        """Put a draft into the outbox: sent after ``delay`` seconds (default: ``undo_send``), or not before ``at``.

        Raises InputWrong with the first of `problems`, FileProblem when an attachment is gone, MailMalformed.
        """
        draft = self.save(draft)
        for sentence in self.problems(draft).values():
            raise InputWrong(sentence)
        message_id, raw = await asyncio.to_thread(build_message, draft, self._identity(draft), self._store.blobs)
        blob = await self._finished(draft, raw)
        from tuimail.mime.addresses import parse_typed

        everyone = [address.email for field in (draft.to, draft.cc, draft.bcc) for address in parse_typed(field)]
        item = OutboxItem(
            OutboxId(0),
            draft.account,
            draft.id,
            OutboxState.HELD,
            blob,
            message_id,
            parse_typed(draft.from_)[0].email,
            tuple(dict.fromkeys(everyone)),
            safe_line(draft.subject),
            len(raw),
            at or int(time.time()) + (self._undo_send if delay is None else delay),
            soon=at is None and delay is None,
        )
        with self._store.transaction():
            item = self._store.outbox.add(item)
            self._store.drafts.set_state(draft.id, "sending")
        self._publish(DraftsChanged())
        self._publish(OutboxChanged(item.id))
        self._accounts.get(item.account).loop.ring()
        return item

    async def keep_on_server(self, draft: Draft) -> str:
        """Put the draft into the account's Drafts folder. Returns that folder's name.

        Raises InputWrong when there is none, or an address is none: it could not stand in the message.
        """
        folder = self._store.folders.by_role(draft.account, FolderRole.DRAFTS)
        if folder is None:
            raise InputWrong("This account has no Drafts folder; the draft is kept here.", "Create a folder named Drafts.")
        message_id, raw = await asyncio.to_thread(build_stored, self.save(draft), self._identity(draft), self._store.blobs)
        blob = await self._finished(draft, raw)
        replaces = () if draft.stored is None else (draft.stored,)
        action = Append(folder.id, blob, message_id, frozenset({SEEN, DRAFT}), replaces=replaces, draft=draft.id)
        text = f"Draft kept in {folder.name}: {safe_line(draft.subject) or '(no subject)'}"
        with self._store.transaction():
            self._store.actions.perform([action], text, undoable=False)
            self._store.drafts.set_state(draft.id, "kept")
        self._publish(DraftsChanged())
        self._publish(WaitingChanged(draft.account))
        self._publish(FolderChanged(folder.id))
        self._accounts.get(draft.account).loop.ring()
        return folder.name

    def _taken_up(self, message: MessageId) -> Draft | None:
        """The open draft that was taken from a message."""
        return next((draft for draft in self._store.drafts.all() if draft.stored == message), None)

    async def _finished(self, draft: Draft, raw: bytes) -> str:
        """Keep what was built of a draft. Returns the blob's name. Raises InputWrong when the draft was finished meanwhile."""
        blob = await asyncio.to_thread(self._store.blobs.write, raw)
        if all(draft.id != known.id for known in self._store.drafts.all()):
            self._store.blobs.remove(blob)
            raise InputWrong("That draft is not open any more.")
        return blob

    async def _file(self, name: str, content_type: str, content: bytes) -> DraftAttachment:
        blob = await asyncio.to_thread(self._store.blobs.write, content)
        return DraftAttachment(blob, name, content_type, len(content))

    def _source(self, message: MessageId) -> tuple[MessageRow, OpenAccount]:
        row = self._store.messages.row(message)
        if row is None:
            raise InputWrong("That message is gone.")
        return row, self._accounts.get(row.account)

    def _identity(self, draft: Draft) -> Address:
        return self._accounts.get(draft.account).account.identity

    def _keep(self, draft: Draft) -> Draft:
        self._publish(DraftsChanged())
        return draft


def _signature(account: OpenAccount) -> str:
    """The signature below its separator (RFC 3676 §4.3)."""
    return f"\n\n-- \n{account.account.signature}\n" if account.account.signature else ""
