# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST and its extensions, STATUS, CREATE, DELETE, RENAME, subscriptions, APPEND."""

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers


def test_list_with_status_in_one_round_trip(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(b"Subject: x\r\n\r\nx\r\n")
    units = client.ok('LIST "" "*" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UNSEEN HIGHESTMODSEQ))')
    assert units[0] == '* LIST (\\HasNoChildren \\Subscribed) "/" INBOX'
    assert units[1].startswith("* STATUS INBOX (MESSAGES 1 UNSEEN 1 HIGHESTMODSEQ ")
    assert '* LIST (\\HasNoChildren \\Subscribed \\Sent) "/" Sent' in units
    assert '* LIST (\\HasNoChildren \\Subscribed) "/" Projekte/K&APY-ln' in units
    assert '* LIST (\\Noselect \\HasChildren) "/" Lists' in units
    assert not any(unit.startswith("* STATUS Lists ") for unit in units)


def test_patterns(client: RawClient) -> None:
    def names(command: str) -> list[str]:
        return [unit.rsplit(" ", 1)[1] for unit in client.ok(command)]

    assert names('LIST "" %') == ["INBOX", "Archive", "Drafts", "Junk", "Lists", "Projekte", "Sent", "Trash"]
    assert names('LIST Archive/ "%"') == ["Archive/2025"]
    assert names('LIST "" (inbox Arch%)') == ["INBOX", "Archive"]
    assert names('LIST (SPECIAL-USE) "" *') == ["Archive", "Drafts", "Junk", "Sent", "Trash"]
    assert client.ok('LIST "" ""') == ['* LIST (\\Noselect) "/" ""']


def test_subscriptions(client: RawClient) -> None:
    client.ok("UNSUBSCRIBE Trash")
    assert not any("Trash" in unit for unit in client.ok('LSUB "" *'))
    assert not any("Trash" in unit for unit in client.ok('LIST (SUBSCRIBED) "" *'))
    client.ok("SUBSCRIBE Trash")
    assert '* LSUB () "/" Trash' in client.ok('LSUB "" *')
    client.ok("DELETE Trash")
    assert '* LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" Trash' in client.ok('LIST (SUBSCRIBED) "" *')
    assert client.refused("SUBSCRIBE Nowhere").startswith("NO [NONEXISTENT]")


def test_create_rename_delete(servers: DemoServers, client: RawClient) -> None:
    assert client.run('CREATE "Bäder"')[-1].startswith("BAD")
    assert "[MAILBOXID (" in client.run("CREATE B&AOQ-der/Ostsee")[-1]
    assert client.refused("CREATE B&AOQ-der/Ostsee").startswith("NO [ALREADYEXISTS]")
    servers.deliver(b"Subject: x\r\n\r\nx\r\n", "Bäder/Ostsee")
    client.ok("RENAME B&AOQ-der Reisen")
    assert list(servers.snapshot()["Reisen/Ostsee"])
    assert client.refused("RENAME Reisen Reisen/unten").startswith("NO")
    assert client.refused("DELETE Nowhere").startswith("NO [NONEXISTENT]")
    client.ok("DELETE Reisen/Ostsee")
    client.ok("DELETE Reisen")
    assert client.refused("SELECT Reisen").startswith("NO [NONEXISTENT]")
    assert client.refused("DELETE INBOX").startswith("NO")


def test_deleting_a_parent_leaves_its_children(client: RawClient) -> None:
    client.ok("DELETE Archive")
    assert '* LIST (\\Noselect \\HasChildren) "/" Archive' in client.ok('LIST "" *')
    client.ok("SELECT Archive/2025")


def test_create_with_special_use(client: RawClient) -> None:
    client.ok("DELETE Junk")
    client.ok("CREATE Spam (USE (\\Junk))")
    assert '* LIST (\\HasNoChildren \\Junk) "/" Spam' in client.ok('LIST "" Spam')
    assert client.refused("CREATE Spam2 (USE (\\Junk))").startswith("NO [USEATTR]")


def test_rename_of_inbox_gives_its_messages_away(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(b"Subject: x\r\n\r\nx\r\n")
    client.ok("RENAME INBOX Old")
    assert (len(servers.snapshot()["INBOX"]), len(servers.snapshot()["Old"])) == (0, 1)


def test_utf8_names_after_enable(client: RawClient) -> None:
    client.ok("ENABLE UTF8=ACCEPT")
    assert any(unit.endswith(' "Projekte/Köln"') for unit in client.ok('LIST "" *'))
    client.ok('SELECT "Projekte/Köln"')


def test_append_with_literals_of_every_kind(servers: DemoServers, client: RawClient) -> None:
    raw = "Subject: x\r\n\r\nx\r\n"
    client.send(f'a APPEND Sent (\\Seen $Label) "01-Feb-2024 10:00:00 +0100" {{{len(raw)}}}\r\n')
    assert client.unit().startswith("+ ")
    client.send(raw + "\r\n")
    assert "[APPENDUID " in client.until("a")[-1]
    assert " 2] " in client.run(f"APPEND Sent {{{len(raw)}+}}\r\n{raw}")[-1]
    client.ok("ENABLE UTF8=ACCEPT")
    client.ok(f"APPEND Sent UTF8 (~{{{len(raw)}+}}\r\n{raw})")
    first, second, third = servers.snapshot()["Sent"]
    assert first.flags == {"\\Seen", "$Label"}
    assert first.raw == second.raw == third.raw == raw.encode()
    client.ok("SELECT Sent")
    assert client.ok("FETCH 1 INTERNALDATE") == ['* 1 FETCH (INTERNALDATE " 1-Feb-2024 09:00:00 +0000")']
    assert client.refused(f"APPEND Nowhere {{{len(raw)}+}}\r\n{raw}").startswith("NO [TRYCREATE]")


def test_status_items(servers: DemoServers, client: RawClient) -> None:
    servers.deliver(b"Subject: x\r\n\r\nx\r\n", "Sent", frozenset({"\\Seen"}))
    (unit,) = client.ok("STATUS Sent (MESSAGES RECENT UIDNEXT UNSEEN SIZE)")
    assert unit == "* STATUS Sent (MESSAGES 1 RECENT 0 UIDNEXT 2 UNSEEN 0 SIZE 17)"
    assert client.refused("STATUS Lists (MESSAGES)").startswith("NO [CANNOT]")
