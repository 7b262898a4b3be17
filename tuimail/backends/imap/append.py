# SPDX-License-Identifier: GPL-3.0-or-later
"""APPEND (RFC 9051 §6.3.12). Never repeated by itself: a lost answer leaves open whether the message is there."""

from tuimail.backends.imap.session import Session
from tuimail.backends.imap.wire.arguments import Argument, Literal, command, date_time, flag_list
from tuimail.backends.imap.wire.numbers import number
from tuimail.backends.port import Appended, ProgressSink
from tuimail.model.errors import MailMalformed
from tuimail.model.flags import Flags


async def append(
    session: Session, folder: str, message: bytes, flags: Flags, date: int | None, progress: ProgressSink | None
) -> Appended:
    """Put a message into a folder."""
    if b"\0" in message:
        raise MailMalformed("The message holds NUL octets, which IMAP cannot carry.", "Encode it before it is stored.")
    arguments: list[Argument] = [b"APPEND", session.folder_argument(folder)]
    utf8 = session.utf8 and not message.partition(b"\r\n\r\n")[0].isascii()
    if flags or utf8:  # Courier reads what follows the name without them as flags
        arguments.append(flag_list(flags))
    if date is not None:
        arguments.append(date_time(date))
    line = (*command(*arguments), *_message(message, utf8=utf8))
    answer = await session.dialogue.run(line, f"Store a message in {folder}", progress=progress)
    words = answer.text.arguments.split() if answer.text.code == "APPENDUID" else []
    if len(words) == 2 and all(map(number, words)):
        return Appended(uid=number(words[1]), uidvalidity=number(words[0]))
    return Appended()


def _message(message: bytes, *, utf8: bool) -> tuple[Argument, ...]:
    """With UTF8=ACCEPT a header beyond ASCII goes as ``UTF8 (~{n} …)`` (RFC 6855 §4)."""
    if utf8:
        return (b" UTF8 (", Literal(message, binary=True), b")")
    return (b" ", Literal(message))
