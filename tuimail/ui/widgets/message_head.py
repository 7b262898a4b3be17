# SPDX-License-Identifier: GPL-3.0-or-later
"""The block of header fields above a message's body, as lines for `MessageBody`."""

import time
from collections.abc import Sequence

from tuimail.model.address import Address
from tuimail.model.deception import doubts, visible
from tuimail.model.message import Envelope
from tuimail.model.part import Part
from tuimail.model.rendered import Line, Rendered, Span, Style
from tuimail.ui.widgets.list_row import MONTHS

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LABEL = 9
"""Columns of a field's name."""
_STICKY = "\u00a0"
"""A space at which no line ends: a file's size stands beside its name."""
MOST_PEOPLE = 8
"""Longer lists of recipients end with how many more there are."""


def head_lines(
    envelope: Envelope,
    date: int,
    attachments: Sequence[Part] = (),
    body: Rendered | None = None,
    headers: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
) -> tuple[Line, ...]:
    """Subject, people, date, attachments, then what the reader should beware of.

    ``date`` is what the list sorts by, in seconds since 1970. ``headers``, where not empty, replaces the usual fields.
    ``notes`` are further warnings. All text is safe to show.
    """
    subject = envelope.subject or "(no subject)"
    lines = [Line(subject, (Span(0, len(subject), Style.HEADING),))]
    lines += _all_fields(headers) if headers else _usual_fields(envelope, date)
    if attachments:
        lines.append(_attachments(attachments))
    warnings = [*doubts(envelope), *notes, *(body.warnings if body else ())]
    lines += [_spanned(f"⚠ {warning}", Style.WARNING, indent=2) for warning in warnings]
    if body and body.blocked_images:
        lines.append(_spanned(_blocked(body), Style.MUTED))
    return tuple(lines)


def _spanned(text: str, style: Style, indent: int = 0) -> Line:
    return Line(text, (Span(0, len(text), style),), indent=indent)


def _usual_fields(envelope: Envelope, date: int) -> list[Line]:
    fields = [("From", envelope.from_), ("Sent by", envelope.sender)]
    if envelope.reply_to and {one.email.lower() for one in envelope.reply_to} != {one.email.lower() for one in envelope.from_}:
        fields.append(("Reply to", envelope.reply_to))
    fields += [("To", envelope.to), ("Cc", envelope.cc), ("Bcc", envelope.bcc)]
    lines = [_people(name, people) for name, people in fields if people]
    lines.append(_field("Date", full_date(envelope.date if envelope.date is not None else date)))
    return lines


def _all_fields(headers: Sequence[tuple[str, str]]) -> list[Line]:
    return [Line(f"{name}: {value}", (Span(0, len(name) + 1, Style.MUTED),), indent=2) for name, value in headers]


def _field(name: str, text: str, spans: Sequence[Span] = ()) -> Line:
    label = name.ljust(LABEL)
    shifted = tuple(Span(span.start + LABEL, span.end + LABEL, span.style, span.link) for span in spans)
    return Line(label + text, (Span(0, LABEL, Style.MUTED), *shifted), indent=LABEL)


def _people(name: str, people: Sequence[Address]) -> Line:
    text, spans = "", []
    for number, address in enumerate(people[:MOST_PEOPLE]):
        text += ", " if number else ""
        if address.name:
            start = len(text)
            text += address.name
            if name == "From":
                spans.append(Span(start, len(text), Style.STRONG))
            text += " "
            start = len(text)
            text += f"<{visible(address.email)}>"
            spans.append(Span(start, len(text), Style.MUTED))
        else:
            text += visible(address.email)
    if len(people) > MOST_PEOPLE:
        start = len(text)
        text += f" and {len(people) - MOST_PEOPLE} more"
        spans.append(Span(start, len(text), Style.MUTED))
    return _field(name, text, spans)


def full_date(date: int) -> str:
    """``Mon 10 Mar 2025, 14:02`` in local time."""
    then = time.localtime(date)
    day = f"{DAYS[then.tm_wday]} {then.tm_mday} {MONTHS[then.tm_mon - 1]} {then.tm_year}"
    return f"{day}, {then.tm_hour:02}:{then.tm_min:02}"


def _attachments(parts: Sequence[Part]) -> Line:
    text, spans = "", []
    for part in parts:
        text += "  " if text else ""
        start = len(text)
        text += f" {part.filename or part.content_type}{_STICKY}"
        spans.append(Span(start, len(text), Style.BUTTON))
        start = len(text)
        text += f" {size_text(part.decoded_size)}".replace(" ", _STICKY)
        spans.append(Span(start, len(text), Style.MUTED))
    return _field("Files", text, spans)


def size_text(octets: int) -> str:
    """``812 B``, ``34 kB``, ``1.2 MB``; decimal units."""
    if octets < 1000:
        return f"{octets} B"
    size = float(octets)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5 or unit == "GB":
            return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"
    raise AssertionError


def _blocked(body: Rendered) -> str:
    one = body.blocked_images == 1
    if body.trackers == body.blocked_images:
        return "1 hidden remote image was not loaded." if one else f"{body.trackers} hidden remote images were not loaded."
    hidden = f", {body.trackers} of them hidden" if body.trackers else ""
    return "1 remote image was not loaded." if one else f"{body.blocked_images} remote images were not loaded{hidden}."
