# SPDX-License-Identifier: GPL-3.0-or-later
"""Organising by keys: each is shown at once, reaches the server, and can be taken back."""

from pathlib import Path

import pytest

from tests.ui.harness import Desk, desk
from tuimail.model.flags import FLAGGED, SEEN
from tuimail.model.message import MessageRow
from tuimail.ui.widgets.message_list import MessageList

Plain = "Your statement"
"""A message of INBOX that belongs to no conversation."""


async def to_plain(here: Desk) -> MessageRow:
    return await here.to_message(lambda row: row.envelope.subject.startswith(Plain))


@pytest.mark.parametrize(
    ("key", "folder", "said"),
    [("e", "Archive", "Archived"), ("d", "Trash", "Moved to Trash"), ("exclamation_mark", "Junk", "Junk")],
)
async def test_takes_away_shows_it_and_tells_the_server(tmp_path: Path, key: str, folder: str, said: str) -> None:
    async with desk(tmp_path) as here:
        row = await to_plain(here)
        following = here.listed[here.listed.index(row.id) + 1]
        await here.press(key)
        assert row.id not in here.listed
        assert here.row.id == following
        await here.said(said)
        await here.has(folder, row.envelope.message_id)
        assert row.envelope.message_id not in here.ids_on_server("INBOX")


@pytest.mark.parametrize("key", ["e", "d", "exclamation_mark"])
@pytest.mark.parametrize("carried", [True, False], ids=["after the server did it", "before"])
async def test_undo_brings_back(tmp_path: Path, key: str, carried: bool) -> None:
    async with desk(tmp_path) as here:
        row = await to_plain(here)
        await here.press(key)
        if carried:
            await here.settled()
            assert row.envelope.message_id not in here.ids_on_server("INBOX")
        await here.press("z")
        await here.until(lambda: row.id in here.listed)
        await here.said("Undone")
        await here.settled()
        assert here.ids_on_server("INBOX").count(row.envelope.message_id) == 1


