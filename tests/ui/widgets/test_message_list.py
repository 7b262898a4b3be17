# SPDX-License-Identifier: GPL-3.0-or-later
import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from tests.ui.widgets.support import NOW, PROBES, ListSource, PartialSource, ThemedApp, row, screen_lines, screen_text
from tuimail.model.address import Address
from tuimail.model.flags import ANSWERED, FLAGGED, SEEN
from tuimail.model.ids import MessageId
from tuimail.model.message import Envelope
from tuimail.ui.widgets.list_row import date_text
from tuimail.ui.widgets.message_list import MessageList


class ListApp(ThemedApp):
    def __init__(self, source: ListSource) -> None:
        super().__init__()
        self.list = MessageList(source)
        self.list.clock = lambda: NOW
        self.heard: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_message_list_marks_changed(self, event: MessageList.MarksChanged) -> None:
        self.heard.append(event.count)

    def on_source_view_opened(self, event: MessageList.Opened) -> None:
        self.heard.append(("opened", event.key))


async def with_list(
    source: ListSource, act: Callable[[ListApp, Pilot[None]], Awaitable[None]], size: tuple[int, int] = (100, 20)
) -> None:
    app = ListApp(source)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await act(app, pilot)


async def test_first_row_gets_the_cursor_and_rows_are_drawn() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        assert app.list.cursor == 1
        lines = screen_lines(app)
        assert "Sender 1" in lines[0]
        assert "Subject 20" in lines[19]
        assert lines[0].startswith("▌")
        assert not lines[1].startswith("▌")

    await with_list(ListSource(range(1, 101)), act)


async def test_empty_list_tells_so() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        assert app.list.cursor is None
        assert app.list.chosen() == ()
        assert "Nothing here" in screen_text(app)

    await with_list(ListSource(()), act)


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("cursor_down", 51),
        ("cursor_up", 49),
        ("page_down", 70),
        ("page_up", 30),
        ("first", 1),
        ("last", 100),
        ("half_page_down", 60),
    ],
)
async def test_moving(command: str, key: int) -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        assert app.list.to(MessageId(50))
        assert app.list.perform(command)
        assert app.list.cursor == key
        assert app.list.top <= key - 1 < app.list.top + app.list.page

    await with_list(ListSource(range(1, 101)), act)


async def test_to_an_unlisted_message_is_refused() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        assert not app.list.to(MessageId(999))
        assert app.list.cursor == 1

    await with_list(ListSource(range(1, 101)), act)


async def test_only_what_is_near_the_screen_is_read() -> None:
    source = ListSource(range(1, 100_001))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.end()
        await pilot.pause()
        assert all(stop - start <= 120 for start, stop in source.windows)

    await with_list(source, act)


async def test_new_mail_leaves_the_view_still() -> None:
    source = ListSource(range(1, 101))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.to(MessageId(50))
        await pilot.pause()
        before = screen_lines(app)
        source.change([201, 202, *source.listed])
        app.list.rows_changed()
        await pilot.pause()
        assert screen_lines(app) == before
        assert app.list.cursor == 50

    await with_list(source, act)


async def test_new_mail_is_seen_at_the_top() -> None:
    source = ListSource(range(1, 101))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        source.change([201, *source.listed])
        app.list.rows_changed()
        await pilot.pause()
        assert "Subject 201" in screen_lines(app)[0]
        assert app.list.cursor == 1
        assert screen_lines(app)[1].startswith("▌")

    await with_list(source, act)


async def test_a_change_elsewhere_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    source = ListSource(range(1, 101))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        drawn: list[int] = []
        draw = app.list.draw_line

        def noted(index: int, width: int) -> Strip:
            drawn.append(index)
            return draw(index, width)

        app.list.rows_changed()
        await pilot.pause()
        monkeypatch.setattr(app.list, "draw_line", noted)
        source.change([*source.listed[:-3], 200])
        app.list.rows_changed()
        await pilot.pause()
        assert not drawn
        app.list.perform("last")
        assert app.list.cursor == 200
        assert app.list.top == 78
        app.list.perform("first")
        await pilot.pause()
        source.rows[7] = row(7, flags=frozenset({FLAGGED}))
        source.change(source.listed)
        app.list.rows_changed()
        await pilot.pause()
        assert "★" in screen_lines(app)[6]

    await with_list(source, act)


