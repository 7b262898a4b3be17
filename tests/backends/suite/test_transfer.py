# SPDX-License-Identifier: GPL-3.0-or-later
r"""Copy, move, delete for good: what arrives, what stays, and that nothing goes that was not named."""

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import mail
from tests.backends.suite.other_client import OtherClient
from tests.backends.suite.server import Demo, Server, ServerMaker
from tuimail.backends.port import Copied
from tuimail.model.errors import ServerRefused
from tuimail.model.uidset import UidSet

_TWO = UidSet.parse("2:3")


def _seed(server: Server) -> OtherClient:
    r"""Messages 1 to 4 in INBOX; 4 was marked ``\Deleted`` by somebody else; Archive is not empty."""
    other = server.other()
    other.deliver_all(map(mail, range(1, 5)))
    other.add_flags(2, "\\Seen", "$Forwarded")
    other.add_flags(4, "\\Deleted")
    other.deliver(mail(0), "Archive")
    return other


@sends('UID COPY 2:3 "Archive"')
async def test_copy(server: Server) -> None:
    other = _seed(server)
    backend = await server.opened()
    copied = await backend.copy(_TWO, "Archive")
    assert copied == Copied({2: 2, 3: 3}, other.status("Archive", "UIDVALIDITY"))
    assert other.uids() == [1, 2, 3, 4]
    archive = other.messages("Archive")
    assert [stored.raw for stored in archive.values()] == [mail(0), mail(2), mail(3)]
    assert archive[2].flags == {"\\Seen", "$Forwarded"}


@sends('UID MOVE 2:3 "Archive"')
async def test_move(server: Server) -> None:
    other = _seed(server)
    backend = await server.opened()
    moved = await backend.move(_TWO, "Archive")
    assert moved == Copied({2: 2, 3: 3}, other.status("Archive", "UIDVALIDITY"), left_behind=False)
    assert other.uids() == [1, 4]
    assert other.raws("Archive") == [mail(0), mail(2), mail(3)]
    assert other.flags(2, "Archive") == {"\\Seen", "$Forwarded"}
    assert len(server.said) == 1


@sends('UID COPY 2:3 "Archive"', "UID STORE 2:3 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 2:3")
async def test_move_without_move(make_server: ServerMaker) -> None:
    server = make_server("MOVE")
    other = _seed(server)
    backend = await server.opened()
    start = len(server.log)
    moved = await backend.move(_TWO, "Archive")
    assert moved == Copied({2: 2, 3: 3}, other.status("Archive", "UIDVALIDITY"), left_behind=False)
    assert other.uids() == [1, 4]
    assert other.raws("Archive") == [mail(0), mail(2), mail(3)]
    assert "\\Deleted" not in other.flags(2, "Archive")
    directions = [direction for direction, _ in server.log[start:]]
    assert directions[:2] == ["C", "S"], "nothing is deleted before the copy is known to be there"


async def test_move_without_move_and_uidplus(make_server: ServerMaker) -> None:
    server = make_server("MOVE", "UIDPLUS")
    other = _seed(server)
    backend = await server.opened()
    moved = await backend.move(_TWO, "Archive")
    assert moved.left_behind
    assert {uid: stored.flags for uid, stored in other.messages().items()} == {
        1: set(),
        2: {"\\Seen", "$Forwarded", "\\Deleted"},
        3: {"\\Deleted"},
        4: {"\\Deleted"},
    }
    assert other.raws("Archive") == [mail(0), mail(2), mail(3)]
    assert not any("EXPUNGE" in line for line in server.said)


async def test_move_without_uidplus(make_server: ServerMaker) -> None:
    server = make_server("UIDPLUS")
    other = _seed(server)
    backend = await server.opened()
    assert not (await backend.move(_TWO, "Archive")).left_behind
    assert other.uids() == [1, 4]
    assert other.raws("Archive") == [mail(0), mail(2), mail(3)]


