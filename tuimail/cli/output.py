# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands print: text that is safe on a terminal, UTF-8 into a pipe, no colours; or JSON."""

import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from tuimail.model.errors import ConfigWrong, FileProblem, TuimailError
from tuimail.model.text import safe_line, safe_text

_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Controls and bidi controls that `json` leaves as they are."""


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, each made safe for a terminal."""
    in_utf8()
    for line in lines:
        sys.stdout.write(f"{safe_line(line, limit=1_000_000)}\n")


def print_text(text: str) -> None:
    """Print several lines, made safe for a terminal."""
    in_utf8()
    sys.stdout.write(safe_text(text, limit=100_000_000).rstrip("\n") + "\n")


def json_text(document: object, indent: int | None = None) -> str:
    """A document; what would steer a terminal is written as its number, which means the same in JSON (RFC 8259 §7)."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(document, ensure_ascii=False, indent=indent))


def print_json(document: object) -> None:
    """Print one document on one line."""
    in_utf8()
    sys.stdout.write(json_text(document) + "\n")
    sys.stdout.flush()


def write_file(file: Path, text: str) -> None:
    """Write a file that the user named, or write it anew. Raises FileProblem.

    Others may have put a link or a file of theirs in its place, in a folder that all may write to.
    """
    try:
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if file.lstat().st_uid not in (0, os.geteuid()):
                raise PermissionError(errno.EPERM, "it belongs to another user") from None
            descriptor = os.open(file, os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise FileProblem(f"{safe_line(str(file))} cannot be written: {error.strerror}.", "Choose another file.") from error


def complain(text: str) -> None:
    """Say something on standard error."""
    print(f"tuimail: {safe_line(text)}", file=sys.stderr)


def report(error: TuimailError, *, as_json: bool) -> None:
    """Say on standard error what failed and what to do."""
    if as_json:
        detail = {"kind": error.kind, "message": _shown(error.message), "advice": _shown(error.advice)}
        print(json_text({"error": detail}), file=sys.stderr)
    else:
        # A configuration has one line for each mistake; any other error is one line, whatever it quotes.
        told = str(error).splitlines() if isinstance(error, ConfigWrong) else [str(error)]
        print("\n".join(f"tuimail: {_shown(line)}" for line in told), file=sys.stderr)


def _shown(text: str) -> str:
    """Errors may hold what was typed, or what a server said."""
    return safe_line(text, limit=4000)


def nobody_reads() -> None:
    """The reader of standard output is gone (``| head``): what is still to be written is dropped without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_utf8() -> None:
    """Standard output in UTF-8 when it is no terminal, whatever the locale says; what cannot be shown is shown as ``?``."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="replace")