async def test_cursor_goes_to_the_next_message_that_is_left() -> None:
    source = ListSource(range(1, 11))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.to(MessageId(5))
        source.change([77, 1, 2, 3, 4, 7, 8])
        app.list.rows_changed()
        assert app.list.cursor == 7
        source.change([1, 2])
        app.list.rows_changed()
        assert app.list.cursor == 2

    await with_list(source, act)


async def test_the_rest_is_read_and_the_cursor_goes_where_it_was_to_be() -> None:
    source = PartialSource(range(1, 1001))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.show(source, MessageId(700))
        assert app.list.cursor == 1
        source.readable.set()
        while not source.is_complete:
            await pilot.pause()
        await pilot.pause()
        assert app.list.line_count == 1000
        assert app.list.cursor == 700
        assert any(line.startswith("▌") and "Subject 700" in line for line in screen_lines(app))

    await with_list(ListSource(()), act)


async def test_a_list_that_is_being_sorted_does_not_say_that_it_is_empty() -> None:
    source = PartialSource(())

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.show(source)
        await pilot.pause()
        assert "Reading" in screen_text(app)
        source.readable.set()
        while not source.is_complete:
            await pilot.pause()
        await pilot.pause()
        assert "Nothing here" in screen_text(app)

    await with_list(ListSource(range(1, 5)), act)


async def test_the_cursor_stays_where_the_user_put_it_while_the_rest_is_read() -> None:
    source = PartialSource(range(1, 1001))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.show(source, MessageId(700))
        app.list.cursor_down()
        source.readable.set()
        while not source.is_complete:
            await pilot.pause()
        await pilot.pause()
        assert app.list.cursor == 2

    await with_list(ListSource(()), act)


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["insert", "remove", "move"]), st.integers(0, 60), st.integers(1, 5)), min_size=1, max_size=12
    )
)
def test_cursor_stays_on_its_message_whatever_comes_or_goes(steps: list[tuple[str, int, int]]) -> None:
    source = ListSource(range(1, 41))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        fresh = 1000
        for step, place, count in steps:
            keys = list(source.listed)
            held = app.list.cursor
            if step == "move" and keys:
                app.list.move_to(place % len(keys))
                continue
            if step == "insert":
                at = place % (len(keys) + 1)
                keys[at:at] = range(fresh, fresh + count)
                fresh += count
            else:
                at = place % max(1, len(keys))
                del keys[at : at + count]
            old = list(source.listed)
            source.change(keys)
            app.list.rows_changed()
            if held in keys:
                assert app.list.cursor == held
            elif keys and held is not None:
                after = [key for key in old[old.index(held) :] if key in keys]
                before = [key for key in old[: old.index(held)] if key in keys]
                assert app.list.cursor == (after[0] if after else before[-1])
            elif not keys:
                assert app.list.cursor is None
            if keys:
                assert source.listed[app.list.cursor_index] == app.list.cursor

    asyncio.run(with_list(source, act))


async def test_actions_apply_to_marks_else_to_the_cursor() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        assert app.list.chosen() == (1,)
        app.list.perform("mark")
        app.list.perform("mark")
        assert app.list.chosen() == (1, 2)
        assert app.list.cursor == 3
        await pilot.pause()
        assert app.heard == [1, 2]
        assert "✓" in screen_lines(app)[0]
        app.list.perform("mark_none")
        assert app.list.chosen() == (3,)

    await with_list(ListSource(range(1, 11)), act)


async def test_range_follows_the_cursor_and_shrinks_again() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.to(MessageId(9))
        app.list.perform("mark")
        app.list.to(MessageId(3))
        app.list.perform("mark_range")
        app.list.to(MessageId(6))
        assert set(app.list.chosen()) == {9, 3, 4, 5, 6}
        app.list.to(MessageId(2))
        assert set(app.list.chosen()) == {9, 2, 3}
        app.list.perform("mark_range")
        app.list.to(MessageId(7))
        assert set(app.list.chosen()) == {9, 2, 3}

    await with_list(ListSource(range(1, 11)), act)


