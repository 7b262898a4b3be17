# SPDX-License-Identifier: GPL-3.0-or-later
"""Visits to a POP3 server: every message comes once and whole, whatever happens to the connection, and none is ever nowhere."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.servers.maildrop import EmbeddedMaildrop, Maildrop, MaildropMaker
from tests.servers.proxy import Proxy, Way
from tuimail.model.account import ServerAddress
from tuimail.model.errors import FileProblem, Offline, ServerBroken, ServerRefused, TryLater, TuimailError
from tuimail.model.ids import AccountId
from tuimail.model.notice import Notice
from tuimail.model.uidset import UidSet
from tuimail.store.local_mail import LocalFolder, LocalMessage
from tuimail.store.store import Store
from tuimail.sync.local_events import LocalEvents
from tuimail.sync.pop3_collect import Collector

_CUTS = 20
_MESSAGES = 7


def mail(number: int, lines: int = 20) -> bytes:
    """A message."""
    head = b"From: mira@example.org\r\nSubject: mail %d\r\nMessage-ID: <%d@example.org>\r\n" % (number, number)
    return head + b"\r\n" + b"".join(b".line %d of %d\r\n" % (line, number) for line in range(lines))


class Visitor:
    """One account's local mail."""

    def __init__(self, folder: Path, maildrop: Maildrop, *, leave_on_server: bool = True) -> None:
        self.folder, self.maildrop, self._leave = folder, maildrop, leave_on_server
        self.notices: list[Notice] = []
        self._open()

    def _open(self) -> None:
        self.store = Store.open(self.folder)
        self.account: AccountId = self.store.accounts.ensure("pop")
        self.events = LocalEvents()
        self.collector = Collector(self.store, self.account, self.events, self.notices.append, leave_on_server=self._leave)

    def start_again(self) -> None:
        """The program ends without a word and is started again."""
        self.store.close()
        self._open()

    async def visit(self, address: ServerAddress | None = None) -> None:
        """One visit. A server that has not noticed yet that a connection is gone is asked again."""
        while True:
            try:
                await self.collector.visit(self.maildrop.drop(address))
            except TryLater:
                await asyncio.sleep(0)
            else:
                return

    @property
    def inbox(self) -> LocalFolder:
        """The local inbox."""
        found = self.store.local_mail.folder(self.account, "INBOX")
        assert found is not None
        return found

    def messages(self, name: str = "INBOX") -> list[LocalMessage]:
        """What lies in a local folder."""
        folder = self.store.local_mail.folder(self.account, name)
        if folder is None:
            return []
        return self.store.local_mail.messages(folder.id, self.store.local_mail.uids(folder.id))

    def texts(self, name: str = "INBOX") -> list[bytes]:
        """The messages that are whole there."""
        return [self.store.local_mail.files.read(one.file) for one in self.messages(name) if one.whole]

    def remove(self, message: LocalMessage) -> None:
        """For good."""
        local = self.store.local_mail
        local.files.remove_all(local.expunge(message.folder, UidSet.of([message.uid])))

    def files(self) -> set[str]:
        """What lies on the disk."""
        folder = self.folder / "mail"
        return {file.name for file in folder.iterdir()} if folder.exists() else set()


@pytest.fixture
def visitors(tmp_path: Path) -> Iterator[list[Visitor]]:
    made: list[Visitor] = []
    yield made
    for visitor in made:
        visitor.store.close()


def _visitor(visitors: list[Visitor], folder: Path, maildrop: Maildrop, *, leave: bool = True) -> Visitor:
    visitors.append(visitor := Visitor(folder, maildrop, leave_on_server=leave))
    return visitor


@pytest.mark.parametrize("leave", [True, False], ids=["keep", "delete"])
async def test_every_message_comes_once(visitors: list[Visitor], maildrop: Maildrop, tmp_path: Path, leave: bool) -> None:
    visitor = _visitor(visitors, tmp_path / "store", maildrop, leave=leave)
    sent = [mail(number) for number in range(_MESSAGES)]
    for raw in sent[:4]:
        maildrop.deliver(raw)
    await visitor.visit()
    assert sorted(visitor.texts()) == sent[:4]
    for raw in sent[4:]:
        maildrop.deliver(raw)
    visitor.start_again()
    for _ in range(2):
        await visitor.visit()
        assert sorted(visitor.texts()) == sent
        assert sorted(maildrop.left()) == (sent if leave else [])
    assert visitor.files() == {one.file for one in visitor.messages()}


