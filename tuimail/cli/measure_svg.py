# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as an SVG drawing: volumes between their bounds, delays, and lengths of frames."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from tuimail.cli.measure_chart import Group, bins, frame_lengths, grouped
from tuimail.model.measurement import Run

_WIDTH, _ROW, _LABEL, _RIGHT = 900, 22, 150, 110
_PLOT = _WIDTH - _LABEL - _RIGHT
_COLORS = {"smtp": "#2563a8", "pop3": "#b4561a", "imap": "#2f7d4f"}
_STYLE = "text{font:12px sans-serif;fill:#1f2328}.h{font-weight:bold}.n{fill:#57606a}line{stroke:#8c959f}.g{stroke:#e3e6ea}"


class _Sheet:
    """Rows of a drawing, from the top."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 30

    def text(self, x: float, text: str, kind: str = "", anchor: str = "start") -> None:
        self.parts.append(f'<text x="{x:.1f}" y="{self.y}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>')

    def line(self, start: float, end: float) -> None:
        y = self.y - 4
        self.parts.append(f'<line x1="{start:.1f}" y1="{y}" x2="{end:.1f}" y2="{y}"/>')

    def bar(self, start: float, width: float, color: str) -> None:
        shape = f'x="{start:.1f}" y="{self.y - 11}" width="{max(width, 1):.1f}" height="13"'
        self.parts.append(f'<rect {shape} fill="{color}"/>')

    def grid(self, x: float, top: float, bottom: float) -> None:
        self.parts.append(f'<line class="g" x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}"/>')

    def dot(self, x: float, color: str) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{self.y - 4}" r="5" fill="{color}"/>')

    def heading(self, text: str) -> None:
        self.y += 10
        self.text(20, text, "h")
        self.y += _ROW


def drawing(runs: Sequence[Run]) -> str:
    """The SVG document."""
    sheet, groups = _Sheet(), grouped(runs)
    _volumes(sheet, groups)
    _delays(sheet, groups)
    _frames(sheet, groups)
    body = "\n".join(sheet.parts)
    size = f'viewBox="0 0 {_WIDTH} {sheet.y}" width="{_WIDTH}" height="{sheet.y}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n'
        f"<title>What messages cost by SMTP, POP3 and IMAP</title>\n<style>{_STYLE}</style>\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _label(sheet: _Sheet, run: Run) -> str:
    sheet.text(20, f"{run.protocol.value.upper()}  {run.size:,}")
    return _COLORS[run.protocol.value]


def _volumes(sheet: _Sheet, groups: Sequence[Group]) -> None:
    """What comes on top of the message, in parts of it, on one logarithmic scale."""
    sheet.heading("IP octets beyond those of the message: measured (dot), between lower and upper bound (line)")
    runs = [run for group in groups for run in group]
    least = floor(min(log10(_beyond(run.bounds.low, run)) for run in runs))
    most = max(ceil(max(log10(_beyond(max(run.bounds.high, run.volume), run)) for run in runs)), least + 1)

    def x(part: float) -> float:
        return _LABEL + 10 + (log10(part) - least) / (most - least) * (_PLOT - 20)

    top = sheet.y - 14
    for power in range(least, most + 1):
        sheet.grid(x(10**power), top, top + len(groups) * _ROW)
    for group in groups:
        color = _label(sheet, group[0])
        sheet.line(x(_beyond(group[0].bounds.low, group[0])), x(_beyond(group[0].bounds.high, group[0])))
        for run in group:
            sheet.dot(x(_beyond(run.volume, run)), color)
        sheet.text(_WIDTH - 20, f"{group[0].volume:,}", "n", "end")
        sheet.y += _ROW
    for power in range(least, most + 1):
        sheet.text(x(10**power), f"{100 * 10**power:,.10g} %", "n", "middle")
    sheet.y += _ROW


def _beyond(octets: int, run: Run) -> float:
    """For each octet of the message; a server that takes octets away does not take a drawing down."""
    return max(octets - run.size, 1) / run.size


def _delays(sheet: _Sheet, groups: Sequence[Group]) -> None:
    sheet.heading("Delay in milliseconds")
    most = max(run.delay for group in groups for run in group) or 1.0
    for group in groups:
        color = _label(sheet, group[0])
        delay = sorted(run.delay for run in group)[(len(group) - 1) // 2]
        sheet.bar(_LABEL + 10, delay / most * _PLOT, color)
        sheet.text(_WIDTH - 20, f"{delay * 1000:,.1f}", "n", "end")
        sheet.y += _ROW


def _frames(sheet: _Sheet, groups: Sequence[Group]) -> None:
    """One row for each protocol, size and bin of lengths."""
    sheet.heading("Frames by length in octets")
    for group in groups:
        color = _label(sheet, group[0])
        found = bins(frame_lengths(group))
        most = max(found.values(), default=1)
        for lower, count in sorted(found.items()):
            sheet.text(_LABEL + 95, f"{lower:,}–{2 * lower - 1:,}", "n", "end")
            sheet.bar(_LABEL + 105, count / most * (_PLOT - 95), color)
            sheet.text(_WIDTH - 20, f"{count:,}", "n", "end")
            sheet.y += _ROW
