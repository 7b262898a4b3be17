# SPDX-License-Identifier: GPL-3.0-or-later
"""The real address is always shown, and a sender that pretends to be another is marked."""

import base64
import time
from pathlib import Path

import pytest

from tests.ui.widgets.support import row
from tuimail.mime.envelope import envelope_of
from tuimail.mime.headers import Headers
from tuimail.model.address import Address
from tuimail.model.deception import doubts, header_doubts, imitates, listed_name, pretends, visible
from tuimail.model.message import Envelope
from tuimail.ui.theme import Themes
from tuimail.ui.widgets.list_row import RowState, row_segments
from tuimail.ui.widgets.message_head import head_lines
from tuimail.ui.widgets.symbols import UNICODE

REAL = "mallory.example"


def word(text: str, encoding: str = "b") -> str:
    octets = text.encode()
    if encoding == "b":
        return f"=?utf-8?b?{base64.b64encode(octets).decode()}?="
    return "=?utf-8?q?" + "".join(f"={octet:02X}" for octet in octets) + "?="


BOSS = "boss@bank.example"
LF_NUL = "\n\0"
FORMS = {
    "comment after NUL": f"{word(BOSS)}{word(chr(0), 'q')}{word(f'({BOSS})')}@{REAL}",
    "line break and NUL in both": f"{word(BOSS)}{word(LF_NUL, 'q')} <{word(BOSS)}{word(LF_NUL, 'q')}@{REAL}>",
    "NUL and line break": f"{word(BOSS)}{word(chr(0) + chr(10), 'q')}@{REAL}",
    "angles in a word": f"{word(f'{chr(34)}{BOSS}{chr(34)} <{BOSS}>')}{word(chr(0) + chr(10), 'q')} <service@{REAL}>",
    "angles in a quoted word": f'"{word(f"{chr(34)}Boss{chr(34)} <{BOSS}>")}{word(LF_NUL, "q")}" <service@{REAL}>',
    "no angles": f"{word(BOSS)} service@{REAL}",
    "parenthesis not closed": f"{word(f'{BOSS}({BOSS}')}{word(chr(0), 'q')}@{REAL}",
    "name that is an address": f'"{BOSS}" <service@{REAL}>',
    "name with both": f'"{BOSS} service@{REAL}" <service@{REAL}>',
    "many blanks": f'"{BOSS}{" " * 200}" <service@{REAL}>',
    "wide at sign": f'"boss＠bank.example" <service@{REAL}>',
    "comment": f"service@{REAL} ({BOSS})",
    "escapes": f'"\x1b[2K\r{BOSS}\x1b[8m" <service@{REAL}>',
    "right to left": f'"\u202e{BOSS[::-1]}\u202c" <service@{REAL}>',
    "blanks that are not seen": f'"boss\u200b@\u200bbank.example" <service@{REAL}>',
}


def listed(envelope: Envelope) -> str:
    segments = row_segments(row(1, envelope=envelope), RowState(now=int(time.time())), 160, Themes().load("mono").look, UNICODE)
    return "".join(segment.text for segment in segments)


def head(envelope: Envelope) -> str:
    return "\n".join(line.text for line in head_lines(envelope, 0))


