# SPDX-License-Identifier: GPL-3.0-or-later
"""What `tuimail measure` finds out: one value for each connection that was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tuimail.model.volume import Bounds, Path, Repeated


class Protocol(StrEnum):
    """In the order in which a message meets them."""

    SMTP = "smtp"
    POP3 = "pop3"
    IMAP = "imap"


@dataclass(frozen=True, slots=True)
class Run:
    """One message sent by SMTP, or fetched by POP3 or IMAP, over a connection of its own."""

    protocol: Protocol
    size: int
    """Octets of the message as it was sent."""
    server: str
    """Host and port."""
    port: int
    """Of this side; tells the connection apart in a capture of somebody else."""
    security: str
    """``tls``, ``starttls`` or ``none``."""
    delay: float
    """Seconds from connecting to the last octet that the server sent."""
    round_trips: int
    bytes_up: int
    """Octets that TCP carried to the server, those of TLS included."""
    bytes_down: int
    segments_up: int
    """All segments, with and without data, after segmentation."""
    segments_down: int
    data_up: int
    """Segments with data."""
    data_down: int
    volume: int
    """IP octets both ways: the data, and the headers of IP and TCP of every segment."""
    bounds: Bounds
    path: Path
    """What a segment costs there."""
    repeated: Repeated
    """What was sent twice: by both sides where the packets were captured, else by this one."""
    frame_lengths: Mapping[int, int]
    """Length of a frame, its link header of 14 octets included → how many."""
    captured: bool
    """The frames were seen by a packet socket; else they are what the model says."""

    @property
    def segments(self) -> int:
        """Both ways."""
        return self.segments_up + self.segments_down

    @property
    def ack_segments(self) -> int:
        """Segments without data, both ways, those of opening and end included."""
        return self.segments - self.data_up - self.data_down

    @property
    def within(self) -> bool:
        """Whether the volume lies within its bounds."""
        return self.bounds.low <= self.volume <= self.bounds.high
