# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer is lost while a pull that began before the command is still under way, and is what sees what the command made."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.proxy import Deed, Proxy, Way
from tests.sync.conftest import MakeWorld
from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import Traits
from tests.sync.world import Truth, World
from tuimail.backends.imap.backend import ImapBackend
from tuimail.backends.port import KnownState, MailBackend, Selected
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.action import Action, Append, Copy, Move
from tuimail.model.errors import Offline
from tuimail.model.flags import DRAFT as DRAFT_FLAG
from tuimail.model.folder import FolderRole
from tuimail.store.store import Store
from tuimail.sync.pull import Puller
from tuimail.sync.push import Pusher

DRAFT = b"Message-ID: <draft@x>\r\n\r\n"


def _carry_between(backend: MailBackend, first: str, then: str, truth: Truth, push: Callable[[], Awaitable[None]]) -> None:
    """When this connection, which pulls, opens a folder, what waits is carried on another one before it opens the next."""
    select = backend.select
    carrying: list[asyncio.Task[None]] = []

    async def opened(folder: str, known: KnownState | None = None, *, read_only: bool = False, fresh: bool = True) -> Selected:
        if folder == first and not carrying:
            carrying.append(asyncio.ensure_future(push()))
            wanted = asyncio.create_task(truth.wanted.wait())
            await asyncio.wait({carrying[0], wanted}, return_when=asyncio.FIRST_COMPLETED)
            wanted.cancel()
        elif folder == then and carrying:
            await carrying[0]
        return await select(folder, known, read_only=read_only, fresh=fresh)

    backend.select = opened  # type: ignore[method-assign]


async def _carried_meanwhile(world: World, moment: str, *, crash: bool) -> None:
    async def push() -> None:
        with pytest.raises(Offline):
            await world.pusher.push(MemoryBackend(world.server))

    world.server.lose = moment
    pulling = MemoryBackend(world.server)
    _carry_between(pulling, "INBOX", "Archive", world.truth, push)
    await world.puller.sweep(pulling, deep=True)
    assert not world.server.lose, "carried while the pull was under way"
    if crash:
        world.crash()
    await world.quiet()
    assert world.store.actions.count() == 0
    assert world.agrees()
    assert not world.failed


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("traits", [Traits(), Traits(condstore=False, qresync=False, uidplus=False)], ids=["rich", "poor"])
@pytest.mark.parametrize("plain", [False, True])
async def test_an_append_is_done_once(make_world: MakeWorld, traits: Traits, moment: str, *, plain: bool, crash: bool) -> None:
    """A draft; and one of many, as `import` has them."""
    world = await make_world(traits)
    raws = [DRAFT, b"Message-ID: <other@x>\r\n\r\n"] if plain else [DRAFT]
    for blob, name in zip(world.store.blobs.write_all(raws), ("<draft@x>", "<other@x>"), strict=False):
        world.perform(Append(world.folder_id("Archive"), blob, name, look_first=not plain))
    await _carried_meanwhile(world, moment, crash=crash)
    assert sorted(mail.raw for mail in world.server.boxes["Archive"].messages.values()) == sorted(raws)


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_append_beside_one_like_it_is_done_once(make_world: MakeWorld, moment: str, *, crash: bool) -> None:
    """Of the same size, and seen by an earlier pull: it is not taken for what the command made."""
    world = await make_world()
    await world.backend.append("Archive", DRAFT, frozenset(), None)
    await world.quiet()
    blob = world.store.blobs.write(DRAFT)
    world.perform(Append(world.folder_id("Archive"), blob, "<draft@x>"))
    await _carried_meanwhile(world, moment, crash=crash)
    assert len(world.server.boxes["Archive"].messages) == 2


@pytest.mark.parametrize(("more", "moment"), [(b"", "before"), (b"Received: x\r\n", "before"), (b"Received: x\r\n", "after")])
async def test_an_append_beside_one_that_arrives_meanwhile_is_done_once(
    make_world: MakeWorld, more: bytes, moment: str
) -> None:
    """A letter to oneself is seen under the same Message-ID by the pull that is under way, before the copy is kept."""
    world = await make_world()
    world.perform(Append(world.folder_id("Archive"), world.store.blobs.write(DRAFT), "<draft@x>"))
    await world.backend.append("INBOX", more + DRAFT, frozenset(), None)
    await _carried_meanwhile(world, moment, crash=False)
    assert [name for name, _ in world.server.everywhere("<draft@x>")] == ["INBOX", "Archive"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("kind", [Copy, Move])
async def test_what_is_copied_is_there_once(make_world: MakeWorld, moment: str, kind: type[Copy | Move]) -> None:
    world = await make_world(Traits(move=False, condstore=False, qresync=False))
    action: Action = kind((world.ids("INBOX")[0],), world.folder_id("Archive"))
    world.perform(action)
    await _carried_meanwhile(world, moment, crash=False)
    assert len(world.server.everywhere("<1@x>")) == (2 if kind is Copy else 1)
    assert len(world.server.boxes["Archive"].messages) == 1


async def test_a_draft_at_a_server_is_there_once(tmp_path: Path) -> None:
    with DemoServers(0) as servers:
        at = servers.addresses
        async with Proxy(at.host, at.imap_port) as proxy:
            proxy.hide("COMPRESS=DEFLATE")
            cut = proxy.on(Way.DOWN, rb"OK .*APPENDUID", Deed.CUT)

            async def connected(port: int) -> ImapBackend:
                async def password() -> str:
                    return at.password

                backend = ImapBackend(ServerAddress(at.host, port, Security.NONE, at.user), password)
                await backend.connect()
                return backend

            store, truth = Store.open(tmp_path / "store"), Truth()
            account = store.accounts.ensure("main")
            puller = Puller(store, account, lambda notice: None, truth)
            pusher = Pusher(store, account, lambda notice: None, truth)
            pulling, carrying = await connected(at.imap_port), await connected(proxy.port)
            await puller.sweep(pulling)
            drafts = store.folders.by_role(account, FolderRole.DRAFTS)
            assert drafts is not None
            append = Append(drafts.id, store.blobs.write(DRAFT), "<draft@x>", frozenset({DRAFT_FLAG}))
            store.actions.perform([append], "Keep the draft")

            async def push() -> None:
                with pytest.raises(Offline):
                    await pusher.push(carrying)

            _carry_between(pulling, "INBOX", drafts.name, truth, push)
            await puller.sweep(pulling, deep=True)
            assert cut.times == 1, "carried while the pull was under way"
            again = await connected(at.imap_port)
            while store.actions.count():
                await puller.sweep(pulling, deep=True)
                await pusher.push(again)
            assert len(servers.snapshot()[drafts.name]) == 1
            for backend in (pulling, carrying, again):
                await backend.close()
            store.close()
