# SPDX-License-Identifier: GPL-3.0-or-later
"""APPEND (RFC 9051 §6.3.12), of several messages by MULTIAPPEND (RFC 3502).

Never repeated by itself: a lost answer leaves open whether a message is there.
"""

from collections.abc import Sequence

from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire.arguments import Argument, Literal, command, date_time, flag_list
from tuimail.backends.imap.wire.numbers import number
from tuimail.backends.port import Appended, ProgressSink, Upload
from tuimail.model.errors import MailMalformed
from tuimail.model.flags import Flags


async def append(
    session: Session, folder: str, message: bytes, flags: Flags, date: int | None, progress: ProgressSink | None
) -> Appended:
    """Put a message into a folder."""
    line = (*command(b"APPEND", session.folder_argument(folder)), *_upload(session, Upload(message, flags, date)))
    answer = await session.dialogue.run(line, f"Store a message in {folder}", progress=progress)
    words = answer.text.arguments.split() if answer.text.code == "APPENDUID" else []
    if len(words) == 2 and all(map(number, words)):
        return Appended(uid=number(words[1]), uidvalidity=number(words[0]))
    return Appended()


async def append_all(session: Session, folder: str, uploads: Sequence[Upload]) -> None:
    """Put several messages into a folder, all or none."""
    messages = [argument for upload in uploads for argument in _upload(session, upload)]
    line = (*command(b"APPEND", session.folder_argument(folder)), *messages)
    await session.dialogue.run(line, f"Store {len(uploads)} messages in {folder}")


def _upload(session: Session, upload: Upload) -> tuple[Argument, ...]:
    """Flags, date and message, with a space before each. Raises MailMalformed."""
    if b"\0" in upload.message:
        raise MailMalformed("The message holds NUL octets, which IMAP cannot carry.", "Encode it before it is stored.")
    utf8 = session.utf8 and not upload.message.partition(b"\r\n\r\n")[0].isascii()
    said = b""
    if upload.flags or utf8:  # Courier reads what follows the name without them as flags
        said += b" " + flag_list(upload.flags)
    if upload.date is not None:
        said += b" " + date_time(upload.date)
    if utf8:  # a header beyond ASCII goes as ``UTF8 (~{n} …)`` with UTF8=ACCEPT (RFC 6855 §4)
        return (said + b" UTF8 (", Literal(upload.message, binary=True), b")")
    return (said + b" ", Literal(upload.message))
