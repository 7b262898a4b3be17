# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH keys and ESEARCH."""

from calendar import timegm

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers

_DAY = timegm((2024, 3, 10, 12, 0, 0))


@pytest.fixture
def mailbox(servers: DemoServers, client: RawClient) -> RawClient:
    servers.deliver(
        b"From: Ada <ada@example.org>\r\nTo: bob@example.net\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n"
        b"Date: Sat, 09 Mar 2024 23:00:00 -0500\r\nMessage-ID: <1@x>\r\n\r\nfirst apple\r\n",
        flags=frozenset({"\\Seen", "\\Flagged", "work"}),
        arrived=_DAY,
    )
    servers.deliver(
        b"From: Bob <bob@example.net>\r\nCc: ada@example.org\r\nSubject: plain\r\nMessage-ID: <2@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nc2Vjb25kIHBlYXI=\r\n",
        flags=frozenset({"\\Answered", "\\Draft", "\\Deleted"}),
        arrived=_DAY + 86400,
    )
    servers.deliver(b"Subject: third\r\nBcc: eve@example.org\r\n\r\n" + b"x" * 500, arrived=_DAY + 2 * 86400)
    client.ok("SELECT INBOX")
    return client


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("ALL", "1 2 3"), ("2:*", "2 3"), ("UID 1,3", "1 3"), ("SEEN", "1"), ("UNSEEN", "2 3"), ("FLAGGED", "1"),
        ("UNFLAGGED", "2 3"), ("ANSWERED", "2"), ("UNANSWERED", "1 3"), ("DRAFT", "2"), ("UNDRAFT", "1 3"), ("DELETED", "2"),
        ("UNDELETED", "1 3"), ("KEYWORD work", "1"), ("UNKEYWORD work", "2 3"), ("NEW", ""), ("OLD", "1 2 3"), ("RECENT", ""),
        ("FROM ada", "1"), ("TO bob@example.net", "1"), ("CC ada", "2"), ("BCC eve", "3"), ("SUBJECT PLAIN", "2"),
        ("CHARSET UTF-8 SUBJECT {7+}\r\ngr\u00fc\u00dfe", "1"), ("BODY pear", "2"), ("TEXT apple", "1"), ("TEXT bob", "1 2"),
        ("HEADER Message-ID <2@x>", "2"), ('HEADER Cc ""', "2"), ("LARGER 400", "3"), ("SMALLER 400", "1 2"),
        ("BEFORE 11-Mar-2024", "1"), ("ON 11-Mar-2024", "2"), ("SINCE 11-Mar-2024", "2 3"), ("SENTON 9-Mar-2024", "1"),
        ("SENTBEFORE 10-Mar-2024", "1"), ("SENTSINCE 10-Mar-2024", ""), ("NOT SEEN", "2 3"), ("OR SEEN DELETED", "1 2"),
        ("(UNSEEN UNDELETED)", "3"), ("UNSEEN DELETED", "2"), ("NOT (OR SEEN DELETED)", "3"),
    ],
)  # fmt: skip
def test_keys(mailbox: RawClient, keys: str, found: str) -> None:
    assert mailbox.ok(f"SEARCH {keys}") == [f"* SEARCH {found}".rstrip()]


def test_esearch(mailbox: RawClient) -> None:
    mailbox.send("a UID SEARCH RETURN (MIN MAX COUNT ALL) UNSEEN\r\n")
    assert mailbox.until("a")[0] == '* ESEARCH (TAG "a") UID MIN 2 MAX 3 ALL 2:3 COUNT 2'
    mailbox.send("b SEARCH RETURN () SEEN\r\n")
    assert mailbox.until("b")[0] == '* ESEARCH (TAG "b") ALL 1'
    mailbox.send("c SEARCH RETURN (COUNT ALL) BODY nothing\r\n")
    assert mailbox.until("c")[0] == '* ESEARCH (TAG "c") COUNT 0'


@pytest.mark.parametrize(
    "keys", ["BOGUS", "", "SUBJECT", "(SEEN", "SINCE yesterday", "RETURN (SAVE) ALL", "NOT", "OR SEEN", "7"]
)
def test_wrong_keys_get_bad(mailbox: RawClient, keys: str) -> None:
    assert mailbox.refused(f"SEARCH {keys}").startswith("BAD")


def test_unknown_charset(mailbox: RawClient) -> None:
    assert mailbox.refused("SEARCH CHARSET KOI8-R SUBJECT x").startswith("NO [BADCHARSET ")
