# SPDX-License-Identifier: GPL-3.0-or-later
"""A compositor whose partial updates cost what changed.

Textual's own draws, for two changed lines, every line of every widget between them. Overrides private parts of Textual 8.2.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

Chops = list[dict[int, Strip | None]]
"""For each row: column where a piece begins → the piece, None while nothing is drawn there."""


class RowCompositor(Compositor):
    """Draws the changed rows, and of these only what the changes cover."""

    _ends: list[list[int]]
    _ends_of: list[list[int]] | None = None
    """The cuts that `_ends` was made from."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What changed since the last update; None: nothing did."""
        screen = self.size.region
        changed = [region.intersection(screen) for region in self._dirty_regions]
        self._dirty_regions.clear()
        spans = list(self._regions_to_spans(region for region in changed if region))
        if not spans:
            return None
        chops: Chops = [{} for _ in self.cuts]
        for y, *_ in spans:
            chops[y] = dict.fromkeys(self.cuts[y][:-1])
        for block in _blocks(spans):
            self._draw(block, chops)
        return ChopsUpdate(chops, spans, self._chop_ends())

    def _draw(self, block: Region, chops: Chops) -> None:
        """Draw a block of the screen, from front to back, until it is full."""
        lacking = {y: _pieces_in(self.cuts[y], block) for y in block.line_range}
        for y, pieces in lacking.items():
            pieces.difference_update(x for x in tuple(pieces) if chops[y][x] is not None)
        for widget, (region, clip) in self.visible_widgets.items():
            if not any(lacking.values()):
                return
            seen = region.intersection(clip)
            if not seen.overlaps(block):
                continue
            top, bottom = max(seen.y, block.y), min(seen.bottom, block.bottom)
            strips = widget.render_lines(Region(seen.x - region.x, top - region.y, seen.width, bottom - top))
            for y, strip in zip(range(top, bottom), strips, strict=False):
                _put(strip, chops[y], lacking[y], self.cuts[y], seen)

    def _chop_ends(self) -> list[list[int]]:
        if self._ends_of is not self._cuts:
            self._ends = [cuts[1:] for cuts in self.cuts]
            self._ends_of = self._cuts
        return self._ends


def _pieces_in(cuts: Sequence[int], block: Region) -> set[int]:
    """The pieces of a row that lie in a block, or partly."""
    return {x for x, end in pairwise(cuts) if x < block.right and end > block.x}


def _put(strip: Strip, row: dict[int, Strip | None], lacking: set[int], cuts: Sequence[int], seen: Region) -> None:
    """Put a widget's row where something lacks."""
    inside = [cut for cut in cuts if seen.x <= cut <= seen.right]
    pieces = [strip] if len(inside) == 2 else strip.divide([cut - seen.x for cut in inside[1:]])
    for x, piece in zip(inside, pieces, strict=False):
        if x in lacking:
            row[x] = piece
            lacking.remove(x)


def _blocks(spans: Sequence[tuple[int, int, int]]) -> Iterator[Region]:
    """Spans (row, first column, column after the last) that stand below each other, as one region."""
    by_columns = sorted(spans, key=lambda span: (span[1], span[2], span[0]))
    for _, block in groupby(enumerate(by_columns), key=lambda item: (*item[1][1:], item[1][0] - item[0])):
        (_, (top, left, right)), *more = block
        yield Region(left, top, right - left, len(more) + 1)
