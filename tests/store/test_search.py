# SPDX-License-Identifier: GPL-3.0-or-later
"""Full-text search: what is found, in which order; and the index, which must say what rows and cached texts say."""

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.store.mailbox import Mailbox, mail
from tuimail.mime.search_text import search_text
from tuimail.model.action import Move, SetFlags
from tuimail.model.address import Address
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.ids import MessageId
from tuimail.model.query import parse_query
from tuimail.model.uidset import UidSet
from tuimail.store.bodies import Cacheable
from tuimail.store.database import CACHE, Connection
from tuimail.sync.indexer import index_slice

BOB = Address("Bob Brown", "bob@builders.example")
ZOE = Address("Zoë", "zoe@example.org")


def found(box: Mailbox, typed: str, *folders: str) -> list[int]:
    while index_slice(box.store):
        pass
    return listed(box, typed, *folders)


def listed(box: Mailbox, typed: str, *folders: str) -> list[int]:
    """As far as the index is."""
    ids = [box.folder(name) for name in folders or box.tree()]
    return [number for batch in box.store.search.find(parse_query(typed), ids, first=2, more=3) for number in batch]


@pytest.fixture
def mails(box: Mailbox) -> dict[str, MessageId]:
    """Five messages, from the newest on."""
    rows = box.deliver(
        "INBOX",
        mail(1, "map", subject="The harbour map", sender=BOB, to=(ZOE,), date=500, flags={SEEN}),
        mail(2, "party", subject="Sommerfest in Köln", sender=ZOE, date=400, flags={FLAGGED}),
        mail(3, "report", subject="会议记录 attached", sender=ZOE, to=(BOB,), date=300),
        mail(4, "old", subject="harbour, again", date=200),
    )
    rows += box.deliver("Lists", mail(5, "list", subject="[python] harbour", date=100))
    names = dict(zip(("map", "party", "report", "old", "list"), rows, strict=True))
    box.store.bodies.put_texts({
        names["map"]: [Cacheable("1", b"Please bring the blue pens.", "text/plain", "utf-8")],
        names["party"]: [Cacheable("1.2", "<p>Grüße an <b>alle</b></p><style>pens{}</style>".encode(), "text/html", "utf-8")],
    })  # fmt: skip
    return names


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("harbour", ["map", "old", "list"]),
        ("HARB", ["map", "old", "list"]),
        ("harb ", []),
        ("h", []),
        ("harbour map", ["map"]),
        ('"map harbour"', []),
        ('"harbour map"', ["map"]),
        ("harbour -map", ["old", "list"]),
        ("-harbour", ["party", "report"]),
        ("koln", ["party"]),
        ("gruße", ["party"]),
        ("GRÜSSE", []),
        ("pens", ["map"]),
        ("pens blue", ["map"]),
        ('"blue pens"', ["map"]),
        ("议", ["report"]),
        ("会议", ["report"]),
        ("记会", []),
        ("from:bob", ["map"]),
        ("from:bob@builders.example", ["map"]),
        ("to:bob", ["report"]),
        ("from:zoe to:brown", ["report"]),
        ("subject:pens", []),
        ("subject:harbour -from:bob ", ["old", "list"]),
        ("is:unread harbour", ["old", "list"]),
        ("is:read", ["map"]),
        ("is:starred", ["party"]),
        ("-is:starred is:unread", ["report", "old", "list"]),
        ("has:attachment", []),
        ("-has:attachment pens", ["map"]),
        ("", ["map", "party", "report", "old", "list"]),
        ('" AND "', []),
        ('harbour" OR (', []),
        ("ha*rbour", []),
        ("{subject}:x", []),
        ("NEAR(a", []),
    ],
)
def test_what_is_found(box: Mailbox, mails: dict[str, MessageId], typed: str, expected: list[str]) -> None:
    assert found(box, typed) == [mails[name] for name in expected]


@pytest.mark.parametrize("typed", ["a\0b", '"x\0" word', "x" * 100_000])
def test_what_no_letter_holds_is_not_found(box: Mailbox, mails: dict[str, MessageId], typed: str) -> None:
    assert found(box, typed, "INBOX") == []


