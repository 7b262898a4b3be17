# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes to the mailbox without the user: mail, and what another client does there."""

import imaplib
import random
import re
import time

from tests.endurance import letters
from tests.endurance.census import Ledger
from tests.endurance.site import Site

_TARGETS = ("Archive", "Work/Alpha", "Work/Beta", "Junk")
_SOURCES = ("INBOX", "INBOX", "INBOX", "Archive", "Work/Alpha", "Work/Beta")
_FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "trip", "later")
_NEW = 60
_ID = re.compile(rb"(?i)message-id:\s*(\S+)")
_UID = re.compile(rb"UID (\d+)")


class Others:
    """Everybody else. Each deed is a connection of its own."""

    def __init__(self, site: Site, ledger: Ledger) -> None:
        self._site = site
        self._ledger = ledger
        self.arrived = 0
        """Letters so far."""
        self._gamma = "Work/Gamma"

    def do(self, kind: str, dice: random.Random) -> None:
        """One event."""
        {
            "arrive": self.arrive, "flag": self._flag, "carry off": self._carry_off, "expunge": self._expunge,
            "rename": self._rename,
        }[kind](dice)  # fmt: skip

    def arrive(self, dice: random.Random) -> str:
        """A letter comes to INBOX. Its Message-ID."""
        name = letters.message_id(self.arrived)
        raw = letters.letter(self.arrived, time.time(), dice)
        with self._site.client() as client:
            _ok(client.append("INBOX", "()", imaplib.Time2Internaldate(time.time()), raw))
        self.arrived += 1
        self._ledger.kept.add(name)
        return name

    def _flag(self, dice: random.Random) -> None:
        with self._site.client() as client:
            chosen = [found for _ in range(dice.randrange(1, 6)) if (found := _pick(client, "INBOX", dice))]
            for uid, _ in chosen:
                client.uid("STORE", str(uid), dice.choice(("+FLAGS.SILENT", "-FLAGS.SILENT")), f"({dice.choice(_FLAGS)})")

    def _carry_off(self, dice: random.Random) -> None:
        source = dice.choice(_SOURCES)
        target = "INBOX" if source != "INBOX" and dice.random() < 0.5 else dice.choice([*_TARGETS, self._gamma])
        with self._site.client() as client:
            found = _pick(client, source, dice)
            if found and target != source:
                _ok(client.uid("MOVE", str(found[0]), f'"{target}"'))

    def _expunge(self, dice: random.Random) -> None:
        with self._site.client() as client:
            found = _pick(client, dice.choice(_SOURCES), dice)
            if found is None:
                return
            uid, name = found
            client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
            client.uid("EXPUNGE", str(uid))
            if client.response("EXPUNGE")[1] != [None]:  # else the user had moved it by then
                self._ledger.kept.discard(name)
                self._ledger.removed.add(name)

    def _rename(self, dice: random.Random) -> None:
        name = f"Work/Gamma {dice.randrange(1000)}"
        with self._site.client() as client:
            if name != self._gamma:
                _ok(client.rename(f'"{self._gamma}"', f'"{name}"'))
                client.unsubscribe(f'"{self._gamma}"')
                client.subscribe(f'"{name}"')
                self._gamma = name


def _pick(client: imaplib.IMAP4, folder: str, dice: random.Random) -> tuple[int, str] | None:
    """UID and Message-ID of one message, mostly of the newest. Leaves the folder selected."""
    _, said = client.select(f'"{folder}"')
    total = int(said[0] or 0)
    if not total:
        return None
    first = max(total - _NEW, 1) if dice.random() < 0.7 else 1
    _, data = client.fetch(str(dice.randint(first, total)), "(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
    for item in data:
        if isinstance(item, tuple) and (uid := _UID.search(item[0])) and (name := _ID.search(item[1])):
            return int(uid[1]), name[1].decode()
    return None


def _ok(answer: tuple[str, object]) -> None:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(answer)
