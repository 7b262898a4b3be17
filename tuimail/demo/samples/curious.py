# SPDX-License-Identifier: GPL-3.0-or-later
"""The odd ones: charsets, right-to-left text, an invitation, a patch, a bounce, missing and endless subjects, hostile bytes."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files as package_files

from tuimail.demo.samples.cast import OWNER, PEOPLE, POSTMASTER, TIDEPOOL, Person
from tuimail.demo.samples.clock import DAY, ago, date_field
from tuimail.demo.samples.files import jpeg, png
from tuimail.demo.samples.letter import Enclosure, Letter
from tuimail.model.flags import FLAGGED, SEEN

_Maker = Callable[[int], bytes]


def curious(now: int) -> Iterator[Letter]:
    """Those that a `Letter` can express."""
    yield from _singles(now)
    yield Letter(
        "patch.812", "Lists/python", PEOPLE["chen"], (TIDEPOOL,), "[PATCH] cache: survive a fork", _text("patch.txt"),
        ago(now, 7.8), fields=(("List-Id", "<tidepool-dev.lists.example.org>"), ("X-Mailer", "git-send-email 2.47.1")),
    )  # fmt: skip
    yield Letter(
        "photos.1", "INBOX", PEOPLE["aiko"], (OWNER,), "Photos from the harbour", "Two for the wall, one for laughs.\n\nAiko\n",
        ago(now, 1.4), flags=frozenset({SEEN, FLAGGED}),
        enclosures=(Enclosure("evening.png", "image/png", partial(png, 480, 320)),
                    Enclosure("kai.jpg", "image/jpeg", partial(jpeg, 100, 75)),
                    Enclosure("Blaue Stunde – Köln.png", "image/png", partial(png, 240, 160))),
    )  # fmt: skip
    yield Letter(
        "forward.1", "Archive", PEOPLE["mira"], (OWNER,), "Fwd: Kartenhandlung sucht Restposten", "Für dich?\n\nMira\n",
        ago(now, 80), enclosures=(Enclosure("original.eml", "message/rfc822", partial(_enclosed_mail, now)),),
    )  # fmt: skip


def _singles(now: int) -> Iterator[Letter]:
    """``letters/single.txt``: posts that begin with ``=== WHO CHARSET DAYS_AGO`` and a line with the subject."""
    for number, piece in enumerate(re.split(r"^=== ", _text("single.txt"), flags=re.MULTILINE)[1:]):
        first, subject, _, text = piece.split("\n", 3)
        who, charset, days_ago = first.split()
        arrived = ago(now, float(days_ago))
        yield Letter(f"single.{number}", "INBOX", PEOPLE[who], (OWNER,), subject, text, arrived, charset=charset)


def _text(name: str) -> str:
    return package_files("tuimail.demo.samples").joinpath("letters", name).read_text("utf-8")


def handmade(now: int) -> Iterator[tuple[str, int, _Maker]]:
    """Folder, arrival and maker of those that are octets from the start."""
    yield "INBOX", ago(now, 3.05), _invitation
    yield "INBOX", ago(now, 18.6), _bounce
    yield "Junk", ago(now, 1.7), _hostile
    yield "Archive", ago(now, 71.5), _eight_bit


def _head(sender: Person, subject: str, arrived: int, key: str) -> str:
    return (
        f"From: {sender.name} <{sender.email}>\r\nTo: Robin Winter <{OWNER.email}>\r\nSubject: {subject}\r\n"
        f"Date: {date_field(arrived)}\r\nMessage-ID: <{key}@{sender.domain}>\r\nMIME-Version: 1.0\r\n"
    )


def _enclosed_mail(now: int) -> bytes:
    sender = Person("Kartenhandlung am Markt", "laden@karten.example")
    text = "Guten Tag,\n\nwir suchen Restposten Ihrer Stadtpläne, auch mit kleinen Fehlern.\n\nIhr Laden\n"
    return Letter("laden.1", "", sender, (PEOPLE["mira"],), "Suche Restposten", text, ago(now, 81))()


def _invitation(arrived: int) -> bytes:
    start = datetime.fromtimestamp(arrived + 5 * DAY, UTC)
    event = "\r\n".join((
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//events.example.org//calendar//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
        "UID:small-tools-17@events.example.org", f"DTSTAMP:{datetime.fromtimestamp(arrived, UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%d}T170000Z", f"DTEND:{start:%Y%m%d}T200000Z", "SUMMARY:Small-tools evening",
        "LOCATION:Old Customs House\\, Quay Street 4", "ORGANIZER;CN=Priya Raman:mailto:priya@events.example.org",
        "ATTENDEE;CN=Robin Winter;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:robin@example.org", "SEQUENCE:0", "STATUS:CONFIRMED",
        "END:VEVENT", "END:VCALENDAR", "",
    ))  # fmt: skip
    return (
        _head(PEOPLE["priya"], "Invitation: Small-tools evening", arrived, "invitation.17")
        + 'Content-Type: multipart/alternative; boundary="invite"\r\n\r\n--invite\r\n'
        + "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        + "You are invited: Small-tools evening\r\nOld Customs House, Quay Street 4\r\n\r\nDoors 18:45, soup afterwards.\r\n"
        + "--invite\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n"
        + event
        + "--invite--\r\n"
    ).encode()


def _bounce(arrived: int) -> bytes:
    return (
        _head(POSTMASTER, "Undelivered Mail Returned to Sender", arrived, "bounce.1")
        + "Auto-Submitted: auto-replied\r\n"
        + 'Content-Type: multipart/report; report-type=delivery-status; boundary="report"\r\n\r\n'
        + "--report\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nYour message could not be delivered to\r\n\r\n"
        + "  <harbourmaster@example.net>: 550 5.1.1 There is no such mailbox here\r\n\r\n"
        + "--report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.org\r\n\r\n"
        + "Final-Recipient: rfc822; harbourmaster@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        + "Diagnostic-Code: smtp; 550 5.1.1 There is no such mailbox here\r\n\r\n"
        + "--report\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        + _head(OWNER, "Berth for the paper ship", arrived - 60, "ship.1")
        + "\r\n--report--\r\n"
    ).encode()


def _hostile(arrived: int) -> bytes:
    """Escape sequences, a bidirectional override and a false link: must be shown harmlessly."""
    head = _head(Person("IT \x1b[5mSupport\x1b[0m", "support@example.org.evil.example"), "", arrived, "hostile.1")
    head = head.replace(
        "Subject: ", "Subject: \x1b]0;owned\x07\x1b[31mUrgent\x1b[2J \u202egpj.eciovni\u202c \x9b31m password expires"
    )
    return (
        head
        + "Content-Type: text/html; charset=utf-8\r\n\r\n"
        + "<script>alert(1)</script><p>Your password \x1b[8mhidden\x1b[0m expires <b>today</b>.</p>"
        + '<p><a href="http://203.0.113.7/login">https://example.org/login</a></p><img src="http://203.0.113.7/t.gif">\r\n'
    ).encode()


def _eight_bit(arrived: int) -> bytes:
    """Raw Latin-1 in the header and no charset anywhere, as old programs sent it."""
    head = _head(Person("Jürgen Groß", "j.gross@example.net"), "Grüße aus der Werkstatt", arrived, "raw.1")
    return head.encode("latin-1") + "\r\nDie Säge läuft wieder. Schöne Grüße!\r\n".encode("latin-1")
