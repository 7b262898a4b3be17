# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that has a text wherever text can stand: in an invitation, and in links and their targets."""


def invitation(text: str) -> bytes:
    """An invitation (RFC 5545, RFC 6047)."""
    return _message(
        f"Subject: Invited {text}",
        "Message-ID: <invited@example.org>",
        "Content-Type: text/calendar; charset=utf-8; method=REQUEST",
        "",
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{text}",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:1@example.org",
        "DTSTART:20260101T100000Z",
        f"SUMMARY:Event {text}",
        f"LOCATION:{text}",
        f"DESCRIPTION:{text}",
        f"URL:https://evil.example/{text}",
        f'ORGANIZER;CN="{text}":mailto:evil@example.org',
        f'ATTENDEE;CN="{text}":mailto:other@example.org',
        "END:VEVENT",
        "END:VCALENDAR",
    )


def links(text: str) -> bytes:
    """Links in HTML, in the conversation of `tests.ui.screens.test_untrusted.letter`."""
    quoted = "".join(one if one.isprintable() else f"&#{ord(one)};" for one in text)
    return _message(
        f"Subject: Linked {text}",
        "Message-ID: <linked@example.org>",
        "In-Reply-To: <probe@example.org>",
        "Content-Type: text/html; charset=utf-8",
        "",
        f'<p>See <a href="https://evil.example/{quoted}">here {quoted}</a></p>',
        f'<p><a href="mailto:{quoted}@example.org?subject={quoted}&amp;body={quoted}">write {quoted}</a></p>',
        '<p><a href="https://other.example/%1b]8;;x%07">https://evil.example</a></p>',
    )


def _message(*lines: str) -> bytes:
    head = ('From: "Eve" <evil@example.org>', "To: robin@example.org", "MIME-Version: 1.0", "Content-Transfer-Encoding: 8bit")
    return "\r\n".join((*head, *lines, "")).encode()