def test_days_bound_what_is_found(box: Mailbox) -> None:
    early, late = box.deliver("INBOX", mail(1, date=1_700_000_000), mail(2, date=1_760_000_000))
    assert found(box, "about before:2024") == [early]
    assert found(box, "about after:2024") == [late]
    assert found(box, "after:2023 before:2024-06") == [early]


def test_only_the_folders_asked_for(box: Mailbox, mails: dict[str, MessageId]) -> None:
    assert found(box, "harbour", "Lists") == [mails["list"]]
    assert found(box, "harbour", "INBOX", "Lists") == [mails["map"], mails["old"], mails["list"]]
    assert found(box, "harbour", "Trash") == []


def test_what_waiting_actions_show_is_what_is_found(box: Mailbox, mails: dict[str, MessageId]) -> None:
    assert found(box, "is:unread harbour", "INBOX") == [mails["old"]]
    box.store.actions.perform([SetFlags((mails["old"],), frozenset({SEEN}))], "Read")
    box.store.actions.perform([Move((mails["map"],), box.folder("Archive"))], "Moved")
    assert listed(box, "is:unread harbour", "INBOX") == []
    assert listed(box, "harbour", "Archive") == [mails["map"]]


@pytest.mark.parametrize("date", [-(1 << 40), 0, 1 << 33, 1 << 50])
def test_any_date_can_be_found(box: Mailbox, date: int) -> None:
    (odd,) = box.deliver("INBOX", mail(1, subject="odd", date=date))
    (even,) = box.deliver("INBOX", mail(2, subject="odd too", date=1_700_000_000))
    assert set(found(box, "odd")) == {odd, even}


def test_a_store_of_before_gets_an_index(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1, subject="harbour"))
    assert box.store.search.pending() == 1
    assert found(box, "harbour") == [message]
    assert box.store.search.pending() == 0
    assert box.store.search.size() > 0
    box.reopen()
    assert listed(box, "harbour") == [message]


def test_says_how_much_is_here(box: Mailbox, mails: dict[str, MessageId]) -> None:
    here = box.store.search.here([box.folder("INBOX")])
    assert (here.messages, here.texts, here.unindexed) == (4, 2, 5)
    box.store.bodies.put_texts({mails["old"]: []})
    while index_slice(box.store):
        pass
    here = box.store.search.here([box.folder("INBOX"), box.folder("Lists")])
    assert (here.messages, here.texts, here.unindexed) == (5, 3, 0)


def test_matching_looks_at_all_but_the_words(box: Mailbox, mails: dict[str, MessageId]) -> None:
    inbox = [box.folder("INBOX")]
    assert box.store.search.matching(parse_query("words is:unread"), mails.values(), inbox) == [
        mails[name] for name in ("party", "report", "old")
    ]


def test_what_changed_while_it_was_read_is_indexed_again(box: Mailbox) -> None:
    (message,) = box.deliver("INBOX", mail(1))
    taken = box.store.search.take(10)
    box.store.bodies.put(message, "1", b"harbour", "text/plain")
    box.store.search.note([(entry, "") for entry in taken])
    assert box.store.search.pending() == 1
    assert found(box, "harbour") == [message]


def test_large_texts_are_taken_a_few_at_a_time(box: Mailbox) -> None:
    rows = box.fill("INBOX", 6)
    for row in rows:
        box.store.bodies.put(row, "1", str(row).encode() * 300, "text/plain")
    assert len(box.store.search.take(100)) == 6
    assert len(box.store.search.take(100, octets=1000)) == 3
    assert len(box.store.search.take(100, octets=1)) == 1
    assert len(box.store.search.take(100, 2)) == 2


def test_what_is_indexed_at_once_is_written_at_once(box: Mailbox) -> None:
    """A segment for each message would cost ten times the work."""
    box.fill("INBOX", 50)
    index_slice(box.store)
    with Connection(box.store.folder / CACHE) as connection:
        assert connection.value("SELECT count(DISTINCT segid) <= 2 FROM search_idx") == 1
    assert len(found(box, "about")) == 50


def test_merging_comes_to_an_end_and_loses_nothing(box: Mailbox) -> None:
    for first in range(0, 200, 5):
        box.fill("INBOX", 5, first=first + 1)
        index_slice(box.store)
    steps = 0
    while box.store.search.tidy():
        steps += 1
    assert steps
    assert len(found(box, "about")) == 200


# ── any history ─────────────────────────────────────────────────────────────────────────────────

