# SPDX-License-Identifier: GPL-3.0-or-later
"""From connect to close, and what happens when the connection does not last."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.conftest import DemoMaker
from tests.backends.suite.mails import PLAIN, long_mail, mail, told
from tests.backends.suite.server import Demo, Server
from tests.backends.words import words
from tests.servers.launch import free_port
from tests.servers.proxy import Proxy
from tuimail.backends.capabilities import Capabilities
from tuimail.backends.early import EarlyLines
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.port import KnownState, Opening
from tuimail.model.account import Security
from tuimail.model.errors import Offline, TryLater
from tuimail.model.uidset import UidSet

_ONE = UidSet.of([1])
_NONE: frozenset[str] = frozenset()


async def _rows(backend: ImapBackend) -> None:
    async for _ in backend.headers(_ONE):
        pass


async def _flags(backend: ImapBackend) -> None:
    async for _ in backend.flags(_ONE):
        pass


CALLS: dict[str, Callable[[ImapBackend], Awaitable[object]]] = {
    "LIST": lambda backend: backend.folders(),
    "STATUS": lambda backend: backend.status("Sent"),
    "SELECT": lambda backend: backend.select("Sent"),
    "NOOP": lambda backend: backend.select("INBOX"),
    "EXAMINE": lambda backend: backend.select("Sent", read_only=True),
    "UNSELECT": lambda backend: backend.unselect(),
    "UID SEARCH": lambda backend: backend.search(words("hello")),
    "UID FETCH 1 (UID FLAGS INTERNALDATE": _rows,
    "UID FETCH 1 (UID FLAGS MODSEQ)": _flags,
    "UID FETCH 1 (UID BODY.PEEK[]<": lambda backend: backend.section(1, ""),
    "UID FETCH 1 (UID BODY.PEEK[1])": lambda backend: backend.sections([(1, "1")]),
    "UID STORE": lambda backend: backend.store(_ONE, frozenset({"\\Seen"}), _NONE),
    "UID COPY": lambda backend: backend.copy(_ONE, "Sent"),
    "UID MOVE": lambda backend: backend.move(_ONE, "Sent"),
    "UID EXPUNGE": lambda backend: backend.expunge(_ONE),
    "EXPUNGE": lambda backend: backend.expunge_all_deleted(),
    "APPEND": lambda backend: backend.append("Sent", PLAIN, _NONE, None),
    "CREATE": lambda backend: backend.create("Work"),
    "RENAME": lambda backend: backend.rename("Sent", "Gone"),
    "DELETE": lambda backend: backend.delete("Sent"),
    "SUBSCRIBE": lambda backend: backend.subscribe("Sent", True),
    "IDLE": lambda backend: backend.idle(600),
}
"""A line that begins so → the call of the port that says it, with message 1 of INBOX selected."""


@sends("ENABLE QRESYNC", 'ID ("name" "tuimail")', "COMPRESS DEFLATE", "LOGOUT")
async def test_connect_and_close(server: Server) -> None:
    backend = server.new_backend()
    assert backend.capabilities == Capabilities()
    await backend.connect()
    capabilities = backend.capabilities
    assert capabilities.qresync
    assert all((capabilities.condstore, capabilities.uidplus, capabilities.move, capabilities.idle))
    await backend.close()
    assert server.said[-1] == "LOGOUT"
    assert (backend.capabilities, backend.selected) == (Capabilities(), None)
    await backend.close()
    with pytest.raises(Offline):
        await backend.folders()


def _turns(server: Server) -> list[list[str]]:
    """What the backend said, in the pieces that it said without hearing anything between."""
    turns: list[list[str]] = []
    last = ""
    for direction, line in server.log:
        if direction == "C":
            if last != "C":
                turns.append([])
            turns[-1].append(line)
        last = direction
    return turns


async def test_the_first_rows_take_two_turns(tls_server: Server) -> None:
    """Cold: whatever goes with the sign-in, then the rows."""
    tls_server.other().deliver_all(map(mail, range(1, 4)))
    backend = tls_server.new_backend(tls_server.address(Security.TLS))
    await backend.connect(Opening("INBOX", read_only=True))
    selected = await backend.select("INBOX", read_only=True)
    rows = [row async for batch in backend.newest(50) for row in batch]
    assert (selected.exists, [row.uid for row in rows]) == (3, [3, 2, 1])
    first, second = _turns(tls_server)
    assert first[:4] == ["AUTHENTICATE PLAIN ***", first[1], 'ID ("name" "tuimail")', 'EXAMINE "INBOX"']
    assert first[1].startswith("ENABLE QRESYNC")
    assert second[0].startswith("FETCH 1:3 (")
    assert [line for line in first + second if line.startswith("COMPRESS")] == ["COMPRESS DEFLATE"]


async def test_what_changed_comes_in_one_turn(tls_server: Server) -> None:
    """Warm: the connection before has shown what the server offers."""
    other = tls_server.other()
    other.deliver_all(map(mail, range(1, 4)))
    backend = tls_server.new_backend(tls_server.address(Security.TLS))
    await backend.connect()
    before = await backend.select("INBOX", read_only=True)
    await backend.close()
    other.expunge(2)
    tls_server.log.clear()
    known = KnownState(before.uidvalidity, before.highestmodseq or 0)
    await backend.connect(Opening("INBOX", known, read_only=True))
    selected = await backend.select("INBOX", known, read_only=True)
    assert (selected.resynced, selected.vanished, selected.exists) == (True, UidSet.of([2]), 2)
    assert len(_turns(tls_server)) == 1


async def test_a_connection_that_opens_nothing_is_arranged_in_two_turns(tls_server: Server) -> None:
    await tls_server.backend(tls_server.address(Security.TLS))
    assert len(_turns(tls_server)) <= 2


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS, Security.TLS])
async def test_over_a_line_that_was_made_early(tls_server: Server, security: Security) -> None:
    address = tls_server.address(security)
    early = EarlyLines()
    early.begin(address.host, address.port)
    backend = tls_server.new_backend(address, early=early)
    await backend.connect()
    assert await early.take(address.host, address.port) is None, "it was taken"
    await backend.close()
    await backend.connect()
    assert (await backend.select("INBOX")).exists == 0


async def test_connecting_again(server: Server) -> None:
    backend = await server.opened()
    await backend.connect()
    assert backend.selected is None
    assert (await backend.select("INBOX")).exists == 0
    await backend.close()
    await backend.connect()
    assert (await backend.select("INBOX")).exists == 0


async def test_the_protocol_log_is_what_the_server_received(demo: Demo) -> None:
    """The suite's word for what was sent is the client's log; here it is checked against the server's."""
    backend = await demo.opened()
    demo.servers.clear_log()
    await backend.append("INBOX", PLAIN, frozenset({"\\Seen"}), 1_700_000_000)
    await backend.search(words("Grüße"))
    await backend.section(1, "1")
    await backend.create("Köln")
    received = [line.partition(" ")[2].replace("{", "").replace("}", "") for line in demo.servers.log]
    assert received == [line.replace("{", "").replace(" octets}", "") for line in demo.said]


