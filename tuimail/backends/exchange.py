# SPDX-License-Identifier: GPL-3.0-or-later
"""The turns of a SASL exchange, for IMAP and POP3, on top of the pure messages of `tuimail.backends.sasl`."""

import asyncio
from typing import Protocol

from tuimail.backends import sasl
from tuimail.model.account import ServerAddress
from tuimail.model.errors import ServerBroken

_NO_END = "The server asks for more than a sign-in needs."


class Exchange(Protocol):
    """One attempt to sign in."""

    @property
    def first(self) -> bytes | None:
        """The client's first message; None where the server speaks first."""
        ...

    async def respond(self, challenge: bytes) -> bytes:
        """The answer to a challenge. Raises ServerBroken, also when there are more of them than the mechanism has."""
        ...

    @property
    def spoken_out(self) -> bool:
        """Whether the message given last is the client's last, unless the server refuses."""
        ...

    def check_complete(self) -> None:
        """Called after the server's OK. Raises ServerBroken when the server has not proved what it had to."""
        ...


class _OneMessage:
    """PLAIN, XOAUTH2, OAUTHBEARER: a challenge after the message means refusal, whose details the tagged NO repeats."""

    spoken_out = True

    def __init__(self, first: bytes, to_error: bytes) -> None:
        self.first: bytes | None = first
        self._to_error: bytes | None = to_error

    async def respond(self, _challenge: bytes) -> bytes:
        answer, self._to_error = self._to_error, None
        if answer is None:
            raise ServerBroken(_NO_END)
        return answer

    def check_complete(self) -> None:
        pass


class _Login:
    """LOGIN, as draft-murchison-sasl-login describes it: the server asks for the user name, then for the password."""

    first: bytes | None = None

    def __init__(self, user: str, password: str) -> None:
        self._answers = [user.encode(), password.encode()]

    async def respond(self, _challenge: bytes) -> bytes:
        if not self._answers:
            raise ServerBroken(_NO_END)
        return self._answers.pop(0)

    @property
    def spoken_out(self) -> bool:
        return not self._answers

    def check_complete(self) -> None:
        pass


class _Scram:
    """SCRAM-SHA-256: the server has to prove that it knows the password, too."""

    def __init__(self, user: str, password: str) -> None:
        self._client = sasl.ScramSha256(user, password)
        self.first: bytes | None = self._client.first()
        self._proof_sent = self._verified = False

    async def respond(self, challenge: bytes) -> bytes:
        if not self._proof_sent:
            self._proof_sent = True
            return await asyncio.to_thread(self._client.final, challenge)
        if self._verified:
            raise ServerBroken(_NO_END)
        self._client.verify(challenge)
        self._verified = True
        return b""

    @property
    def spoken_out(self) -> bool:
        return self._verified

    def check_complete(self) -> None:
        if not self._verified:
            raise ServerBroken("The server did not prove that it knows your password.", "This may be an attack.")


def exchange(mechanism: str, server: ServerAddress, secret: str) -> Exchange:
    """An attempt with one of the mechanisms that `sasl.choose` gives."""
    user = server.username
    match mechanism:
        case "SCRAM-SHA-256":
            return _Scram(user, secret)
        case "LOGIN":
            return _Login(user, secret)
        case "XOAUTH2":
            return _OneMessage(sasl.xoauth2(user, secret), b"")
        case "OAUTHBEARER":
            return _OneMessage(sasl.oauthbearer(user, secret, server.host, server.port), sasl.OAUTHBEARER_ABORT)
        case _:
            return _OneMessage(sasl.plain(user, secret), b"")