@pytest.mark.parametrize("form", FORMS)
def test_the_real_domain_is_seen(form: str) -> None:
    envelope = envelope_of(Headers.parse(f"From: {FORMS[form]}\r\nSubject: Pay\r\n\r\n".encode()))
    assert [address.domain for address in envelope.from_] == [REAL]
    assert REAL in head(envelope)
    if form not in ("right to left",):  # which reads as no address at all
        assert "bank.example" not in listed(envelope) or REAL in listed(envelope)
    assert not set(head(envelope) + listed(envelope)) & set("\x00\x1b\r\u200b\u202e")


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        ("Ada Lovelace", "ada@example.org", False),
        ("", "ada@example.org", False),
        ("ADA@example.org", "ada@example.org", False),
        ("Ada (ada@example.org)", "ada@example.org", False),
        ("Ada @ work", "ada@example.org", False),
        ("boss @ bank.example", "ada@example.org", True),
        ("meet me @home", "ada@example.org", False),
        ("@ada", "ada@example.org", False),
        ("boss@bank.example", "ada@example.org", True),
        ("Boss <boss@bank.example>", "ada@example.org", True),
        ("ada@example.org via boss@bank.example", "ada@example.org", True),
        ("boss﹫bank", "ada@example.org", True),
        ("boss@bank.example", "", True),
    ],
)
def test_names_that_pretend(name: str, email: str, expected: bool) -> None:
    address = Address(name, email)
    assert pretends(address) is expected
    assert listed_name(address) == ((email or name) if expected or not name else name)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("example", False),
        ("münchen", False),
        ("xn--mnchen-3ya", False),
        ("пример", False),
        ("xn--e1afmkfd", False),
        ("παράδειγμα", False),
        ("例え", False),
        ("abcテスト", False),
        ("한국", False),
        ("pаypal", True),
        ("аррӏе", True),
        ("xn--80ak6aa92e", True),
        ("xn--pypal-4ve", True),
        ("xn--", True),
        ("xn--example-", True),
        ("xn--99999999999", True),
        ("bank∕login", True),
        ("bank。evil", True),
        ("ｂａｎｋ", True),
        ("𝐛𝐚𝐧𝐤", True),
        ("paypa١", True),
        ("col·lega", False),
        ("cafe\u0301", False),
        ("123", False),
        ("", False),
    ],
)
def test_labels_that_imitate(label: str, expected: bool) -> None:
    assert imitates(label) is expected


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ada@example.org", "ada@example.org"),
        ("ada@xn--mnchen-3ya.example", "ada@münchen.example"),
        ("ada@münchen.example", "ada@münchen.example"),
        ("service@pаypal.example", "service@xn--pypal-4ve.example"),
        ("service@xn--80ak6aa92e.com", "service@xn--80ak6aa92e.com"),
        ("no address", "no address"),
    ],
)
def test_domains_as_they_are_shown(email: str, shown: str) -> None:
    assert visible(email) == shown


@pytest.mark.parametrize("name", ["", "Pay Pal"])
@pytest.mark.parametrize("field", ["from_", "sender", "reply_to", "to", "cc", "bcc"])
def test_letters_that_imitate_are_written_in_ascii_wherever_they_stand(field: str, name: str) -> None:
    envelope = Envelope(**{"from_": (Address("", BOSS),), field: (Address(name, "a@pаypal.example"),)})  # type: ignore[arg-type]
    assert "a@xn--pypal-4ve.example" in head(envelope)
    assert "pаypal" not in head(envelope) + listed(envelope)


def test_further_doubts_stand_with_the_others() -> None:
    said = [line.text for line in head_lines(Envelope(from_=(Address(BOSS, "a@b.example"),)), 0, notes=("Beware of this.",))]
    assert said[-1] == "⚠ Beware of this."
    assert "a@b.example" in said[-2]


def test_an_honest_mail_raises_no_doubts() -> None:
    ada = Address("Ada", "ada@example.org")
    assert doubts(Envelope(from_=(ada,), reply_to=(Address("List", "list@lists.example"),))) == ()


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        (Envelope(from_=(Address(BOSS, "a@b.example"),)), "comes from a@b.example"),
        (Envelope(from_=(Address("", BOSS), Address("", "a@b.example"))), "names 2 senders"),
        (Envelope(from_=(Address("", BOSS),), reply_to=(Address(BOSS, "a@b.example"),)), "Answers go to a@b.example"),
        (Envelope(from_=(Address("", f'"{BOSS}   "@b.example'),)), "the mail comes from b.example"),
        (Envelope(from_=(Address("", "a@pаypal.example"),)), "xn--pypal-4ve.example is written with letters"),
        (Envelope(from_=(Address("", BOSS),), reply_to=(Address("", "a@аррӏе.example"),)), "is written with letters"),
    ],
)
def test_what_the_reader_is_told(envelope: Envelope, expected: str) -> None:
    assert expected in head(envelope)
    assert all(
        address.domain in head(envelope) or "xn--" in head(envelope) for address in (*envelope.from_, *envelope.reply_to)
    )