WORDS = ("harbour", "map", "köln", "Koln", "会议", "会", "pens", "a")


def tokens(text: str) -> set[str]:
    """What the index should hold, said plainly."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(char))
    spaced = "".join(f" {char} " if ord(char) > 0x3000 else char for char in plain)
    return set("".join(char if char.isalnum() else " " for char in spaced).split())


class Histories(RuleBasedStateMachine):
    """Messages come, move, vanish and turn out to be others; texts are cached and dropped; the index lags at will."""

    @initialize()
    def begin(self) -> None:
        self.home = tempfile.TemporaryDirectory()
        self.box = Mailbox.make(Path(self.home.name) / "store")
        self.uid = self.pull = 0

    def teardown(self) -> None:
        if hasattr(self, "box"):
            self.box.store.close()
            self.home.cleanup()

    def some(self, pick: int) -> list[MessageId]:
        ids = [MessageId(number) for name in self.box.tree() for number in self.box.ids(name)]
        return ids[pick % len(ids) :][:2] if ids else []

    @rule(
        folder=st.sampled_from(["INBOX", "Archive"]), words=st.lists(st.sampled_from(WORDS), max_size=3), date=st.integers(0, 9)
    )
    def arrive(self, folder: str, words: list[str], date: int) -> None:
        self.uid += 1
        self.box.deliver(folder, mail(self.uid, subject=" ".join(words) or "-", date=date * 1000), pull=self.pull)

    @rule(pick=st.integers(0, 50), words=st.lists(st.sampled_from(WORDS), max_size=3), section=st.sampled_from("12"))
    def cache(self, pick: int, words: list[str], section: str) -> None:
        for message in self.some(pick):
            self.box.store.bodies.put(message, section, " ".join(words).encode(), "text/plain", "utf-8")

    @rule(limit=st.integers(0, 60))
    def evict(self, limit: int) -> None:
        self.box.store.bodies.trim(limit)

    @rule(pick=st.integers(0, 50))
    def vanish(self, pick: int) -> None:
        self.pull += 1
        for name in ("INBOX", "Archive"):
            uids = list(self.box.store.arrivals.uids(self.box.folder(name)))
            if uids:
                self.box.store.arrivals.vanish(self.box.folder(name), UidSet.of([uids[pick % len(uids)]]), self.pull)

    @rule(adopt=st.booleans(), pick=st.integers(0, 50))
    def settle(self, adopt: bool, pick: int) -> None:
        lost = [row.id for row in self.box.store.arrivals.in_limbo(self.box.account)]
        here = self.some(pick)
        adopted = {lost[0]: here[0]} if adopt and lost and here else {}
        self.box.store.arrivals.settle(adopted, [row for row in lost if row not in adopted])

    @rule(pick=st.integers(0, 50))
    def move(self, pick: int) -> None:
        if some := self.some(pick):
            self.box.store.actions.perform([Move(tuple(some), self.box.folder("Lists"))], "Moved")

    @rule()
    def index_some(self) -> None:
        index_slice(self.box.store)
        self.box.store.search.tidy()

    @rule()
    def restart(self) -> None:
        self.box = self.box.reopen()

    @rule(word=st.sampled_from(WORDS), also=st.sampled_from(WORDS))
    def search(self, word: str, also: str) -> None:
        assert found(self.box, f"{word} {also} ") == self.naive(tokens(word) | tokens(also))

    @invariant()
    def shows_nothing_that_is_gone(self) -> None:
        if hasattr(self, "box"):
            shown = {number for name in self.box.tree() for number in self.box.ids(name)}
            assert set(listed(self.box, "harbour ")) <= shown

    def naive(self, wanted: set[str]) -> list[int]:
        hits = []
        for name in self.box.tree():
            for number in self.box.ids(name):
                row = self.box.row(MessageId(number))
                texts = [self.box.store.bodies.get(row.id, section) or b"" for section in "12"]
                people = " ".join(f"{one.name} {one.email}" for one in row.envelope.from_)
                words = " ".join([row.envelope.subject, people, *(search_text("text/plain", "utf-8", text) for text in texts)])
                if wanted <= tokens(words):
                    hits.append((row.date, number))
        return [number for _, number in sorted(hits, reverse=True)]


Histories.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = Histories.TestCase
