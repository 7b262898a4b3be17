# SPDX-License-Identifier: GPL-3.0-or-later
"""NOTIFY where a server refuses it, gives it up, or tells in the middle of an answer."""

from tests.backends.imap.scripted import CAPABILITIES, Line, signed_in
from tuimail.backends.port import ServerChange

_NOTIFY = CAPABILITIES + b" NOTIFY"
_BOTH = rb"^NOTIFY SET \(SELECTED-DELAYED \([^)]*\)\) \(PERSONAL \([^)]*\)\)$"
_SELECTED = rb"^NOTIFY SET \(SELECTED-DELAYED \([^)]*\)\)$"
_SHORT = 0.01


async def _idle(line: Line, told: bytes = b"") -> None:
    tag = await line.hear(b"^IDLE$")
    line.say(b"+ idling\r\n" + told)
    await line.hear(b"")
    line.say(tag + b" OK done\r\n")


async def test_a_refusal_leaves_idle() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(_BOTH, status=b"NO [BADEVENT (MessageNew)] no")
        await _idle(line, b"* 4 EXISTS\r\n")
        await line.answer(b"^NOOP$")
        await _idle(line, b'* LIST () "/" Work\r\n* 5 EXISTS\r\n')

    async with signed_in(script, _NOTIFY) as (backend, _):
        await backend.select("INBOX")
        assert await backend.idle(30) == ServerChange(look_again=True)
        assert not backend.capabilities.notify
        await backend.select("INBOX")
        assert await backend.idle(30) == ServerChange(look_again=True)


async def test_an_overwhelmed_server_is_asked_for_the_open_folder_alone() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(_BOTH)
        await _idle(line, b"* OK [NOTIFICATIONOVERFLOW] too much\r\n")
        await line.answer(_SELECTED)
        await _idle(line, b"* STATUS Work (MESSAGES 1)\r\n* 4 EXISTS\r\n")
        await _idle(line)

    async with signed_in(script, _NOTIFY) as (backend, _):
        await backend.select("INBOX")
        assert await backend.idle(30) == ServerChange(folders_changed=True)
        assert not backend.capabilities.notify
        assert await backend.idle(30) == ServerChange(look_again=True)


async def test_what_is_told_between_the_answers_to_list() -> None:
    listed = b'* LIST () "/" INBOX\r\n* STATUS INBOX (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 7 UNSEEN 0)\r\n'
    work = b'* LIST (\\Subscribed) "/" Work\r\n* STATUS Work (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 3 UNSEEN 0)\r\n'
    between = b'* LIST () "/" Work ("OLDNAME" (Play))\r\n* STATUS Work (UNSEEN 1)\r\n'

    async def script(line: Line) -> None:
        await line.answer(b"^LIST", listed + work)
        await line.select()
        await line.answer(_BOTH)
        await _idle(line)
        await line.answer(b"^LIST", listed + work + between)
        await _idle(line)

    async with signed_in(script, _NOTIFY + b" LIST-EXTENDED LIST-STATUS") as (backend, _):
        await backend.folders()
        await backend.select("INBOX")
        await backend.idle(_SHORT)
        assert backend.capabilities.notify
        found = {folder.name: folder for folder in await backend.folders()}
        assert found["Work"].subscribed
        status = found["Work"].status
        assert status is not None
        assert (status.messages, status.uidvalidity, status.unseen) == (1, 3, 1)
        assert (await backend.idle(30)).folders_changed
        assert not (await backend.idle(_SHORT)).folders_changed


async def test_status_of_the_folder_that_was_asked_for() -> None:
    async def script(line: Line) -> None:
        await line.answer(b'^STATUS "Work"', b"* STATUS Work (MESSAGES 1)\r\n* STATUS Play (MESSAGES 2)\r\n")

    async with signed_in(script, _NOTIFY) as (backend, _):
        assert (await backend.status("Work")).messages == 1


async def test_what_is_told_with_the_answer_to_select_is_not_lost() -> None:
    async def script(line: Line) -> None:
        tag = await line.hear(b"^SELECT")
        line.say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" + tag + b" OK open\r\n* 4 EXISTS\r\n")
        await line.answer(b"^NOOP$")

    async with signed_in(script, _NOTIFY) as (backend, _):
        assert (await backend.select("INBOX")).exists == 3
        assert (await backend.idle(30)).look_again
        assert (await backend.select("INBOX")).exists == 4


async def test_what_is_told_of_a_folder_that_is_being_left_is_not_lost() -> None:
    async def script(line: Line) -> None:
        await line.select()
        await line.answer(_BOTH)
        await _idle(line)
        before = b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n* OK [CLOSED] closed\r\n"
        await line.answer(b"SELECT", before + b"* 1 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n", b"OK [READ-WRITE] open")

    async with signed_in(script, _NOTIFY) as (backend, _):
        await backend.select("INBOX")
        assert await backend.idle(_SHORT) == ServerChange()
        await backend.select("Work")
        assert await backend.idle(30) == ServerChange(folders_changed=True)
