# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts are fetched ahead: in one flight, only what is shown, only where it is wanted; large parts go on where they were."""

import base64
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sync.test_account_loop import Home
from tuimail.demo.servers import DemoServers
from tuimail.model.errors import Offline
from tuimail.model.folder import FolderRole
from tuimail.model.ids import MessageId
from tuimail.start import parse_structure
from tuimail.sync.ahead import SOON
from tuimail.sync.unasked import Reach

ATTACHMENT = base64.encodebytes(random.Random(1).randbytes(1_200_000)).replace(b"\n", b"\r\n")


def mixed(text: str, subject: str = "mixed") -> bytes:
    """A short text beside 1.5 MB."""
    return (
        (
            f"Subject: {subject}\r\nMessage-ID: <{subject}@example.org>\r\n"
            f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{text}\r\n"
            "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=x\r\n\r\n"
        ).encode()
        + ATTACHMENT
        + b"\r\n--b--\r\n"
    )


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    with DemoServers(60) as servers:
        home = Home(tmp_path / "store", servers, reach=Reach(parse_structure))
        home.loop.start()
        await home.filled()
        servers.clear_log()
        yield home
        await home.loop.stop()
        home.store.close()


def fetches(home: Home) -> list[str]:
    return [line for line in home.servers.log if "BODY.PEEK[" in line and "HEADER.FIELDS" not in line]


async def fetched(home: Home, messages: list[MessageId]) -> None:
    home.loop.fetch_ahead(messages)
    for message in messages:
        await home.loop.arrival(message)


async def added(home: Home, raw: bytes, subject: str = "mixed") -> MessageId:
    home.servers.deliver(raw)
    await home.until(lambda: home.store.messages.by_message_id(home.id, f"<{subject}@example.org>"))
    return home.store.messages.by_message_id(home.id, f"<{subject}@example.org>")[0]


async def test_texts_come_in_one_flight_and_are_not_asked_for_again(home: Home) -> None:
    messages = home.ids(FolderRole.INBOX)[:12]
    await fetched(home, messages)
    assert home.store.bodies.lacking(messages) == []
    asked = fetches(home)
    assert asked
    await fetched(home, messages)
    assert fetches(home) == asked
    whole = [line for line in home.servers.log if re.search(r"BODY(\.PEEK)?\[\]", line)]
    assert not whole


async def test_while_what_comes_next_is_here_nothing_is_fetched(home: Home) -> None:
    messages = home.ids(FolderRole.INBOX)[:20]
    await fetched(home, messages[:SOON])
    before = fetches(home)
    home.loop.fetch_ahead(messages)
    await home.loop.arrival(messages[-1])
    assert fetches(home) == before
    home.loop.fetch_ahead(messages[1:])
    await home.loop.arrival(messages[-1])
    assert home.store.bodies.lacking(messages) == []


async def test_beside_an_attachment_only_the_text_is_fetched(home: Home) -> None:
    message = await added(home, mixed("the text"))
    await fetched(home, [message])
    assert home.store.bodies.get(message, "1") == b"the text"
    assert home.store.bodies.get(message, "2") is None
    assert all("[2]" not in line and "[]" not in line for line in fetches(home))


async def test_a_large_text_waits_until_it_is_opened(home: Home) -> None:
    raw = b"Subject: large\r\nMessage-ID: <large@example.org>\r\n\r\n" + ATTACHMENT
    message = await added(home, raw, "large")
    await fetched(home, [message])
    assert not fetches(home)
    assert home.store.bodies.lacking([message]) == [message]


async def test_what_is_opened_and_not_on_its_way_comes_first(home: Home) -> None:
    messages = home.ids(FolderRole.INBOX)
    home.servers.faults.delay = 0.05
    home.loop.fetch_ahead(messages[:10])
    await home.loop.arrival(messages[30])
    assert await home.loop.fetch_section(messages[30], "HEADER")
    assert home.store.bodies.lacking(messages[:10]) == messages[:10]
    await fetched(home, messages[:10])
    assert home.store.bodies.lacking(messages[:10]) == []


@pytest.mark.parametrize("reach", [Reach(parse_structure, "none"), Reach(parse_structure, "near", prefetch=False), None])
async def test_where_it_is_not_wanted_nothing_is_fetched(tmp_path: Path, reach: Reach | None) -> None:
    with DemoServers(20) as servers:
        home = Home(tmp_path / "store", servers, reach=reach)
        home.loop.start()
        await home.filled()
        await fetched(home, home.ids(FolderRole.INBOX))
        assert not fetches(home)
        await home.loop.stop()
        home.store.close()


async def interrupted(home: Home, message: MessageId) -> None:
    """The large part of a message, cut while it comes; and no new connection can be made."""
    await home.loop.fetch_section(message, "1")
    home.servers.faults.cut_after = 700_000
    home.servers.faults.bye_on = "greeting"
    with pytest.raises(Offline):
        await home.loop.fetch_section(message, "2")
    home.servers.faults.bye_on = None


async def test_a_large_part_that_was_interrupted_goes_on_where_it_was(home: Home) -> None:
    message = await added(home, mixed("the text"))
    told: list[tuple[int, int]] = []
    await interrupted(home, message)
    kept = len(home.store.pieces.get(message, "2"))
    assert kept >= 512 * 1024
    home.servers.clear_log()
    assert await home.loop.fetch_section(message, "2", lambda done, total: told.append((done, total))) == ATTACHMENT
    assert f"BODY.PEEK[2]<{kept}." in fetches(home)[0]
    assert told[0][0] > kept
    assert told[-1] == (len(ATTACHMENT), len(ATTACHMENT))
    assert home.store.pieces.get(message, "2") == b""


async def test_of_a_part_that_was_interrupted_a_beginning_is_here(home: Home) -> None:
    message = await added(home, mixed("the text"))
    await interrupted(home, message)
    kept = len(home.store.pieces.get(message, "2"))
    home.servers.clear_log()
    assert await home.loop.fetch_section(message, "2", length=1000) == ATTACHMENT[:1000]
    assert not fetches(home)
    assert await home.loop.fetch_section(message, "2", length=kept + 10) == ATTACHMENT[: kept + 10]
    assert f"BODY.PEEK[2]<{kept}.10>" in fetches(home)[0]
    assert await home.loop.fetch_section(message, "2") == ATTACHMENT


async def test_pieces_go_with_their_message(home: Home) -> None:
    message = await added(home, mixed("the text"))
    await interrupted(home, message)
    home.store.arrivals.settle({}, [message])
    assert home.store.pieces.get(message, "2") == b""


async def test_what_arrived_after_the_folder_was_opened_can_be_read(home: Home) -> None:
    first = home.ids(FolderRole.INBOX)[0]
    await home.loop.fetch_section(first, "HEADER")
    new = await added(home, mixed("the text", "new"), "new")
    assert await home.loop.fetch_section(new, "1") == b"the text"
    newer = await added(home, mixed("the text", "newer"), "newer")
    assert await home.loop.fetch_sections([(newer, "1"), (first, "HEADER")]) | {(first, "HEADER"): b""} == {
        (newer, "1"): b"the text",
        (first, "HEADER"): b"",
    }
