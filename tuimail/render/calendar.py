# SPDX-License-Identifier: GPL-3.0-or-later
"""text/calendar (RFC 5545) as a short summary: what, when, where, who. The only file that imports icalendar."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from icalendar import Calendar, Component

from tuimail.model.rendered import Line, Link, Rendered, Span, Style
from tuimail.model.text import safe_line, safe_text
from tuimail.render.plain import link_spans, render_plain
from tuimail.render.recurrence import repeats

MAX_SOURCE = 1_000_000
"""Characters; a longer calendar is shown as it is."""
MAX_EVENTS = 20
MAX_ATTENDEES = 20

_TITLES = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Proposal of another time",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "DELEGATED": "delegated"}
_SHOWN = ("VEVENT", "VTODO")


def render_calendar(text: str) -> Rendered:
    """The events and to-dos of a calendar object; its plain text where it cannot be read or holds none."""
    if len(text) > MAX_SOURCE:
        return render_plain(text)
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        found = [(calendar, item) for calendar in calendars for item in calendar.subcomponents if item.name in _SHOWN]
        links: list[Link] = []
        lines: list[Line] = []
        for calendar, item in found[:MAX_EVENTS]:
            lines.extend(_event(item, str(calendar.get("METHOD", "")).upper(), links))
    except Exception:  # icalendar meets values of any type in any place in received calendars, and each fails in its own way
        return render_plain(text)
    if not lines:
        return render_plain(text)
    warnings = (f"{len(found) - MAX_EVENTS} more entries are not shown.",) if len(found) > MAX_EVENTS else ()
    return Rendered(tuple(lines), tuple(links), warnings=warnings)


def _event(item: Component, method: str, links: list[Link]) -> list[Line]:
    title = _text(item, "SUMMARY") or "(no title)"
    lines = [Line(title, (Span(0, len(title), Style.HEADING),))]
    if method in _TITLES:
        lines.insert(0, Line(_TITLES[method], (Span(0, len(_TITLES[method]), Style.MUTED),)))
    start, end = _moment(item, "DTSTART"), _end(item)
    facts = [
        ("When", _when(start, end)),
        ("Here", _here(start, end)),
        ("Repeats", repeats(item.get("RRULE"))),
        ("Where", _text(item, "LOCATION")),
        ("Organizer", _person(item.get("ORGANIZER"))),
        *(("Attendee", person) for person in _attendees(item)),
        ("Link", _text(item, "URL")),
    ]
    lines.extend(_fact(label, value, links) for label, value in facts if value)
    description = safe_text(str(item.get("DESCRIPTION") or ""), limit=20_000).strip()
    if description:
        lines.append(Line(""))
        lines.extend(Line(line, tuple(link_spans(line, links))) for line in description.split("\n"))
    return [*lines, Line("")]


def _fact(label: str, value: str, links: list[Link]) -> Line:
    text = f"{label + ':':<11}{value}"
    return Line(text, (Span(0, len(label) + 1, Style.MUTED), *link_spans(text, links)), indent=11)


def _text(item: Component, name: str) -> str:
    value = item.get(name)
    if isinstance(value, list):
        value = value[0]
    return safe_line(" ".join(str(value).split()), limit=500) if value is not None else ""


def _end(item: Component) -> date | None:
    """The last moment. That of whole days is named with the day after it (RFC 5545 §3.6.1)."""
    start, end, due = (_moment(item, name) for name in ("DTSTART", "DTEND", "DUE"))
    duration = getattr(item.get("DURATION"), "dt", None)
    if end is None and start is not None and isinstance(duration, timedelta):
        end = start + duration
    if end is None:
        return due
    return end if isinstance(end, datetime) else end - timedelta(days=1)


def _when(start: date | None, end: date | None) -> str:
    if start is None:
        return f"until {_written(end)}" if end else ""
    if not isinstance(start, datetime) and isinstance(end, date) and end < start:
        end = start
    if end is None or end == start:
        return _written(start)
    if isinstance(start, datetime) and isinstance(end, datetime) and start.date() == end.date():
        return f"{start:%A, %-d %B %Y}, {start:%H:%M}–{end:%H:%M}{_zone(start)}"
    return f"{_written(start)} – {_written(end)}"


def _here(start: date | None, end: date | None) -> str:
    """The same in this machine's zone, where that has another time."""
    if not isinstance(start, datetime) or start.tzinfo is None:
        return ""
    with suppress(OverflowError, OSError, ValueError):  # years at the end of time
        local = start.astimezone()
        if local.utcoffset() != start.utcoffset():
            return _when(local, end.astimezone() if isinstance(end, datetime) and end.tzinfo else None)
    return ""


def _moment(item: Component, name: str) -> date | None:
    value = getattr(item.get(name), "dt", None)
    return value if isinstance(value, date) else None


def _written(moment: date) -> str:
    if isinstance(moment, datetime):
        return f"{moment:%A, %-d %B %Y, %H:%M}{_zone(moment)}"
    return f"{moment:%A, %-d %B %Y}"


def _zone(moment: datetime) -> str:
    name = moment.tzname()
    return f" ({safe_line(name, limit=60)})" if name else ""


def _attendees(item: Component) -> list[str]:
    value = item.get("ATTENDEE") or []
    people = [_person(person) for person in (value if isinstance(value, list) else [value])]
    hidden = len(people) - MAX_ATTENDEES
    return [*people[:MAX_ATTENDEES], *([f"and {hidden} more"] if hidden > 0 else [])]


def _person(value: object) -> str:
    if value is None:
        return ""
    email = str(value)
    email = email[7:] if email.lower().startswith("mailto:") else email
    params = getattr(value, "params", {})
    name, answer = str(params.get("CN", "")), _ANSWERS.get(str(params.get("PARTSTAT", "")).upper(), "")
    who = f"{name} <{email}>" if name and name != email else email
    return safe_line(f"{who} ({answer})" if answer else who, limit=300)
