# SPDX-License-Identifier: GPL-3.0-or-later
"""Short everyday notes in any number: each is a function of its number, so that 100,000 of them cost little memory."""

from dataclasses import dataclass

from tuimail.demo.samples.cast import OWNER, PEOPLE
from tuimail.demo.samples.clock import date_field
from tuimail.demo.samples.letter import encoded, written

_WRITERS = ("mira", "jonas", "ben", "aiko", "tomasz", "leila", "sofia", "priya", "grace", "hakon")
_NOTES = (
    ("Lunch on Thursday?", "The place by the lock has soup again. Half past twelve?"),
    ("Keys", "I left the workshop keys with the baker. She knows you."),
    ("Paper samples arrived", "Three of the five are lovely, one smells of fish. Come and see before the courier returns."),
    ("Map for the school", "They would like forty folded copies by the end of the month. Can we do it at cost?"),
    ("Printer is out of cyan", "I ordered two, they come tomorrow before noon."),
    ("That font you asked about", "It is called Pelican Text. The italics are worth every penny."),
    ("Train is late", "Twenty minutes, they say. Start without me, but leave some cake."),
    ("Thank you!", "For yesterday, for the lamp, and for not mentioning the goose."),
    ("Notes from the meeting", "We agreed on the green. I will write the rest down when I can read my own writing."),
    ("Small correction", "Sheet 14, square C3: the footbridge is closed for good. Could you take it out?"),
    ("The cat", "Came back by itself, fatter than before. Somebody on your street is feeding it."),
    ("Boat on Saturday", "Wind from the west, four at most. We leave at nine if you bring the bread."),
    ("Backups", "The nightly copy ran through for the first time in a week. I changed nothing, so be suspicious."),
    ("Coordinates", "54.3178 N, 10.1361 E. Bring a spade and do not ask."),
    ("Workshop tidy-up", "Friday from three. Gloves, music and biscuits are provided."),
    ("Question about the legend", "Is a dashed line still a path or already a rumour?"),
)  # fmt: skip
_ENDINGS = ("See you", "Cheers", "Until soon", "All the best", "Yours")


@dataclass(slots=True, eq=False)
class Note:
    """Note ``number``, sent at ``arrived``."""

    number: int
    arrived: int

    def __call__(self) -> bytes:
        """The octets, the same each time."""
        number = self.number
        sender = PEOPLE[_WRITERS[number * 7 % len(_WRITERS)]]
        subject, text = _NOTES[number * 5 % len(_NOTES)]
        if number % 3 == 1:
            subject = f"Re: {subject}"
        head = (
            f"From: {written([sender])}\r\nTo: {written([OWNER])}\r\nSubject: {encoded(subject)}\r\n"
            f"Date: {date_field(self.arrived - 3)}\r\nMessage-ID: <note.{number}@{sender.domain}>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        )
        body = f"Hi Robin,\r\n\r\n{text}\r\n\r\n{_ENDINGS[number % len(_ENDINGS)]}\r\n{sender.first_name}\r\n"
        return (head + body).encode()
