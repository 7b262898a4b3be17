# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that machines and companies send: newsletters in HTML, invoices, tickets, build reports, and some junk."""

from collections.abc import Iterator
from functools import partial

from tuimail.demo.samples.cast import ENERGY, FORGE, KESTREL, LIBRARY, OUTDOOR, OWNER, RAIL, WEEKLY, Person
from tuimail.demo.samples.clock import ago
from tuimail.demo.samples.files import pdf, png
from tuimail.demo.samples.html import button_page, ticket_page
from tuimail.demo.samples.letter import Enclosure, Letter
from tuimail.model.flags import FLAGGED, SEEN, Flags

_ISSUES = (
    ("The lighthouse that moved twice", "How a village carried its light inland, stone by stone, and back again."),
    ("Reading water", "A pilot explains what ripples tell her about the sand below."),
    ("Maps that lie politely", "Every projection is a compromise. Five that are honest about it."),
    ("A short history of the dotted line", "Borders, footpaths, ferries: one sign, a hundred meanings."),
    ("The quietest harbour", "No engines, no horns, one very confident goose."),
    ("Fog, a user's manual", "Bells, horns and patience: how ships met before radar."),
    ("What the tide table leaves out", "Wind, pressure and the moon's bad moods."),
    ("Blue is not a colour", "Ink makers on the hardest pigment to keep."),
    ("Letters from the ice road", "Six weeks a year there is a road across the bay."),
    ("The atlas in the attic", "Readers found three sheets that nobody had seen since 1894."),
)
_PRODUCTS = (
    ("Your tent misses you", "Everything for two nights outside, at last year's price until Sunday."),
    ("Rain is only weather", "The new shells are here: lighter, quieter, and a hood that turns with you."),
    ("Socks, seriously", "We tested forty pairs over nine hundred kilometres. Four survived."),
    ("A stove the size of an apple", "Boils half a litre in three minutes and makes no fuss."),
)
_BUILDS = (
    ("lantern/tiles", "main", "passed", "412 tests, 1 min 52 s"),
    ("lantern/export", "fold-lines", "failed", "1 of 188 tests failed: test_frame_is_shifted_west"),
    ("tidepool/tidepool", "release-2.4", "passed", "2,017 tests, 4 min 10 s"),
    ("lantern/export", "fold-lines", "fixed", "188 tests, 58 s"),
    ("lantern/site", "autumn", "passed", "31 tests, 20 s"),
)
_JUNK = (
    ("Re: Your unclaimed parcel (final notice)", "parcel@deliveries.example", "Your parcel waits. A small fee applies."),
    ("You are our 1,000,000th reader!!!", "winner@prizes.example", "Congratulation. Send account number to receive."),
    ("Invoice overdue – open attachment", "accounts@billing-dept.example", "See attached. Immediately. The Department."),
    ("Make your hair grow BACK", "doctor@miracle.example", "One trick that lighthouse keepers do not want you to know."),
    ("Business proposal, confidential", "prince@treasury.example", "I am writing to you in great trust concerning a sum."),
    ("Cheap watches", "sale@watches.example", "Watches. Cheap. Watches."),
)  # fmt: skip
_TRACKER = '<img src="https://track.tidalweekly.example/open?r=robin&amp;i={number}" width="1" height="1" alt="">'


def post(now: int) -> Iterator[Letter]:
    """All of it, over the past year."""
    yield from _newsletters(now)
    yield from _shop(now)
    yield from _bills(now)
    yield from _tickets(now)
    yield from _library(now)
    yield from _builds(now)
    yield from _junk(now)


def _read(days_ago: float, *more: str) -> Flags:
    """Older than three weeks: read."""
    return frozenset({SEEN, *more} if days_ago > 21 else set())


