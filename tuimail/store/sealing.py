# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of an encrypted store: ChaCha20-Poly1305 (RFC 8439) with the file's name as associated data."""

import os

from tuimail.model.errors import FileProblem

_NONCE = 12
OVERHEAD = _NONCE + 16
"""Octets by which a sealed file is longer: nonce and tag."""


def seal(content: bytes, key: bytes, name: str) -> bytes:
    """The octets to be written into the file of that name: a random nonce, then what it encrypts."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = os.urandom(_NONCE)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, content, name.encode())


def unseal(sealed: bytes, key: bytes, name: str) -> bytes:
    """The inverse of `seal`. Raises FileProblem when they were changed, or belong to another file or key."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
    except (InvalidTag, ValueError) as error:
        raise FileProblem(
            f"The file {name} of the store is damaged.", "Restore it from a backup, or move it out of the store's folder."
        ) from error
