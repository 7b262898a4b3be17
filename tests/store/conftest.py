# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.mailbox import Mailbox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    """A store with one account and its folders."""
    made = Mailbox.make(tmp_path / "store")
    yield made
    made.store.close()