async def test_marks_of_vanished_messages() -> None:
    source = ListSource(range(1, 11))

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.mark_keys((4, 8))
        assert app.list.chosen() == (4, 8)
        source.change([1, 2, 3, 4])
        app.list.rows_changed()
        assert app.list.chosen() == (4,)

    await with_list(source, act)


async def test_advance_after_an_action() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.to(MessageId(4))
        app.list.mark_keys([MessageId(4), MessageId(5)])
        app.list.advance_after_action([MessageId(4), MessageId(5)])
        assert app.list.cursor == 6
        assert app.list.chosen() == (6,)
        app.list.to(MessageId(10))
        app.list.advance_after_action([MessageId(10)])
        assert app.list.cursor == 9

    await with_list(ListSource(range(1, 11)), act)


async def test_showing_another_folder_drops_marks_and_takes_the_given_cursor() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        app.list.perform("mark_all")
        app.list.show(ListSource(range(500, 600)), MessageId(560))
        await pilot.pause()
        assert app.list.chosen() == (560,)
        assert any(line.startswith("▌") and "Subject 560" in line for line in screen_lines(app))

    await with_list(ListSource(range(1, 11)), act)


async def test_signs_of_a_row() -> None:
    source = ListSource([1, 2, 3])
    source.rows[1] = row(1, flags=frozenset({FLAGGED}), has_attachment=True, waiting=True, snippet="The first words")
    source.rows[2] = row(2, flags=frozenset({SEEN, ANSWERED}))
    source.rows[3] = None

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        first, second, third = screen_lines(app)[:3]
        assert first[2:4] == "●★"
        assert "⊞↑" in first
        assert "The first words" in first
        assert second[2] == "↩"
        assert "···" in third
        app.list.ascii = True
        app.list.redraw()
        await pilot.pause()
        assert screen_text(app).isascii()

    await with_list(source, act)


@pytest.mark.parametrize("width", [60, 80, 100, 160, 240])
async def test_rows_fill_any_width_exactly(width: int) -> None:
    source = ListSource([1, 2])
    wide = Envelope(subject="会议改到星期三" * 20, from_=(Address("王小明" * 20, "w@example.cn"),))
    source.rows[1] = row(1, envelope=wide, snippet="下午三点见" * 20)

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        for y in (0, 1):
            assert app.list.render_line(y).cell_length == width
        assert "会议" in screen_lines(app)[0]

    await with_list(source, act, (width, 5))


async def test_markup_in_mail_is_only_text() -> None:
    source = ListSource(range(1, len(PROBES) + 1))
    for number, probe in enumerate(PROBES, 1):
        source.rows[number] = row(number, envelope=Envelope(subject=probe, from_=(Address(probe, "a@b"),)), snippet=probe)

    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        lines = screen_lines(app)
        for probe, line in zip(PROBES, lines, strict=False):
            assert line.count(probe) == 3
        await pilot.click(MessageList, offset=(60, 1))
        assert app.is_running
        assert app.list.cursor == 2

    await with_list(source, act, (220, 20))


async def test_mouse_moves_marks_and_opens() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        await pilot.click(MessageList, offset=(40, 4))
        assert app.list.cursor == 5
        await pilot.click(MessageList, offset=(1, 6))
        assert app.list.chosen() == (7,)
        await pilot.click(MessageList, offset=(40, 2), times=2)
        await pilot.pause()
        assert ("opened", 3) in app.heard

    await with_list(ListSource(range(1, 11)), act)


async def test_words_searched_for_are_highlighted() -> None:
    async def act(app: ListApp, pilot: Pilot[None]) -> None:
        plain = app.list.render_line(2)
        app.list.highlight("subject")
        found = app.list.render_line(2)
        assert found.text == plain.text
        texts = [segment.text for segment in found]
        assert "Subject" in texts
        assert "Subject" not in [segment.text for segment in plain]

    await with_list(ListSource(range(1, 11)), act)


def test_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert date_text(NOW - 60, NOW, 10) == "09:45"
    assert date_text(NOW - 86_400, NOW, 10) == "9 Mar"
    assert date_text(NOW - 86_400 * 400, NOW, 10) == "2024-02-04"
    assert date_text(NOW - 86_400 * 400, NOW, 7) == "2024-02"
    monkeypatch.undo()
    time.tzset()
