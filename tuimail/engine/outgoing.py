# SPDX-License-Identifier: GPL-3.0-or-later
"""From a draft to the octets of a message."""

import time

from tuimail.model.account import Account
from tuimail.model.address import Address
from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong, MailMalformed
from tuimail.store.bodies import Blobs


def build_message(draft: Draft, identity: Address, blobs: Blobs) -> tuple[str, bytes]:
    """The Message-ID and the message as bytes. Takes time: call it in a thread.

    ``identity`` stands in where the draft's From is empty. Raises InputWrong, FileProblem, MailMalformed.
    """
    from tuimail.mime.addresses import parse_typed
    from tuimail.mime.compose import Outgoing, OutgoingAttachment, build, new_message_id
    from tuimail.mime.markdown import to_html

    sender = parse_typed(draft.from_) or (identity,)
    message_id = new_message_id(sender[0].email)
    files = tuple(OutgoingAttachment(file.filename, file.content_type, blobs.read(file.blob)) for file in draft.attachments)
    if any(len(file.data) != kept.size for file, kept in zip(files, draft.attachments, strict=True)):
        raise MailMalformed("An attachment changed on the disk.", "Attach the file again.")
    outgoing = Outgoing(
        from_=sender[0],
        to=parse_typed(draft.to),
        cc=parse_typed(draft.cc),
        reply_to=parse_typed(draft.reply_to),
        subject=draft.subject,
        text=draft.body,
        flowed=True,
        html=to_html(draft.body) if draft.markdown else "",
        attachments=files,
        in_reply_to=draft.in_reply_to,
        references=draft.references,
        message_id=message_id,
        date=int(time.time()),
    )
    return message_id, build(outgoing)


def build_stored(draft: Draft, identity: Address, blobs: Blobs) -> tuple[str, bytes]:
    """As `build_message`, for a Drafts folder: with those in Bcc, of whom nothing else would tell."""
    from tuimail.mime.addresses import parse_typed
    from tuimail.mime.sent_copy import naming_in_bcc

    try:
        secret = parse_typed(draft.bcc)
        message_id, raw = build_message(draft, identity, blobs)
        return message_id, naming_in_bcc(raw, secret)
    except InputWrong as error:
        raise InputWrong(
            f"{error.message} A draft at the server would lack it; it is kept here.", "Mend the address."
        ) from error


def problems_of(draft: Draft, account: Account) -> dict[str, str]:
    """What keeps a draft from being sent: field of `Draft` → sentence."""
    from tuimail.mime.addresses import parse_typed

    found: dict[str, str] = {}
    recipients = 0
    for field in ("from_", "to", "cc", "bcc", "reply_to"):
        try:
            addresses = parse_typed(getattr(draft, field))
        except InputWrong as error:
            found[field] = str(error)
            continue
        recipients += len(addresses) if field in ("to", "cc", "bcc") else 0
        if field == "from_" and len(addresses) != 1:
            found[field] = "Who is it from? One address is needed."
    if not recipients and not found.keys() & {"to", "cc", "bcc"}:
        found["to"] = "To whom? At least one address is needed."
    if account.smtp is None:
        found["from_"] = "This account has no server to send by: add smtp to its configuration."
    return found