@pytest.mark.parametrize("without", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
async def test_to_a_missing_folder(make_server: ServerMaker, without: tuple[str, ...]) -> None:
    server = make_server(*without)
    other = _seed(server)
    backend = await server.opened()
    for transfer in (backend.move, backend.copy):
        with pytest.raises(ServerRefused) as refused:
            await transfer(_TWO, "Nowhere")
        assert refused.value.code == "TRYCREATE"
    assert [stored.flags for stored in other.messages().values()] == [set(), {"\\Seen", "$Forwarded"}, set(), {"\\Deleted"}]
    assert "Nowhere" not in other.folders()


async def test_a_refused_copy_deletes_nothing(demo: Demo) -> None:
    demo.servers.faults.without = frozenset({"MOVE"})
    demo.servers.faults.refuse = {"COPY": "NO [OVERQUOTA] Full"}
    other = _seed(demo)
    backend = await demo.opened()
    with pytest.raises(ServerRefused) as refused:
        await backend.move(_TWO, "Archive")
    assert refused.value.code == "OVERQUOTA"
    assert other.flags(3) == set()
    assert [line.split()[1] for line in demo.said] == ["COPY"]


async def test_what_is_gone_is_not_copied(server: Server) -> None:
    other = _seed(server)
    backend = await server.opened()
    other.expunge(3)
    moved = await backend.move(UidSet.parse("2:3,50"), "Archive")
    assert moved.uids == {2: 2}
    assert other.raws("Archive") == [mail(0), mail(2)]
    assert (await backend.copy(UidSet.of([50]), "Archive")).uids == {}


async def test_within_a_folder_with_a_name_of_its_own(server: Server) -> None:
    other = _seed(server)
    other.create('K&APY-ln "&-" B')
    backend = await server.opened()
    assert (await backend.move(UidSet.of([1]), 'Köln "&" B')).uids == {1: 1}
    assert other.raws('K&APY-ln "&-" B') == [mail(1)]


async def test_copies_within_the_folder(server: Server) -> None:
    other = _seed(server)
    backend = await server.opened()
    assert (await backend.copy(_TWO, "INBOX")).uids == {2: 5, 3: 6}
    assert other.raws()[-2:] == [mail(2), mail(3)]
    assert len(await backend.uids()) == 6


@sends("UID STORE 2:3 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 2:3")
async def test_expunge_removes_only_what_is_named(server: Server) -> None:
    other = _seed(server)
    backend = await server.opened()
    assert await backend.expunge(_TWO)
    assert other.uids() == [1, 4]
    assert other.flags(4) == {"\\Deleted"}
    assert "EXPUNGE" not in server.said


async def test_expunge_without_uidplus_only_marks(make_server: ServerMaker) -> None:
    server = make_server("UIDPLUS")
    other = _seed(server)
    backend = await server.opened()
    assert not await backend.expunge(_TWO)
    assert [uid for uid, stored in other.messages().items() if "\\Deleted" in stored.flags] == [2, 3, 4]
    assert not any("EXPUNGE" in line for line in server.said)


@sends("EXPUNGE")
async def test_expunge_all_deleted(make_server: ServerMaker) -> None:
    server = make_server("UIDPLUS")
    other = _seed(server)
    backend = await server.opened()
    await backend.expunge(UidSet.of([2]))
    await backend.expunge_all_deleted()
    assert other.uids() == [1, 3]
    assert await backend.uids() == UidSet.parse("1,3")


async def test_a_long_and_holey_set(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(1, 5)))
    backend = await server.opened()
    moved = await backend.move(UidSet.of(range(1, 10_001, 2)), "Archive")
    assert len(server.said) > 1
    assert moved.uids == {1: 1, 3: 2}
    assert other.uids() == [2, 4]


async def test_two_hundred_keep_their_order(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(200)))
    backend = await server.opened()
    moved = await backend.move(UidSet.parse("1:200"), "Archive")
    assert moved.uids == {uid: uid for uid in range(1, 201)}
    assert other.raws("Archive") == [mail(number) for number in range(200)]
    assert other.uids() == []
