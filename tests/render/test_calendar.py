# SPDX-License-Identifier: GPL-3.0-or-later
"""Invitations as a summary; what cannot be read, as it is."""

import pytest

from tuimail.render.port import render


def calendar(*lines: str, method: str = "REQUEST") -> str:
    event = ("BEGIN:VEVENT", *lines, "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", f"METHOD:{method}", *event, "END:VCALENDAR", ""))


def show(text: str) -> list[str]:
    return [line.text for line in render("text/calendar", text, width=80).lines if line.text]


def test_invitation() -> None:
    text = calendar(
        "SUMMARY:Lunch\\, at last",
        "DTSTART;TZID=Europe/Berlin:20260105T120000",
        "DTEND;TZID=Europe/Berlin:20260105T133000",
        "LOCATION:Canteen",
        "RRULE:FREQ=WEEKLY",
        "ORGANIZER;CN=Ada:mailto:ada@example.org",
        "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.org",
        "DESCRIPTION:See https://example.org/menu\\nBye",
    )
    assert show(text) == [
        "Invitation",
        "Lunch, at last",
        "When:      Monday, 5 January 2026, 12:00–13:30 (CET)",
        "Repeats:   weekly",
        "Where:     Canteen",
        "Organizer: Ada <ada@example.org>",
        "Attendee:  Bob <bob@example.org> (accepted)",
        "See https://example.org/menu",
        "Bye",
    ]
    assert [link.target for link in render("text/calendar", text, width=80).links] == ["https://example.org/menu"]


def test_all_day_and_cancelled() -> None:
    text = calendar("SUMMARY:Holiday", "DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260107", method="CANCEL")
    assert show(text) == ["Cancelled", "Holiday", "When:      Monday, 5 January 2026 – Wednesday, 7 January 2026"]


def test_controls_do_not_pass() -> None:
    assert show(calendar("SUMMARY:\x1b[31mred\u202e", method="X")) == ["␛[31mred<RLO>"]


def test_lists_are_limited() -> None:
    attendees = [f"ATTENDEE:mailto:a{number}@example.org" for number in range(500)]
    assert show(calendar("SUMMARY:x", *attendees))[-1] == "Attendee:  and 480 more"


@pytest.mark.parametrize(
    "text",
    ["no calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT", "BEGIN:VEVENT\r\n" * 2000, "BEGIN:VCALENDAR\r\nEND:VCALENDAR"],
)
def test_what_cannot_be_read_is_shown_as_it_is(text: str) -> None:
    assert show(text) == text.split("\r\n")[: len(show(text))]
    assert show(text)
