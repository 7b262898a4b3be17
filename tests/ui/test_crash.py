# SPDX-License-Identifier: GPL-3.0-or-later
"""An error that nobody expected: a sentence on the terminal, details without secrets in the log."""

from pathlib import Path

import pytest
from textual.app import App

from tests.ui.harness import desk


def test_textual_still_ends_by_the_name_that_is_overridden() -> None:
    assert callable(App._fatal_error)


async def _crash(home: Path, printed: list[str]) -> None:
    """End the program by an error; what it prints, and a secret that it knew."""
    async with desk(home) as here:
        here.app._exception = ValueError("boom")
        here.app._fatal_error()
        segments = [segment for renderable in here.app._exit_renderables for segment in here.app.console.render(renderable)]
        printed += ["".join(segment.text for segment in segments), here.servers.addresses.password]


async def test_no_local_variable_reaches_the_terminal(tmp_path: Path) -> None:
    printed: list[str] = []
    with pytest.raises(ValueError, match="boom"):
        await _crash(tmp_path, printed)
    text, secret = printed
    assert "did not expect" in text
    assert "Traceback" not in text
    assert secret not in text
