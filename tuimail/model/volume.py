# SPDX-License-Identifier: GPL-3.0-or-later
"""How many IP octets an exchange over TCP takes: bounds from what both sides say. `docs/measure.md` derives the formulas."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LINK_HEADER = 14
"""Octets of an Ethernet header. Never part of a volume, always part of a frame's length."""
BLOCK = 4096
"""Octets that a sender of bulk data hands to TCP at once, at the least."""
OPENING = 3
"""SYN, SYN-ACK, ACK. The servers of mail speak first, so that no data rides on the third."""
CLOSING_LEAST, CLOSING_MOST = 2, 4
"""Segments without data at the end: FIN and ACK of each side; at best the first FIN rides on the last reply, and its
acknowledgement on the second FIN."""
SACK_BLOCK = 12
"""Octets of a TCP option that reports one block (RFC 2018 §3), with its padding."""


@dataclass(frozen=True, slots=True)
class Path:
    """What a segment costs between here and a server."""

    mss: int = 1448
    """Octets of data in the largest segment that TCP makes here, options taken off."""
    mss_least: int = 1448
    """The same while TCP keeps to smaller ones: Linux makes none larger than half of the other side's window."""
    header: int = 52
    """Octets of the IP and TCP header of a segment: 20 + 20, and 12 for timestamps (RFC 7323 §3.2)."""
    syn_header: int = 60
    """The same of a SYN, which brings MSS, window scale, SACK and timestamps."""


ETHERNET = Path()
"""IPv4 with timestamps over an MTU of 1,500."""


@dataclass(frozen=True, slots=True)
class Flight:
    """What one side sends before it waits for the other."""

    up: bool
    """From the client to the server."""
    octets: int
    pieces: int = 1
    """How often the sender hands over to TCP, at the most: for each line of a command or reply, and for each `BLOCK`."""

    def fewest(self, mss: int) -> int:
        """Segments, all but the last one full."""
        return -(-self.octets // mss)

    def most(self, mss: int) -> int:
        """Segments, the last one of each piece not full, however the octets are shared out among the pieces."""
        pieces = min(self.pieces, self.octets)
        return pieces + (self.octets - pieces) // mss


def blocks(octets: int) -> int:
    """Pieces that bulk data is handed over in, at the most."""
    return -(-octets // BLOCK)


@dataclass(frozen=True, slots=True)
class Repeated:
    """What TCP sent a second time."""

    segments: int = 0
    octets: int = 0
    """Of data, headers not counted."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between these lies what a connection takes, both ways, its opening and its end included."""

    low: int
    """IP octets when every acknowledgement rides on data."""
    high: int
    """IP octets when every segment with data is acknowledged by a segment of its own."""
    data_low: int
    """Segments with data."""
    data_high: int


def bounds(flights: Iterable[Flight], path: Path = ETHERNET, repeated: Repeated = Repeated()) -> Bounds:
    """The bounds for a connection on which these flights went, and on which so much was sent twice."""
    flights = tuple(flights)
    octets = sum(flight.octets for flight in flights)
    few = sum(flight.fewest(path.mss) for flight in flights)
    many = sum(flight.most(path.mss_least) for flight in flights)
    opening = 2 * path.syn_header + (OPENING - 2) * path.header
    low = octets + opening + (few + CLOSING_LEAST) * path.header
    high = octets + opening + (2 * many + CLOSING_MOST) * path.header
    again = repeated.octets + repeated.segments * (2 * path.header + SACK_BLOCK)
    return Bounds(low, high + again, few, many + repeated.segments)


def volume(octets: int, segments: int, path: Path) -> int:
    """IP octets of a connection that took so many segments both ways, two of them SYNs, for so many octets of data."""
    return octets + segments * path.header + 2 * (path.syn_header - path.header)


def round_trips(flights: Iterable[Flight]) -> int:
    """How often the client waits for the server: for the connection, and for each of its flights."""
    return 1 + sum(not flight.up for flight in flights)


def model_frames(flights: Iterable[Flight], path: Path, segments: int) -> Mapping[int, int]:
    """Length of a frame → how many, when data goes in as few segments as can be and all other segments carry none."""
    frames: Counter[int] = Counter()
    for flight in flights:
        full, rest = divmod(flight.octets, path.mss)
        frames[LINK_HEADER + path.header + path.mss] += full
        frames[LINK_HEADER + path.header + rest] += bool(rest)
    data = frames.total()
    frames[LINK_HEADER + path.syn_header] += 2
    frames[LINK_HEADER + path.header] += max(segments - data - 2, 0)
    return {length: count for length, count in sorted(frames.items()) if count}
