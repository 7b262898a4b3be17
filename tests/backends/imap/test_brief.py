# SPDX-License-Identifier: GPL-3.0-or-later
"""At a server that writes flags when the folder is left, it is open to write only as long as something is written."""

import pytest

from tests.backends.imap.scripted import Line, playing
from tuimail.model.errors import ServerRefused
from tuimail.model.uidset import UidSet

POOR = b"IMAP4rev1 UNSELECT"
SEEN = frozenset({"\\Seen"})
ONE = UidSet.of([1])


async def arrive(line: Line) -> None:
    line.say(b"* OK IMAP4rev1\r\n")
    await line.answer(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n")
    await line.answer(b"AUTHENTICATE PLAIN", status=b"OK [CAPABILITY " + POOR + b"] welcome")


async def opened(line: Line, word: bytes = b"SELECT", validity: int = 7) -> None:
    told = b"* 3 EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* OK [PERMANENTFLAGS (%s)] x\r\n"
    flags, code = (b"\\Seen", b"READ-WRITE") if word == b"SELECT" else (b"", b"READ-ONLY")
    await line.answer(word + b' "INBOX"$', told % (validity, flags), b"OK [" + code + b"] open")


async def test_a_change_is_made_in_a_folder_just_opened_and_the_folder_is_left_at_once() -> None:
    async def script(line: Line) -> None:
        await arrive(line)
        await opened(line)
        await opened(line, b"EXAMINE")
        await opened(line)
        await line.answer(b"UID STORE 1 ")
        await opened(line, b"EXAMINE")
        await line.answer(b"UID FETCH 1 ", b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect()
        for _ in range(2):
            selected = await backend.select("INBOX", fresh=False)
            assert (selected.read_only, selected.permanent_flags) == (False, SEEN)
        await backend.store(ONE, SEEN, frozenset())
        assert not (await backend.select("INBOX", fresh=False)).read_only
        assert [update.flags async for updates in backend.flags(ONE) for update in updates] == [SEEN]
        await backend.close()


@pytest.mark.parametrize(("validity", "status"), [(8, b""), (7, b"NO not now")])
async def test_the_folder_is_left_also_when_nothing_comes_of_the_change(validity: int, status: bytes) -> None:
    async def script(line: Line) -> None:
        await arrive(line)
        await opened(line)
        await opened(line, b"EXAMINE")
        await opened(line, validity=validity)
        if status:
            await line.answer(b"UID STORE 1 ", status=status)
        await opened(line, b"EXAMINE", validity=validity)

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect()
        await backend.select("INBOX")
        with pytest.raises(ServerRefused) as refused:
            await backend.store(ONE, SEEN, frozenset())
        assert refused.value.code == ("" if status else "CLOSED")
        await backend.close()
