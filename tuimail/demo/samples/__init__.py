# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample mail: a year of a map maker's life, made at start and relative to now."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tuimail.demo.mail_store import MailStore
from tuimail.demo.mailbox import Source
from tuimail.demo.samples.cast import OWNER, PEOPLE, Person
from tuimail.demo.samples.clock import ago
from tuimail.demo.samples.curious import curious, handmade
from tuimail.demo.samples.filler import Note
from tuimail.demo.samples.letter import Letter
from tuimail.demo.samples.post import post
from tuimail.demo.samples.stories import stories
from tuimail.model.flags import ANSWERED, SEEN, Flags

OWNER_NAME = OWNER.name
OWNER_USER, _, OWNER_DOMAIN = OWNER.email.partition("@")
FOLDERS = {
    "Drafts": "\\Drafts", "Sent": "\\Sent", "Archive": "\\Archive", "Archive/2025": "", "Junk": "\\Junk", "Trash": "\\Trash",
    "Lists/python": "", "Projekte/Köln": "",
}  # fmt: skip
"""Folder, with ``/`` between the levels → special use."""
_ANSWERS = (
    "Got it, thank you! I read it twice, once for the content and once for the fun.",
    "Perfect timing. I will look at it tonight and write properly tomorrow.",
    "Ha! Yes. Let us do it exactly like that.",
    "Thank you, that helps a lot. One question: does it fold?",
)
_FRESH = (
    ("mira", "Harbour sheet on page three", "The paper printed us in colour. The ferry lines are readable even there."),
    ("ben", "Forgot my hat", "At yours, I hope. It is the brown one with opinions."),
    ("jonas", "Blue again", "The press is warm and the blue is right. You should have heard the silence."),
    ("sofia", "Rehearsal moved", "Wednesday instead of Tuesday, same hour, same pencil."),
    ("leila", "Seal in the harbour", "It sits on the pilots' steps and refuses to be charted."),
    ("ilse", "Der Apfel", "Der oberste ist von selbst gefallen. Er gehört Dir trotzdem."),
    ("grace", "[tidepool] memory figures", "A third less, measured twice. I have stopped pretending that I planned it."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sample:
    folder: str
    arrived: int
    source: Source
    flags: Flags = frozenset({SEEN})


def fill(store: MailStore, count: int, now: int) -> None:
    """Make the folders, and put ``count`` messages into them: the newest of those written by hand, then short notes."""
    for folder, special_use in FOLDERS.items():
        store.create(_name(store, folder), special_use)
    store.subscribed.update(mailbox.name for mailbox in store if mailbox.selectable)
    for sample in sorted(_choose(count, now), key=lambda sample: sample.arrived):
        mailbox = store.get(_name(store, sample.folder))
        mailbox.append(sample.source, sample.flags, sample.arrived, store.new_id())


def _name(store: MailStore, folder: str) -> str:
    return folder if folder == "INBOX" else store.prefix + folder.replace("/", store.delimiter)


def _choose(count: int, now: int) -> list[_Sample]:
    letters = itertools.chain(stories(now), post(now), curious(now))
    samples = [_Sample(letter.folder, letter.arrived, letter, letter.flags) for letter in letters]
    samples += [_Sample(folder, arrived, _Made(make, arrived), frozenset()) for folder, arrived, make in handmade(now)]
    samples.sort(key=lambda sample: -sample.arrived)
    return samples[:count] + list(_notes(count - len(samples), now))


def _notes(count: int, now: int) -> Iterator[_Sample]:
    """Spread evenly over the year; older ones are in the archive as long as there are few."""
    for number in range(count):
        arrived = ago(now, (number + 1) * 365 / (count + 1))
        flags = {SEEN} if number > count // 15 or number % 4 else set()
        folder = "INBOX" if count > 1000 or number * 2 < count else ("Archive", "Archive/2025", "Trash")[number % 3]
        yield _Sample(folder, arrived, Note(number, arrived), frozenset(flags | ({ANSWERED} if number % 9 == 5 else set())))


@dataclass(slots=True, eq=False)
class _Made:
    """A maker with its argument."""

    make: Callable[[int], bytes]
    arrived: int

    def __call__(self) -> bytes:
        return self.make(self.arrived)


def answer_to(raw: bytes, correspondent: str, to: str, now: int) -> bytes:
    """What a friendly correspondent answers to a message."""
    head = raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    fields = {
        name.lower(): value for name, value in re.findall(r"^(Message-ID|Subject): *(.*)$", head, re.MULTILINE | re.IGNORECASE)
    }
    subject = re.sub(r"(?i)^re: *", "", fields.get("subject", "").strip()) or "your message"
    sender = next((person for person in PEOPLE.values() if person.email == correspondent), Person("", correspondent))
    references = (fields["message-id"].strip(),) if "message-id" in fields else ()
    text = f"Hi Robin,\n\n{_ANSWERS[len(raw) % len(_ANSWERS)]}\n\n{sender.first_name}\n"
    letter = Letter(
        f"answer.{now}.{len(raw)}", "", sender, (Person(OWNER_NAME, to),), f"Re: {subject}", text, now, references=references
    )
    return letter()


def fresh(number: int, now: int) -> bytes:
    """The ``number``-th mail that trickles in."""
    who, subject, text = _FRESH[number % len(_FRESH)]
    return Letter(
        f"fresh.{now}.{number}", "", PEOPLE[who], (OWNER,), subject, f"Hi Robin,\n\n{text}\n\n{PEOPLE[who].first_name}\n", now
    )()
