# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTH (RFC 4954): one mechanism, tried once."""

import asyncio
import base64
from collections.abc import Awaitable, Callable

from tuimail.backends import sasl
from tuimail.backends.log import STRUCK
from tuimail.backends.smtp.outcome import Reply, error_of
from tuimail.model.account import ServerAddress
from tuimail.model.errors import ServerBroken

Say = Callable[[bytes], Awaitable[Reply]]
"""Sends one line that holds a secret and gives the reply."""


async def sign_in(say: Say, mechanism: str, server: ServerAddress, secret: str) -> None:
    """Prove who we are.

    Raises SignInNeeded, TryLater or ServerRefused as the server refuses, ServerBroken when it breaks SASL.
    """
    reply = await _DIALOGUES[mechanism](say, server, secret)
    if reply.code != 235:
        raise error_of(reply, "the sign-in")


def struck(line: bytes) -> bytes:
    """A line that holds a secret, as the log may have it."""
    words = line.split(b" ")
    if words[0] != b"AUTH":
        return STRUCK
    return b" ".join((*words[:2], STRUCK)) if len(words) > 2 else line


async def _plain(say: Say, server: ServerAddress, secret: str) -> Reply:
    return await _begin(say, b"PLAIN", sasl.plain(server.username, secret))


async def _login(say: Say, server: ServerAddress, secret: str) -> Reply:
    reply = await say(b"AUTH LOGIN")
    for answer in (server.username, secret):
        if not reply.wants_more:
            break
        reply = await _answer(say, answer.encode())
    return reply


async def _xoauth2(say: Say, server: ServerAddress, secret: str) -> Reply:
    reply = await _begin(say, b"XOAUTH2", sasl.xoauth2(server.username, secret))
    return await _answer(say, b"") if reply.wants_more else reply


async def _oauthbearer(say: Say, server: ServerAddress, secret: str) -> Reply:
    reply = await _begin(say, b"OAUTHBEARER", sasl.oauthbearer(server.username, secret, server.host, server.port))
    return await _answer(say, sasl.OAUTHBEARER_ABORT) if reply.wants_more else reply


async def _scram(say: Say, server: ServerAddress, secret: str) -> Reply:
    scram = sasl.ScramSha256(server.username, secret)
    reply = _unproven(await _begin(say, b"SCRAM-SHA-256", scram.first()))
    if reply.wants_more:
        reply = _unproven(await _answer(say, await asyncio.to_thread(scram.final, _challenge(reply))))
    if reply.wants_more:
        scram.verify(_challenge(reply))
        reply = await _answer(say, b"")
    return reply


def _unproven(reply: Reply) -> Reply:
    """The reply, which may not be a success yet."""
    if reply.ok:
        raise ServerBroken("The server ended the sign-in without proof that it knows the password.")
    return reply


async def _begin(say: Say, mechanism: bytes, first: bytes) -> Reply:
    return await say(b"AUTH " + mechanism + b" " + base64.b64encode(first))


async def _answer(say: Say, message: bytes) -> Reply:
    return await say(base64.b64encode(message))


def _challenge(reply: Reply) -> bytes:
    try:
        return base64.b64decode(reply.text, validate=True)
    except ValueError as error:
        raise ServerBroken("The server's SASL challenge is no base64.") from error


_DIALOGUES: dict[str, Callable[[Say, ServerAddress, str], Awaitable[Reply]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "XOAUTH2": _xoauth2,
    "OAUTHBEARER": _oauthbearer,
    "SCRAM-SHA-256": _scram,
}
