# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchanges that are measured: a message sent by SMTP (RFC 5321), and fetched by POP3 (RFC 1939) and IMAP (RFC 9051)."""

import base64
import re

from tuimail.backends.measure.connection import Connection
from tuimail.model.account import AuthMethod, Security
from tuimail.model.errors import ServerBroken, ServerRefused, SignInNeeded

NAME = b"localhost"
"""What EHLO says: nothing of this machine."""
_LITERAL = re.compile(rb"\{(\d{1,10})\}\Z")


def send_by_smtp(connection: Connection, sender: str, recipient: str, message: bytes, secret: str) -> None:
    """Envelope and message, MAIL and RCPT at once where the server allows (RFC 2920). Raises ServerRefused, SignInNeeded."""
    _smtp(connection, b"220")
    offered = _ehlo(connection)
    if connection.server.security is Security.STARTTLS:
        _smtp(connection, b"220", b"STARTTLS")
        connection.start_tls()
        offered = _ehlo(connection)
    if connection.server.auth is not AuthMethod.NONE:
        response = _plain(connection, secret)
        connection.hide(secret.encode(), response)
        _smtp(connection, b"235", b"AUTH PLAIN " + response, secret=True)
    mail = b"MAIL FROM:<%b>" % sender.encode() + (b" SIZE=%d" % len(message) if b"SIZE" in offered else b"")
    rcpt = b"RCPT TO:<%b>" % recipient.encode()
    if b"PIPELINING" in offered:
        connection.say(mail, rcpt)
        _smtp(connection, b"250")
    else:
        _smtp(connection, b"250", mail)
        connection.say(rcpt)
    _smtp(connection, b"25")
    _smtp(connection, b"354", b"DATA")
    connection.send(stuffed(message) + b".\r\n")
    _smtp(connection, b"250")
    _smtp(connection, b"221", b"QUIT")


def stuffed(message: bytes) -> bytes:
    """With a dot before each line that begins with one (RFC 5321 §4.5.2, RFC 1939 §3)."""
    return re.sub(rb"(?m)^\.", b"..", message)


def _ehlo(connection: Connection) -> set[bytes]:
    """The extensions offered."""
    replies = _smtp(connection, b"250", b"EHLO " + NAME)
    return {reply[4:].split(b" ")[0].upper() for reply in replies[1:]}


def _smtp(connection: Connection, wanted: bytes, command: bytes = b"", *, secret: bool = False) -> list[bytes]:
    """Say a command, if any; the lines of the reply, whose code begins as wanted."""
    if command:
        connection.say(command, secret=secret)
    replies = [connection.line()]
    while replies[-1][3:4] == b"-":
        replies.append(connection.line())
    if not replies[-1].startswith(wanted):
        raise _refused(connection, command, replies[-1], secret=secret)
    return replies


def fetch_by_pop3(connection: Connection, mark: bytes, secret: str, *, remove: bool = False) -> bytes | None:
    """The newest message, as it lies on the server. None when ``mark`` is not in it: it has not arrived.

    ``remove``: delete it, if it is the right one.
    """
    _pop3(connection)
    if connection.server.security is Security.STARTTLS:
        _pop3(connection, b"STLS")
        connection.start_tls()
    _pop3(connection, b"USER " + connection.server.username.encode())
    connection.hide(secret.encode())
    _pop3(connection, b"PASS " + secret.encode(), secret=True)
    count = _number(connection, _pop3(connection, b"STAT"))
    message = b""
    if count:
        _pop3(connection, b"RETR %d" % count)
        # The message is not empty: its first line cannot be the dot that ends it.
        message = connection.until(b"\r\n.\r\n").removesuffix(b".\r\n")
    if remove and mark in message:
        _pop3(connection, b"DELE %d" % count)
    _pop3(connection, b"QUIT")
    return re.sub(rb"(?m)^\.\.", b".", message) if mark in message else None


def _number(connection: Connection, reply: bytes) -> int:
    """The first number of a reply to STAT (RFC 1939 §5)."""
    found = re.match(rb"\+OK +(\d{1,9})\b", reply)
    if found is None:
        raise ServerBroken(f"{connection.server.host} answers STAT without a number.", "tuimail account check says more.")
    return int(found[1])


def _pop3(connection: Connection, command: bytes = b"", *, secret: bool = False) -> bytes:
    if command:
        connection.say(command, secret=secret)
    reply = connection.line()
    if not reply.startswith(b"+OK"):
        raise _refused(connection, command, reply, secret=secret)
    return reply


def fetch_by_imap(connection: Connection, mark: bytes, secret: str, *, remove: bool = False) -> bytes | None:
    """The message with this Message-ID, as it lies on the server. None when it has not arrived. Changes no flag.

    ``remove``: delete it instead, and return nothing of it; without UIDPLUS it is only marked, as others may be too.
    """
    greeting = connection.line()
    if not greeting.upper().startswith(b"* OK"):
        raise _refused(connection, b"", greeting, secret=False)
    if connection.server.security is Security.STARTTLS:
        _imap(connection, b"STARTTLS")
        connection.start_tls()
    connection.hide(secret.encode())
    _imap(connection, b"LOGIN %b %b" % (_quoted(connection.server.username), _quoted(secret)), secret=True)
    _imap(connection, b"SELECT INBOX")
    found, _ = _imap(connection, b"UID SEARCH HEADER Message-ID " + mark)
    uids = next((reply.split()[2:] for reply in found if reply.upper().startswith(b"* SEARCH")), [])
    message = None
    if uids and remove:
        _imap(connection, b"UID STORE %b +FLAGS.SILENT (\\Deleted)" % uids[-1])
        _imap(connection, b"UID EXPUNGE %b" % uids[-1])
    elif uids:
        message = _imap(connection, b"UID FETCH %b BODY.PEEK[]" % uids[-1])[1]
    _imap(connection, b"LOGOUT")
    return message


def _imap(connection: Connection, command: bytes, *, secret: bool = False) -> tuple[list[bytes], bytes]:
    """Say a command; the lines of the answer, and its literal, if any."""
    connection.say(b"A " + command, secret=secret)
    replies, literal = [connection.line()], b""
    while not replies[-1].startswith(b"A "):
        if found := _LITERAL.search(replies[-1]):
            literal = connection.octets(int(found[1]))
        replies.append(connection.line())
    if not replies[-1].upper().startswith(b"A OK"):
        raise _refused(connection, command, replies[-1], secret=secret)
    return replies, literal


def _quoted(text: str) -> bytes:
    return b'"%b"' % text.replace("\\", "\\\\").replace('"', '\\"').encode()


def _plain(connection: Connection, secret: str) -> bytes:
    """RFC 4616."""
    return base64.b64encode(b"\0%b\0%b" % (connection.server.username.encode(), secret.encode()))


def _refused(connection: Connection, command: bytes, reply: bytes, *, secret: bool) -> ServerRefused | SignInNeeded:
    where = f"{connection.server.host}:{connection.server.port}"
    if secret:
        return SignInNeeded(f"{where} refused the sign-in by password.", "tuimail account check says more.")
    what = command.split(b" ")[0].decode("ascii", "replace") or "the connection"
    return ServerRefused(f"{where} refused {what}.", "tuimail --verbose measure shows the dialogue.", code=_code(reply))


def _code(reply: bytes) -> str:
    return reply[:3].decode("ascii", "replace") if reply[:3].isdigit() else ""
