# SPDX-License-Identifier: GPL-3.0-or-later
"""What the list shows, by keys: search, filter, sort, threads."""

from pathlib import Path

from tests.ui.harness import Desk, desk
from tuimail.engine.conversations import ThreadedList
from tuimail.model.message import MessageRow


def rows(here: Desk) -> list[MessageRow]:
    return [row for key in here.listed if (row := here.engine.pages.row(key)) is not None]


async def test_filters_while_typing_and_escape_shows_all(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        before = here.listed
        await here.press("backslash")
        await here.type("codeforge")
        await here.until(lambda: 0 < len(here.listed) < len(before))
        assert all("codeforge" in f"{row.envelope.subject} {row.envelope.from_}".lower() for row in rows(here))
        await here.press("escape")
        await here.until(lambda: here.listed == before)


async def test_a_filter_stays_after_enter_until_escape(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        before = here.listed
        await here.press("backslash")
        await here.type("is:unread")
        await here.press("enter")
        assert here.app.screen.focused is here.app.mailbox.list
        assert all(row.unread for row in rows(here))
        await here.sees("is:unread")
        await here.press("e")
        await here.settled()
        await here.press("escape")
        assert len(here.listed) == len(before) - 1


async def test_n_goes_through_what_was_found(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("n")
        await here.said("Nothing is looked for")
        await here.press("backslash")
        await here.type("codeforge")
        await here.press("enter", "n", "n", "N")
        assert here.app.mailbox.list.cursor_index == 1


async def test_search_finds_words_of_the_body_on_the_server(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        raw = b"From: a@example.org\r\nSubject: Nothing special\r\n\r\nThe quokka ate the cable.\r\n"
        here.servers.deliver(raw)
        await here.sees("Nothing special")
        await here.press("slash")
        await here.type("quokka")
        await here.press("enter")
        await here.said("1 found")
        assert [row.envelope.subject for row in rows(here)] == ["Nothing special"]


async def test_search_without_a_connection_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.go_offline()
        await here.press("slash")
        await here.type("harbour")
        await here.press("enter")
        await here.said("Searched only what is here")
        assert rows(here)


async def test_nothing_found_is_said_in_place(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("backslash")
        await here.type("zzzz-no-such-word")
        await here.press("enter")
        await here.sees("Nothing")
        assert not here.listed
        await here.press("e", "s", "m", "r")
        await here.press("escape")
        await here.until(lambda: here.listed)


async def test_sort(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        cursor = here.row.id
        await here.press("o")
        await here.sees("Oldest first")
        await here.press("j", "enter")
        dates = [row.date for row in rows(here)]
        assert dates == sorted(dates)
        assert here.row.id == cursor
        await here.press("o", "j", "j", "j", "j", "enter")
        sizes = [row.size for row in rows(here)]
        assert sizes == sorted(sizes, reverse=True)


async def test_conversations_fold_and_unfold(tmp_path: Path) -> None:
    async with desk(tmp_path, threads=True) as here:
        folded = len(here.listed)
        source = here.app.mailbox.list.source
        assert isinstance(source, ThreadedList)
        index = next(at for at in range(folded) if source.thread_at(at).count > 2)
        here.app.mailbox.list.move_to(index)
        count = source.thread_at(index).count
        await here.press("right")
        assert len(here.listed) == folded + count - 1
        await here.press("j", "left")
        assert len(here.listed) == folded
        assert here.app.mailbox.list.cursor_index == index
        await here.press("T")
        await here.said("Single messages")
        assert len(here.listed) > folded
        await here.press("T")
        await here.said("Conversations")
        assert len(here.listed) == folded


async def test_moves(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        list_ = here.app.mailbox.list
        await here.press("j", "j", "k")
        assert list_.cursor_index == 1
        await here.press("G")
        assert list_.cursor_index == len(here.listed) - 1
        await here.press("g", "g")
        assert list_.cursor_index == 0
        await here.press("space")
        assert list_.cursor_index > 5
        await here.press("minus")
        assert list_.cursor_index == 0
        await here.press("ctrl+d")
        assert list_.cursor_index > 5
        await here.press("ctrl+u", "end", "home")
        assert list_.cursor_index == 0


async def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.create_folder("Empty")
        await here.press("dollar_sign")
        await here.until(lambda: here.folder("Empty"))
        await here.press("colon")
        await here.type("Go to folder")
        await here.press("enter")
        await here.type("empty")
        await here.press("enter")
        await here.sees("Nothing here")
        for key in ("e", "d", "s", "u", "x", "enter", "J", "r"):
            await here.press(key)


async def test_search_says_what_is_not_here_and_what_is_wrong(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("slash")
        await here.type("in:inbox harbour")
        await here.sees("texts are here", "enter asks the server")
        await here.press("escape", "slash")
        await here.type("form:ada")
        await here.sees("Did you mean")
        await here.press("enter")
        await here.said("Did you mean")


async def test_search_everywhere_and_in_all_unread(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        inbox = here.listed
        await here.press("slash")
        await here.type("in:all is:unread")
        await here.until(lambda: set(here.listed) - set(inbox))
        assert all(row.unread for row in rows(here))
        await here.press("escape")
        await here.until(lambda: here.listed == inbox)
        await here.press("g", "u")
        unread = here.listed
        await here.press("backslash")
        await here.type("codeforge")
        await here.until(lambda: 0 < len(here.listed) < len(unread))
        await here.press("escape")
        await here.until(lambda: here.listed == unread)


async def test_new_mail_that_matches_joins_what_was_found(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("backslash")
        await here.type("quokka")
        await here.until(lambda: not here.listed)
        here.servers.deliver(b"From: a@example.org\r\nSubject: A quokka\r\n\r\nhello\r\n")
        await here.until(lambda: [row.envelope.subject for row in rows(here)] == ["A quokka"])


async def test_what_was_read_once_is_found_without_a_connection(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(b"From: a@example.org\r\nSubject: Nothing special\r\n\r\nThe quokka ate the cable.\r\n")
        await here.sees("Nothing special")
        await here.open("Nothing special")
        await here.press("q")
        here.servers.go_offline()
        await here.press("slash")
        await here.type("quok")
        await here.until(lambda: [row.envelope.subject for row in rows(here)] == ["Nothing special"])
