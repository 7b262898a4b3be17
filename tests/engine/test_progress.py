# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's progress ends with the task."""

import pytest

from tuimail.engine.progress import progress_of
from tuimail.model.notice import Notice, Progress


def test_a_task_that_fails_ends_its_progress() -> None:
    told: list[Notice] = []

    def fail() -> None:
        with progress_of("save:1", "Fetching", told.append) as progress:
            progress(10, 100)
            raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        fail()
    assert told == [Progress("save:1", "Fetching", 10, 100), Progress("save:1", "Fetching", 1, 1)]


def test_a_task_that_was_done_at_once_tells_nothing() -> None:
    told: list[Notice] = []
    with progress_of("save:1", "Fetching", told.append):
        pass
    assert not told
