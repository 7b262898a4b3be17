# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading by keys: views, headers, links, attachments, finding, moving on."""

import asyncio
import threading
from array import array
from pathlib import Path

from tests.ui.harness import desk
from tuimail.engine.actions import Actions, Done
from tuimail.model.flags import SEEN

RAW = b"\r\n".join(
    (
        b"From: Ada Lovelace <ada@example.org>",
        b"To: robin@example.org",
        b"Subject: Engines",
        b"Message-ID: <engines@example.org>",
        b"Date: Mon, 16 Nov 2026 10:00:00 +0000",
        b"X-Mailer: Difference",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="b"',
        b"",
        b"--b",
        b"Content-Type: text/plain; charset=utf-8",
        b"",
        b"The engine weaves. See https://example.org/loom for more.",
        b"",
        b"> an older thought",
        *(b"> and another, number %d" % number for number in range(8)),
        b"",
        *(b"Line %d of a long letter." % number for number in range(80)),
        b"The end.",
        b"--b",
        b"Content-Type: application/pdf",
        b'Content-Disposition: attachment; filename="../../plan.pdf"',
        b"Content-Transfer-Encoding: base64",
        b"",
        b"JVBERi0xLjQK",
        b"--b",
        b"Content-Type: text/csv",
        b"Content-Disposition: attachment; filename*=utf-8''z%C3%A4hler.csv",
        b"",
        b"a,b",
        b"--b--",
        b"",
    )
)


async def test_opens_marks_read_and_goes_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        row = await here.open("Engines")
        await here.sees("The engine weaves", "ada@example.org", "zähler.csv")
        await here.until(lambda: not here.engine.pages.row(row.id).unread)  # type: ignore[union-attr]
        await here.settled()
        assert SEEN in next(shot for shot in here.on_server("INBOX") if shot.message_id == "<engines@example.org>").flags
        await here.press("q")
        assert here.app.mailbox.opened is None
        assert here.row.id == row.id
        assert here.app.screen.focused is here.app.mailbox.list


