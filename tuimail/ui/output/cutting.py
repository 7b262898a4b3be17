# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows are cut between clusters, where one widget covers another; Rich cuts within them, and measures the halves otherwise."""

from functools import lru_cache

from rich.segment import Segment


def cut_between_clusters() -> None:
    """From now on, no segment is cut within a cluster. A private part of Rich is replaced."""
    Segment._split_cells = staticmethod(_split)  # type: ignore[method-assign,assignment]


_LONG = 1000
"""Characters of what is not worth remembering."""


def _split(segment: Segment, cut: int) -> tuple[Segment, Segment]:
    """The columns before a cut, and the rest; a cluster that stands on both sides becomes blanks."""
    return _remembered_parts(segment, cut) if len(segment.text) <= _LONG else _parts(segment, cut)


def _parts(segment: Segment, cut: int) -> tuple[Segment, Segment]:
    from tuimail.ui.output.alphabet import clusters  # with the first row that needs it

    text, style, control = segment
    x = 0
    for start, end, width in clusters(text):
        if x + width > cut:
            before, after = " " * (cut - x), " " * (x + width - cut) + text[end:] if x < cut else text[start:]
            return Segment(text[:start] + before, style, control), Segment(after, style, control)
        x += width
    return segment, Segment("", style, control)


_remembered_parts = lru_cache(1024)(_parts)
