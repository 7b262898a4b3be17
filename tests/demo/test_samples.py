# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample mail: believable, various, well-formed where it means to be, and safe to publish."""

import email
import re
import time

import pytest

from tests.demo.raw import RawClient
from tuimail.demo import samples
from tuimail.demo.mail_store import MailStore
from tuimail.demo.servers import DemoServers, Shot

_OWN = re.compile(rb"@([A-Za-z0-9.-]+)")
_SAFE = re.compile(rb"(?:.*\.)?(?:example|example\.(?:com|org|net))\Z")


@pytest.fixture(scope="module")
def folders() -> dict[str, list[Shot]]:
    with DemoServers(messages=300) as servers:
        return servers.snapshot()


def test_three_hundred_in_all_folders(folders: dict[str, list[Shot]]) -> None:
    assert sum(map(len, folders.values())) == 300
    assert set(folders) == {"INBOX", *samples.FOLDERS}
    assert all(folders.values())
    identifiers = [shot.message_id for shots in folders.values() for shot in shots]
    assert len(set(identifiers)) == 300


def test_only_reserved_domains(folders: dict[str, list[Shot]]) -> None:
    for shots in folders.values():
        for shot in shots:
            header = shot.raw.partition(b"\r\n\r\n")[0]
            for name in re.findall(rb"(?m)^(?:From|To|Cc|Reply-To):.*", header):
                assert all(_SAFE.match(domain) for domain in _OWN.findall(name)), name


def test_variety(folders: dict[str, list[Shot]]) -> None:
    shots = [shot for each in folders.values() for shot in each]
    types = {part.get_content_type() for shot in shots for part in email.message_from_bytes(shot.raw).walk()}
    assert types >= {
        "text/plain", "text/html", "text/calendar", "application/pdf", "image/png", "image/jpeg", "message/rfc822",
        "message/delivery-status", "multipart/alternative", "multipart/related",
    }  # fmt: skip
    text = b"\n".join(shot.raw for shot in shots).lower()
    for charset in (b"iso-8859-1", b"koi8-r", b"windows-1251", b"shift_jis", b"iso-2022-jp", b"gb18030", b"big5"):
        assert b"charset=" + charset in text
    assert b"list-id:" in text
    assert b"diff --git" in text
    flags = {flag for shot in shots for flag in shot.flags}
    assert flags >= {"\\Seen", "\\Flagged", "\\Answered", "\\Draft"}
    unread = sum("\\Seen" not in shot.flags for shot in folders["INBOX"])
    assert 5 <= unread <= 60


def test_lines_end_with_crlf_and_no_message_has_defects(folders: dict[str, list[Shot]]) -> None:
    for shots in folders.values():
        for shot in shots:
            assert b"\n" not in shot.raw.replace(b"\r\n", b"")
            assert not [defect for part in email.message_from_bytes(shot.raw).walk() for defect in part.defects]


def test_answers_refer_to_messages_that_are_there(folders: dict[str, list[Shot]]) -> None:
    known = {shot.message_id for shots in folders.values() for shot in shots}
    parents = [email.message_from_bytes(shot.raw)["In-Reply-To"] for shots in folders.values() for shot in shots]
    assert len([parent for parent in parents if parent]) > 30
    assert {parent for parent in parents if parent} <= known


def test_a_huge_mailbox_is_lazy_and_in_order() -> None:
    store, now = MailStore(), int(time.time())
    samples.fill(store, 20_000, now)
    messages = list(store.get("INBOX").messages.values())
    assert len(messages) > 19_000
    assert not any(isinstance(message.source, bytes) for message in messages)
    arrivals = [message.arrived for message in messages]
    assert arrivals == sorted(arrivals)
    assert arrivals[-1] <= now
    assert messages[5].raw == messages[5].source()  # type: ignore[operator]


def test_correspondents_answer_and_mail_trickles_in() -> None:
    answer = email.message_from_bytes(
        samples.answer_to(
            b"Subject: Re: Hello\r\nMessage-ID: <q@x>\r\n\r\nx", "mira@lanternmaps.example", "robin@example.org", 0
        )
    )
    assert (answer["Subject"], answer["In-Reply-To"]) == ("Re: Hello", "<q@x>")
    assert answer["From"] == "Mira Lindqvist <mira@lanternmaps.example>"
    with DemoServers(messages=0, trickle=True, trickle_seconds=0.05) as servers, RawClient(servers) as client:
        client.ok("SELECT INBOX")
        client.send("a IDLE\r\n")
        assert client.unit() == "+ idling"
        assert client.unit().endswith(" EXISTS")
        assert servers.snapshot()["INBOX"]


def test_several_users_write_to_each_other() -> None:
    with DemoServers(messages=3, users=2) as servers:
        (first, _, _), (second, password, address) = servers.addresses.users
        assert (first, second) == ("robin", "robin2")
        assert servers.snapshot(user=second).keys() == servers.snapshot().keys()
        servers.deliver(b"Subject: x\r\n\r\n", user=second)
        assert len(servers.snapshot(user=second)["INBOX"]) == len(servers.snapshot()["INBOX"]) + 1
        assert address == "robin2@example.org"
        assert password != servers.addresses.password