@pytest.mark.parametrize("leave", [True, False], ids=["keep", "delete"])
async def test_a_cut_anywhere_loses_nothing_and_doubles_nothing(
    visitors: list[Visitor], make_maildrop: MaildropMaker, tmp_path: Path, leave: bool
) -> None:
    sent = [mail(number) for number in range(_MESSAGES)]
    whole = 0
    for cut in range(_CUTS + 1):
        maildrop = make_maildrop()
        for raw in sent:
            maildrop.deliver(raw)
        visitor = _visitor(visitors, tmp_path / f"store{cut}", maildrop, leave=leave)
        address = maildrop.address()
        async with Proxy(address.host, address.port) as proxy:
            # The first visit tells how long one is; the others are cut at equal distances up to its last octet.
            proxy.limit = whole * cut // _CUTS - 1 if cut else None
            through = replace(address, port=proxy.port)
            if cut:
                with pytest.raises((Offline, TuimailError)):
                    await visitor.collector.visit(maildrop.drop(through))
            else:
                await visitor.collector.visit(maildrop.drop(through))
                whole = proxy.passed
        nowhere = Counter(sent) - (Counter(visitor.texts()) | Counter(maildrop.left()))
        assert not nowhere, f"cut at {proxy.limit} of {whole}"
        visitor.start_again()
        await visitor.visit()
        assert sorted(visitor.texts()) == sent, f"cut at {proxy.limit} of {whole}"
        assert len(visitor.messages()) == len(sent)
        assert sorted(maildrop.left()) == (sent if leave else []), f"cut at {proxy.limit} of {whole}"


async def test_headers_are_shown_before_their_messages_come(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path
) -> None:
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop)
    for number in range(3):
        embedded_maildrop.deliver(mail(number))
    embedded_maildrop.servers.faults.cut_on = "RETR"
    with pytest.raises(Offline):
        await visitor.collector.visit(embedded_maildrop.drop())
    assert [(one.whole, one.size) for one in visitor.messages()] == [(False, len(mail(0)))] * 3
    assert visitor.texts() == []
    # What is done to them meanwhile stays done.
    first = visitor.messages()[0]
    archive = visitor.store.local_mail.folder(visitor.account, "Archive")
    assert archive is not None
    visitor.store.local_mail.move(visitor.inbox.id, UidSet.of([first.uid]), archive.id)
    visitor.remove(visitor.messages()[0])
    await visitor.visit()
    assert (len(visitor.texts("Archive")), len(visitor.texts("INBOX"))) == (1, 1)
    assert visitor.files() == {one.file for name in ("INBOX", "Archive") for one in visitor.messages(name)}


async def test_what_was_removed_here_does_not_come_again(visitors: list[Visitor], maildrop: Maildrop, tmp_path: Path) -> None:
    maildrop.deliver(mail(1))
    visitor = _visitor(visitors, tmp_path / "store", maildrop)
    await visitor.visit()
    visitor.remove(visitor.messages()[0])
    await visitor.visit()
    assert visitor.messages() == []
    assert maildrop.left() == [mail(1)]


@pytest.mark.parametrize("leave", [True, False], ids=["keep", "delete"])
@pytest.mark.parametrize("fault", ["same_uidl", "changing_uidl", "no UIDL", "no TOP", "no CAPA", "nothing"])
async def test_servers_without_identities_that_last(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path, fault: str, leave: bool
) -> None:
    faults = embedded_maildrop.servers.faults
    if fault in ("same_uidl", "changing_uidl"):
        setattr(faults, fault, True)
    else:
        faults.without = frozenset({"UIDL", "TOP", "CAPA"} if fault == "nothing" else {fault.removeprefix("no ")})
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop, leave=leave)
    sent = [mail(number) for number in range(4)]
    for raw in sent[:3]:
        embedded_maildrop.deliver(raw)
    faults.cut_on = "QUIT"
    with pytest.raises(Offline):
        await visitor.collector.visit(embedded_maildrop.drop())
    embedded_maildrop.deliver(sent[3])
    for _ in range(2):
        await visitor.visit()
        assert sorted(visitor.texts()) == sent
        assert sorted(embedded_maildrop.left()) == (sent if leave else [])


async def test_two_messages_with_the_same_header_are_two(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path
) -> None:
    embedded_maildrop.servers.faults.without = frozenset({"UIDL"})
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop)
    for _ in range(2):
        embedded_maildrop.deliver(mail(1))
    for _ in range(2):
        await visitor.visit()
        assert visitor.texts() == [mail(1)] * 2


async def test_an_identity_that_another_message_has_now(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path
) -> None:
    """Servers whose unique-id is the message's number."""
    embedded_maildrop.servers.faults.same_uidl = True
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop, leave=False)
    embedded_maildrop.deliver(mail(1))
    embedded_maildrop.servers.faults.cut_on = "QUIT"
    with pytest.raises(Offline):
        await visitor.collector.visit(embedded_maildrop.drop())
    embedded_maildrop.servers.expunge("INBOX", 1)
    embedded_maildrop.deliver(mail(2))
    await visitor.visit()
    assert sorted(visitor.texts()) == [mail(1), mail(2)]
    assert embedded_maildrop.left() == []


