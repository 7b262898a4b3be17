# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's side of SASL, without any I/O: each mechanism yields challenges and is sent the responses."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Generator, Mapping

Exchange = Generator[bytes, bytes, str]
"""Yields challenges, is sent responses, returns the name of the user who signed in. Raises `SignInFailed`."""
Passwords = Mapping[str, str]
"""User name → password, which is taken as access token too."""

_ROUNDS = 4096
_OAUTH_ERROR = b'{"status":"invalid_token","schemes":"bearer"}'


class SignInFailed(Exception):
    """Wrong user, wrong secret, or a malformed response."""


def plain(initial: bytes | None, passwords: Passwords) -> Exchange:
    """RFC 4616."""
    response = initial if initial is not None else (yield b"")
    fields = response.decode("utf-8", "replace").split("\0")
    if len(fields) != 3 or fields[0] not in ("", fields[1]):
        raise SignInFailed
    return check(fields[1], fields[2], passwords)


def login(initial: bytes | None, passwords: Passwords) -> Exchange:
    """The old LOGIN mechanism."""
    user = initial if initial is not None else (yield b"Username:")
    password = yield b"Password:"
    return check(user.decode("utf-8", "replace"), password.decode("utf-8", "replace"), passwords)


def scram_sha_256(initial: bytes | None, passwords: Passwords) -> Exchange:
    """RFC 5802 and RFC 7677, without channel binding."""
    first = (initial if initial is not None else (yield b"")).decode("utf-8", "replace")
    header, _, bare = first.partition(",,")
    if header not in ("n", "y") or not bare.startswith("n="):
        raise SignInFailed
    fields = dict(field.split("=", 1) for field in bare.split(",") if "=" in field)
    user = fields["n"].replace("=2C", ",").replace("=3D", "=")
    nonce, salt = fields.get("r", "") + secrets.token_urlsafe(18), secrets.token_bytes(16)
    server_first = f"r={nonce},s={base64.b64encode(salt).decode()},i={_ROUNDS}"
    final = (yield server_first.encode()).decode("utf-8", "replace")
    without_proof, _, proof = final.rpartition(",p=")
    binding = base64.b64encode(f"{header},,".encode()).decode()
    if user not in passwords or without_proof != f"c={binding},r={nonce}":
        raise SignInFailed
    salted = hashlib.pbkdf2_hmac("sha256", passwords[user].encode(), salt, _ROUNDS)
    message = f"{bare},{server_first},{without_proof}".encode()
    client_key = _hmac(salted, b"Client Key")
    signature = _hmac(hashlib.sha256(client_key).digest(), message)
    if not hmac.compare_digest(decode_base64(proof.encode()), _xor(client_key, signature)):
        raise SignInFailed
    yield b"v=" + base64.b64encode(_hmac(_hmac(salted, b"Server Key"), message))
    return user


def xoauth2(initial: bytes | None, passwords: Passwords) -> Exchange:
    """Google's XOAUTH2: ``user=…^Aauth=Bearer …^A^A``."""
    response = initial if initial is not None else (yield b"")
    fields = _bearer_fields(response.split(b"\x01"))
    return (yield from _bearer(fields.get("user", ""), fields, passwords))


def oauthbearer(initial: bytes | None, passwords: Passwords) -> Exchange:
    """RFC 7628."""
    response = initial if initial is not None else (yield b"")
    header, *rest = response.split(b"\x01")
    user = header.decode("utf-8", "replace").removeprefix("n,a=").removesuffix(",")
    return (yield from _bearer(user, _bearer_fields(rest), passwords))


MECHANISMS: dict[str, Callable[[bytes | None, Passwords], Exchange]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "SCRAM-SHA-256": scram_sha_256,
    "XOAUTH2": xoauth2,
    "OAUTHBEARER": oauthbearer,
}


def check(user: str, password: str, passwords: Passwords) -> str:
    """The user's name when the password is right. Raises `SignInFailed`."""
    if user not in passwords or not hmac.compare_digest(passwords[user].encode(), password.encode()):
        raise SignInFailed
    return user


def decode_base64(text: bytes) -> bytes:
    """Strict base64; ``=`` alone is the empty response. Raises `SignInFailed`."""
    try:
        return b"" if text == b"=" else base64.b64decode(text, validate=True)
    except binascii.Error as wrong:
        raise SignInFailed from wrong


def _bearer_fields(pieces: list[bytes]) -> dict[str, str]:
    return dict(piece.decode("utf-8", "replace").split("=", 1) for piece in pieces if b"=" in piece)


def _bearer(user: str, fields: dict[str, str], passwords: Passwords) -> Exchange:
    try:
        return check(user, fields.get("auth", "").removeprefix("Bearer "), passwords)
    except SignInFailed:
        yield _OAUTH_ERROR
        raise


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
