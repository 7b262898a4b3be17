# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST, STATUS, NAMESPACE, SEARCH, response codes: of the RFCs and of real servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backends.imap.wire.transcripts import NAMES, last, octets, responses, split
from tuimail.backends.imap.wire import listing
from tuimail.backends.imap.wire.codes import StatusText, copied, parse_status_text, refusal
from tuimail.backends.imap.wire.responses import tagged, untagged
from tuimail.backends.imap.wire.tokens import Malformed
from tuimail.model.errors import ServerRefused, SignInNeeded, TryLater, TuimailError
from tuimail.model.folder import FolderRole
from tuimail.model.uidset import UidSet


def listed(name: str) -> list[listing.Listed]:
    return [listing.listed(item.unit) for item in responses(name) if item.kind in ("LIST", "XLIST")]


def test_list_with_status_of_gmail() -> None:
    names = {entry.raw: entry for entry in listed("gmail-list-all")}
    assert names[b"INBOX"].delimiter == "/"
    assert not names[b"[Gmail]"].exists
    assert names[b"+Folder"].selectable
    statuses = dict(listing.status(item.unit) for item in responses("gmail-list-all") if item.kind == "STATUS")
    assert statuses[b"[Gmail]/All Mail"].messages == 67
    assert statuses[b"[Gmail]/All Mail"].mailbox_id == "f668b57d-9f42-453b-b315-a18cd3eb0f85"
    assert statuses[b"+Folder"].highestmodseq == 41234


def test_roles_of_xlist_and_of_lower_case() -> None:
    assert {entry.raw: entry.role for entry in listed("zoho-xlist") + listed("strato.de-xlist")}[
        b"Entw&APw-rfe"
    ] is FolderRole.DRAFTS
    assert [entry.role for entry in listed("lowercase-list")] == [None, FolderRole.TRASH]


def test_status_of_a_name_with_blanks_that_nobody_quoted() -> None:
    assert listing.status((b"My Folder (MESSAGES 3)",))[0] == b"My Folder"


@pytest.mark.parametrize(
    ("told", "known"),
    [(b"(F2212ea87-6097)", "F2212ea87-6097"), (b"F_1", "F_1"), (b"(\xdb\x1c.\xe8!V)", ""), (b"()", ""), (b'("a b")', "")],
)
def test_mailbox_ids_are_of_few_characters(told: bytes, known: str) -> None:
    assert listing.status((b"INBOX (MAILBOXID " + told + b" MESSAGES 3)",))[1].mailbox_id == known


@pytest.mark.parametrize(
    ("raw", "personal", "others"),
    [
        (b'(("" "/")) NIL NIL', (b"",), ()),
        (b'(("INBOX." ".")) (("user." ".")) (("shared." ".")("#news." "."))', (b"INBOX.",), (b"user.", b"shared.", b"#news.")),
        (b"NIL NIL NIL", (b"",), ()),
        (b'(("', (b"",), ()),
    ],
)
def test_namespaces(raw: bytes, personal: tuple[bytes, ...], others: tuple[bytes, ...]) -> None:
    assert listing.namespaces((raw,)) == (personal, others)


def test_numbers() -> None:
    assert listing.search((b"2 84 882",)) == [2, 84, 882]
    assert listing.esearch_all((b'(TAG "A282") UID MIN 2 ALL 2,10:11',)) == UidSet.parse("2,10:11")
    assert listing.esearch_all((b'(TAG "A282") UID',)) == UidSet()
    assert listing.vanished((b"(EARLIER) 41,43:116",)) == (True, UidSet.parse("41,43:116"))
    assert listing.vanished((b"405",)) == (False, UidSet.of([405]))
    with pytest.raises(Malformed):
        listing.vanished((b"x",))


def test_copyuid_keeps_the_order_of_both_sets() -> None:
    assert copied(b"38505 304,319:320 3956:3958") == (38505, {304: 3956, 319: 3957, 320: 3958})
    assert copied(b"1 3:1 5,7,9") == (1, {3: 5, 2: 7, 1: 9})
    assert copied(b"1 3:1 5") is None


def test_copyuid_without_a_star() -> None:
    first = responses("exchange-issue115")[0]
    assert first.kind == "OK"
    assert parse_status_text(first.unit[0]) == StatusText("COPYUID", b"55 31 6", b"")


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        (b"A NO [AUTHENTICATIONFAILED] no", SignInNeeded, None),
        (b"A NO [LIMIT] too many", TryLater, None),
        (b"A NO [UNAVAILABLE] later", TryLater, None),
        (b"A NO [OVERQUOTA] full", ServerRefused, "OVERQUOTA"),
        (b"A NO Mailbox doesn't exist: x", ServerRefused, "NONEXISTENT"),
        (b"A NO [NONEXISTENT] Unknown Mailbox: x", ServerRefused, "NONEXISTENT"),
        (b"A NO Unknown Mailbox: x (Failure)", ServerRefused, "NONEXISTENT"),
        (b"A NO Folder not found", ServerRefused, "NONEXISTENT"),
        (b"A NO Mailbox already exists", ServerRefused, "ALREADYEXISTS"),
        (b"A BAD Syntax error", ServerRefused, ""),
        (b'A NO [BADCHARSET ("a]b" c)] x', ServerRefused, "BADCHARSET"),
    ],
)
def test_what_a_refusal_means(line: bytes, kind: type[TuimailError], code: str | None) -> None:
    response = tagged((line,))
    error = refusal(response.status, response.text, "Open it")
    assert type(error) is kind
    assert code is None or (isinstance(error, ServerRefused) and error.code == code)


def test_a_refused_sign_in() -> None:
    assert isinstance(refusal("NO", StatusText("", b"", b"nope"), "Sign in", signing_in=True), SignInNeeded)
    response = last("gmail-authenticate+webalert")
    assert isinstance(refusal(response.status, response.text, "Sign in", signing_in=True), SignInNeeded)


def test_server_text_is_made_safe() -> None:
    error = refusal("NO", StatusText("", b"", b"\x1b[31mred\x07 \xff"), "Open")
    assert error.message.isprintable()


@pytest.mark.parametrize("name", NAMES)
def test_every_transcript_is_classified(name: str) -> None:
    units = split(octets(name))
    assert units
    for unit in units:
        if unit[0][:1] in (b"*", b"["):
            assert untagged(unit).kind
        elif unit[0][:1] != b"+":
            assert tagged(unit).status in ("OK", "NO", "BAD")


@given(st.binary(max_size=120))
def test_random_octets_raise_nothing_else(data: bytes) -> None:
    untagged((b"*" + data,))
    tagged((data,))
    parse_status_text(b"[" + data)
    copied(data[:20])
    listing.namespaces((data,))
    listing.search((data,))
    for reader in (listing.listed, listing.status, listing.esearch_all, listing.vanished):
        try:
            reader((data,))
        except Malformed:
            continue
