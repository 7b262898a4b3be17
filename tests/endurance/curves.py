# SPDX-License-Identifier: GPL-3.0-or-later
"""A day's samples as a verdict, a table and a picture. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.endurance.samples import Sample, slope

WARM = 1 / 4
"""The share of the day until all that is kept on purpose is filled."""
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 640, 90, 70, 26, 34


@dataclass(frozen=True, slots=True)
class Curve:
    """One thing that is watched."""

    name: str
    of: Callable[[Sample], float]
    unit: str
    limit: float | None = None
    """So much it may grow in an hour of the day, after `WARM`; None: it is only told, or judged by `tests.endurance.bounds`."""
    at_rest: bool = False
    """Only looks at rest count: in between it goes up and down by more than the limit."""


CURVES = (
    Curve("memory of its own", lambda sample: sample.written, "MB", 2.0, at_rest=True),
    Curve("PSS", lambda sample: sample.pss, "MB", at_rest=True),
    Curve("Python objects", lambda sample: sample.objects / 1000, "thousands", 10.0, at_rest=True),
    Curve("descriptors", lambda sample: sample.descriptors, ""),
    Curve("threads", lambda sample: sample.threads, ""),
    Curve("write-ahead logs", lambda sample: sample.log, "MB", 2.0),
    Curve("cache.sqlite", lambda sample: sample.cache, "MB"),
    Curve("own.sqlite", lambda sample: sample.own, "MB", 0.5),
)


def counted(curve: Curve, samples: Sequence[Sample]) -> list[Sample]:
    """Those that count: after the beginning, and where there are some at rest and the curve asks for it, these."""
    warm = [sample for sample in samples if sample.hour >= samples[-1].hour * WARM]
    return ([sample for sample in warm if sample.at_rest] if curve.at_rest else []) or warm


def growth(curve: Curve, samples: Sequence[Sample]) -> float:
    """In an hour of the day, by the line that fits best."""
    return slope([(sample.hour, curve.of(sample)) for sample in counted(curve, samples)])


def too_much(samples: Sequence[Sample]) -> Iterator[str]:
    """What grew beyond its limit."""
    for curve in CURVES:
        grown = growth(curve, samples)
        if curve.limit is not None and grown > curve.limit:
            yield f"{curve.name} grew by {grown:.2f} {curve.unit} in an hour; {curve.limit:g} is the limit"


def table(samples: Sequence[Sample]) -> str:
    """Every full hour, at rest where there was one, and how much each grew."""
    rows = [["hour", "events", *(f"{curve.name}{f', {curve.unit}' if curve.unit else ''}" for curve in CURVES)]]
    rows.append(["---:"] * len(rows[0]))
    full = {sample.hour: sample for sample in samples if sample.hour == int(sample.hour)}.values()
    rows += [[f"{each.hour:.0f}", f"{each.events:,}", *(_figure(curve.of(each)) for curve in CURVES)] for each in full]
    rows.append(["growth in an hour", "", *(f"{growth(curve, samples):+.2f}" for curve in CURVES)])
    rows.append(["limit", "", *("" if curve.limit is None else f"{curve.limit:g}" for curve in CURVES)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def picture(samples: Sequence[Sample]) -> str:
    """All curves below each other, as SVG; the shaded part is before they count."""
    last = samples[-1].hour
    height = _TOP + len(CURVES) * (_HEIGHT + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 20} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="{height}" fill="#ffffff"/>',
    ]
    for number, curve in enumerate(CURVES):
        parts += _panel(curve, samples, _TOP + number * (_HEIGHT + _GAP), last)
    return "\n".join([*parts, "</svg>", ""])


def _panel(curve: Curve, samples: Sequence[Sample], top: int, last: float) -> Iterator[str]:
    highest = max(max(map(curve.of, samples)) * 1.1, 1e-9)

    def x(hour: float) -> float:
        return _LEFT + hour / last * _WIDTH

    def y(value: float) -> float:
        return top + _HEIGHT - value / highest * _HEIGHT

    taken = counted(curve, samples)
    grown = growth(curve, samples)
    middle = sum(map(curve.of, taken)) / len(taken)
    centre = sum(sample.hour for sample in taken) / len(taken)
    begin, end = (middle + grown * (hour - centre) for hour in (taken[0].hour, last))
    title = f"{curve.name}{f', {curve.unit}' if curve.unit else ''}: {grown:+.2f} in an hour"
    yield f'<text x="{_LEFT}" y="{top - 6}" font-weight="bold">{escape(title)}</text>'
    yield f'<rect x="{_LEFT}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#bbbbbb"/>'
    yield f'<rect x="{_LEFT}" y="{top}" width="{x(taken[0].hour) - _LEFT:.1f}" height="{_HEIGHT}" fill="#eeeeee"/>'
    for value in (0.0, highest):
        yield f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#555555">{_figure(value)}</text>'
    points = " ".join(f"{x(sample.hour):.1f},{y(curve.of(sample)):.1f}" for sample in samples)
    yield f'<polyline points="{points}" fill="none" stroke="#1f6fb2" stroke-width="1.5"/>'
    yield (
        f'<line x1="{x(taken[0].hour):.1f}" y1="{y(begin):.1f}" x2="{x(last):.1f}" y2="{y(end):.1f}"'
        ' stroke="#c0392b" stroke-dasharray="5 4"/>'
    )
    for hour in range(int(last) + 1):
        yield f'<text x="{x(hour):.1f}" y="{top + _HEIGHT + 14}" text-anchor="middle" fill="#555555">{hour} h</text>'


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
