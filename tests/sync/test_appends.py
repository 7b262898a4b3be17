# SPDX-License-Identifier: GPL-3.0-or-later
"""Many messages put into one folder: in order, none lost, none doubled, whatever comes in between."""

from types import SimpleNamespace

import pytest

from tests.sync.conftest import MakeWorld
from tests.sync.memory_server import Traits
from tests.sync.world import World
from tuimail.backends.port import Selected
from tuimail.model.action import Append
from tuimail.sync import aftermath, carry_appends

COUNT = 10
SINGLY = Traits(multiappend=False)
IDS = [f"<many{number}@x>" for number in range(COUNT)]


def queue(world: World, *, size: int = 30, name: str = "Archive") -> list[str]:
    """Ten messages wait for a folder; the names of their blobs."""
    raws = [b"Message-ID: %b\r\n\r\n" % message_id.encode() + b"x" * size + b"\r\n" for message_id in IDS]
    blobs = world.store.blobs.write_all(raws)
    folder = world.folder_id(name)
    for blob, message_id in zip(blobs, IDS, strict=True):
        world.perform(Append(folder, blob, message_id))
    return blobs


def stored(world: World, name: str = "Archive") -> list[str]:
    """The Message-IDs in a folder of the server, in the order of coming."""
    return [mail.message_id for mail in world.server.boxes[name].messages.values()]


@pytest.mark.parametrize("most", [3, 64])
@pytest.mark.parametrize("traits", [Traits(), SINGLY], ids=["at once", "singly"])
async def test_they_come_in_order_and_leave_nothing_behind(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, most: int, traits: Traits
) -> None:
    monkeypatch.setattr(carry_appends, "MOST", most)
    world = await make_world(traits)
    blobs = queue(world)
    await world.push()
    assert stored(world) == IDS
    assert world.store.actions.count() == 0
    assert not [blob for blob in blobs if world.store.blobs.path(blob).exists()]
    await world.quiet()
    assert world.agrees()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("done", [0, 4, COUNT - 1])
@pytest.mark.parametrize("crash", [False, True])
async def test_a_connection_lost_among_them_loses_and_doubles_nothing(
    make_world: MakeWorld, moment: str, done: int, *, crash: bool
) -> None:
    world = await make_world(SINGLY)
    queue(world)
    world.server.lose, world.server.lose_after = moment, done
    await world.push()
    assert stored(world) == IDS[: done + (moment == "after")]
    if crash:
        world.crash()
    await world.quiet()
    assert sorted(stored(world)) == sorted(IDS)
    assert world.agrees()


async def test_one_that_is_refused_stops_no_other(make_world: MakeWorld) -> None:
    world = await make_world(SINGLY)
    queue(world)
    world.server.refuse = "APPEND"
    await world.push()
    assert stored(world) == IDS[1:]
    assert len(world.failed) == 1


async def test_one_that_finds_no_room_waits_and_stops_no_other(make_world: MakeWorld) -> None:
    world = await make_world(SINGLY)
    queue(world)
    world.server.refuse, world.server.refusal_code = "APPEND", "OVERQUOTA"
    assert (await world.pusher.push(world.backend)).late is not None
    assert stored(world) == IDS[1:]
    await world.push()
    assert world.store.actions.count() == 1, "not at once"
    world.pusher.postponed.hurry()
    await world.quiet()
    assert stored(world) == [*IDS[1:], IDS[0]]
    assert not world.failed


async def test_a_full_mailbox_is_told_and_each_offered_once(make_world: MakeWorld) -> None:
    world = await make_world(SINGLY)
    queue(world)
    world.server.refuse, world.server.refusal_code, world.server.keeps_refusing = "APPEND", "OVERQUOTA", True
    assert "full" in str((await world.pusher.push(world.backend)).late)
    assert world.server.log.count("APPEND") == world.store.actions.count() == COUNT
    assert world.pusher.postponed.next()
    world.server.keeps_refusing = False
    world.pusher.postponed.hurry()
    await world.quiet()
    assert stored(world) == IDS
    assert world.pusher.postponed.next() is None


async def test_a_missing_folder_with_a_role_is_made(make_world: MakeWorld) -> None:
    world = await make_world()
    queue(world)
    del world.server.boxes["Archive"]
    await world.push()
    assert stored(world) == IDS
    assert world.server.log.count("CREATE") == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("done", [0, 1])
@pytest.mark.parametrize(("name", "same_size"), [(b"Message-ID: <same@x>\r\n", False), (b"", True)])
async def test_those_with_one_message_id_are_not_lost_for_each_other(
    make_world: MakeWorld, moment: str, done: int, name: bytes, *, same_size: bool
) -> None:
    world = await make_world(SINGLY)
    raws = [name + b"\r\n" + (b"%d" % number if same_size else b"x" * number) + b"\r\n" for number in range(1, 4)]
    message_id = "<same@x>" if name else ""
    for blob in world.store.blobs.write_all(raws):
        world.perform(Append(world.folder_id("Archive"), blob, message_id))
    world.server.lose, world.server.lose_after = moment, done
    await world.push()
    while world.server.lose:
        await world.sweep()
        await world.push()
    world.crash()
    await world.quiet()
    assert sorted(mail.raw for mail in world.server.boxes["Archive"].messages.values()) == sorted(raws)


async def test_a_file_that_is_gone_costs_only_itself(make_world: MakeWorld) -> None:
    world = await make_world(SINGLY)
    blobs = queue(world)
    world.store.blobs.remove(blobs[4])
    await world.push()
    assert stored(world) == IDS[:4] + IDS[5:]
    assert len(world.failed) == 1