@pytest.mark.parametrize(
    ("email", "marked"),
    [
        ("a@example.org", False),
        ('"a b"@example.org', False),
        ("a@münchen.example", False),
        ("a@pаypal.example", True),
        ("a@xn--pypal-4ve.example", True),
        ("a@bank.example∕x.example", True),
        ('"boss@bank.example      "@example.org', True),
    ],
)
def test_a_list_marks_domains_that_imitate(email: str, marked: bool) -> None:
    assert (UNICODE.warning in listed(Envelope(from_=(Address("Pay Pal", email),)))) is marked


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("From: Ada <ada@example.org>\r\nSender: Bob <bob@b.example>", "Sent by  Bob <bob@b.example>"),
        ("From: ada@example.org, eve@example.org\r\nSender: ADA@example.org", "Sent by  ADA@example.org"),
        ("From: ada@example.org\r\nSender: Bob <bob@pаypal.example>", "xn--pypal-4ve.example is written with letters"),
        ('From: ada@example.org\r\nSender: "ada@example.org" <bob@b.example>', "<bob@b.example>"),
    ],
)
def test_who_sent_it_for_others_is_told(fields: str, expected: str) -> None:
    assert expected in head(envelope_of(Headers.parse(f"{fields}\r\n\r\n".encode())))


def test_where_answers_go_is_told_where_it_is_elsewhere() -> None:
    ada, eve = Address("Ada", "ada@example.org"), Address("Ada", "ada@evil.example")
    assert "Reply to Ada <ada@evil.example>" in head(Envelope(from_=(ada,), reply_to=(eve,)))
    assert "Reply to" not in head(Envelope(from_=(ada,), reply_to=(Address("", "ADA@example.org"),)))


@pytest.mark.parametrize("sender", ["ada@example.org", "Ada <Ada@Example.org>", ""])
def test_who_sent_it_alone_is_told_once(sender: str) -> None:
    envelope = envelope_of(Headers.parse(f"From: Ada L <ada@example.org>\r\nSender: {sender}\r\n\r\n".encode()))
    assert "Sent by" not in head(envelope)
    assert envelope.sender == ()


def test_without_a_from_field_the_sender_stands_in() -> None:
    envelope = envelope_of(Headers.parse(b"Sender: ada@example.org\r\n\r\n"))
    assert "From     ada@example.org" in head(envelope)
    assert "Sent by" not in head(envelope)


def test_several_from_fields_of_a_header_are_told() -> None:
    fields = [("From", BOSS), ("To", "x"), ("FROM", "“you” <a@b.example>"), *[("from", "x" * 200 + "<c@d.example>")] * 3]
    (told,) = header_doubts(fields)
    assert all(part in told for part in ("5 From fields", BOSS, "<a@b.example>", "<c@d.example>", "and 1 more"))
    assert len(told) < 600
    assert header_doubts(fields[:2]) == header_doubts([]) == ()


@pytest.mark.corpus
def test_the_senders_of_a_corpus_are_what_they_are(corpus: Path) -> None:
    """Those made after Mailsploit: nobody else's address stands in list or head without the real one."""
    for file in sorted(corpus.glob("**/mailsploit-derived/*.eml")):
        envelope = envelope_of(Headers.parse(file.read_bytes()))
        assert [address.domain for address in envelope.from_] == ["mailsploit.example"], file.name
        assert "mailsploit.example" in head(envelope)
        assert "whitehouse.gov" not in listed(envelope) or "mailsploit.example" in listed(envelope), file.name
        assert not set(head(envelope) + listed(envelope)) & set("\x00\x1b\r"), file.name


def test_several_from_fields_are_all_seen() -> None:
    envelope = envelope_of(Headers.parse(b"From: boss@bank.example\r\nFrom: a@b.example\r\nSubject: x\r\n\r\n"))
    assert "boss@bank.example" in head(envelope)
    assert "a@b.example" in head(envelope)
    assert "names 2 senders" in head(envelope)
