# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail view``: message files as the reader would show them. Needs no account, and goes on after a bad file."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from tuimail.cli import shapes
from tuimail.cli.output import print_json, print_text, report
from tuimail.engine.reader import View
from tuimail.engine.viewing import Viewed, view_message
from tuimail.model.errors import ExitStatus, FileProblem, MailMalformed, TuimailError
from tuimail.model.rendered import Line, Rendered
from tuimail.model.text import safe_line
from tuimail.model.wrap import wrap

_USUAL = 80
"""Columns where there is no terminal."""
_NARROWEST = 10
_LARGEST = 256 * 1024 * 1024
"""Octets."""


def view(options: argparse.Namespace) -> int:
    """Show files. The exit status is that of the worst failure: 65 for what is no message, 66 for what cannot be opened."""
    worst = ExitStatus.OK
    for number, name in enumerate(options.file):
        try:
            viewed = _viewed(name, options)
        except TuimailError as error:
            sys.stdout.flush()
            report(_naming(error, name), as_json=options.json)
            worst = ExitStatus.DATA if isinstance(error, MailMalformed) or worst is ExitStatus.DATA else error.exit_status
            continue
        lines = body_lines(viewed.body, width_of(options))
        if options.json:
            print_json({**shapes.file(viewed), **shapes.content(viewed.headers, lines, viewed)})
            continue
        if len(options.file) > 1:
            print_text(f"{'' if not number else chr(10)}==> {safe_line(name)} <==")
        print_text("\n".join(lines if options.view == "source" else [*head_lines(viewed), "", *lines]))
    return worst


def _viewed(name: str, options: argparse.Namespace) -> Viewed:
    kind = View.READER if options.view == "html" else View(options.view)
    return view_message(_content(name), width=width_of(options), view=kind, prefer_html=options.view == "html")


def _content(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(_LARGEST)
        with Path(name).open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise FileProblem(f"{safe_line(name)} cannot be opened: {error.strerror}.", "Check the path.") from error


def _naming(error: TuimailError, name: str) -> TuimailError:
    if isinstance(error, MailMalformed):
        return MailMalformed(f"{safe_line(name)}: {error.message}", error.advice)
    return error


def width_of(options: argparse.Namespace) -> int:
    """Columns to wrap text at: as asked for, else the terminal's, else 80."""
    if options.width:
        return max(int(options.width), _NARROWEST)
    return shutil.get_terminal_size((_USUAL, 24)).columns if os.isatty(1) else _USUAL


def head_lines(viewed: Viewed) -> list[str]:
    """The fields that stand above the text."""
    envelope = viewed.envelope
    fields = [
        ("From", ", ".join(map(str, envelope.from_))),
        ("To", ", ".join(map(str, envelope.to))),
        ("Cc", ", ".join(map(str, envelope.cc))),
        ("Date", shapes.rfc3339(envelope.date) or ""),
        ("Subject", envelope.subject),
    ]
    lines = [f"{name}: {value}" for name, value in fields if value]
    lines += [
        f"Attachment: {part.section} {part.filename or '(no name)'} ({part.content_type}, {part.decoded_size:,} octets)"
        for part in viewed.attachments
    ]
    if viewed.body.blocked_images:
        lines.append(f"Not fetched: {viewed.body.blocked_images} remote images, {viewed.body.trackers} of them trackers")
    return lines + [f"Warning: {warning}" for warning in viewed.body.warnings]


def body_lines(body: Rendered, width: int) -> list[str]:
    """The text, wrapped; quoted lines begin with ``>``."""
    return [row for line in body.lines for row in _rows(line, width)]


def _rows(line: Line, width: int) -> list[str]:
    marks = ">" * line.quote + (" " if line.quote else "")
    if line.preformatted:
        return [marks + line.text]
    return [(marks + row.text).rstrip() for row in wrap(line, max(width - len(marks), _NARROWEST))]
