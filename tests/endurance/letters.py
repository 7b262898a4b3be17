# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that comes during the day. Pure."""

import base64
import random
from email.utils import formatdate

_PEOPLE = ("Mira Sand <mira@charts.example>", "Jonas Berg <jonas@harbour.example>", "Ben Okafor <ben@press.example>")
_WORDS = [
    "harbour", "soundings", "paper", "printer", "sheet", "tide", "boat", "weather", "friday", "draft", "coast", "survey",
    "atlas", "legend", "train", "notes", "school", "north", "meeting", "drawn", "before", "dark", "again", "later",
]  # fmt: skip


def message_id(number: int) -> str:
    """Of the letter with this number."""
    return f"<{number}.arrived@bench.example>"


def letter(number: int, now: float, dice: random.Random) -> bytes:
    """A letter: most are short, one in four has HTML, one in ten an attachment, one in three answers an earlier one."""
    subject = f"Arrived {number}: {' '.join(dice.choices(_WORDS, k=4))}"
    head = [
        f"From: {dice.choice(_PEOPLE)}", "To: Robin Vale <robin@bench.example>", f"Date: {formatdate(now)}",
        f"Message-ID: {message_id(number)}", "MIME-Version: 1.0",
    ]  # fmt: skip
    if number and dice.random() < 1 / 3:
        before = message_id(dice.randrange(number))
        head += [f"In-Reply-To: {before}", f"References: {before}"]
        subject = f"Re: {subject}"
    text = _text(dice, dice.choice((40, 80, 300, 2000)))
    kind, body = "text/plain; charset=utf-8", text
    chance = dice.random()
    if chance < 0.1:
        octets = base64.encodebytes(dice.randbytes(dice.randrange(1_000, 150_000))).decode().replace("\n", "\r\n")
        kind, body = 'multipart/mixed; boundary="b=1"', _parts(("text/plain; charset=utf-8", text), (_FILE, octets))
    elif chance < 0.35:
        html = "".join(f"<p>{line}</p>\r\n" for line in text.splitlines())
        kind, body = 'multipart/alternative; boundary="b=1"', _parts(("text/plain; charset=utf-8", text), (_HTML, html))
    return "\r\n".join([*head, f"Subject: {subject}", f"Content-Type: {kind}", "", body]).encode()


_HTML = "text/html; charset=utf-8"
_FILE = 'application/octet-stream; name="sheet.bin"\r\nContent-Transfer-Encoding: base64'


def _text(dice: random.Random, words: int) -> str:
    chosen = dice.choices(_WORDS, k=words)
    return "".join(" ".join(chosen[at : at + 10]) + "\r\n" for at in range(0, words, 10))


def _parts(*parts: tuple[str, str]) -> str:
    return "".join(f"--b=1\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts) + "--b=1--\r\n"