async def test_a_closed_port(server: Server) -> None:
    with pytest.raises(Offline, match="refused the connection"):
        await server.new_backend(replace(server.address(), port=free_port())).connect()


@pytest.mark.parametrize("line", CALLS)
async def test_a_cut_ends_every_call_at_once(server: Server, line: str) -> None:
    server.other().deliver(PLAIN)
    address = server.address()
    async with Proxy(address.host, address.port) as proxy:
        backend = await server.backend(replace(address, port=proxy.port))
        await backend.select("INBOX")
        last = "UID STORE" if line == "UID EXPUNGE" else line
        said = server.expect("C", last)
        proxy.hold()
        call = asyncio.ensure_future(CALLS[line](backend))
        await said
        proxy.cut()
        with pytest.raises(Offline, match="lost"):
            await call
        with pytest.raises(Offline):
            await backend.folders()
        await backend.connect()
        assert (await backend.select("INBOX")).exists == 1


async def test_a_cut_ends_all_waiting_calls(server: Server) -> None:
    server.other().deliver(PLAIN)
    address = server.address()
    async with Proxy(address.host, address.port) as proxy:
        backend = await server.backend(replace(address, port=proxy.port))
        await backend.select("INBOX")
        said = server.expect("C", "UID COPY")
        proxy.hold()
        names = ("UID SEARCH", "UID FETCH 1 (UID BODY.PEEK[]<", "STATUS", "UID COPY")
        calls = asyncio.gather(*(CALLS[name](backend) for name in names), return_exceptions=True)
        await said
        proxy.cut()
        assert [type(answer) for answer in await calls] == [Offline] * 4


async def test_a_cut_in_the_middle_of_an_upload(server: Server) -> None:
    address = server.address()
    async with Proxy(address.host, address.port) as proxy:
        backend = await server.backend(replace(address, port=proxy.port))

        def cut(done: int, whole: int) -> None:
            if done > whole // 2:
                proxy.cut()

        with pytest.raises(Offline):
            await backend.append("Sent", long_mail(3_000_000), _NONE, None, progress=cut)
    assert server.other().uids("Sent") == []


