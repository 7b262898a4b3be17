# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a store is encrypted and with which key: told by the first octets of its databases, without any key.

SQLite3 Multiple Ciphers (https://utelle.github.io/SQLite3MultipleCiphers/) begins an encrypted file with the salt, for which
we give the key's fingerprint, and leaves the next eight octets of the header as they are.
"""

import logging
import os
from pathlib import Path

from tuimail.model.errors import StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.store.database import CACHE, OWN, beginning
from tuimail.store.sharing import settle

log = logging.getLogger(__name__)
_PLAIN = b"SQLite format 3\0"
_HEADER = 24
_FIXED = b"\x20\x40\x20\x20"
"""Of an encrypted file, octets 20 to 23: 32 octets of each page are the cipher's, and SQLite's three fractions."""


def is_new(folder: Path) -> bool:
    """Whether nothing is kept there yet."""
    return not any(beginning(folder / name, _HEADER) for name in (OWN, CACHE))


def fingerprint(folder: Path) -> bytes | None:
    """The fingerprint of the key of this store; None: it is not encrypted, or not there. Raises StoreProblem.

    Where the header of one file is damaged, the other one tells.
    """
    return next(iter(fingerprints(folder)), None)


def fingerprints(folder: Path) -> tuple[bytes, ...]:
    """As `fingerprint`, of each file: two differ where one of them was damaged, or is from another store."""
    settle(folder)
    found = (_fingerprint(beginning(folder / name, _HEADER)) for name in (OWN, CACHE))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def mend_salt(path: Path, key: StoreKey | None) -> None:
    """Put back the fingerprint with which a database of this key begins, where the disk changed some bits of it.

    Without it no page can be read. Raises StoreProblem, OSError.
    """
    found = _fingerprint(beginning(path, _HEADER))
    if key is not None and found is not None and found != key.fingerprint and key.is_named_by(found):
        log.warning("store: the first octets of %s were damaged, and are mended", path.name)
        # Not as `beginning` does: no connection of this process can have opened a file whose pages cannot be read.
        with path.open("r+b", buffering=0) as file:
            file.write(key.fingerprint)
            os.fsync(file.fileno())


def check_key(path: Path, key: StoreKey | None) -> None:
    """Raises StoreProblem where a database is not of this key: what cannot be read by a wrong key is not damaged."""
    header = beginning(path, _HEADER)
    found = _fingerprint(header)
    if found is not None and key is None:
        raise StoreProblem(f"{path} is encrypted, and its key is not there.", "Start tuimail again.")
    if found is not None and key is not None and found != key.fingerprint:
        raise StoreProblem(
            f"{path} is encrypted with another key ({found.hex()}).",
            "Start tuimail again. If that does not help, it is damaged or from another store: put its backup in its place.",
        )
    if key is not None and header.startswith(_PLAIN):
        raise StoreProblem(
            f"{path} is not encrypted as the rest of the store is.",
            "Somebody put it there: move it away, and start tuimail again.",
        )


def _fingerprint(header: bytes) -> bytes | None:
    if header.startswith(_PLAIN) or header[20:] != _FIXED:
        return None
    return header[:16]