async def test_views_and_headers(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        assert "X-Mailer" not in here.screen
        await here.press("h")
        await here.sees("X-Mailer: Difference")
        await here.press("h")
        await here.until(lambda: "X-Mailer" not in here.screen)
        await here.press("H")
        await here.said("View: full")
        await here.press("H")
        await here.said("View: plain")
        await here.press("H")
        await here.said("View: source")
        await here.sees("Content-Type: multipart/mixed")
        await here.press("H")
        await here.said("View: reader")


async def test_quotes_fold(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        await here.sees("an older thought")
        await here.press("quotation_mark")
        await here.until(lambda: "an older thought" not in here.screen)
        await here.press("quotation_mark")
        await here.sees("an older thought")


async def test_finds_words_in_the_message(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("slash")
        await here.type("line 7")
        await here.press("enter")
        body = here.app.mailbox.body
        await here.until(lambda: body.match_position[1] == 11)
        first = body.match_position
        await here.press("n")
        await here.sees("Line 70 of a long letter")
        assert body.match_position != first
        await here.press("N")
        assert body.match_position == first


async def test_saves_attachments_inside_the_folder_only(tmp_path: Path) -> None:
    async with desk(tmp_path / "home") as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        target = tmp_path / "saved"
        await here.press("v")
        await here.sees("Save attachment", "zähler.csv")
        await here.press("a")
        await here.sees("Save to folder")
        await here.press("end", "ctrl+u")
        await here.type(str(target))
        await here.press("enter")
        await here.said("Saved")
        assert sorted(path.name for path in target.iterdir()) == ["plan.pdf", "zähler.csv"]
        assert (target / "plan.pdf").read_bytes() == b"%PDF-1.4\n"
        assert (target / "zähler.csv").read_bytes().strip() == b"a,b"


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with desk(tmp_path / "home") as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("w", "end", "ctrl+u")
        await here.type(str(tmp_path / "file" / "below"))
        await here.press("enter")
        await here.sees("written", "Choose")  # the path decides where lines are broken
        await here.press("escape")
        assert here.app.screen is here.app.mailbox


async def test_saves_the_message_byte_for_byte(tmp_path: Path) -> None:
    async with desk(tmp_path / "home") as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("w", "end", "ctrl+u")
        await here.type(str(tmp_path))
        await here.press("enter")
        await here.said("Saved")
        assert (tmp_path / "Engines.eml").read_bytes() == RAW


async def test_links_are_numbered_and_chosen(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(b"From: ada@example.org\r\nSubject: Endless\r\n\r\nhttps://example.org/" + b"x" * 2000)
        here.servers.deliver(RAW)
        await here.sees("Engines", "Endless")
        await here.open("Engines")
        await here.press("o", "1")
        await here.said("https://example.org/loom")
        assert here.app.clipboard == "https://example.org/loom"
        await here.press("escape")
        await here.open("Endless")
        await here.press("o", "1")
        await here.said("Only http, https and mailto links are opened.")
        assert here.app.clipboard == "https://example.org/loom", "nor is it copied"


async def test_copies_the_text(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("y")
        assert "> an older thought" in here.app.clipboard


async def test_pipes_the_message_to_a_program(tmp_path: Path) -> None:
    async with desk(tmp_path / "home") as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("vertical_line")
        await here.type(f"tee '{tmp_path}/piped;false $(false)'")
        await here.press("enter")
        await here.said("tee ended with 0")
        assert (tmp_path / "piped;false $(false)").read_bytes() == RAW, "no shell comes between"
        await here.press("vertical_line")
        await here.type("no-such-program-here")
        await here.press("enter")
        await here.said("cannot be started")


async def test_next_and_previous_message(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        first, second = here.listed[:2]
        await here.press("enter")
        await here.until(lambda: here.app.mailbox.shown is not None)
        await here.press("J")
        await here.until(lambda: here.app.mailbox.opened == second and here.app.mailbox.shown is not None)
        await here.press("K")
        await here.until(lambda: here.app.mailbox.opened == first and here.app.mailbox.shown is not None)


async def test_space_reads_to_the_end_and_on_to_the_next_unread(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        row = await here.open("Engines")
        await here.until(lambda: "The end." not in here.screen)
        for _ in range(10):
            if here.app.mailbox.body.at_end:
                break
            await here.press("space")
        await here.sees("The end.")
        await here.press("space")
        await here.until(lambda: here.app.mailbox.opened not in (None, row.id))


async def test_new_mail_does_not_move_what_is_read(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        row = await here.open("Engines")
        await here.press("space")
        top = here.app.mailbox.body.top
        count = len(here.listed)
        here.servers.deliver(b"From: a@example.org\r\nSubject: Knock knock\r\n\r\nx\r\n")
        await here.until(lambda: len(here.listed) == count + 1)
        assert here.app.mailbox.opened == row.id
        assert here.app.mailbox.body.top == top
        assert here.row.id == row.id


async def test_a_message_that_another_program_deletes_stays_until_it_is_closed(tmp_path: Path) -> None:
    """A key that was meant for it must not reach what the list shows in its place, or end the program."""
    async with desk(tmp_path) as here:
        uid = here.servers.deliver(RAW)
        await here.sees("Engines")
        row = await here.open("Engines")
        before = [listed for listed in here.listed if listed != row.id]
        here.servers.expunge("INBOX", uid)
        await here.said("deleted by another program")
        await here.sees("The engine weaves")
        await here.press("d")
        await here.said("escape closes it")
        assert list(here.listed) == before
        assert here.app.engine.pages.waiting() == 0
        await here.press("q")
        assert here.app.mailbox.opened is None
        assert here.app.is_running


async def test_the_next_message_after_one_that_is_gone_is_where_the_cursor_is(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        uid = here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        here.servers.expunge("INBOX", uid)
        await here.said("deleted by another program")
        following = here.row
        await here.press("J")
        await here.until(lambda: here.app.mailbox.opened == following.id)


async def test_reading_on_gives_way_to_a_later_key(tmp_path: Path) -> None:
    """Where many messages are being changed, the next unread one is found late: the user may be elsewhere by then."""
    async with desk(tmp_path) as here:
        here.servers.deliver(b"From: a@example.org\r\nSubject: Short\r\n\r\nx\r\n")
        await here.sees("Short")
        row = await here.open("Short")
        gate = threading.Event()

        def wait(_: Actions) -> Done:
            gate.wait()
            return Done("")

        busy = asyncio.create_task(here.app.engine.bulk.do(wait))
        try:
            await here.press("space", "escape")
        finally:
            gate.set()
        await busy
        await here.app.engine.bulk.first_unread(array("q"))  # behind the one that the key asked for
        await here.pilot.pause()
        assert here.app.mailbox.opened is None
        assert here.row.id == row.id


async def test_the_layout_follows_the_width_while_reading(tmp_path: Path) -> None:
    async with desk(tmp_path, size=(200, 50)) as here:
        here.servers.deliver(RAW)
        await here.sees("Engines")
        await here.open("Engines")
        mailbox = here.app.mailbox
        assert mailbox.list.region.x < mailbox.body.region.x
        await here.pilot.resize_terminal(120, 40)
        await here.until(lambda: mailbox.list.region.y < mailbox.body.region.y)
        await here.sees("The engine weaves")
        await here.pilot.resize_terminal(80, 24)
        await here.until(lambda: not mailbox.list.display and not mailbox.folders.display)
        await here.sees("The engine weaves")
        await here.pilot.resize_terminal(120, 40)
        await here.until(lambda: mailbox.list.display and mailbox.folders.display)


async def test_offline_a_message_that_is_not_here_says_so_and_is_shown_when_it_can_be(tmp_path: Path) -> None:
    async with desk(tmp_path, prefetch=False) as here:
        row = await here.to_message(lambda row: row.unread and "Due in three days" in row.envelope.subject)
        here.servers.go_offline()
        await here.press("enter")
        await here.until(lambda: here.app.mailbox.opened == row.id)
        await here.sees("⚠")
        assert here.row.unread
        here.servers.go_online()
        await here.press("dollar_sign")
        await here.sees("Hello Robin")
        await here.until(lambda: not here.row.unread, "the mark")


async def test_space_at_the_end_goes_on_to_the_next_unread_message(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        unread = [key for key in here.listed[1:] if (row := here.engine.pages.row(key)) is not None and row.unread]
        await here.press("enter")
        await here.until(lambda: here.app.mailbox.shown)
        await here.press("G", " ")
        await here.until(lambda: here.app.mailbox.opened == unread[0], "the next unread one is open")
        assert here.row.id == unread[0]
