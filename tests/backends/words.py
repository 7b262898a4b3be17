# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries for tests."""

from tuimail.model.query import Query, Term


def words(text: str) -> Query:
    """Messages that hold all of these words, whatever characters are in them."""
    return Query(tuple(map(Term, text.split())))
