# SPDX-License-Identifier: GPL-3.0-or-later
"""One row of the message list: which columns fit, and what stands in them. Pure drawing."""

import re
import time
from dataclasses import dataclass
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style

from tuimail.model.address import Address
from tuimail.model.deception import is_doubtful, listed_name
from tuimail.model.flags import ANSWERED, FORWARDED
from tuimail.model.message import MessageRow, ThreadMark
from tuimail.model.width import cell_len, clip, clip_address
from tuimail.ui.look import Component, Look
from tuimail.ui.widgets.line_view import pad
from tuimail.ui.widgets.symbols import Symbols

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GUTTER = 5
"""Columns before the sender: cursor, mark, unread or answered, star, a space."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in terminal columns."""

    sender: int
    subject: int
    """Subject, and the snippet after it."""
    date: int


@lru_cache(maxsize=16)
def columns_for(width: int) -> Columns:
    """How a width is shared out."""
    sender = max(10, min(34, width // 6 + 4)) if width >= 60 else max(6, width // 4)
    date = 10 if width >= 100 else 7
    # Two spaces after the sender, three columns for the signs before the date, one space at the right edge.
    return Columns(sender, max(0, width - GUTTER - sender - 2 - 4 - date - 1), date)


def date_text(date: int, now: int, width: int) -> str:
    """``14:02`` today, ``12 Mar`` this year, else ``2024-03-12``, or ``2024-03`` where ten columns are too many."""
    then, today = time.localtime(date), time.localtime(now)
    if (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday):
        return f"{then.tm_hour:02}:{then.tm_min:02}"
    if then.tm_year == today.tm_year:
        return f"{then.tm_mday} {MONTHS[then.tm_mon - 1]}"
    full = f"{then.tm_year:04}-{then.tm_mon:02}-{then.tm_mday:02}"
    return full if width >= 10 else full[:7]


@dataclass(frozen=True, slots=True)
class RowState:
    """What of a row is not in the message."""

    cursor: Segment | None = None
    """Where the cursor is, its sign."""
    marked: bool = False
    thread: ThreadMark | None = None
    recipients: bool = False
    """Show whom it went to instead of who wrote it."""
    now: int = 0
    """Seconds since 1970; only the day counts."""
    match: str = ""
    """Highlighted where it occurs in sender or subject."""


def row_segments(row: MessageRow, state: RowState, width: int, look: Look, signs: Symbols) -> list[Segment]:
    """The row's segments, without the styles that lie under or over the whole row."""
    columns = columns_for(width)
    unread = row.unread or bool(state.thread and state.thread.unread)
    segments = _gutter(row, state, unread, look, signs)
    people = _people(row, state, signs)
    count = f" {state.thread.count}" if state.thread and state.thread.count > 1 and not state.thread.depth else ""
    sender_style = look[Component.SENDER_UNREAD if unread else Component.SENDER]
    name = _fitted(people, columns.sender - len(count), signs)
    segments += _found(name, sender_style, state.match, look)
    segments += [Segment(count, look[Component.THREAD]), Segment("  ", Style.null())]
    segments += _subject(row, state, unread, columns.subject, look, signs)
    segments += [
        Segment(" ", Style.null()),
        Segment(signs.attachment if row.has_attachment else " ", look[Component.ATTACHMENT]),
        Segment(signs.waiting if row.waiting else " ", look[Component.WAITING]),
        Segment(" ", Style.null()),
        Segment(
            date_text(row.date, state.now, columns.date).rjust(columns.date) + " ",
            look[Component.DATE_UNREAD if unread else Component.DATE],
        ),
    ]
    return segments


def _gutter(row: MessageRow, state: RowState, unread: bool, look: Look, signs: Symbols) -> list[Segment]:
    if unread:
        progress = Segment(signs.unread, look[Component.UNREAD])
    elif ANSWERED in row.flags:
        progress = Segment(signs.answered, look[Component.STATE])
    elif FORWARDED in row.flags:
        progress = Segment(signs.forwarded, look[Component.STATE])
    else:
        progress = Segment(" ", Style.null())
    return [
        state.cursor or Segment(" ", Style.null()),
        Segment(signs.mark if state.marked else " ", look[Component.MARK]),
        progress,
        Segment(signs.star if row.starred else " ", look[Component.STAR]),
        Segment(" ", Style.null()),
    ]


def _people(row: MessageRow, state: RowState, signs: Symbols) -> str:
    envelope = row.envelope
    if state.recipients:
        return "To " + _names(envelope.to or envelope.cc or envelope.bcc)
    senders = envelope.from_ or envelope.reply_to
    doubtful = f"{signs.warning} " if any(map(is_doubtful, senders[:4])) else ""
    return doubtful + _names(senders) or "(no sender)"


def _fitted(people: str, width: int, signs: Symbols) -> str:
    if "@" in people and ", " not in people:
        people = clip_address(people, width).replace("…", signs.ellipsis)
    return pad(people, width, signs.ellipsis)


def _names(people: tuple[Address, ...]) -> str:
    return ", ".join(listed_name(address) for address in people[:4])


def _subject(row: MessageRow, state: RowState, unread: bool, width: int, look: Look, signs: Symbols) -> list[Segment]:
    segments: list[Segment] = []
    left = width
    if state.thread and (lead := _thread_lead(state.thread, signs)) and left > len(lead):
        segments.append(Segment(lead, look[Component.THREAD]))
        left -= len(lead)
    subject = row.envelope.subject or "(no subject)"
    style = look[Component.SUBJECT_UNREAD if unread else Component.SUBJECT]
    shown = subject if cell_len(subject) <= left else pad(subject, left, signs.ellipsis)
    segments += _found(shown, style, state.match, look)
    left -= cell_len(shown)
    if left > 8 and row.snippet:
        snippet = clip("  " + row.snippet, left)
        if not row.snippet.isascii() or len(row.snippet) + 2 > left:
            snippet = pad("  " + row.snippet, left, signs.ellipsis)
        segments.append(Segment(snippet, look[Component.SNIPPET]))
        left -= cell_len(snippet)
    segments.append(Segment(" " * left, Style.null()))
    return segments


def _thread_lead(thread: ThreadMark, signs: Symbols) -> str:
    if thread.depth:
        return "  " * (min(thread.depth, 8) - 1) + signs.branch + " "
    if thread.count > 1:
        return (signs.folded if thread.folded else signs.unfolded) + " "
    return ""


def _found(text: str, style: Style, match: str, look: Look) -> list[Segment]:
    """The text, with what was searched for highlighted."""
    if not match:
        return [Segment(text, style)]
    segments: list[Segment] = []
    at = 0
    for hit in re.finditer(re.escape(match), text, re.IGNORECASE):
        segments += [Segment(text[at : hit.start()], style), Segment(hit[0], style + look[Component.MATCH])]
        at = hit.end()
    return [*segments, Segment(text[at:], style)]


def placeholder_segments(state: RowState, width: int, look: Look, signs: Symbols) -> list[Segment]:
    """A row whose message is still being read."""
    columns = columns_for(width)
    dots = signs.placeholder * 3
    return [
        state.cursor or Segment(" ", Style.null()),
        Segment(signs.mark if state.marked else " ", look[Component.MARK]),
        Segment("   " + dots.ljust(columns.sender + 2) + dots, look[Component.FAINT]),
    ]
