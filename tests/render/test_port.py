# SPDX-License-Identifier: GPL-3.0-or-later
"""Media types find their renderer."""

import pytest

from tuimail.render.port import render


def show(content_type: str, text: str, **params: str) -> list[str]:
    return [line.text for line in render(content_type, text, width=80, params=params).lines]


@pytest.mark.parametrize("content_type", ["text/plain", "text/x-patch", "text/csv", "message/delivery-status", ""])
def test_unknown_types_are_plain_text(content_type: str) -> None:
    assert show(content_type, "<b>a</b> \nb") == ["<b>a</b>", "b"]


@pytest.mark.parametrize("content_type", ["text/html", "TEXT/HTML", "application/xhtml+xml"])
def test_html(content_type: str) -> None:
    assert show(content_type, "<b>a</b> \nb") == ["a b"]


def test_parameters_of_plain_text() -> None:
    assert show("text/plain", "a \nb", format="Flowed") == ["a b"]
    assert show("text/plain", "a \nb", format="flowed", delsp="Yes") == ["ab"]
    assert show("text/plain", "a \nb", format="fixed", delsp="yes") == ["a", "b"]
