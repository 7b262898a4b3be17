# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers write adds no field, recipient or command to what is sent: a look at the octets, over embedded servers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.ui.harness import account_of
from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.engine.engine import Engine
from tuimail.model.draft import Draft
from tuimail.model.errors import InputWrong
from tuimail.model.ids import MessageId
from tuimail.servers import Servers
from tuimail.start import open_engine

_LINE = "x\r\nBcc: eve@attacker.example\r\nX-Evil: 1\r\n\r\nevil"
_Q = "".join(f"={octet:02X}" for octet in _LINE.encode())
LETTER = f"""\
From: =?utf-8?q?Mallory_{_Q}?= <mallory@example.org>
Reply-To: "Mallory =?utf-8?q?{_Q}?=" <mallory@example.org>
To: =?utf-8?q?{_Q}?= <robin@example.org>
Cc: =?utf-8?q?{_Q}?= <bob@example.org>
Subject: =?utf-8?q?Offer_{_Q}?=
Message-ID: <one@example.org>
References: <two@example.org> =?utf-8?q?{_Q}?=
List-Post: <mailto:list@example.org?bcc=eve@attacker.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Hello
.
--b
Content-Type: image/png; x-evil="=?utf-8?q?{_Q}?="
Content-Disposition: attachment; filename*=utf-8''{quote(_LINE)}
Content-Transfer-Encoding: base64

iVBORw==
--b--
""".replace("\n", "\r\n").encode()
_FIELDS = {
    *("date", "from", "to", "cc", "subject", "message-id", "in-reply-to", "references", "mime-version"),
    *("content-type", "content-transfer-encoding", "content-disposition"),
}
_PEOPLE = {"mallory@example.org", "bob@example.org", "robin@example.org", "list@example.org"}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[tuple[Engine, DemoServers]]:
    with DemoServers(0) as servers:
        servers.deliver(LETTER)
        servers.create_folder("y\r\nz DELETE Trash")
        secrets = SecretStore(always(servers.addresses.password))
        engine = open_engine(tmp_path, (account_of(servers.addresses),), Servers(secrets))
        engine.start()
        for account in engine.accounts:
            await account.loop.settled()
        yield engine, servers
        await engine.stop()
        engine.close()


async def _drafts(engine: Engine, message: MessageId, folder: Path) -> AsyncIterator[Draft]:
    """Every way from what was received to what is sent."""
    composer = engine.composer
    yield await composer.reply(message)
    yield await composer.reply(message, everyone=True)
    yield await composer.reply_to_list(message)
    for as_attachment in (False, True):
        forwarded = await composer.forward(message, as_attachment=as_attachment)
        (completed,) = engine.finder.people("mallory")
        yield composer.save(replace(forwarded, to=str(completed)))
    written = composer.from_mailto(f"mailto:bob@example.org?subject={quote(_LINE)}&bcc=&X-Evil=1&in-reply-to={quote(_LINE)}")
    file = folder / f"a {_LINE.replace('/', '')}.txt"
    file.write_text("text")
    yield await composer.attach(written, file)


async def test_no_field_and_no_recipient_is_added(place: tuple[Engine, DemoServers], tmp_path: Path) -> None:
    engine, servers = place
    (account,) = engine.accounts
    inbox = engine.pages.folder_named(account.id, "INBOX")
    assert inbox is not None
    message = engine.pages.messages(inbox.id).key_at(0)
    sent = 0
    async for draft in _drafts(engine, message, tmp_path):
        await engine.composer.send(draft, delay=0)
        sent += 1
    await account.loop.settled()
    assert len(servers.sent) == sent == 6
    for mail in servers.sent:
        assert set(mail.recipients) <= _PEOPLE
        head = mail.raw.partition(b"\r\n\r\n")[0]
        assert not [line for line in head.split(b"\r\n") if line.lower().startswith((b"bcc", b"x-evil", b"evil"))]
        parts = [part for part in message_from_bytes(mail.raw).walk() if part.get_content_type() != "message/rfc822"]
        own = parts if b"message/rfc822" not in mail.raw else parts[:2]
        assert {name.lower() for part in own for name in part} <= _FIELDS
        assert not {character for line in head.split(b"\r\n") for character in line} & {*b"\r\n\0"}


async def test_no_command_is_added(place: tuple[Engine, DemoServers]) -> None:
    engine, servers = place
    (account,) = engine.accounts
    odd = next(folder for folder in engine.pages.folders() if folder.name.startswith("y"))
    account.loop.watch(odd.id)
    for name in (_LINE.replace("Bcc", "z DELETE"), 'q"\\ {3}\r\nz DELETE Trash', "r\0s"):
        try:
            engine.actions.create_folder(account.id, name)
        except InputWrong:
            continue
    await account.loop.settled()
    assert any(folder.name == "Trash" for folder in engine.pages.folders())
    assert not [line for line in servers.log if line.split(" ", 2)[1:2] in (["DELETE"], ["X-EVIL:"], ["BCC:"])]
    assert not [name for name in servers.snapshot() if "\r" in name or "\n" in name if not name.startswith("y")]
