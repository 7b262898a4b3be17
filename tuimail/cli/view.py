# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail view``: message files as the reader would show them. Needs no account, and goes on after a bad file."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from tuimail.cli import shapes
from tuimail.cli.output import print_json, print_lines, print_text, report
from tuimail.engine.rendering import View
from tuimail.engine.viewing import Viewed, envelope_in, messages_in, view_message
from tuimail.model.address import Address
from tuimail.model.deception import listed_name, visible
from tuimail.model.errors import ExitStatus, FileProblem, InputWrong, MailMalformed, TuimailError
from tuimail.model.rendered import Line, Rendered
from tuimail.model.text import safe_line
from tuimail.model.wrap import wrap

_USUAL = 80
"""Columns where there is no terminal."""
_NARROWEST = 10


def view(options: argparse.Namespace) -> int:
    """Show files. The exit status is that of the worst failure: 65 for what is no message, 66 for what cannot be opened."""
    showing = _Showing(options)
    for name in options.file:
        with showing.going_on(name):
            showing.file(name)
    return showing.worst


class _Showing:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._first = True
        self.worst = ExitStatus.OK

    @contextmanager
    def going_on(self, name: str) -> Iterator[None]:
        """What fails is told, and the rest is shown all the same."""
        try:
            yield
        except TuimailError as error:
            sys.stdout.flush()
            report(_naming(error, name), as_json=self._options.json)
            data = isinstance(error, MailMalformed) or self.worst is ExitStatus.DATA
            self.worst = ExitStatus.DATA if data else error.exit_status

    def file(self, name: str) -> None:
        """Show the message in a file; of several the one that is wanted, else their list on a terminal, and all elsewhere."""
        options = self._options
        with _opened(name) as file:
            read = enumerate(messages_in(file), 1)
            begun = list(islice(read, 2))
            several, messages = len(begun) > 1, chain(begun, read)
            if options.message:
                self._message(name, _wanted(messages, options.message, name), headed=len(options.file) > 1)
            elif several and os.isatty(1) and not options.json:
                print_lines(_listed(number, raw) for number, raw in messages)
            else:
                for number, raw in messages:
                    label = f"{name}, message {number}" if several else name
                    with self.going_on(label):
                        self._message(label, raw, headed=several or len(options.file) > 1)

    def _message(self, label: str, raw: bytes, *, headed: bool) -> None:
        options = self._options
        kind = View.READER if options.view == "html" else View(options.view)
        viewed = view_message(raw, width=width_of(options), view=kind, prefer_html=options.view == "html")
        lines = body_lines(viewed.body, width_of(options))
        if options.json:
            print_json({**shapes.file(viewed), **shapes.content(viewed.headers, lines, viewed)})
            return
        if headed:
            print_text(f"{'' if self._first else chr(10)}==> {safe_line(label)} <==")
        self._first = False
        print_text("\n".join(lines if options.view == "source" else [*head_lines(viewed), "", *lines]))


def _wanted(messages: Iterable[tuple[int, bytes]], wanted: int, name: str) -> bytes:
    there = 0
    for there, raw in messages:
        if there == wanted:
            return raw
    holds = f"it holds {there}" if there > 1 else "it is one message" if there else "it is empty"
    raise InputWrong(f"There is no message {wanted} in {safe_line(name)}: {holds}.")


def _listed(number: int, raw: bytes) -> str:
    envelope = envelope_in(raw)
    author = listed_name(envelope.from_[0]) if envelope.from_ else ""
    date = local_time(envelope.date) if envelope.date is not None else ""
    return f"{number:>7}  {date:16}  {author[:24]:<24}  {envelope.subject or '(no subject)'}"


def local_time(seconds: int) -> str:
    """In the zone of this machine. ``seconds`` since 1970."""
    try:
        return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return "????-??-?? ??:??"


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    try:
        if name == "-":
            yield sys.stdin.buffer
        else:
            with Path(name).open("rb") as file:
                yield file
    except BrokenPipeError:
        raise  # nobody reads what is shown
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
        ("From", _people(envelope.from_)),
        ("Sender", _people(envelope.sender)),
        ("To", _people(envelope.to)),
        ("Cc", _people(envelope.cc)),
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
    return lines + [f"Warning: {warning}" for warning in viewed.warnings]


def _people(people: tuple[Address, ...]) -> str:
    return ", ".join(str(replace(one, email=visible(one.email))) for one in people)


def body_lines(body: Rendered, width: int) -> list[str]:
    """The text, wrapped; quoted lines begin with ``>``."""
    return [row for line in body.lines for row in _rows(line, width)]


def _rows(line: Line, width: int) -> list[str]:
    marks = ">" * line.quote + (" " if line.quote else "")
    if line.preformatted:
        return [marks + line.text]
    return [(marks + row.text).rstrip() for row in wrap(line, max(width - len(marks), _NARROWEST))]