async def test_a_full_disk_deletes_nothing_on_the_server(
    visitors: list[Visitor], maildrop: Maildrop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        maildrop.deliver(mail(number))
    visitor = _visitor(visitors, tmp_path / "store", maildrop, leave=False)
    files = visitor.store.local_mail.files
    write = files.write_all

    def full(contents: Iterable[bytes], prefix: str = "") -> list[str]:
        contents = list(contents)
        if any(b"mail 1" in content and b".line" in content for content in contents):
            raise FileProblem("The disk is full.")
        return write(contents, prefix)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_all", full)
        with pytest.raises(FileProblem):
            await visitor.collector.visit(maildrop.drop())
    assert len(maildrop.left()) == 3
    await visitor.visit()
    assert sorted(visitor.texts()) == [mail(number) for number in range(3)]
    assert maildrop.left() == []


@pytest.mark.parametrize("left", [None, b"", mail(2)[:200]], ids=["gone", "empty", "half"])
async def test_what_the_disk_lost_is_fetched_again_before_it_is_deleted(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path, left: bytes | None
) -> None:
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop, leave=False)
    for number in range(3):
        embedded_maildrop.deliver(mail(number))
    embedded_maildrop.servers.faults.cut_on = "QUIT"
    with pytest.raises(Offline):
        await visitor.collector.visit(embedded_maildrop.drop())
    lost = visitor.store.local_mail.files.path(visitor.messages()[0].file)
    first, _, last = visitor.texts()
    visitor.remove(visitor.messages()[1])
    if left is None:
        lost.unlink()
    else:
        lost.write_bytes(left)
    uids = [one.uid for one in visitor.messages()]
    await visitor.visit()
    assert visitor.texts() == [first, last], "what was removed here does not come again"
    assert ([one.uid for one in visitor.messages()], embedded_maildrop.left()) == (uids, [])
    assert visitor.files() == {one.file for one in visitor.messages()}


@pytest.mark.parametrize("leave", [True, False], ids=["keep", "delete"])
async def test_a_message_whose_file_is_missing_is_fetched_again(
    visitors: list[Visitor], maildrop: Maildrop, tmp_path: Path, leave: bool
) -> None:
    maildrop.deliver(mail(1))
    visitor = _visitor(visitors, tmp_path / "store", maildrop)
    await visitor.visit()
    visitors.remove(visitor)
    visitor.store.local_mail.files.path(visitor.messages()[0].file).unlink()
    visitor.store.close()
    visitor = _visitor(visitors, tmp_path / "store", maildrop, leave=leave)
    await visitor.visit()
    assert visitor.texts() == [mail(1)]
    assert maildrop.left() == ([mail(1)] if leave else [])


async def test_a_message_that_the_server_refuses_stays_there(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path
) -> None:
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop, leave=False)
    embedded_maildrop.deliver(mail(1))
    embedded_maildrop.servers.faults.refuse = {"RETR": "-ERR [SYS/TEMP] Broken"}
    await visitor.visit()
    assert (visitor.texts(), embedded_maildrop.left()) == ([], [mail(1)])
    wanted = asyncio.create_task(visitor.collector.want(visitor.messages()[0].file))
    await asyncio.sleep(0)
    await visitor.visit()
    with pytest.raises(ServerRefused, match="does not give"):
        await wanted
    embedded_maildrop.servers.faults.refuse = {}
    await visitor.visit()
    assert (visitor.texts(), embedded_maildrop.left()) == ([mail(1)], [])


async def test_another_message_than_was_asked_for_is_not_taken_for_it(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path
) -> None:
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop, leave=False)
    for number in range(1, 4):
        embedded_maildrop.deliver(mail(number))
    address = embedded_maildrop.address()
    async with Proxy(address.host, address.port) as proxy:
        proxy.replace(Way.UP, rb"^RETR 2\r$", b"RETR 1\r")
        with pytest.raises(ServerBroken, match="another message"):
            await visitor.visit(replace(address, port=proxy.port))
    assert visitor.texts() == [mail(3)], "what came before is kept"
    assert sorted(embedded_maildrop.left()) == [mail(number) for number in range(1, 4)]
    await visitor.visit()
    assert (sorted(visitor.texts()), embedded_maildrop.left()) == ([mail(number) for number in range(1, 4)], [])


async def test_a_message_that_ends_every_visit_keeps_no_other_back(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path
) -> None:
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop)
    for number in range(1, 21):
        embedded_maildrop.deliver(mail(number))
    faults = embedded_maildrop.servers.faults
    faults.cut_on, faults.cut_times = "RETR 15", 100
    for visit in range(3):
        with pytest.raises(Offline):
            await visitor.collector.visit(embedded_maildrop.drop())
        assert visit or mail(20) in visitor.texts(), "what came before is kept"
    assert sorted(visitor.texts()) == sorted(mail(number) for number in range(1, 21) if number != 15)


async def test_a_header_whose_message_is_gone_for_good_goes(
    visitors: list[Visitor], embedded_maildrop: EmbeddedMaildrop, tmp_path: Path
) -> None:
    visitor = _visitor(visitors, tmp_path / "store", embedded_maildrop)
    embedded_maildrop.deliver(mail(1))
    embedded_maildrop.servers.faults.cut_on = "RETR"
    with pytest.raises(Offline):
        await visitor.collector.visit(embedded_maildrop.drop())
    embedded_maildrop.servers.expunge("INBOX", 1)
    await visitor.visit()
    assert len(visitor.messages()) == 1, "a server may forget a message for a moment"
    await visitor.visit()
    assert (visitor.messages(), visitor.files()) == ([], set())
