# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that are painted past Textual's own cache are the lines that it would paint."""

import pytest
from textual.geometry import Region
from textual.widget import Widget

from tests.ui.widgets.test_message_body import BodyApp
from tuimail.model.rendered import Line, Link, Rendered, Span, Style

LINES = (
    Line("A heading", (Span(0, 9, Style.HEADING),)),
    Line("See the notes 日本語", (Span(4, 13, Style.LINK, 0),)),
    *(Line(f"quoted {number}", quote=number % 3) for number in range(40)),
)
BORDERS = ("", "border-top: solid red;", "border-left: solid red;", "border: round red; padding: 1 2;")


@pytest.mark.parametrize("border", BORDERS)
async def test_as_textual_paints_them(border: str) -> None:
    app = BodyApp()
    app.CSS = f"MessageBody {{ {border} }}"  # type: ignore[misc]
    async with app.run_test(size=(60, 20)) as pilot:
        app.body.show((), Rendered(LINES, (Link("the notes", "https://example.org/notes"),)))
        await pilot.pause()
        width, height = app.body.outer_size
        for crop in (Region(0, 0, width, height), Region(0, 1, width, 3), Region(0, height - 2, width, 2), Region(3, 0, 9, 7)):
            painted = [_looks(strip) for strip in app.body.render_lines(crop)]
            app.body._styles_cache.clear()
            assert painted == [_looks(strip) for strip in Widget.render_lines(app.body, crop)]


def _looks(strip: object) -> list[tuple[str, str, str | None]]:
    """Each character with its style, without what only the mouse needs."""
    return [
        (
            character,
            str(segment.style and segment.style.without_color),
            str(segment.style and (segment.style.color, segment.style.bgcolor)),
        )
        for segment in strip  # type: ignore[attr-defined]
        for character in segment.text
    ]
