# SPDX-License-Identifier: GPL-3.0-or-later
"""From a draft to the octets of a message."""

import time

from tuimail.model.address import Address
from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong, MailMalformed
from tuimail.store.bodies import Blobs


def build_message(draft: Draft, identity: Address, blobs: Blobs, *, tolerant: bool = False) -> tuple[str, bytes]:
    """The Message-ID and the message as bytes. Takes time: call it in a thread.

    ``identity`` stands in where the draft's From cannot be used. ``tolerant``: addresses that cannot be used are left out.
    Raises InputWrong, FileProblem, MailMalformed.
    """
    from tuimail.mime.addresses import parse_typed
    from tuimail.mime.compose import Outgoing, OutgoingAttachment, build, new_message_id
    from tuimail.mime.markdown import to_html

    def addresses(text: str) -> tuple[Address, ...]:
        try:
            return parse_typed(text)
        except InputWrong:
            if not tolerant:
                raise
            return ()

    sender = addresses(draft.from_) or (identity,)
    message_id = new_message_id(sender[0].email)
    files = tuple(OutgoingAttachment(file.filename, file.content_type, blobs.read(file.blob)) for file in draft.attachments)
    if any(len(file.data) != kept.size for file, kept in zip(files, draft.attachments, strict=True)):
        raise MailMalformed("An attachment changed on the disk.", "Attach the file again.")
    outgoing = Outgoing(
        from_=sender[0],
        to=addresses(draft.to),
        cc=addresses(draft.cc),
        reply_to=addresses(draft.reply_to),
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
