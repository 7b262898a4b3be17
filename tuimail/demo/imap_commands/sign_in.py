# SPDX-License-Identifier: GPL-3.0-or-later
"""LOGIN and AUTHENTICATE."""

import base64
from typing import TYPE_CHECKING

from tuimail.demo import sasl
from tuimail.demo.grammar import Arguments, Bad, No
from tuimail.demo.imap_commands.command import Command, State

if TYPE_CHECKING:
    from tuimail.demo.session import Session

_REFUSED = "[AUTHENTICATIONFAILED] The user name or the password is wrong"


async def login(session: "Session", arguments: Arguments) -> str:
    """LOGIN."""
    arguments.space()
    user = arguments.astring().decode("utf-8", "replace")
    arguments.space()
    password = arguments.astring().decode("utf-8", "replace")
    arguments.end()
    if "LOGINDISABLED" in session.capabilities():
        raise No("[PRIVACYREQUIRED] LOGIN is disabled")
    try:
        return session.sign_in(sasl.check(user, password, session.site.passwords))
    except sasl.SignInFailed as failed:
        raise No(_REFUSED) from failed


async def authenticate(session: "Session", arguments: Arguments) -> str:
    """AUTHENTICATE, with the initial response of SASL-IR (RFC 4959)."""
    arguments.space()
    mechanism = arguments.word()
    if mechanism not in sasl.MECHANISMS or mechanism == "LOGIN" or not session.site.has(f"AUTH={mechanism}"):
        raise No("[CANNOT] Unknown mechanism")
    initial: bytes | None = None
    try:
        if not arguments.done and session.site.has("SASL-IR"):
            arguments.space()
            initial = sasl.decode_base64(arguments.astring())
        arguments.end()
        exchange = sasl.MECHANISMS[mechanism](initial, session.site.passwords)
        return session.sign_in(await _talk(session, exchange))
    except sasl.SignInFailed as failed:
        raise No(_REFUSED) from failed


async def _talk(session: "Session", exchange: sasl.Exchange) -> str:
    """Carry challenges and responses until the user is known."""
    try:
        challenge = next(exchange)
        while True:
            answer = await session.ask(base64.b64encode(challenge))
            if answer == b"*":
                raise Bad("Authentication was cancelled")
            challenge = exchange.send(sasl.decode_base64(answer))
    except StopIteration as end:
        user: str = end.value
        return user


COMMANDS = {
    "LOGIN": Command(login, lowest=State.CONNECTED, highest=State.CONNECTED),
    "AUTHENTICATE": Command(authenticate, lowest=State.CONNECTED, highest=State.CONNECTED),
}
