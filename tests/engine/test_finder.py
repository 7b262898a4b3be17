# SPDX-License-Identifier: GPL-3.0-or-later
"""What is typed into the search line."""

import pytest

from tuimail.engine.finder import Query


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("ada", Query(("ada",))),
        ('ada "summer party"', Query(("ada", "summer party"))),
        ("is:unread ada IS:starred", Query(("ada",), unread=True, starred=True)),
        ("is:flagged", Query(starred=True)),
        ('an "open quote', Query(("an", '"open', "quote"))),
        ("is:nothing", Query(("is:nothing",))),
    ],
)
def test_reads_words_phrases_and_states(typed: str, query: Query) -> None:
    assert Query.parse(typed) == query
