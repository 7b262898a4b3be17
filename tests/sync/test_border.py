# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that go on as long as the program, whatever one turn of them ends with."""

import asyncio

import pytest

from tuimail.model.errors import StoreProblem, TuimailError
from tuimail.sync import border


@pytest.mark.parametrize(
    ("error", "said"), [(StoreProblem("The disk is full."), "The disk is full."), (ValueError("x"), "mistake of tuimail's own")]
)
async def test_an_error_is_told_as_what_it_is_and_the_work_goes_on(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("_PAUSE", "_SHORT_PAUSE"):
        monkeypatch.setattr(border, pause, 0.0)
    heard: list[str] = []
    again = asyncio.Event()

    async def work() -> None:
        if heard:
            again.set()
            await asyncio.Event().wait()
        raise error

    async def told(_work: border.Work, error: TuimailError) -> None:
        heard.append(str(error))

    task = asyncio.create_task(border.guarded(work, "work", told))
    await again.wait()
    task.cancel()
    assert len(heard) == 1
    assert said in heard[0]
