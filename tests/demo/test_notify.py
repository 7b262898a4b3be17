# SPDX-License-Identifier: GPL-3.0-or-later
"""NOTIFY (RFC 5465)."""

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers

_MESSAGES = "MessageNew MessageExpunge FlagChange"
_ALL = f"NOTIFY SET (SELECTED-DELAYED ({_MESSAGES})) (PERSONAL ({_MESSAGES} MailboxName SubscriptionChange))"
_MAIL = b"Subject: x\r\n\r\nx\r\n"


def test_folders_are_told_of_without_idle(servers: DemoServers, client: RawClient, other: RawClient) -> None:
    client.ok("SELECT INBOX")
    client.ok(_ALL)
    other.ok("CREATE Work")
    assert client.unit() == '* LIST () "/" Work'
    other.ok("SUBSCRIBE Work")
    assert client.unit() == '* LIST (\\Subscribed) "/" Work'
    other.ok("RENAME Work Play")
    assert client.unit() == '* LIST () "/" Play ("OLDNAME" (Work))'
    other.ok("DELETE Play")
    assert client.unit() == '* LIST (\\NonExistent) "/" Play'


def test_messages_in_other_folders(servers: DemoServers, client: RawClient) -> None:
    client.ok("SELECT INBOX")
    client.ok(_ALL)
    uid = servers.deliver(_MAIL, "Sent")
    assert client.unit().startswith("* STATUS Sent (MESSAGES 1 UIDNEXT 2 ")
    servers.set_flags("Sent", uid, frozenset({"\\Seen"}))
    assert " UNSEEN 0 " in client.unit()
    servers.expunge("Sent", uid)
    assert client.unit().startswith("* STATUS Sent (MESSAGES 0 UIDNEXT 2 ")


def test_the_selected_folder(servers: DemoServers, client: RawClient) -> None:
    uid = servers.deliver(_MAIL)
    client.ok("SELECT INBOX")
    client.ok(_ALL)
    servers.deliver(_MAIL)
    assert [client.unit(), client.unit()] == ["* 2 EXISTS", "* 0 RECENT"]
    servers.expunge("INBOX", uid)
    servers.deliver(_MAIL, "Sent")
    assert client.unit().startswith("* STATUS Sent "), "the expunge waits for a command"
    assert client.ok("NOOP") == ["* 1 EXPUNGE"]


def test_expunges_are_told_at_once_where_that_is_asked_for(servers: DemoServers, client: RawClient) -> None:
    uid = servers.deliver(_MAIL)
    client.ok("SELECT INBOX")
    client.ok(f"NOTIFY SET (SELECTED ({_MESSAGES}))")
    servers.expunge("INBOX", uid)
    assert client.unit() == "* 1 EXPUNGE"


def test_only_what_was_asked_for(servers: DemoServers, client: RawClient, other: RawClient) -> None:
    client.ok("SELECT INBOX")
    client.ok(f"NOTIFY SET (MAILBOXES (Sent Trash) NONE) (SUBTREE Lists ({_MESSAGES})) (INBOXES (MailboxName))")
    servers.deliver(_MAIL)
    servers.deliver(_MAIL, "Sent")
    other.ok("CREATE Work")
    servers.deliver(_MAIL, next(name for name in servers.snapshot() if name.startswith("Lists/")))
    assert client.unit().startswith("* STATUS Lists/")
    client.ok("NOTIFY NONE")
    servers.deliver(_MAIL, "Sent")
    assert client.ok("IDLE\r\nDONE") == ["+ idling"]


def test_status_of_all_folders_first(client: RawClient) -> None:
    client.ok("SELECT INBOX")
    told = client.ok(f"NOTIFY SET STATUS (SUBSCRIBED ({_MESSAGES}))")
    assert [unit for unit in told if unit.startswith("* STATUS Sent ")]
    assert not [unit for unit in told if unit.startswith("* STATUS INBOX ")]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("SET (PERSONAL (MessageNew))", "BAD"),
        ("SET (PERSONAL (FlagChange MailboxName))", "BAD"),
        ("SET (SELECTED (MailboxName))", "BAD"),
        ("SET (NOWHERE (MailboxName))", "BAD"),
        ("SET (PERSONAL (Rain))", "BAD"),
        ("SET", "BAD"),
        ("OFTEN", "BAD"),
        ("SET (PERSONAL (AnnotationChange))", "NO [BADEVENT ("),
        ("SET (SELECTED (MessageNew (UID) MessageExpunge))", "NO [BADEVENT ("),
    ],
)
def test_refusals(client: RawClient, line: str, answer: str) -> None:
    assert client.refused(f"NOTIFY {line}").startswith(answer)


def test_taken_away(servers: DemoServers, client: RawClient) -> None:
    assert any(" NOTIFY" in unit for unit in client.ok("CAPABILITY"))
    servers.faults.without = frozenset({"NOTIFY"})
    assert not any("NOTIFY" in unit for unit in client.ok("CAPABILITY"))
    assert client.refused(_ALL).startswith("BAD")
