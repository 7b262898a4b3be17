# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Sequence

import pytest
from textual.app import ComposeResult
from textual.widgets import Input

from tests.ui.widgets.support import PROBES, ThemedApp, screen_text
from tuimail.ui.widgets.completion import Candidate, CompletionField, Source, piece_at
from tuimail.ui.widgets.text_input import TextInput

PEOPLE = ("Ada Lovelace <ada@example.org>", "Alan Turing <alan@example.org>", "Bob <bob@example.org>")


def people(typed: str) -> Sequence[Candidate]:
    return [Candidate(one) for one in PEOPLE if typed and one.lower().startswith(typed.lower())]


class FieldApp(ThemedApp):
    def __init__(self, source: Source, value: str = "", separator: str = "") -> None:
        super().__init__()
        self.made_of = (source, value, separator)
        self.submitted: list[str] = []

    def compose(self) -> ComposeResult:
        source, value, separator = self.made_of
        yield CompletionField(source, value, separator=separator)
        yield TextInput(id="other")

    @property
    def field(self) -> CompletionField:
        return self.query_one(CompletionField)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.submitted.append(event.value)


@pytest.mark.parametrize(
    ("text", "cursor", "piece"),
    [("a, b", 4, "b"), ("a, b", 1, "a"), ('"x, y" <a@b>, c', 3, '"x, y" <a@b>'), ("", 0, ""), ("a,", 2, ""), ("a,b,c", 3, "b")],
)
def test_pieces_of_a_list(text: str, cursor: int, piece: str) -> None:
    start, end = piece_at(text, cursor, ",")
    assert text[start:end] == piece


async def test_takes_candidates_one_after_the_other() -> None:
    app = FieldApp(people, separator=",")
    async with app.run_test(size=(80, 20)) as pilot:
        app.field.focus()
        await pilot.press("a")
        await pilot.pause()
        assert "Alan Turing" in screen_text(app)
        await pilot.press("down", "enter")
        assert app.field.value == "Alan Turing <alan@example.org>, "
        assert not app.field.is_open
        assert app.submitted == []
        await pilot.press("b", "tab")
        assert app.field.value == "Alan Turing <alan@example.org>, Bob <bob@example.org>, "
        await pilot.press("enter")
        await pilot.pause()
        assert app.submitted == [app.field.value]


async def test_escape_closes_only_the_dropdown() -> None:
    app = FieldApp(people)
    async with app.run_test(size=(80, 20)) as pilot:
        app.field.focus()
        await pilot.press("a")
        await pilot.pause()
        assert app.field.is_open
        await pilot.press("escape")
        await pilot.pause()
        assert not app.field.is_open
        assert "Alan Turing" not in screen_text(app)
        assert app.field.value == "a"


async def test_leaving_the_field_closes_the_dropdown() -> None:
    app = FieldApp(people)
    async with app.run_test(size=(80, 20)) as pilot:
        app.field.focus()
        await pilot.press("a")
        app.query_one("#other", TextInput).focus()
        await pilot.pause()
        assert not app.field.is_open


async def test_a_value_set_by_the_program_offers_nothing() -> None:
    app = FieldApp(people, "Ada")
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        assert not app.field.is_open


async def test_markup_is_only_text() -> None:
    app = FieldApp(lambda _typed: [Candidate(probe, detail=probe) for probe in PROBES])
    async with app.run_test(size=(100, 20)) as pilot:
        app.field.focus()
        await pilot.press("x")
        await pilot.pause()
        text = screen_text(app)
        for probe in PROBES:
            assert text.count(probe) >= 2
