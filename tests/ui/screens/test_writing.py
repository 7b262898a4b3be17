# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing by keys: compose, answer, forward, redirect, attach, send, keep, discard."""

import email
import gc
import threading
import time
import weakref
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.ui.harness import PATIENCE, Desk, desk
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers, Shot
from tuimail.engine.outgoing import build_message
from tuimail.model.draft import OutboxState
from tuimail.model.flags import ANSWERED, DRAFT, FORWARDED
from tuimail.ui.screens.compose import ComposeScreen
from tuimail.ui.when import parse_when
from tuimail.ui.widgets.body_text import LONGEST_PASTE, BodyText

LETTER = b"\r\n".join(
    (
        b"From: Ada Lovelace <ada@example.org>",
        b"To: robin@example.org, Charles <charles@example.org>",
        b"Cc: mary@example.org",
        b"Subject: Engines",
        b"Message-ID: <engines@example.org>",
        b"List-Post: <mailto:loom@lists.example.org>",
        b"Date: Mon, 16 Nov 2026 10:00:00 +0000",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="b"',
        b"",
        b"--b",
        b"Content-Type: text/plain; charset=utf-8",
        b"",
        b"The engine weaves.",
        b"--b",
        b"Content-Type: application/pdf",
        b'Content-Disposition: attachment; filename="plan.pdf"',
        b"Content-Transfer-Encoding: base64",
        b"",
        b"JVBERi0xLjQK",
        b"--b--",
        b"",
    )
)


def composer(here: Desk) -> ComposeScreen:
    screen = here.app.screen
    assert isinstance(screen, ComposeScreen), f"in front is {screen}"
    return screen


def value(here: Desk, field: str) -> str:
    return composer(here).field(field).value


def text(here: Desk) -> str:
    return composer(here).query_one(BodyText).text


async def composing(here: Desk) -> None:
    await here.until(lambda: isinstance(here.app.screen, ComposeScreen) and here.app.screen.focused is not None, "the composer")


async def fill(here: Desk, to: str = "", subject: str = "", body: str = "") -> None:
    """Type into the fields of the composer."""
    for field, typed in (("to", to), ("subject", subject)):
        if typed:
            await here.focus(composer(here).field(field))
            await here.type(typed)
    if body:
        await here.focus(composer(here).query_one(BodyText))
        await here.type(body)


async def compose(here: Desk, to: str = "", subject: str = "", body: str = "") -> None:
    await here.press("c")
    await composing(here)
    await fill(here, to, subject, body)


async def attach(here: Desk, path: Path) -> None:
    await here.press("ctrl+t")
    await here.until(lambda: not isinstance(here.app.screen, ComposeScreen))
    if "Attach more files" in here.screen:
        await here.press("a")
        await here.sees("mark several")
    await here.press("end", "ctrl+u")
    await here.type(str(path))
    await here.press("enter")


def message(shot: Shot) -> Message:
    return email.message_from_bytes(shot.raw)


async def arrived(here: Desk, folder: str, subject: str) -> Message:
    """Wait for a message in a folder on the server."""
    await here.until(
        lambda: any(message(shot)["subject"] == subject for shot in here.on_server(folder)), f"{subject} in {folder}"
    )
    return next(message(shot) for shot in here.on_server(folder) if message(shot)["subject"] == subject)


async def test_composes_and_sends_with_one_copy_in_sent(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, "Ada <ada@example.org>, robin@example.org", "Grüße", "Hello Ada,\nall is well.")
        await here.focus(composer(here).field("bcc"))
        await here.type("secret@example.org")
        await here.press("ctrl+x", "y")
        await here.said("Grüße")
        assert here.app.screen is here.app.mailbox
        await here.until(lambda: here.servers.sent)
        await here.settled()
        assert here.servers.sent[0].recipients == ("ada@example.org", "robin@example.org", "secret@example.org")
        assert b"secret@" not in here.servers.sent[0].raw
        sent = [shot for shot in here.on_server("Sent") if b"all is well" in shot.raw]
        assert len(sent) == 1
        assert not here.engine.outbox.all()
        assert not here.engine.pages.drafts()


