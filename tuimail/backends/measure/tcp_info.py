# SPDX-License-Identifier: GPL-3.0-or-later
"""What Linux counts for a TCP connection: ``struct tcp_info`` of ``linux/tcp.h``.

Segments are counted after segmentation: of a packet that is larger than a segment, because the interface cuts it (TSO, GSO) or
put it together (GRO), the kernel counts the segments.
"""

import socket
import struct
from dataclasses import dataclass

from tuimail.model.errors import InputWrong

CLOSED = 7
"""``TCP_CLOSE``: the last acknowledgement came."""
_TIMESTAMPS = 1
_LENGTH = 216
"""Octets up to and with ``tcpi_bytes_retrans`` (Linux 4.19)."""


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """The fields that matter here, under their names without ``tcpi_``."""

    state: int
    timestamps: bool
    snd_mss: int
    advmss: int
    total_retrans: int
    segs_out: int
    segs_in: int
    data_segs_in: int
    data_segs_out: int
    bytes_received: int
    """In order; the FIN counts as one where it came."""
    bytes_sent: int
    """What was sent twice counts twice."""
    bytes_retrans: int


def decode(raw: bytes) -> TcpInfo:
    """Read the kernel's structure. Raises InputWrong where it is too old."""
    if len(raw) < _LENGTH:
        raise InputWrong("This system does not count segments as Linux does since 4.19.", "Measure on a newer Linux.")

    def word(offset: int) -> int:
        return int(struct.unpack_from("=I", raw, offset)[0])

    def long(offset: int) -> int:
        return int(struct.unpack_from("=Q", raw, offset)[0])

    return TcpInfo(
        state=raw[0],
        timestamps=bool(raw[5] & _TIMESTAMPS),
        snd_mss=word(16),
        advmss=word(84),
        total_retrans=word(100),
        segs_out=word(136),
        segs_in=word(140),
        data_segs_in=word(152),
        data_segs_out=word(156),
        bytes_received=long(128),
        bytes_sent=long(200),
        bytes_retrans=long(208),
    )


def tcp_info(connection: socket.socket) -> TcpInfo:
    """What is counted so far. Raises InputWrong where the system does not count."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        raise InputWrong("This system does not tell what TCP does.", "Measure on Linux.")
    return decode(connection.getsockopt(socket.IPPROTO_TCP, option, 512))
