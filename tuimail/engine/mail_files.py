# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages in files: mbox, Maildir, and a folder of ``.eml`` files. Nothing that is there is overwritten."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from tuimail.model.errors import FileProblem, InputWrong
from tuimail.model.flags import ANSWERED, DRAFT, FLAGGED, FORWARDED, SEEN, Flags
from tuimail.model.text import safe_line

_INFO = {"D": DRAFT, "F": FLAGGED, "P": FORWARDED, "R": ANSWERED, "S": SEEN}
"""Letters behind ``:2,`` in names of a Maildir, in the order that they have to stand in."""
_FOLDERS = ("tmp", "new", "cur")


class Format(StrEnum):
    """How messages are put into files."""

    MBOX = "mbox"
    EML = "eml"
    MAILDIR = "maildir"


@dataclass(frozen=True, slots=True)
class FiledMessage:
    """A message out of a file."""

    raw: bytes
    flags: Flags = frozenset()
    date: int | None = None
    """Seconds since 1970; None where the file does not tell."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a file can tell beside the message."""

    flags: Flags
    sender: str
    subject: str
    date: int
    """Seconds since 1970."""


class Writer(Protocol):
    """Takes messages, one after the other."""

    def write(self, raw: bytes, label: Label) -> None:
        """Add a message. Raises OSError."""
        ...

    def close(self) -> None:
        """All is written."""
        ...


class _Mbox:
    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")

    def write(self, raw: bytes, label: Label) -> None:
        from tuimail.mime.mbox import mbox_entry

        self._file.write(mbox_entry(raw, label.flags, label.sender, label.date))

    def close(self) -> None:
        self._file.close()


class _Files:
    def __init__(self, path: Path) -> None:
        _new_folder(path)
        self._path = path
        self._count = 0

    def write(self, raw: bytes, label: Label) -> None:
        from tuimail.mime.filename import safe_filename

        self._count += 1
        name = safe_filename(f"{self._count:05} {label.subject[:60]}", f"{self._count:05}")
        _write(self._path / f"{name}.eml", raw, label.date)

    def close(self) -> None:
        pass


class _Maildir:
    def __init__(self, path: Path) -> None:
        _new_folder(path)
        for name in _FOLDERS:
            (path / name).mkdir(mode=0o700)
        self._path = path
        self._count = 0

    def write(self, raw: bytes, label: Label) -> None:
        self._count += 1
        name = f"{int(time.time())}.P{os.getpid()}Q{self._count}.tuimail"
        letters = "".join(letter for letter, flag in _INFO.items() if flag in label.flags)
        _write(self._path / "tmp" / name, raw.replace(b"\r\n", b"\n"), label.date)
        (self._path / "tmp" / name).rename(self._path / "cur" / f"{name}:2,{letters}")

    def close(self) -> None:
        pass


_WRITERS: dict[Format, Callable[[Path], Writer]] = {Format.MBOX: _Mbox, Format.EML: _Files, Format.MAILDIR: _Maildir}


def writer(path: Path, form: Format) -> Writer:
    """A new file or folder to write to. Raises FileProblem where there is one already."""
    try:
        return _WRITERS[form](path)
    except FileExistsError as error:
        raise FileProblem(f"{safe_line(str(path))} is there already.", "Choose a new name: nothing is overwritten.") from error
    except OSError as error:
        raise FileProblem(f"{safe_line(str(path))} cannot be made: {error.strerror}.", "Choose another place.") from error


def messages(path: Path, form: Format | None) -> Iterator[FiledMessage]:
    """The messages of a file or folder, one in memory at a time. Raises FileProblem, InputWrong."""
    try:
        yield from _READERS[form or _form_of(path)](path)
    except OSError as error:
        raise FileProblem(f"{safe_line(str(error.filename or path))} cannot be read: {error.strerror}.") from error


def _form_of(path: Path) -> Format:
    if path.is_dir():
        return Format.MAILDIR if (path / "cur").is_dir() else Format.EML
    with path.open("rb") as file:
        return Format.MBOX if file.read(5) == b"From " or not path.stat().st_size else Format.EML


def _from_mbox(path: Path) -> Iterator[FiledMessage]:
    from tuimail.mime.mbox import mbox_messages

    with path.open("rb") as file:
        if file.peek(5)[:5] != b"From " and path.stat().st_size:
            raise InputWrong(f"{safe_line(str(path))} is no mbox file: it does not begin with “From ”.", "Name its --format.")
        for raw, flags, date in mbox_messages(file):
            yield FiledMessage(raw, flags, date)


def _from_files(path: Path) -> Iterator[FiledMessage]:
    for file in filter(Path.is_file, sorted(path.glob("*.eml"))) if path.is_dir() else (path,):
        yield FiledMessage(file.read_bytes())


def _from_maildir(path: Path) -> Iterator[FiledMessage]:
    files = [file for name in ("new", "cur") for file in (path / name).iterdir() if not file.name.startswith(".")]
    for file in filter(Path.is_file, sorted(files, key=lambda file: file.name)):
        letters = file.name.rpartition(":2,")[2] if ":2," in file.name else ""
        flags = frozenset(_INFO[letter] for letter in letters if letter in _INFO)
        yield FiledMessage(file.read_bytes(), flags, int(file.stat().st_mtime))


_READERS: dict[Format, Callable[[Path], Iterator[FiledMessage]]] = {
    Format.MBOX: _from_mbox,
    Format.EML: _from_files,
    Format.MAILDIR: _from_maildir,
}


def _new_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise FileExistsError


def _write(path: Path, raw: bytes, date: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(raw)
    with contextlib.suppress(OSError, OverflowError):
        os.utime(path, (date, date))
