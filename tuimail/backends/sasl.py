# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client says in the SASL mechanisms that tuimail knows. Pure; IMAP and SMTP add their own framing and base64.

Messages are raw octets. A challenge that breaks its mechanism raises `ServerBroken`; nothing here holds on to a secret
longer than one exchange.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection

from tuimail.model.account import AuthMethod
from tuimail.model.errors import ServerBroken

_ITERATIONS_LOW, _ITERATIONS_HIGH = 4096, 2_000_000
_BY_METHOD = {
    AuthMethod.PASSWORD: ("PLAIN", "SCRAM-SHA-256", "LOGIN"),
    AuthMethod.OAUTH2: ("OAUTHBEARER", "XOAUTH2"),
    AuthMethod.NONE: (),
}
_MAPPED_TO_NOTHING = "\u00ad\u200b\u2060\ufeff"
_WITHOUT_TLS = ("SCRAM-SHA-256", "PLAIN", "LOGIN")


def choose(offered: Collection[str], method: AuthMethod, *, encrypted: bool) -> str | None:
    """The mechanism to try, and the only one: trying several in turn locks accounts.

    ``offered`` are names such as ``"PLAIN"`` in upper case. ``encrypted``: under TLS, or on a line that does
    not leave the machine; there PLAIN comes first, because it takes one turn. Elsewhere the one that
    does not show the password.
    """
    wanted = _WITHOUT_TLS if method is AuthMethod.PASSWORD and not encrypted else _BY_METHOD[method]
    return next((name for name in wanted if name in offered), None)


def plain(user: str, secret: str) -> bytes:
    """PLAIN (RFC 4616)."""
    return f"\0{_no_nul(user)}\0{_no_nul(secret)}".encode()


def xoauth2(user: str, token: str) -> bytes:
    """XOAUTH2, as Google and Microsoft document it. An error challenge is answered with an empty message."""
    return f"user={_no_separator(user)}\x01auth=Bearer {_no_separator(token)}\x01\x01".encode()


def oauthbearer(user: str, token: str, host: str, port: int) -> bytes:
    """OAUTHBEARER (RFC 7628 §3.1). An error challenge is answered with `OAUTHBEARER_ABORT`."""
    return (
        f"n,a={_saslname(_no_separator(user))},\x01host={host}\x01port={port}\x01auth=Bearer {_no_separator(token)}\x01\x01"
    ).encode()


OAUTHBEARER_ABORT = b"\x01"
"""The client's answer to an error challenge (RFC 7628 §3.2.3)."""


class ScramSha256:
    """SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding: `first`, `final`, `verify`, each once and in that order."""

    def __init__(self, user: str, password: str, nonce: str = "") -> None:
        """``nonce`` is made up unless given, which only test vectors do."""
        self._password = _prepared(password)
        self._nonce = nonce or secrets.token_urlsafe(24)
        self._bare = f"n={_saslname(_prepared(user))},r={self._nonce}"
        self._server_signature = b""

    def first(self) -> bytes:
        """The client's first message."""
        return f"n,,{self._bare}".encode()

    def final(self, challenge: bytes) -> bytes:
        """The proof, for the server's first message. The iteration count makes it slow: call it in a thread."""
        fields = _fields(challenge)
        try:
            nonce, salt, iterations = fields["r"], base64.b64decode(fields["s"], validate=True), int(fields["i"])
        except (KeyError, ValueError) as error:
            raise ServerBroken("The server's SCRAM challenge cannot be read.") from error
        if not nonce.startswith(self._nonce) or nonce == self._nonce or "m" in fields:
            raise ServerBroken("The server's SCRAM challenge does not belong to this sign-in.")
        if not _ITERATIONS_LOW <= iterations <= _ITERATIONS_HIGH:
            raise ServerBroken("The server asks for an unreasonable SCRAM iteration count.")
        salted = hashlib.pbkdf2_hmac("sha256", self._password.encode(), salt, iterations)
        self._password = ""
        client_key = _hmac(salted, b"Client Key")
        without_proof = f"c=biws,r={nonce}"
        signed = b",".join((self._bare.encode(), challenge, without_proof.encode()))
        signature = _hmac(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        self._server_signature = _hmac(_hmac(salted, b"Server Key"), signed)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, challenge: bytes) -> None:
        """Check the server's final message: a server that does not know the password cannot make it."""
        try:
            signature = base64.b64decode(_fields(challenge).get("v", ""), validate=True)
        except ValueError:
            signature = b""
        if not self._server_signature or not hmac.compare_digest(signature, self._server_signature):
            raise ServerBroken(
                "The server could not prove that it knows your password.", "Check the server's name; this may be an attack."
            )


def _fields(message: bytes) -> dict[str, str]:
    try:
        return {piece[:1]: piece[2:] for piece in message.decode().split(",") if piece[1:2] == "="}
    except UnicodeDecodeError as error:
        raise ServerBroken("The server's SCRAM challenge cannot be read.") from error


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _prepared(text: str) -> str:
    """The parts of SASLprep (RFC 4013) that matter for passwords: spaces, soft hyphens, NFKC."""
    mapped = "".join(
        " " if unicodedata.category(char) == "Zs" else char for char in text if char not in "\u00ad\u200b\u2060\ufeff"
    )
    return unicodedata.normalize("NFKC", _no_nul(mapped))


def _saslname(text: str) -> str:
    return text.replace("=", "=3D").replace(",", "=2C")


def _no_nul(text: str) -> str:
    return text.replace("\0", "")


def _no_separator(text: str) -> str:
    return text.replace("\x01", "")
