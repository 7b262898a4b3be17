# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchanges that are measured: a message sent by SMTP (RFC 5321), and fetched by POP3 (RFC 1939) and IMAP (RFC 9051)."""

import base64
import re

from tuimail.backends.measure.line import Line
from tuimail.model.account import AuthMethod, Security
from tuimail.model.errors import Offline, ServerRefused, SignInNeeded

NAME = b"localhost"
"""What EHLO says: nothing of this machine."""
_LITERAL = re.compile(rb"\{(\d{1,10})\}\Z")


def send_by_smtp(line: Line, sender: str, recipient: str, message: bytes, secret: str) -> None:
    """Envelope and message, MAIL and RCPT at once where the server allows (RFC 2920). Raises ServerRefused, SignInNeeded."""
    _smtp(line, b"220")
    offered = _ehlo(line)
    if line.server.security is Security.STARTTLS:
        _smtp(line, b"220", b"STARTTLS")
        line.start_tls()
        offered = _ehlo(line)
    if line.server.auth is not AuthMethod.NONE:
        response = _plain(line, secret)
        line.hide(secret.encode(), response)
        _smtp(line, b"235", b"AUTH PLAIN " + response, secret=True)
    mail = b"MAIL FROM:<%b>" % sender.encode() + (b" SIZE=%d" % len(message) if b"SIZE" in offered else b"")
    rcpt = b"RCPT TO:<%b>" % recipient.encode()
    if b"PIPELINING" in offered:
        line.say(mail, rcpt)
        _smtp(line, b"250")
    else:
        _smtp(line, b"250", mail)
        line.say(rcpt)
    _smtp(line, b"25")
    _smtp(line, b"354", b"DATA")
    line.send(stuffed(message) + b".\r\n")
    _smtp(line, b"250")
    _smtp(line, b"221", b"QUIT")


def stuffed(message: bytes) -> bytes:
    """With a dot before each line that begins with one (RFC 5321 §4.5.2, RFC 1939 §3)."""
    return re.sub(rb"(?m)^\.", b"..", message)


def _ehlo(line: Line) -> set[bytes]:
    """The extensions offered."""
    replies = _smtp(line, b"250", b"EHLO " + NAME)
    return {reply[4:].split(b" ")[0].upper() for reply in replies[1:]}


def _smtp(line: Line, wanted: bytes, command: bytes = b"", *, secret: bool = False) -> list[bytes]:
    """Say a command, if any; the lines of the reply, whose code begins as wanted."""
    if command:
        line.say(command, secret=secret)
    replies = [line.line()]
    while replies[-1][3:4] == b"-":
        replies.append(line.line())
    if not replies[-1].startswith(wanted):
        raise _refused(line, command, replies[-1], secret=secret)
    return replies


def fetch_by_pop3(line: Line, mark: bytes, secret: str, *, remove: bool = False) -> bytes | None:
    """The newest message, as it lies on the server. None when ``mark`` is not in it: it has not arrived.

    ``remove``: delete it, if it is the right one.
    """
    _pop3(line)
    if line.server.security is Security.STARTTLS:
        _pop3(line, b"STLS")
        line.start_tls()
    _pop3(line, b"USER " + line.server.username.encode())
    line.hide(secret.encode())
    _pop3(line, b"PASS " + secret.encode(), secret=True)
    count = int(_pop3(line, b"STAT").split()[1])
    message = b""
    if count:
        _pop3(line, b"RETR %d" % count)
        # The message is not empty: its first line cannot be the dot that ends it.
        message = line.until(b"\r\n.\r\n").removesuffix(b".\r\n")
    if remove and mark in message:
        _pop3(line, b"DELE %d" % count)
    _pop3(line, b"QUIT")
    return re.sub(rb"(?m)^\.\.", b".", message) if mark in message else None


def _pop3(line: Line, command: bytes = b"", *, secret: bool = False) -> bytes:
    if command:
        line.say(command, secret=secret)
    reply = line.line()
    if not reply.startswith(b"+OK"):
        raise _refused(line, command, reply, secret=secret)
    return reply


def fetch_by_imap(line: Line, mark: bytes, secret: str, *, remove: bool = False) -> bytes | None:
    """The message with this Message-ID, as it lies on the server. None when it has not arrived. Changes no flag.

    ``remove``: delete it instead, and return nothing of it; without UIDPLUS it is only marked, as others may be too.
    """
    line.line()
    if line.server.security is Security.STARTTLS:
        _imap(line, b"STARTTLS")
        line.start_tls()
    line.hide(secret.encode())
    _imap(line, b"LOGIN %b %b" % (_quoted(line.server.username), _quoted(secret)), secret=True)
    _imap(line, b"SELECT INBOX")
    found, _ = _imap(line, b"UID SEARCH HEADER Message-ID " + mark)
    uids = next((reply.split()[2:] for reply in found if reply.upper().startswith(b"* SEARCH")), [])
    message = None
    if uids and remove:
        _imap(line, b"UID STORE %b +FLAGS.SILENT (\\Deleted)" % uids[-1])
        _imap(line, b"UID EXPUNGE %b" % uids[-1])
    elif uids:
        message = _imap(line, b"UID FETCH %b BODY.PEEK[]" % uids[-1])[1]
    _imap(line, b"LOGOUT")
    return message


def _imap(line: Line, command: bytes, *, secret: bool = False) -> tuple[list[bytes], bytes]:
    """Say a command; the lines of the answer, and its literal, if any."""
    line.say(b"A " + command, secret=secret)
    replies, literal = [line.line()], b""
    while not replies[-1].startswith(b"A "):
        if found := _LITERAL.search(replies[-1]):
            literal = line.octets(int(found[1]))
        replies.append(line.line())
    if not replies[-1].upper().startswith(b"A OK"):
        raise _refused(line, command, replies[-1], secret=secret)
    return replies, literal


def _quoted(text: str) -> bytes:
    return b'"%b"' % text.replace("\\", "\\\\").replace('"', '\\"').encode()


def _plain(line: Line, secret: str) -> bytes:
    """RFC 4616."""
    return base64.b64encode(b"\0%b\0%b" % (line.server.username.encode(), secret.encode()))


def _refused(line: Line, command: bytes, reply: bytes, *, secret: bool) -> ServerRefused | SignInNeeded | Offline:
    where = f"{line.server.host}:{line.server.port}"
    if secret:
        return SignInNeeded(f"{where} refused the sign-in by password.", "tuimail account check says more.")
    what = command.split(b" ")[0].decode("ascii", "replace") or "the connection"
    return ServerRefused(f"{where} refused {what}.", "tuimail --verbose measure shows the dialogue.", code=_code(reply))


def _code(reply: bytes) -> str:
    return reply[:3].decode("ascii", "replace") if reply[:3].isdigit() else ""
