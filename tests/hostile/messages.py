# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages by name: the files of a corpus, and those that `tests.hostile.bombs` makes."""

from collections.abc import Iterator
from pathlib import Path

from tests.hostile.bombs import BOMBS
from tests.hostile.oddities import ODDITIES
from tuimail.mime.mbox import mbox_messages

_GENERATED = BOMBS | ODDITIES
_AS_TEXT = {".htm": "text/html", ".html": "text/html", ".ics": "text/calendar", ".vcs": "text/calendar", ".txt": "text/plain"}
"""Files of these kinds are also sent as the text of a letter; those of `_AS_FILE` attached to one."""
_AS_FILE = {
    ".tnef": ("application/ms-tnef", "winmail.dat"),
    ".dat": ("application/ms-tnef", "winmail.dat"),
    ".msg": ("application/vnd.ms-outlook", "letter.msg"),
    ".xml": ("application/xml", "data.xml"),
    ".bin": ("application/octet-stream", "data.bin"),
}
_LETTER = b"From: ada@example.org\r\nSubject: %b\r\nMIME-Version: 1.0\r\n"


def names(folder: Path | None, scale: int) -> list[str]:
    """What `octets` knows: with a folder its files, else the generated ones, ``scale`` times as large as in the usual tests."""
    if folder is None:
        return [f"bomb:{scale}:{name}" for name in _GENERATED]
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.append(f"file:{path}")
        if path.suffix in _AS_TEXT or path.suffix in _AS_FILE:
            found.append(f"within:{path}")
        found += [f"mbox:{number}:{path}" for number, _ in enumerate(_of_mbox(path))]
    return found


def octets(name: str) -> bytes:
    """The message of that name."""
    kind, _, rest = name.partition(":")
    number, _, place = rest.partition(":")
    match kind:
        case "bomb":
            return _GENERATED[place](int(number))
        case "within":
            return _within(Path(rest))
        case "mbox":
            return _as_delivered(next(raw for at, raw in enumerate(_of_mbox(Path(place))) if at == int(number)))
        case _:
            return _as_delivered(Path(rest).read_bytes())


def _as_delivered(raw: bytes) -> bytes:
    """A file of another system's as a mail server has it (RFC 5322 §2.1); what has such line ends at all stays as it is."""
    return raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")


def _of_mbox(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        if file.read(5) == b"From ":
            file.seek(0)
            yield from (raw for raw, _, _ in mbox_messages(file))


def _within(path: Path) -> bytes:
    """A letter that brings a file."""
    head = _LETTER % path.name.encode("ascii", "replace")
    if path.suffix in _AS_TEXT:
        return head + b"Content-Type: %b; charset=utf-8\r\n\r\n" % _AS_TEXT[path.suffix].encode() + path.read_bytes()
    kind, filename = _AS_FILE[path.suffix]
    return (
        head
        + b'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n--=_b\r\n\r\nSee the file.\r\n--=_b\r\n'
        + f'Content-Type: {kind}\r\nContent-Disposition: attachment; filename="{filename}"\r\n'.encode()
        + b"Content-Transfer-Encoding: binary\r\n\r\n"
        + path.read_bytes()
        + b"\r\n--=_b--\r\n"
    )
