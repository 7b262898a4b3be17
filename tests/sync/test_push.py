# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying actions to the server."""

import pytest

from tests.sync.conftest import MakeWorld
from tests.sync.memory_backend import MemoryBackend
from tests.sync.memory_server import Mail, Traits
from tuimail.model.action import (
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.flags import DELETED, FLAGGED, FORWARDED, SEEN
from tuimail.model.uidset import UidSet

STAR = frozenset({FLAGGED})
POOR = Traits(move=False, uidplus=False, condstore=False, qresync=False, object_id=False, list_status=False)


async def test_actions_go_oldest_first(make_world: MakeWorld) -> None:
    world = await make_world()
    first = world.ids("INBOX")[0]
    world.perform(SetFlags((first,), STAR))
    world.perform(Move((first,), world.folder_id("Archive")))
    world.perform(SetFlags((first,), frozenset({SEEN})))
    await world.push()
    assert world.server.log == ["STORE", "MOVE", "STORE"]
    assert [mail.flags for mail in world.server.boxes["Archive"].messages.values()] == [frozenset({FLAGGED, SEEN})]
    assert world.store.actions.count() == 0
    assert world.agrees()


async def test_many_messages_are_few_commands(make_world: MakeWorld) -> None:
    world = await make_world(messages=60)
    world.perform(SetFlags(tuple(world.ids("INBOX")), STAR))
    world.perform(Move(tuple(world.ids("INBOX")), world.folder_id("Archive")))
    await world.push()
    assert world.server.log == ["STORE", "MOVE"]
    assert len(world.server.boxes["Archive"].messages) == 60
    assert world.agrees()


async def test_a_refused_action_goes_back_and_is_told(make_world: MakeWorld) -> None:
    world = await make_world()
    world.perform(Move((world.ids("INBOX")[0],), world.folder_id("Archive")))
    assert len(world.ids("INBOX")) == 2
    world.server.refuse = "MOVE"
    await world.push()
    assert len(world.ids("INBOX")) == 3
    assert [notice.text for notice in world.failed.values()] == ["Move 1"]


@pytest.mark.parametrize("traits", [Traits(), Traits(move=False), POOR], ids=["modern", "no move", "poor"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("passed", [0, 1, 2])
async def test_a_lost_answer_neither_loses_nor_doubles(make_world: MakeWorld, traits: Traits, moment: str, passed: int) -> None:
    world = await make_world(traits)
    one, two, _ = world.ids("INBOX")
    world.perform(Copy((one,), world.folder_id("Work")))
    world.perform(Move((two,), world.folder_id("Archive")))
    world.server.lose, world.server.lose_after = moment, passed
    await world.push()
    await world.quiet()
    assert {name: len(box) for name, box in world.on_server().items()} == {"INBOX": 2, "Archive": 1, "Work": 1}
    assert world.agrees()
    assert not world.failed
    assert world.ids("Archive") == [two]


@pytest.mark.parametrize("action", [Copy, Move])
@pytest.mark.parametrize("names", [0, 1])
async def test_copies_that_the_answer_does_not_name_are_found_and_not_made_again(
    make_world: MakeWorld, action: type[Copy | Move], names: int
) -> None:
    world = await make_world(Traits(move=False))
    wanted = world.ids("INBOX")
    world.server.names = names
    world.perform(action(tuple(wanted), world.folder_id("Archive")))
    await world.push()
    await world.quiet()
    left = wanted if action is Copy else []
    assert {name: len(box) for name, box in world.on_server().items() if box} == (
        {"INBOX": 3, "Archive": 3} if left else {"Archive": 3}
    )
    assert world.ids("INBOX") == left
    assert world.agrees()
    assert not world.failed


async def test_nothing_uncertain_is_repeated_before_a_pull(make_world: MakeWorld) -> None:
    world = await make_world()
    world.perform(Copy((world.ids("INBOX")[0],), world.folder_id("Work")))
    world.server.lose = "after"
    await world.push()
    await world.push()
    assert world.server.log == ["COPY"]
    await world.sweep()
    await world.push()
    assert world.server.log == ["COPY"]
    assert world.store.actions.count() == 0


async def test_renumbered_folders_never_get_old_uids(make_world: MakeWorld) -> None:
    world = await make_world()
    chosen = world.ids("INBOX")[2]
    row = world.store.messages.row(chosen)
    assert row is not None
    world.server.boxes["INBOX"].take([1])
    world.server.renumber("INBOX")
    world.perform(Expunge((chosen,)))
    await world.push()
    assert world.server.log == []
    await world.quiet()
    assert world.server.everywhere(row.envelope.message_id) == []
    assert sum(world.on_server()["INBOX"].values()) == 1


async def test_a_message_moved_by_others_takes_its_wishes_along(make_world: MakeWorld) -> None:
    world = await make_world()
    chosen = world.ids("INBOX")[0]
    box = world.server.boxes["INBOX"]
    world.server.boxes["Work"].put(box.messages[1])
    box.take([1])
    world.perform(SetFlags((chosen,), STAR))
    await world.push()
    await world.quiet()
    assert world.ids("Work") == [chosen]
    assert [mail.flags for mail in world.server.boxes["Work"].messages.values()] == [STAR]


async def test_a_wish_on_a_deleted_message_ends_with_a_word(make_world: MakeWorld) -> None:
    world = await make_world()
    world.perform(SetFlags((world.ids("INBOX")[0],), STAR))
    world.server.boxes["INBOX"].take([1])
    await world.quiet()
    assert [notice.error.message for notice in world.failed.values()] == ["The message was deleted by another program."]


async def test_without_uidplus_only_what_was_named_is_marked(make_world: MakeWorld) -> None:
    world = await make_world(Traits(uidplus=False))
    world.server.boxes["INBOX"].flag([3], frozenset({DELETED}), frozenset())
    world.perform(Expunge((world.ids("INBOX")[0],)))
    await world.quiet()
    assert world.server.boxes["INBOX"].messages.keys() == {1, 2, 3}
    assert len(world.ids("INBOX")) == 1


async def test_a_server_without_keywords(make_world: MakeWorld) -> None:
    world = await make_world(Traits(keywords=False))
    first, second, _ = world.ids("INBOX")
    world.perform(SetFlags((first,), frozenset({"holiday"})))
    world.perform(SetFlags((second,), frozenset({FORWARDED})))
    await world.push()
    assert [notice.text for notice in world.failed.values()] == ["SetFlags 1"]
    assert "holiday" in next(iter(world.failed.values())).error.message
    assert world.server.log == []


async def test_a_folder_that_keeps_no_flags(make_world: MakeWorld) -> None:
    world = await make_world(Traits(keywords=False, system_flags=False))
    first, second, third = world.ids("INBOX")
    world.perform(SetFlags((first,), frozenset({FLAGGED})))
    world.perform(SetFlags((second,), frozenset(), frozenset({FLAGGED})))
    world.perform(SetFlags((third,), frozenset({SEEN})))
    await world.push()
    assert [notice.error.message for notice in world.failed.values()] == ["You may not change this in the folder: flagged."] * 2
    assert world.server.log == []
    assert not any(row.flags for row in map(world.store.messages.row, (first, third)) if row is not None)


async def test_a_missing_folder_with_a_role_is_made_once(make_world: MakeWorld) -> None:
    world = await make_world()
    chosen = world.ids("INBOX")[0]
    world.perform(Move((chosen,), world.folder_id("Archive")))
    del world.server.boxes["Archive"]
    await world.push()
    await world.quiet()
    assert world.ids("Archive") == [chosen]
    assert world.server.log.count("CREATE") == 1


async def test_a_missing_folder_without_a_role_is_told(make_world: MakeWorld) -> None:
    world = await make_world()
    world.perform(Move((world.ids("INBOX")[0],), world.folder_id("Work")))
    del world.server.boxes["Work"]
    await world.push()
    assert len(world.failed) == 1
    assert len(world.ids("INBOX")) == 3


async def test_a_busy_server_is_asked_again(make_world: MakeWorld) -> None:
    world = await make_world()
    folder = world.folder_id("Archive")
    blob = world.store.blobs.write(b"Message-ID: <new@x>\r\n\r\nhello\r\n")
    performed = world.perform(Append(folder, blob, "<new@x>"))
    world.server.refuse, world.server.refusal_code = "APPEND", "OVERQUOTA"
    assert (await world.pusher.push(world.backend)).late is not None
    assert [waiting.state for waiting in world.store.actions.waiting(world.account)] == ["waiting"]
    assert performed.undo is None or world.store.actions.count() == 1
    await world.push()
    assert world.store.actions.count() == 1, "not at once"
    world.pusher.postponed.hurry()
    await world.push()
    assert world.store.actions.count() == 0


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_append_happens_once(make_world: MakeWorld, moment: str) -> None:
    world = await make_world()
    blob = world.store.blobs.write(b"Message-ID: <new@x>\r\n\r\nhello\r\n")
    world.perform(Append(world.folder_id("Archive"), blob, "<new@x>", STAR))
    world.server.lose = moment
    await world.push()
    assert world.store.blobs.path(blob).exists()
    await world.quiet()
    assert [(mail.message_id, mail.flags) for mail in world.server.boxes["Archive"].messages.values()] == [("<new@x>", STAR)]
    assert not world.store.blobs.path(blob).exists()
    assert world.agrees()


async def test_an_append_that_was_moved_on_is_not_repeated(make_world: MakeWorld) -> None:
    world = await make_world()
    blob = world.store.blobs.write(b"Message-ID: <new@x>\r\n\r\nhi\r\n")
    world.perform(Append(world.folder_id("Archive"), blob, "<new@x>"))
    world.server.lose = "after"
    await world.push()
    archive = world.server.boxes["Archive"]
    world.server.boxes["Work"].put(archive.messages[1])
    archive.take([1])
    await world.quiet()
    assert [name for name, _ in world.server.everywhere("<new@x>")] == ["Work"]


async def test_mail_to_oneself_is_no_sent_copy(make_world: MakeWorld) -> None:
    world = await make_world()
    blob = world.store.blobs.write(b"Message-ID: <new@x>\r\n\r\nhi\r\n")
    world.perform(Append(world.folder_id("Archive"), blob, "<new@x>"))
    world.server.lose = "before"
    await world.push()
    world.server.boxes["INBOX"].put(Mail("<new@x>", 2000, frozenset(), 0))
    await world.quiet()
    assert sorted(name for name, _ in world.server.everywhere("<new@x>")) == ["Archive", "INBOX"]


async def test_what_is_there_already_is_not_appended(make_world: MakeWorld) -> None:
    world = await make_world()
    message_id = world.deliver("Archive")
    blob = world.store.blobs.write(b"Message-ID: %b\r\n\r\nhello\r\n" % message_id.encode())
    world.perform(Append(world.folder_id("Archive"), blob, message_id, look_first=True))
    await world.quiet()
    assert len(world.ids("Archive")) == 1


async def test_an_append_replaces_the_older_copy(make_world: MakeWorld) -> None:
    world = await make_world()
    old = world.ids("INBOX")[0]
    blob = world.store.blobs.write(b"Message-ID: <new@x>\r\n\r\nhello\r\n")
    world.perform(Append(world.folder_id("INBOX"), blob, "<new@x>", replaces=(old,)))
    await world.quiet()
    assert 1 not in world.server.boxes["INBOX"].messages
    assert len(world.ids("INBOX")) == 3


async def test_folders_are_made_renamed_subscribed_and_deleted(make_world: MakeWorld) -> None:
    world = await make_world()
    folder = world.store.folders.add_waiting(world.account, "/")
    world.perform(CreateFolder(folder, "Work/2025"))
    world.perform(Move((world.ids("INBOX")[0],), folder))
    world.perform(RenameFolder(world.folder_id("Work"), "Work", "Job"))
    world.perform(Subscribe(world.folder_id("Archive"), subscribed=False))
    await world.quiet()
    assert set(world.server.boxes) == {"INBOX", "Archive", "Job", "Job/2025"}
    assert len(world.server.boxes["Job/2025"].messages) == 1
    assert not world.server.boxes["Archive"].subscribed
    assert world.folder_id("Job/2025") == folder
    world.perform(DeleteFolder(folder))
    await world.quiet()
    assert set(world.server.boxes) == {"INBOX", "Archive", "Job"}
    assert world.agrees()


@pytest.mark.parametrize("traits", [Traits(), POOR], ids=["modern", "poor"])
async def test_a_rename_without_answer_is_recognised(make_world: MakeWorld, traits: Traits) -> None:
    world = await make_world(traits)
    folder = world.folder_id("Work")
    world.perform(RenameFolder(folder, "Work", "Job"))
    world.server.lose = "after"
    await world.push()
    await world.quiet()
    assert world.folder_id("Job") == folder
    assert world.server.log.count("RENAME") == 1
    assert not world.failed


async def test_an_action_taken_back_is_not_carried(make_world: MakeWorld) -> None:
    world = await make_world()
    world.perform(Move((world.ids("INBOX")[0],), world.folder_id("Archive")))
    world.undo()
    await world.push()
    assert world.server.log == []


async def test_what_the_server_took_is_not_stored_again(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await make_world()
    replaced = world.ids("INBOX")[0]
    world.server.boxes["INBOX"].take([world.store.messages.places([replaced])[replaced].uid or 0])
    await world.look(world.folder_id("INBOX"))  # it is in limbo: another program may have moved it

    async def nothing(self: MemoryBackend, message_id: str) -> UidSet:
        return UidSet()

    monkeypatch.setattr(MemoryBackend, "find_message_id", nothing)
    world.perform(Append(world.folder_id("Archive"), world.store.blobs.write(b"new"), "<new@x>", replaces=(replaced,)))
    await world.push()
    assert world.store.actions.count() == 1, "what it replaces is to go yet"
    for _ in range(3):
        await world.sweep()
        await world.push()
    assert world.store.actions.count() == 0
    assert len(world.server.boxes["Archive"].messages) == 1