def _newsletters(now: int) -> Iterator[Letter]:
    for number in range(36):
        days_ago = 1.15 + 10 * number
        title, teaser = _ISSUES[number % len(_ISSUES)]
        page = button_page("Tidal Weekly", "#0b4f6c", title, teaser, "Read the whole story", "https://tidalweekly.example/read")
        yield Letter(
            key=f"weekly.{212 - number}",
            folder="INBOX" if number < 9 else "Archive",
            sender=WEEKLY,
            to=(OWNER,),
            subject=f"Tidal Weekly {212 - number}: {title}",
            text=f"{title}\n\n{teaser}\n\nRead the whole story: https://tidalweekly.example/read\n",
            html=page.replace("</body>", _TRACKER.format(number=212 - number) + "</body>"),
            arrived=ago(now, days_ago),
            flags=_read(days_ago),
            fields=(
                ("List-Id", "Tidal Weekly <letter.tidalweekly.example>"),
                ("List-Unsubscribe", "<https://tidalweekly.example/leave?r=robin>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ),
        )


def _shop(now: int) -> Iterator[Letter]:
    picture = Enclosure("header.png", "image/png", partial(png, 320, 120), content_id="header@fjordfell.example")
    for number in range(12):
        days_ago = 2.4 + 29 * number
        title, teaser = _PRODUCTS[number % len(_PRODUCTS)]
        page = button_page("Fjord &amp; Fell", "#2f5d34", title, teaser, "Have a look", "https://fjordfell.example/new")
        yield Letter(
            key=f"fjordfell.{number}",
            folder="INBOX" if number < 3 else "Trash" if number % 2 else "Archive",
            sender=OUTDOOR,
            to=(OWNER,),
            subject=f"{title} 🏕",
            text=f"{title}\n\n{teaser}\n\nhttps://fjordfell.example/new\n",
            html=page.replace("<h1", '<img src="cid:header@fjordfell.example" width="320" alt="Evening by the water"><h1'),
            enclosures=(picture,),
            arrived=ago(now, days_ago),
            flags=_read(days_ago),
            fields=(("List-Unsubscribe", "<mailto:leave@fjordfell.example>"),),
        )


def _bills(now: int) -> Iterator[Letter]:
    for number in range(12):
        days_ago = 5.3 + 30.4 * number
        amount = f"{61 + (number * 37) % 40}.{(number * 53) % 100:02d}"
        yield _bill(ENERGY, f"Your statement, no. {8841 - number}", f"BW-{8841 - number}", amount, now, days_ago, number)
        if number % 3 == 1:
            amount = f"1,{204 + number * 61}.00"
            yield _bill(
                KESTREL, f"Invoice {20417 - number}: proof prints", f"KP-{20417 - number}", amount, now, days_ago, number
            )


def _bill(sender: Person, subject: str, name: str, amount: str, now: int, days_ago: float, number: int) -> Letter:
    lines = [
        f"Number: {name}",
        "",
        "For: Robin Winter",
        f"Amount due: EUR {amount}",
        "Payable within 14 days.",
        "",
        "Thank you.",
    ]
    return Letter(
        key=f"bill.{name}",
        folder="INBOX" if number < 2 else "Archive",
        sender=sender,
        to=(OWNER,),
        subject=subject,
        text=f"Dear Robin Winter,\n\nplease find your statement over EUR {amount} attached. It is payable\n"
        f"within 14 days; with a standing order there is nothing to do.\n\n-- \n{sender.name}\n",
        enclosures=(Enclosure(f"{name}.pdf", "application/pdf", partial(pdf, sender.name, lines)),),
        arrived=ago(now, days_ago),
        flags=_read(days_ago, *([FLAGGED] if number == 1 else [])),
    )


def _tickets(now: int) -> Iterator[Letter]:
    for number, (origin, target) in enumerate((("Havenport", "Dune Halt"), ("Havenport", "Köln"), ("Köln", "Havenport")) * 2):
        days_ago = 5.7 + 41 * number
        yield Letter(
            key=f"ticket.{number}",
            folder="INBOX" if number < 2 else "Archive",
            sender=RAIL,
            to=(OWNER,),
            subject=f"Your ticket: {origin} → {target}",
            text=f"Your journey\n\n  {origin}  06:48  platform 4\n  {target}  09:12  platform 11\n\n"
            "Coach 23, seat 61 (window, table)\n",
            html=ticket_page(origin, target, f"NR-{7012 + number * 311}"),
            enclosures=(
                Enclosure("ticket.pdf", "application/pdf", partial(pdf, "Nimbus Rail", [f"{origin} - {target}", "Seat 61"])),
            ),
            arrived=ago(now, days_ago),
            flags=frozenset({SEEN, FLAGGED} if not number else {SEEN}),
        )


def _library(now: int) -> Iterator[Letter]:
    books = ("The Sea Around the Corner", "Kleine Kartenkunde", "Ropes and Knots", "A Field Guide to Clouds", "Brot", "Signals")
    for number, title in enumerate(books):
        days_ago = 3.6 + 55 * number
        yield Letter(
            key=f"library.{number}",
            folder="INBOX" if number < 2 else "Archive",
            sender=LIBRARY,
            to=(OWNER,),
            subject=f"Due in three days: {title}",
            text=f"Hello Robin,\n\n“{title}” is due back in three days. Somebody is waiting for it,\n"
            "so it cannot be renewed.\n\n"
            "Opening hours: Tue–Fri 10–19, Sat 10–16.\n\nThis message was sent by a machine that likes books.\n",
            arrived=ago(now, days_ago),
            flags=_read(days_ago),
        )


def _builds(now: int) -> Iterator[Letter]:
    for number in range(35):
        days_ago = 0.45 + 2.3 * number
        project, branch, result, detail = _BUILDS[number % len(_BUILDS)]
        build = 3391 - number
        yield Letter(
            key=f"build.{build}",
            folder="INBOX" if number < 6 else "Archive",
            sender=FORGE,
            to=(OWNER,),
            subject=f"[{project}] build {build} {result} on {branch}",
            text=f"Project:  {project}\nBranch:   {branch}\nResult:   {result}\nDetails:  {detail}\n\nhttps://codeforge.example/{project}/{build}\n",
            arrived=ago(now, days_ago),
            flags=_read(days_ago) if number > 2 else frozenset(),
            fields=(("Auto-Submitted", "auto-generated"),),
        )


def _junk(now: int) -> Iterator[Letter]:
    for number, (subject, email, text) in enumerate(_JUNK):
        yield Letter(
            key=f"junk.{number}",
            folder="Junk",
            sender=Person("", email),
            to=(OWNER,),
            subject=subject,
            text=text + "\n",
            html=f'<html><body><font size="6" color="red">{text}</font><br><a href="http://203.0.113.9/x">https://bank.example</a></body></html>',
            arrived=ago(now, 0.8 + 3.1 * number),
            flags=frozenset(),
        )
