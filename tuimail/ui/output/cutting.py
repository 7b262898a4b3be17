# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows are cut between clusters, where one widget covers another; Rich cuts within them, and measures the halves otherwise."""

from rich.segment import Segment

from tuimail.model.remember import remember


def cut_between_clusters() -> None:
    """From now on, no segment is cut within a cluster. A private part of Rich is replaced."""
    Segment._split_cells = staticmethod(_split)  # type: ignore[method-assign,assignment]


@remember(1024, size=lambda segment, cut: len(segment.text))  # noqa: ARG005
def _split(segment: Segment, cut: int) -> tuple[Segment, Segment]:
    """The columns before a cut, and the rest; a cluster that stands on both sides becomes blanks."""
    from tuimail.ui.output.alphabet import clusters  # with the first row that needs it

    text, style, control = segment
    x = 0
    for start, end, width in clusters(text):
        if x + width > cut:
            before, after = " " * (cut - x), " " * (x + width - cut) + text[end:] if x < cut else text[start:]
            return Segment(text[:start] + before, style, control), Segment(after, style, control)
        x += width
    return segment, Segment("", style, control)