async def test_what_an_earlier_sitting_did_is_undone_after_asking_only(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await to_plain(here)
        here.app.engine.actions.archive((row.id,))
        await here.until(lambda: row.id not in here.listed)
        await here.press("z")
        await here.sees("Not done in this sitting: Archived")
        await here.press("n")
        await here.said("Nothing was undone")
        assert row.id not in here.listed
        await here.press("z")
        await here.sees("Not done in this sitting")
        await here.press("y")
        await here.until(lambda: row.id in here.listed)


async def test_undo_has_several_levels(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        listed = here.listed
        await here.press("e", "s", "d", "u")
        await here.settled()
        assert len(here.listed) == len(listed) - 2
        await here.press("z", "z", "z", "z")
        await here.settled()
        assert here.listed == listed
        await here.press("z")
        await here.said("nothing to undo")


async def test_move_and_copy_to_a_folder_by_its_name(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await to_plain(here)
        await here.press("C")
        await here.type("köl")
        await here.press("enter")
        await here.said("Copied")
        await here.settled()
        assert row.envelope.message_id in here.ids_on_server("Projekte/Köln")
        assert row.envelope.message_id in here.ids_on_server("INBOX")
        await here.press("m")
        await here.type("lists/py")
        await here.press("enter")
        await here.settled()
        assert row.id not in here.listed
        assert row.envelope.message_id in here.ids_on_server("Lists/python")
        await here.press("z", "z")
        await here.settled()
        assert row.envelope.message_id not in here.ids_on_server("Projekte/Köln")
        assert row.envelope.message_id not in here.ids_on_server("Lists/python")
        assert here.ids_on_server("INBOX").count(row.envelope.message_id) == 1


async def test_escape_moves_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        listed = here.listed
        await here.press("m", "escape", "C", "escape", "l", "escape")
        await here.settled()
        assert here.listed == listed
        assert here.app.screen is here.app.mailbox


async def test_star_read_and_label(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await here.to_message(lambda row: row.unread and not row.starred)

        def flags() -> frozenset[str]:
            found = next(shot for shot in here.on_server("INBOX") if shot.message_id == row.envelope.message_id)
            return found.flags

        await here.press("s", "u")
        await here.press("l")
        await here.type("invoices later")
        await here.press("enter")
        await here.settled()
        assert {FLAGGED, SEEN, "invoices", "later"} <= flags()
        await here.press("s", "u", "l")
        await here.type("-later")
        await here.press("enter")
        await here.settled()
        assert not flags() & {FLAGGED, SEEN, "later"}
        assert "invoices" in flags()
        await here.press("z", "z", "z")
        await here.settled()
        assert {FLAGGED, SEEN, "invoices", "later"} <= flags()


async def test_a_label_that_is_no_keyword_is_refused_in_words(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("l")
        await here.type("a(b")
        await here.press("enter")
        await here.said("no keyword")


async def test_archive_whole_conversation(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await here.to_message(lambda row: row.envelope.subject == "Three days in the dunes?")
        await here.press("E")
        await here.settled()
        left = [here.engine.pages.row(key) for key in here.listed]
        assert not any(other is not None and "dunes" in other.envelope.subject for other in left)
        assert row.envelope.message_id in here.ids_on_server("Archive")
        await here.press("z")
        await here.settled()
        assert row.envelope.message_id in here.ids_on_server("INBOX")


async def test_delete_in_trash_is_for_good_and_asked(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await to_plain(here)
        await here.press("d")
        await here.settled()
        await here.press("g", "t")
        await here.until(lambda: here.place == "Trash")
        await here.to_message(lambda other: other.envelope.message_id == row.envelope.message_id)
        await here.press("d")
        await here.sees("There is no undo")
        await here.press("n")
        await here.settled()
        assert row.envelope.message_id in here.ids_on_server("Trash")
        await here.press("d", "y")
        await here.settled()
        assert row.envelope.message_id not in [one for folder in here.servers.snapshot() for one in here.ids_on_server(folder)]


async def test_junk_goes_back_from_junk(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("g", "j")
        await here.until(lambda: here.place == "Junk" and here.listed)
        row = here.row
        await here.press("exclamation_mark")
        await here.settled()
        found = next(shot for shot in here.on_server("INBOX") if shot.message_id == row.envelope.message_id)
        assert "$NotJunk" in found.flags


async def test_marks_ranges_and_the_mark_menu(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        messages: MessageList = here.app.mailbox.list
        first, second, third = here.listed[:3]
        await here.press("x", "x")
        assert messages.chosen() == (first, second)
        await here.press("asterisk", "n")
        assert not messages.marks
        await here.press("g", "g", "V", "j", "j", "V")
        assert set(messages.chosen()) == {first, second, third}
        await here.press("asterisk", "n", "asterisk", "a")
        assert len(messages.marks) == len(here.listed)
        await here.press("asterisk", "n", "asterisk", "u")
        unread = {key for key in here.listed if (row := here.engine.pages.row(key)) is not None and row.unread}
        await here.until(lambda: set(messages.chosen()) == unread, "the unread ones are marked")
        await here.press("asterisk", "n")
        row = await here.to_message(lambda row: "Codeforge" in row.envelope.from_[0].name)
        await here.press("asterisk", "f")
        await here.until(lambda: messages.marks, "those of one sender are marked")
        senders = {
            other.envelope.from_[0].email for key in messages.chosen() if (other := here.engine.pages.row(key)) is not None
        }
        assert senders == {row.envelope.from_[0].email}
        count = len(messages.chosen())
        await here.press("d")
        await here.said(f"{count} messages")
        await here.settled()
        assert len(here.on_server("Trash")) >= count
        assert not messages.marks
        await here.press("z")
        await here.settled()
        assert set(here.listed) >= unread


async def test_acts_on_the_message_in_the_reader_and_goes_on_to_the_next(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await here.open(Plain)
        following = here.listed[here.listed.index(row.id) + 1]
        await here.press("e")
        await here.until(lambda: here.app.mailbox.shown is not None and here.app.mailbox.shown.row.id == following)
        await here.has("Archive", row.envelope.message_id)


async def test_what_the_server_refuses_comes_back_and_is_said(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        row = await to_plain(here)
        here.servers.faults.refuse["MOVE"] = "NO [NOPERM] Not yours to move"
        await here.press("e")
        await here.said("Not yours to move")
        await here.until(lambda: row.id in here.listed)
