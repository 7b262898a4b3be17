# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands against a real Dovecot and a real Postfix, looked at by another client."""

import imaplib
from pathlib import Path

import pytest

from tests.cli.home import Home
from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer

MBOX = b"".join(
    b"From a@b.example Mon Nov  2 09:00:%02d 2026\nFrom: a@b.example\nTo: c@d.example\nSubject: Number %d\n"
    b"Message-ID: <%d@b.example>\nDate: Mon, 2 Nov 2026 10:00:%02d +0100\nStatus: %s\n\nText %d\n>From the start\n\n"
    % (number, number, number, number, b"RO" if number % 2 else b"O", number)
    for number in range(40)
)


def uids(client: imaplib.IMAP4, folder: str, criterion: str = "ALL") -> list[bytes]:
    client.select(f'"{folder}"', readonly=True)
    found: list[bytes] = client.uid("SEARCH", criterion)[1][0].split()
    return found


@pytest.mark.dovecot
@pytest.mark.postfix
def test_from_an_import_to_a_reply(dovecot: DovecotServer, postfix: PostfixServer, tmp_path: Path) -> None:
    user = dovecot.new_user()
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    at = {"email": "ada@example.org", "user": user, "password": dovecot.password}
    home.add("work", **at, imap=dovecot.port, smtp=postfix.port, more=', auth = "none"')
    box, out = tmp_path / "box", tmp_path / "out"
    box.write_bytes(MBOX)
    assert home.json("folder", "create", "Imported/Übung")["status"] == "done"
    assert home.json("import", str(box), "--to", "Imported/Übung")["imported"] == 40
    assert home.json("import", str(box), "--to", "Imported/Übung")["skipped"] == 40
    assert home.json("export", "--folder", "Imported/Übung", "--to", str(out))["exported"] == 40
    assert [line for line in out.read_bytes().splitlines() if not line.startswith(b"From a@b")] == [
        line for line in MBOX.splitlines() if not line.startswith(b"From a@b")
    ]

    with dovecot.client(user) as client:
        folder = "Imported/&ANw-bung"
        assert (len(uids(client, folder)), len(uids(client, folder, "SEEN"))) == (40, 20)
        ids = [str(row["id"]) for row in home.json("list", "--folder", "Imported/Übung", "--limit", "10")]
        assert home.json("flag", *ids, "--add", "flagged", "urgent")["status"] == "done"
        assert len(uids(client, folder, "FLAGGED KEYWORD urgent")) == 10
        assert home.json("move", *ids[:4], "--to", "archive")["status"] == "done"
        assert home.json("delete", *ids[4:6])["status"] == "done"
        assert home.json("delete", *ids[6:8], "--forever")["status"] == "done"
        assert [len(uids(client, name)) for name in (folder, "Archive", "Trash")] == [32, 4, 2]

        sent = home.json("send", "--to", "bob@example.net", "--subject", "Done", "--body", "x")
        assert sent["status"] == "done"
        assert len(uids(client, "Sent")) == 1
    assert len(postfix.delivered(sent["message_id"])) == 1
    refused = home.json("send", "--to", "refused@refused.test", "--subject", "No", "--body", "x", status=69)
    assert [one["code"] for one in refused["refused"]] == [550]
