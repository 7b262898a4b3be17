# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from textual.app import ComposeResult

from tests.ui.widgets.support import PROBES, ThemedApp, screen_lines, screen_text
from tuimail.model.notice import ConnectionState
from tuimail.ui.commands import Place
from tuimail.ui.keymap import make_keymap
from tuimail.ui.widgets.hints import Hints, key_text
from tuimail.ui.widgets.status_line import Connection, Status, StatusLine
from tuimail.ui.widgets.toast import ToastKind, Toasts


class BarsApp(ThemedApp):
    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Hints()
        yield Toasts()


FULL = Status(
    place="Inbox",
    position=12,
    total=3410,
    marked=3,
    note="unread only",
    progress="Fetching 1,200 of 3,410",
    waiting=2,
    outbox=1,
    connections=(Connection("work", ConnectionState.ONLINE), Connection("home", ConnectionState.SIGN_IN_NEEDED)),
)


async def test_status_line_tells_everything() -> None:
    app = BarsApp()
    async with app.run_test(size=(160, 10)) as pilot:
        app.query_one(StatusLine).status = FULL
        await pilot.pause()
        line = screen_lines(app)[0]
        for words in (
            "Inbox",
            "12/3,410",
            "3 marked",
            "unread only",
            "Fetching",
            "2 waiting",
            "1 in outbox",
            "● work",
            "home sign-in needed",
        ):
            assert words in line


@pytest.mark.parametrize("width", [20, 40, 60, 100, 200])
async def test_bars_fill_any_width_exactly(width: int) -> None:
    app = BarsApp()
    async with app.run_test(size=(width, 5)) as pilot:
        app.query_one(StatusLine).status = FULL
        app.query_one(Hints).keymap = make_keymap()
        await pilot.pause()
        assert app.query_one(StatusLine).render_line(0).cell_length == width
        assert app.query_one(Hints).render_line(0).cell_length == width


async def test_hints_follow_the_place_and_an_unfinished_sequence() -> None:
    app = BarsApp()
    async with app.run_test(size=(140, 5)) as pilot:
        hints = app.query_one(Hints)
        hints.keymap = make_keymap()
        await pilot.pause()
        assert "e archive" in screen_lines(app)[1]
        assert "? help" in screen_lines(app)[1]
        hints.place = Place.TREE
        await pilot.pause()
        assert "R rename" in screen_lines(app)[1]
        hints.pending = ("g",)
        await pilot.pause()
        assert "i Inbox" in screen_lines(app)[1]
        hints.place, hints.pending = Place.LIST, ("*",)
        await pilot.pause()
        assert "a all" in screen_lines(app)[1]


def test_keys_are_written_short() -> None:
    assert key_text("ctrl+x") == "^X"
    assert key_text("g i") == "g i"
    assert key_text("escape") == "esc"


async def test_toasts_offer_undo_and_replace_each_other() -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 20)) as pilot:
        toasts = Toasts.of(app)
        toasts.show("Archived 1 message", undo_key="z", name="undo")
        toasts.show("Archived 2 messages", undo_key="z", name="undo", kind=ToastKind.GOOD)
        await pilot.pause()
        text = screen_text(app)
        assert "Archived 2 messages   z Undo" in text
        assert "Archived 1 message " not in text
        toasts.dismiss()
        await pilot.pause()
        assert "Archived" not in screen_text(app)


async def test_only_the_latest_toasts_stay() -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 30)) as pilot:
        for number in range(5):
            Toasts.of(app).show(f"message {number}")
            await pilot.pause()
        text = screen_text(app)
        assert [number for number in range(5) if f"message {number}" in text] == [2, 3, 4]


async def test_markup_is_only_text() -> None:
    app = BarsApp()
    async with app.run_test(size=(200, 30)) as pilot:
        for probe in PROBES:
            app.query_one(StatusLine).status = Status(
                place=probe, note=probe, progress=probe, connections=(Connection(probe[:20], ConnectionState.ONLINE),)
            )
            Toasts.of(app).show(probe, undo_key="z", name="one")
            await pilot.pause()
            lines = screen_lines(app)
            assert lines[0].count(probe) >= 3 - (len(probe) > 20)
            assert any(probe + "   z Undo" in line for line in lines[1:])
