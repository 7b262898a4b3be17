# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that say OK and did nothing, or tell of other messages than they moved: nothing is lost, nor taken for another."""

from collections.abc import Callable, Mapping

import pytest

from tests.sync.conftest import MakeWorld
from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import Box, Traits
from tests.sync.world import World
from tuimail.backends.port import Copied
from tuimail.model.action import Copy, Expunge, Move, SetFlags
from tuimail.model.flags import FLAGGED
from tuimail.model.uidset import UidSet

ROUNDS = 5
KINDS = {
    "modern": Traits(),
    "no_qresync": Traits(qresync=False),
    "poor": Traits(move=False, uidplus=False, condstore=False, qresync=False, object_id=False, list_status=False),
}
Lie = Callable[[list[int], Copied, Box], Copied]
"""The UIDs, what was done, the target → what is said of it."""
LIES: Mapping[str, Lie] = {
    "other_messages": lambda uids, _, box: Copied({uid: at for at, uid in enumerate(uids, 1)}, box.uidvalidity),
    "one_for_all": lambda uids, _, box: Copied(dict.fromkeys(uids, 1), box.uidvalidity),
    "in_another_order": lambda uids, done, box: Copied(
        dict(zip(uids, sorted(done.uids.values(), reverse=True), strict=False)), box.uidvalidity
    ),
    "to_come": lambda uids, _, box: Copied({uid: box.uidnext + at for at, uid in enumerate(uids, 100)}, box.uidvalidity),
    "the_last": lambda uids, _, box: Copied({uid: 2**32 - 1 - at for at, uid in enumerate(uids)}, box.uidvalidity),
    "below_all": lambda uids, _, box: Copied(dict.fromkeys(uids, 0), box.uidvalidity),
    "another_uidvalidity": lambda uids, _, box: Copied({uid: at for at, uid in enumerate(uids, 1)}, box.uidvalidity + 1),
    "nothing": lambda uids, done, box: Copied(),
}


def lie(monkeypatch: pytest.MonkeyPatch, world: World, verb: str, told: Lie, *, does: bool) -> None:
    """The next COPY or MOVE into Archive is answered so, and done or not."""
    real = getattr(MemoryBackend, verb)

    async def lying(self: MemoryBackend, uids: UidSet, folder: str) -> Copied:
        monkeypatch.setattr(MemoryBackend, verb, real)
        done: Copied = await real(self, uids, folder) if does else Copied()
        return told(list(uids), done, world.server.boxes["Archive"])

    monkeypatch.setattr(MemoryBackend, verb, lying)


def wrongly_placed(world: World) -> list[tuple[str, int]]:
    """Rows that stand for another message than the server has at their UID."""
    found = []
    for name, box in world.server.boxes.items():
        there = world.store.messages.at(world.folder_id(name), list(box.messages))
        rows = {row.id: row.message_id for row in world.store.arrivals.alike(there.values())}
        found += [(name, uid) for uid, row in there.items() if rows[row] != box.messages[uid].message_id]
    return found


async def come_to_rest(world: World) -> None:
    """As an open program does: nothing is compared that does not seem to have changed."""
    for _ in range(ROUNDS):
        await world.sweep()
        await world.push()


@pytest.mark.parametrize("kind", ["modern", "poor"])
@pytest.mark.parametrize(("verb", "does"), [("move", True), ("move", False), ("copy", False)])
@pytest.mark.parametrize("told", LIES)
async def test_a_false_answer_is_found_out(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, kind: str, told: str, verb: str, does: bool
) -> None:
    world = await make_world(KINDS[kind])
    for _ in range(3):
        world.deliver("Archive")
    await world.quiet()
    before = {mail.message_id for box in world.server.boxes.values() for mail in box.messages.values()}
    one, two, _ = world.ids("INBOX")
    lie(monkeypatch, world, verb, LIES[told], does=does)
    archive = world.folder_id("Archive")
    world.perform(Move((one, two), archive) if verb == "move" else Copy((one, two), archive))
    await come_to_rest(world)
    assert world.agrees()
    assert not wrongly_placed(world)
    assert {mail.message_id for box in world.server.boxes.values() for mail in box.messages.values()} == before


@pytest.mark.parametrize("told", LIES)
async def test_what_is_deleted_after_a_false_answer_is_no_other_message(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    world = await make_world(KINDS["no_qresync"])
    for _ in range(3):
        world.deliver("Archive")
    await world.quiet()
    one, two, _ = world.ids("INBOX")
    (deleted,) = world.store.arrivals.alike([one])
    lie(monkeypatch, world, "move", LIES[told], does=True)
    world.perform(Move((one, two), world.folder_id("Archive")))
    await world.push()
    await world.sweep()
    world.perform(Expunge((one,)))
    await come_to_rest(world)
    there = {mail.message_id for box in world.server.boxes.values() for mail in box.messages.values()}
    assert there == {f"<{number}@x>" for number in range(1, 7)} - {deleted.message_id}
    assert world.agrees()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["store", "expunge"])
async def test_what_was_not_done_is_shown_as_it_is(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, kind: str, verb: str
) -> None:
    world = await make_world(KINDS[kind])
    first = world.ids("INBOX")[0]

    async def nothing(*_: object) -> bool:
        return True

    monkeypatch.setattr(MemoryBackend, verb, nothing)
    world.perform(Expunge((first,)) if verb == "expunge" else SetFlags((first,), frozenset({FLAGGED})))
    await come_to_rest(world)
    assert world.agrees()