async def test_what_was_written_leaves_the_memory_with_the_composer(tmp_path: Path) -> None:
    def is_forgotten() -> bool:
        gc.collect()
        return written() is None

    async with desk(tmp_path) as here:
        await compose(here, body="Never mind.")
        written = weakref.ref(composer(here).query_one(BodyText))
        await here.press("ctrl+x", "x")
        await here.until(is_forgotten)


async def test_what_was_drawn_leaves_the_memory_with_the_composer(tmp_path: Path) -> None:
    def is_forgotten() -> bool:
        gc.collect()
        return drawn() is None

    async with desk(tmp_path) as here:
        await compose(here, body="Never mind.")
        drawn = weakref.ref(composer(here).query_one(BodyText)._styles_cache)
        await here.press("ctrl+x", "x")
        await here.until(is_forgotten)


async def test_tab_and_enter_go_through_the_fields(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("c")
        await composing(here)
        await here.press(*"ada", "enter", "tab", "tab", *"Hi")
        assert value(here, "subject") == "Hi"
        await here.press("enter", *"Text")
        assert text(here) == "Text"


async def test_addresses_are_completed_from_people_written_to(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("c")
        await composing(here)
        await here.press(*"mir")
        await here.sees("mira@lanternmaps.example")
        await here.press("enter")
        assert value(here, "to") == "Mira Lindqvist <mira@lanternmaps.example>, "


@pytest.mark.parametrize(
    ("key", "to", "cc"),
    [
        ("r", "Ada Lovelace <ada@example.org>", ""),
        ("a", "Ada Lovelace <ada@example.org>", "Charles <charles@example.org>, mary@example.org"),
        ("L", "loom@lists.example.org", ""),
    ],
)
async def test_answers(tmp_path: Path, key: str, to: str, cc: str) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(LETTER)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press(key)
        await composing(here)
        assert value(here, "to") == to
        assert value(here, "cc") == cc
        assert value(here, "subject") == "Re: Engines"
        assert "> The engine weaves." in text(here)
        await here.press(*"Yes.")
        assert text(here).startswith("Yes.")
        await here.press("ctrl+x", "y")
        await here.until(lambda: here.servers.sent)
        sent = email.message_from_bytes(here.servers.sent[0].raw)
        assert sent["in-reply-to"] == "<engines@example.org>"
        assert sent["references"] == "<engines@example.org>"
        await here.settled()
        flags = next(shot.flags for shot in here.on_server("INBOX") if shot.message_id == "<engines@example.org>")
        assert ANSWERED in flags


async def test_a_message_from_no_list_has_no_list_to_answer(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.to_message(lambda row: "Carte postale" in row.envelope.subject)
        await here.press("L")
        await here.said("did not come by a mailing list")


async def test_forwards_with_attachments(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(LETTER)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("f")
        await composing(here)
        assert value(here, "subject") == "Fwd: Engines"
        await here.sees("plan.pdf", "1 file, 9 B")
        await fill(here, to="grace@example.org")
        await here.press("ctrl+x", "y")
        await here.until(lambda: here.servers.sent)
        parts = list(email.message_from_bytes(here.servers.sent[0].raw).walk())
        assert next(part for part in parts if part.get_filename() == "plan.pdf").get_payload(decode=True) == b"%PDF-1.4\n"
        await here.settled()
        flags = next(shot.flags for shot in here.on_server("INBOX") if shot.message_id == "<engines@example.org>")
        assert FORWARDED in flags


async def test_forwards_unchanged_as_a_file(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(LETTER)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("F")
        await composing(here)
        await here.sees("Engines.eml")
        await fill(here, to="grace@example.org")
        await here.press("ctrl+x", "y")
        await here.until(lambda: here.servers.sent)
        assert LETTER.strip() in here.servers.sent[0].raw


async def test_redirects_unchanged(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.deliver(LETTER)
        await here.sees("Engines")
        await here.open("Engines")
        await here.press("B")
        await here.sees("Redirect to")
        await here.type("grace@example.org")
        await here.press("enter")
        await here.until(lambda: here.servers.sent)
        mail = here.servers.sent[0]
        assert mail.recipients == ("grace@example.org",)
        assert LETTER in mail.raw
        block = mail.raw[: mail.raw.index(LETTER)]
        assert b"Resent-To: grace@example.org\r\n" in block
        assert b"Resent-Message-ID: <" in block


async def test_files_are_looked_for_where_the_program_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "notes.txt").write_bytes(b"x" * 1000)
    monkeypatch.chdir(tmp_path / "here")
    async with desk(tmp_path / "home") as here:
        await compose(here)
        await here.press("ctrl+t", "down", "enter")
        await here.sees("notes.txt 1.0 kB")


async def test_attaches_removes_and_counts_files(tmp_path: Path) -> None:
    (tmp_path / "zähler.csv").write_bytes(b"a,b\n" * 500)
    (tmp_path / "notes.txt").write_bytes(b"x" * 1000)
    async with desk(tmp_path / "home") as here:
        await compose(here, "ada@example.org", "Files")
        await attach(here, tmp_path / "zähler.csv")
        await here.sees("zähler.csv 2.0 kB", "1 file, 2.0 kB")
        await attach(here, tmp_path / "notes.txt")
        await here.sees("2 files, 3.0 kB")
        await here.press("ctrl+t", "j", "enter")
        await here.sees("1 file, 1.0 kB")
        await attach(here, tmp_path / "zähler.csv")
        await here.sees("2 files")
        await here.press("ctrl+x", "y")
        await here.until(lambda: here.servers.sent)
        parts = {
            part.get_filename(): part.get_payload(decode=True)
            for part in email.message_from_bytes(here.servers.sent[0].raw).walk()
        }
        assert parts["zähler.csv"] == b"a,b\n" * 500
        assert parts["notes.txt"] == b"x" * 1000


async def test_an_unreadable_path_is_named_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, "ada@example.org", "Kept", "Every word.")
        await attach(here, tmp_path / "no-such-file")
        await here.sees("There is no such file.")
        await here.press("escape")
        await composing(here)
        assert text(here) == "Every word."
        with pytest.raises(Exception, match="no such file"):
            await composer(here).files.attach(tmp_path / "no-such-file")


async def test_pasted_paths_of_files_are_offered_to_attach(tmp_path: Path) -> None:
    from textual import events

    file = tmp_path / "a picture.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0jpeg")
    async with desk(tmp_path / "home") as here:
        await compose(here, body="See ")
        composer(here).query_one(BodyText).post_message(events.Paste(f"'{file}'"))
        await here.sees("Attach a picture.jpg?")
        await here.press("y")
        await here.sees("1 file")
        assert text(here) == "See "
        composer(here).query_one(BodyText).post_message(events.Paste(f"'{file}'"))
        await here.sees("Attach a picture.jpg?")
        await here.press("n")
        await here.until(lambda: str(file) in text(here))


async def test_too_much_to_paste_is_refused_in_words(tmp_path: Path) -> None:
    from textual import events

    async with desk(tmp_path) as here:
        await compose(here, body="Every word.")
        composer(here).query_one(BodyText).post_message(events.Paste("lorem ipsum\n" * (LONGEST_PASTE // 12 + 1)))
        await here.sees("are too many to paste")
        assert text(here) == "Every word."
        field = composer(here).field("to")
        await here.focus(field)
        field.post_message(events.Paste("x" * 1_000_000))
        field.post_message(events.Paste("ada@example.org"))
        await here.until(lambda: field.value == "ada@example.org")


async def test_problems_are_named_at_their_fields(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, subject="Who?", body="Kept.")
        await here.press("ctrl+x", "y")
        await here.sees("At least one address is needed")
        assert here.app.screen.focused is composer(here).field("to")
        await here.type("not an address")
        await here.press("ctrl+x", "y")
        await here.sees("not an address")
        await here.until(lambda: composer(here).query_one("#problem-to").display)
        await here.press("end", "ctrl+u")
        await here.type("ada@example.org")
        await here.until(lambda: not composer(here).query_one("#problem-to").display)
        assert text(here) == "Kept."
        await here.press("ctrl+x", "y")
        await here.until(lambda: here.servers.sent)


async def test_undo_send_brings_the_composer_back(tmp_path: Path) -> None:
    async with desk(tmp_path, undo_send=60) as here:
        await compose(here, "ada@example.org", "Too soon", "Half a thought")
        await here.press("ctrl+x", "y")
        await here.said("Sending in")
        await here.sees("1 in outbox")
        await here.press("z")
        await composing(here)
        assert text(here) == "Half a thought"
        assert value(here, "to") == "ada@example.org"
        assert not here.engine.outbox.all()
        assert not here.servers.sent


async def test_outbox_lists_sends_now_and_removes(tmp_path: Path) -> None:
    async with desk(tmp_path, undo_send=600) as here:
        for subject in ("First", "Second", "Third"):
            await compose(here, "ada@example.org", subject, "x")
            await here.press("ctrl+x", "y")
            await here.until(lambda: here.app.screen is here.app.mailbox)
        await here.press("g", "o")
        await here.sees("First", "Second", "ada@example.org", "waits")
        await here.press("enter", "s")
        await here.until(lambda: [email.message_from_bytes(mail.raw)["subject"] for mail in here.servers.sent] == ["First"])
        await here.until(lambda: len(here.engine.outbox.all()) == 2)
        await here.press("g", "o", "enter", "d")
        await here.until(lambda: len(here.engine.outbox.all()) == 1)
        await here.press("g", "o", "enter", "e")
        await composing(here)
        assert value(here, "subject") == "Third"
        assert not here.engine.outbox.all()


async def test_the_user_says_what_becomes_of_mail_without_an_answer(tmp_path: Path) -> None:
    async def ask(here: Desk, times: int) -> None:
        await here.until(lambda: len(here.servers.sent) == times and here.app.screen is here.app.mailbox)
        await here.until(lambda: [item.state for item in here.engine.outbox.all()] == [OutboxState.UNKNOWN])
        await here.press("g", "o", "enter")
        await here.sees(
            "It arrived: file it in Sent", "Send it again (it may arrive twice)", "Take it back as a draft", "Drop it"
        )
        assert "Do not send it" not in here.screen, "it may have been sent"

    with DemoServers(5, Faults(cut_on="DATA", cut_when="after", cut_times=4)) as servers:
        async with desk(tmp_path, servers=servers) as here:
            await compose(here, "ada@example.org", "Adrift", "Did it arrive?")
            await here.press("ctrl+x", "y")
            await ask(here, 1)
            await here.press("e")
            await composing(here)
            assert (value(here, "subject"), text(here)) == ("Adrift", "Did it arrive?")
            assert not here.engine.outbox.all()
            await here.press("ctrl+x", "y")
            await ask(here, 2)
            await here.press("d")
            await here.said("Dropped, with its draft")
            assert (here.engine.outbox.all(), here.engine.pages.drafts()) == ((), ())
            await here.press("z")
            await composing(here)
            assert text(here) == "Did it arrive?"
            await here.press("ctrl+x", "y")
            await ask(here, 3)
            await here.press("s")
            await ask(here, 4)
            assert servers.sent[2].raw == servers.sent[3].raw, "with its Message-ID: whoever gets it twice can tell"
            await here.press("a")
            await here.said("Filed in Sent")
            assert (here.engine.outbox.all(), here.engine.pages.drafts()) == ((), ())
            await arrived(here, "Sent", "Adrift")
            await here.settled()
            assert [message(shot)["subject"] for shot in here.on_server("Sent")].count("Adrift") == 1
            assert len(servers.sent) == 4


async def test_sends_later(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, "ada@example.org", "Tomorrow", "x")
        await here.press("ctrl+x", "l")
        await here.sees("Send later")
        await here.type("nonsense")
        await here.press("enter")
        await here.said("That is no time")
        await composing(here)
        await here.press("ctrl+x", "l")
        await here.type("2h")
        await here.press("enter")
        await here.said("Sending later")
        (item,) = here.engine.outbox.all()
        assert abs(item.due - parse_when("2h")) < 120
        assert item.due > time.time() + 7000


async def test_keeps_a_draft_on_the_server_and_reopens_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"notes")
    async with desk(tmp_path / "home") as here:
        before = len(here.on_server("Drafts"))
        await compose(here, "ada@example.org", "Unfinished", "So far.")
        await attach(here, tmp_path / "notes.txt")
        await here.sees("1 file")
        await here.press("ctrl+x", "p")
        await here.said("Draft kept in Drafts")
        kept = await arrived(here, "Drafts", "Unfinished")
        assert kept["to"] == "ada@example.org"
        assert len(here.on_server("Drafts")) == before + 1
        assert DRAFT in next(shot.flags for shot in here.on_server("Drafts") if b"So far." in shot.raw)
        await here.press("g", "d")
        await here.sees("Unfinished")
        await here.to_message(lambda row: row.envelope.subject == "Unfinished")
        await here.press("enter")
        await composing(here)
        assert value(here, "to") == "ada@example.org"
        assert text(here).strip() == "So far."
        await here.sees("notes.txt")
        await fill(here, body="Done. ")
        await here.press("ctrl+x", "y")
        await here.until(lambda: here.servers.sent)
        await here.settled()
        assert len(here.on_server("Drafts")) == before


async def test_several_drafts_stay_open_while_reading(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, subject="One")
        await here.press("escape")
        await here.said("g c returns to it")
        await compose(here, subject="Two")
        await here.press("escape")
        await here.sees("2 open drafts")
        await here.press("enter")
        await here.until(lambda: here.app.mailbox.shown is not None)
        await here.press("g", "c")
        await composing(here)
        assert value(here, "subject") == "Two"
        await here.press("escape", "g", "c")
        await composing(here)
        assert value(here, "subject") == "One"
        await here.press("ctrl+p")
        await here.type("Next open draft")
        await here.sees("Switch to the next")
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, ComposeScreen) and value(here, "subject") == "Two")
        await here.press("escape")
        assert here.app.screen is here.app.mailbox
        assert here.app.mailbox.opened is not None


async def test_an_untouched_draft_leaves_nothing_behind(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        for key in ("c", "r", "f"):
            await here.press(key)
            await composing(here)
            await here.press("escape")
            assert here.app.screen is here.app.mailbox
        assert not here.engine.pages.drafts()


async def test_nothing_is_said_of_a_discarded_draft_in_which_nothing_was_written(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("c")
        await composing(here)
        await here.press("ctrl+x", "x")
        await here.until(lambda: here.app.screen is here.app.mailbox)
        assert not here.engine.pages.drafts()
        assert here.toasts == []


async def test_discard_and_undo(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, "ada@example.org", "Regret", "Words")
        await here.press("ctrl+x", "x")
        await here.said("Draft discarded")
        assert not here.engine.pages.drafts()
        await here.press("s", "z", "z")
        await composing(here)
        assert text(here) == "Words"
        assert value(here, "subject") == "Regret"


async def test_discarding_a_draft_of_the_server_takes_its_copy_away_and_undo_brings_both_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, "ada@example.org", "Unfinished", "So far.")
        await here.press("ctrl+x", "p")
        await arrived(here, "Drafts", "Unfinished")
        await here.settled()
        await here.press("g", "d")
        await here.sees("Unfinished")
        await here.to_message(lambda row: row.envelope.subject == "Unfinished")
        await here.press("enter")
        await composing(here)
        await here.press("ctrl+x", "x")
        await here.settled()
        assert not any(b"So far." in shot.raw for shot in here.on_server("Drafts"))
        await here.press("z")
        await composing(here)
        assert text(here).strip() == "So far."
        await here.settled()
        assert any(b"So far." in shot.raw for shot in here.on_server("Drafts"))


async def test_what_was_typed_is_saved_without_asking(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await compose(here, subject="Careful", body="Word by word")
        await here.sees("typing…")
        await here.until(lambda: any(draft.body == "Word by word" for draft in here.engine.pages.drafts()))
        await here.sees("draft saved")


async def test_what_was_typed_is_saved_although_the_screen_is_coming_down(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("c")
        await composing(here)
        await fill(here, subject="Half", body="a thought")
        screen = composer(here)
        await screen.query("#compose").remove()
        kept = screen.keep()
        stored = here.engine.composer.get(kept.id)
        assert stored is not None
        assert (stored.subject, stored.body) == ("Half", "a thought")


async def test_hints_name_only_keys_that_work_while_typing(tmp_path: Path) -> None:
    async with desk(tmp_path, size=(160, 40)) as here:
        await compose(here)
        hints = here.lines[-1]
        assert all(word in hints for word in ("^X finish", "^T attach", "esc back", "^P commands"))
        assert not any(word in hints for word in ("undo", "folders", "help", "quit"))


async def test_external_editor_failing_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor-here")
    monkeypatch.delenv("VISUAL", raising=False)
    async with desk(tmp_path) as here:
        await compose(here, body="Dear")
        await here.press("ctrl+e")
        await here.said("cannot")
        assert text(here) == "Dear"


async def test_a_refused_recipient_is_named_and_the_mail_can_be_mended(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.servers.faults.refuse["nobody@example.org"] = "550 5.1.1 No such person"
        await compose(here, "nobody@example.org", "Lost", "x")
        await here.press("ctrl+x", "y")
        await here.said("No such person")
        await here.press("g", "o")
        await here.sees("refused")
        await here.press("enter", "e")
        await composing(here)
        assert value(here, "to") == "nobody@example.org"


async def test_while_a_message_is_built_nothing_is_typed_or_sent_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def slow(*arguments: Any, **options: Any) -> tuple[str, bytes]:
        gate.wait(PATIENCE)
        return build_message(*arguments, **options)

    monkeypatch.setattr("tuimail.engine.composer.build_message", slow)
    async with desk(tmp_path, undo_send=3600) as here:
        await compose(here, "ada@example.org", "Once", "only")
        screen = composer(here)
        await here.press("ctrl+x", "y")
        await here.until(lambda: screen.query_one("#compose").disabled, "the frozen fields")
        await here.press("ctrl+x")
        await here.said("The message is being sent.")
        await here.press(*"more")
        assert text(here) == "only"
        gate.set()
        await here.sees("1 in outbox")
        assert here.app.screen is here.app.mailbox


async def test_an_opened_draft_is_not_said_to_be_typed_in(tmp_path: Path) -> None:
    async with desk(tmp_path, messages=20) as here:
        await here.open("Harbour sheet")
        await here.press("r")
        await composing(here)
        assert "typing" not in here.screen
        await here.press("x")
        await here.sees("typing")


async def test_quit_with_mail_in_the_outbox_sends_it_first(tmp_path: Path) -> None:
    async with desk(tmp_path, undo_send=600) as here:
        await compose(here, "ada@example.org", "Last words", "x")
        await here.press("ctrl+x", "y")
        await here.said("Last words")
        await here.press("Q")
        await here.sees("1 message is in the outbox")
        await here.press("n")
        assert here.app.screen is here.app.mailbox
        await here.press("Q", "s")
        await here.until(lambda: not here.app.is_running or here.app._exit)
        assert [email.message_from_bytes(mail.raw)["subject"] for mail in here.servers.sent] == ["Last words"]


async def test_quit_keeps_it_for_the_next_start(tmp_path: Path) -> None:
    async with desk(tmp_path, undo_send=600) as here:
        servers = here.servers
        await compose(here, "ada@example.org", "Patience", "x")
        await here.press("ctrl+x", "y")
        await here.said("Patience")
        await here.press("Q", "k")
        await here.until(lambda: here.app._exit)
        assert not servers.sent
    async with desk(tmp_path) as again:
        assert [item.subject for item in again.engine.outbox.all()] == ["Patience"]


async def test_q_at_the_top_asks(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.press("q")
        await here.sees("Quit tuimail?")
        await here.press("escape")
        assert here.app.screen is here.app.mailbox
        await here.press("q", "y")
        await here.until(lambda: here.app._exit)