async def test_a_folder_that_another_program_deleted(make_world: MakeWorld) -> None:
    world = await make_world()
    queue(world, name="Work")
    world.server.boxes.pop("Work")
    await world.push()
    await world.quiet()
    assert len(world.failed) == COUNT
    assert world.store.actions.count() == 0


async def test_large_ones_do_not_all_go_at_once(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carry_appends, "_OCTETS", 350)
    world = await make_world()
    queue(world, size=100)
    waiting = world.store.actions.waiting(world.account)
    assert len(carry_appends.together(waiting[0], waiting[1:], world.store)) == 2
    await world.push()
    assert stored(world) == IDS


async def test_many_are_one_command_where_the_server_takes_them_at_once(make_world: MakeWorld) -> None:
    world = await make_world()
    queue(world)
    await world.push()
    assert world.server.log == ["MULTIAPPEND"]


async def test_one_that_is_refused_is_found_among_those_sent_at_once(make_world: MakeWorld) -> None:
    world = await make_world()
    blobs = queue(world)
    world.server.unwanted = world.store.blobs.read(blobs[4])
    await world.push()
    assert stored(world) == IDS[:4] + IDS[5:]
    assert [world.named[action] for action in world.failed] == [{IDS[4]}]
    assert world.store.actions.count() == 0


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("crash", [False, True])
async def test_a_lost_answer_to_all_of_them_loses_and_doubles_nothing(
    make_world: MakeWorld, moment: str, *, crash: bool
) -> None:
    world = await make_world()
    queue(world)
    world.server.lose = moment
    await world.push()
    assert stored(world) == (IDS if moment == "after" else [])
    if crash:
        world.crash()
    await world.quiet()
    assert stored(world) == IDS
    assert world.agrees()


async def test_all_of_them_wait_for_a_pull_after_a_lost_answer(make_world: MakeWorld) -> None:
    """The server may still be at work on what it was told."""
    world = await make_world()
    await world.quiet()
    raws = [world.store.blobs.read(blob) for blob in queue(world)]
    world.server.lose = "before"
    await world.push()
    await world.push()
    assert stored(world) == []
    for raw in raws:
        await world.backend.append("Archive", raw, frozenset(), None)
    await world.quiet()
    assert stored(world) == IDS


async def test_what_was_never_said_is_not_uncertain(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carry_appends, "_ON_THE_WAY", 2)
    world = await make_world(SINGLY)
    queue(world)
    world.server.lose, world.server.lose_after = "before", 4
    await world.push()
    uncertain = [waiting for waiting in world.store.actions.waiting(world.account) if waiting.attempt]
    assert stored(world) == IDS[:4]
    assert 1 <= len(uncertain) <= 2


async def test_what_the_server_does_late_is_not_done_again(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server goes on with what a killed program said, after the next one has looked at all folders."""
    monkeypatch.setattr(aftermath, "_QUIET", 0.0)
    world = await make_world()
    raw = b"Subject: no name\r\n\r\nhello\r\n"
    world.perform(Append(world.folder_id("Archive"), world.store.blobs.write(raw), ""))
    world.server.lose = "before"
    await world.push()
    world.crash()
    for _ in range(3):
        await world.sweep()
    await world.backend.append("Archive", raw, frozenset(), None)
    await world.pusher.still(world)
    await world.push()
    await world.quiet()
    assert stored(world) == [""]
    assert world.store.actions.count() == 0


@pytest.mark.parametrize("late", [1, 3])
async def test_a_server_that_goes_on_is_waited_for(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, late: int) -> None:
    """It is slow, and still at work when a new connection is there: each look finds one more, and is followed by another."""
    monkeypatch.setattr(aftermath, "_QUIET", 0.0)
    world = await make_world()
    await world.quiet()
    raws = [world.store.blobs.read(blob) for blob in queue(world)]
    world.server.lose = "before"
    await world.push()
    coming = raws[:late]
    looked = 0

    async def look(folder: str, **options: object) -> Selected:
        nonlocal looked
        looked += 1
        selected = await select(folder, **options)  # type: ignore[arg-type]
        if coming:
            await world.backend.append("Archive", coming.pop(0), frozenset(), None)
        return selected

    select = world.backend.select
    with monkeypatch.context() as patched:
        patched.setattr(world.backend, "select", look)
        await world.pusher.still(world)
    assert looked == late + 2
    await world.quiet()
    assert sorted(stored(world)) == sorted(IDS)


async def test_somebody_who_adds_for_ever_does_not_hold_it_up(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aftermath, "_QUIET", 0.0)
    monkeypatch.setattr(aftermath, "_GIVEN_UP", 0.0)
    world = await make_world()
    queue(world)
    world.server.lose = "before"
    await world.push()
    await world.pusher.still(world)
    await world.quiet()
    assert stored(world) == IDS


async def test_an_answer_that_was_waited_for_long_is_followed_by_a_long_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow server is given as long again as it has had, within bounds, and twice as long each time that it went on."""
    slept: list[float] = []
    counts = iter([1, 1, 2, 2])

    class Line:
        async def repeat(self, work: object) -> list[int]:
            return [next(counts)]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(aftermath, "asyncio", SimpleNamespace(sleep=sleep))
    await aftermath.Aftermath(9.0).over(Line(), ["Archive"])  # type: ignore[arg-type]
    assert slept == [9.0]
    slept.clear()
    counts = iter([1, 2, 3, 3])
    await aftermath.Aftermath(1000.0).over(Line(), ["Archive"])  # type: ignore[arg-type]
    assert slept == [30.0, 30.0, 30.0]
    slept.clear()
    counts = iter([1, 2, 3, 3])
    await aftermath.Aftermath().over(Line(), ["Archive"])  # type: ignore[arg-type]
    assert slept == [2.0, 4.0, 8.0]