async def test_a_cut_in_the_middle_of_a_download(server: Server) -> None:
    raw = long_mail(3_000_000)
    server.other().deliver(raw)
    address = server.address()
    async with Proxy(address.host, address.port) as proxy:
        backend = await server.backend(replace(address, port=proxy.port))
        await backend.select("INBOX")
        with pytest.raises(Offline):
            await backend.section(1, "", progress=lambda *_: proxy.cut())
        await backend.connect()
        await backend.select("INBOX")
        assert told(await backend.section(1, "", offset=262_144)) == told(raw[262_144:])


@pytest.mark.parametrize("line", CALLS)
async def test_a_goodbye_ends_every_call_at_once(demo: Demo, line: str) -> None:
    demo.other().deliver(PLAIN)
    backend = await demo.opened()
    command = " ".join(line.split()[: 2 if line.startswith("UID") else 1])
    demo.servers.faults.bye_on = command
    with pytest.raises(Offline, match="Closing for maintenance"):
        await CALLS[line](backend)
    demo.servers.faults.bye_on = None
    await backend.connect()
    assert (await backend.select("INBOX")).exists == 1


@pytest.mark.parametrize("line", [line for line in CALLS if line != "IDLE"])
async def test_a_refusal_leaves_the_connection_usable(demo: Demo, line: str) -> None:
    demo.other().deliver(PLAIN)
    backend = await demo.opened()
    command = " ".join(line.split()[: 2 if line.startswith("UID") else 1])
    demo.servers.faults.refuse = {command: "NO [UNAVAILABLE] Ask again"}
    with pytest.raises(TryLater, match="Ask again"):
        await CALLS[line](backend)
    demo.servers.faults.refuse = {}
    assert (await backend.status("INBOX")).messages == 1


async def test_a_goodbye_as_greeting(demo: Demo) -> None:
    demo.servers.faults.bye_on = "greeting"
    with pytest.raises(Offline, match="No connections now"):
        await demo.new_backend().connect()


async def test_a_silent_server(server: Server) -> None:
    address = server.address()
    async with Proxy(address.host, address.port) as proxy:
        backend = server.new_backend(replace(address, port=proxy.port), read_seconds=1.0)
        await backend.connect()
        proxy.hold()
        with pytest.raises(Offline, match="silent"):
            await backend.folders()


async def test_close_does_not_wait_for_a_dead_line(server: Server) -> None:
    address = server.address()
    async with Proxy(address.host, address.port) as proxy:
        backend = await server.backend(replace(address, port=proxy.port))
        proxy.cut()
        await backend.close()
        await backend.close()


async def test_the_server_goes_and_comes_back(demo: Demo) -> None:
    demo.other().deliver(PLAIN)
    backend = await demo.opened()
    demo.servers.go_offline()
    with pytest.raises(Offline):
        await backend.uids()
    with pytest.raises(Offline):
        await backend.connect()
    demo.servers.go_online()
    await backend.connect()
    assert (await backend.select("INBOX")).exists == 1


async def test_a_rebuilt_mailbox_ends_the_connection(demo: Demo) -> None:
    demo.other().deliver(PLAIN)
    backend = await demo.opened()
    begun = demo.expect("S", "+")
    waiting = asyncio.create_task(backend.idle(600))
    await begun
    demo.servers.bump_uidvalidity("INBOX")
    with pytest.raises(Offline, match="rebuilt"):
        await waiting


async def test_two_backends_do_not_mix_their_folders(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(1, 4)))
    other.deliver(mail(9), "Sent")
    other.deliver(PLAIN, "Archive")  # Dovecot does not take two firsts at once in a folder that it makes when it is needed
    one, two = await server.opened("INBOX"), await server.opened("Sent")
    assert await one.section(1, "1") == b"hello 1\r\n"
    assert await two.section(1, "1") == b"hello 9\r\n"
    await asyncio.gather(one.move(_ONE, "Archive"), two.move(_ONE, "Archive"))
    assert sorted(other.raws("Archive")) == sorted([PLAIN, mail(1), mail(9)])
    await one.close()
    assert (await two.select("Archive")).exists == 3


@pytest.mark.parametrize("octets", [1, 2, 3, 50])
async def test_one_octet_at_a_time(make_demo: DemoMaker, octets: int) -> None:
    demo = make_demo("COMPRESS=DEFLATE")
    raw = mail(1, body="x" * octets)
    demo.other().deliver(raw)
    demo.servers.faults.one_byte = True
    backend = await demo.opened()
    assert told(await backend.section(1, "")) == told(raw)
    assert {folder.name for folder in await backend.folders()} >= {"INBOX", "Sent"}


async def test_calls_before_connect(server: Server) -> None:
    backend = server.new_backend()
    for call in CALLS.values():
        with pytest.raises(Offline):
            await call(backend)
    assert server.said == []
