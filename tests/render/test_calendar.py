# SPDX-License-Identifier: GPL-3.0-or-later
"""Invitations as a summary; what cannot be read, as it is."""

import time
from collections.abc import Iterator

import pytest

from tuimail.render.port import render


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


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
    assert show(text) == ["Cancelled", "Holiday", "When:      Monday, 5 January 2026 – Tuesday, 6 January 2026"]


def facts(*lines: str) -> list[str]:
    """What is told below the title."""
    return show(calendar("SUMMARY:x", *lines, method="X"))[1:]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106"), ["When:      Monday, 5 January 2026"]),
        (("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260105"), ["When:      Monday, 5 January 2026"]),
        (("DTSTART;VALUE=DATE:20260105", "DURATION:P1D"), ["When:      Monday, 5 January 2026"]),
        (("DTSTART;VALUE=DATE:20260105", "DURATION:P2D"), ["When:      Monday, 5 January 2026 – Tuesday, 6 January 2026"]),
        (("DTSTART:20260105T180000", "DURATION:PT2H30M"), ["When:      Monday, 5 January 2026, 18:00–20:30"]),
        (("DTSTART:20260105T180000",), ["When:      Monday, 5 January 2026, 18:00"]),
    ],
)
def test_when_it_ends(lines: tuple[str, ...], told: list[str]) -> None:
    assert facts(*lines) == told


def test_times_of_other_zones_are_told_in_ones_own_too() -> None:
    assert facts("DTSTART;TZID=America/New_York:20260105T190000", "DTEND;TZID=America/New_York:20260105T200000") == [
        "When:      Monday, 5 January 2026, 19:00–20:00 (EST)",
        "Here:      Tuesday, 6 January 2026, 01:00–02:00 (CET)",
    ]
    assert facts("DTSTART:20260105T110000Z")[1:] == ["Here:      Monday, 5 January 2026, 12:00 (CET)"]
    assert facts("DTSTART;TZID=Europe/Paris:20260105T110000")[1:] == []
    assert facts("DTSTART:00010101T000000Z", "DTEND:99991231T235959Z")[0].startswith("When: ")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,FR;COUNT=10", "weekly on Monday, Friday, 10 times"),
        ("FREQ=DAILY;INTERVAL=2;UNTIL=20270101", "every 2 days until 1 January 2027"),
        ("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270101T120000Z", "monthly on last Friday until 1 January 2027"),
        ("FREQ=MONTHLY;BYDAY=17FR", "monthly"),
        ("FREQ=WEEKLY;INTERVAL=1;WKST=SU", "weekly"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=" + ",".join(["1SU"] * 50), "yearly"),
    ],
)
def test_how_often(rule: str, told: str) -> None:
    assert facts(f"RRULE:{rule}") == [f"Repeats:   {told}"]


def test_controls_do_not_pass() -> None:
    assert show(calendar("SUMMARY:\x1b[31mred\u202e", method="X")) == ["␛[31mred<RLO>"]


def test_lists_are_limited() -> None:
    attendees = [f"ATTENDEE:mailto:a{number}@example.org" for number in range(500)]
    assert show(calendar("SUMMARY:x", *attendees))[-1] == "Attendee:  and 480 more"


@pytest.mark.parametrize(
    "text",
    [
        "no calendar",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT",
        "BEGIN:VEVENT\r\n" * 2000,
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR",
        calendar(f"DTSTART;TZID=Europe/{'B' * 300}:20261122T120000"),
        calendar("DTSTART;TZID=Europe:20261122T120000"),
        "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:/x/Egypt\r\nBEGIN:DAYLIGHT\r\nRRULE:FREQ=YEARLY;BYMONTH\\n=4;BYDAY=-1FR\r\n"
        "END:DAYLIGHT\r\nBEGIN:STANDARD\r\nEND:STANDARD\r\nEND:VTIMEZONE",
    ],
)
def test_what_cannot_be_read_is_shown_as_it_is(text: str) -> None:
    assert show(text) == text.split("\r\n")[: len(show(text))]
    assert show(text)
