# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as tables and bars of plain text, as wide as the terminal."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median_low
from textwrap import wrap

from tuimail.model.measurement import Protocol, Run

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NARROWEST = 70
"""Columns that the tables need beside a bar of ten."""
Group = Sequence[Run]
"""The runs of one protocol and size."""


def chart(runs: Sequence[Run], width: int) -> list[str]:
    """The lines to print; none is wider than ``width``, or than the tables need."""
    width = max(width, _NARROWEST + 10)
    groups = grouped(runs)
    return [
        *_delays(groups, width),
        "",
        *_volumes(groups, width),
        "",
        *_frames(groups, width),
        "",
        *(line for note in _notes(runs) for line in wrap(note, width)),
    ]


def grouped(runs: Iterable[Run]) -> list[Group]:
    """By size, then by protocol."""
    found: dict[tuple[int, Protocol], list[Run]] = {}
    for run in runs:
        found.setdefault((run.size, run.protocol), []).append(run)
    return list(found.values())


def bar(value: float, most: float, width: int) -> str:
    """Block characters, ``width`` of them for ``most``; at least a thin one for anything at all."""
    eighths = max(round(value / most * width * 8), 1) if most > 0 and value > 0 else 0
    full, rest = divmod(eighths, 8)
    return ("█" * full + _EIGHTHS[rest].strip())[:width]


def span(low: int, value: int, high: int, width: int) -> str:
    """Where a value lies between its bounds: ``├───●───┤``. Outside of them the mark stands at the edge, as ``!``."""
    inside = low <= value <= high
    place = round((value - low) / (high - low) * (width - 1)) if high > low else 0
    cells = ["├", *"─" * (width - 2), "┤"]
    cells[min(max(place, 0), width - 1)] = "●" if inside else "!"
    return "".join(cells)


def _middle(figures: Iterable[int]) -> int:
    return median_low(figures)


def _delays(groups: Sequence[Group], width: int) -> list[str]:
    delays = [sorted(run.delay for run in group)[(len(group) - 1) // 2] for group in groups]
    lines = [f"{'':4}{'message':>12}{'delay':>11}{'round':>7}{'octets':>12}{'octets':>12}"]
    lines.append(f"{'':4}{'octets':>12}{'ms':>11}{'trips':>7}{'up':>12}{'down':>12}")
    for group, delay in zip(groups, delays, strict=True):
        first = group[0]
        trips = _middle(run.round_trips for run in group)
        up, down = _middle(run.bytes_up for run in group), _middle(run.bytes_down for run in group)
        text = f"{first.protocol:4}{first.size:12,}{delay * 1000:11,.1f}{trips:7}{up:12,}{down:12,}  "
        lines.append(text + bar(delay, max(delays), width - len(text)))
    return lines


def _volumes(groups: Sequence[Group], width: int) -> list[str]:
    lines = [f"{'':4}{'message':>12}{'segments':>16}{'IP octets, both ways':>36}"]
    lines.append(f"{'':4}{'octets':>12}{'data':>8}{'empty':>8}{'lower':>12}{'measured':>12}{'upper':>12}")
    for group in groups:
        first = sorted(group, key=lambda run: run.volume)[(len(group) - 1) // 2]
        text = (
            f"{first.protocol:4}{first.size:12,}{first.data_up + first.data_down:8,}{first.ack_segments:8,}"
            f"{first.bounds.low:12,}{first.volume:12,}{first.bounds.high:12,}  "
        )
        lines.append(text + span(first.bounds.low, first.volume, first.bounds.high, width - len(text)))
    return lines


def bins(lengths: Mapping[int, int]) -> Mapping[int, int]:
    """Lengths of frames put together by powers of two: the lower end of each bin → how many."""
    found: Counter[int] = Counter()
    for length, count in lengths.items():
        found[1 << (length.bit_length() - 1)] += count
    return found


def _frames(groups: Sequence[Group], width: int) -> list[str]:
    """For each size a histogram; the protocols beside each other."""
    lines = []
    for size in dict.fromkeys(group[0].size for group in groups):
        beside = {group[0].protocol: group for group in groups if group[0].size == size}
        counts = {protocol: bins(frame_lengths(group)) for protocol, group in beside.items()}
        column = (width - 16) // len(counts)
        lines.append(f"Frames of messages of {size:,} octets, by length")
        lines.append(f"{'':16}" + "".join(f"{protocol.value:{column}}" for protocol in counts).rstrip())
        most = max(max(found.values()) for found in counts.values())
        for lower in sorted({lower for found in counts.values() for lower in found}):
            cells = (_cell(found.get(lower, 0), most, column) for found in counts.values())
            lines.append((f"{lower:>6,}–{2 * lower - 1:<7,} " + "".join(cells)).rstrip())
        lines.append("")
    return lines[:-1]


def frame_lengths(group: Group) -> Mapping[int, int]:
    """Of all runs together."""
    total: Counter[int] = Counter()
    for run in group:
        total.update(run.frame_lengths)
    return total


def _cell(count: int, most: int, width: int) -> str:
    number = f"{count:,}" if count else ""
    return f"{number:>6} {bar(count, most, width - 9)}".ljust(width)


def _notes(runs: Sequence[Run]) -> list[str]:
    """What the figures mean, and what was special."""
    sizes = sorted({size for run in runs for size in (run.path.mss_least, run.path.mss)})
    between = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    loopback = " This is the loopback interface, whose packets are that large." if sizes[-1] > 9000 else ""
    captured = all(run.captured for run in runs)
    frames = "as a packet socket saw them" if captured else "as the model says: a packet socket needs CAP_NET_RAW"
    again = sum(run.repeated.segments for run in runs)
    servers = dict.fromkeys(f"{run.protocol} {run.server} ({_SECURITY[run.security]})" for run in runs)
    outside = [run for run in runs if not run.within]
    return [
        f"Servers: {', '.join(servers)}.",
        f"A full segment holds {between} octets of data, and has {runs[0].path.header} octets of headers.{loopback}",
        "Volume: IP packets both ways, opening and end of the connection included, from the segments that the kernel counts.",
        "Lower bound: every acknowledgement rides on data. Upper bound: every segment is acknowledged by one of its own.",
        f"Frames: IP packets and their link header of 14 octets, {frames}.",
        *([f"{again} segments were sent twice; the upper bounds of their connections are raised by that."] if again else []),
        *([f"The median of {len(runs) // len(grouped(runs))} messages."] if len(runs) > len(grouped(runs)) else []),
        *(
            [f"{len(outside)} {'volume lies' if len(outside) == 1 else 'volumes lie'} outside of the bounds (!)."]
            if outside
            else []
        ),
    ]


_SECURITY = {"tls": "TLS", "starttls": "STARTTLS", "none": "no TLS"}
