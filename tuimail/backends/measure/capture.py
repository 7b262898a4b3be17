# SPDX-License-Identifier: GPL-3.0-or-later
"""The frames of one connection as a packet socket sees them (packet(7)), where the user may open one (CAP_NET_RAW)."""

import contextlib
import ctypes
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from tuimail.model.volume import LINK_HEADER

_ALL_PROTOCOLS, _OUTGOING = 0x0003, 4
_SOL_PACKET, _STATISTICS, _RCVBUFFORCE, _ATTACH_FILTER = 263, 6, 33, 26
_BUFFER = 64 << 20
_HEADERS = 60
"""Octets of each packet that are looked at: as far as the flags of TCP, over IPv6 too."""
_PATIENCE = 0.05
"""Seconds after which a thread that hears nothing looks whether it is to end."""
_LOAD_OCTET, _LOAD_HALF, _LOAD_HALF_AFTER, _LOAD_HEADER_LENGTH, _SHIFT, _EQUAL, _GIVE = 0x30, 0x28, 0x48, 0xB1, 0x74, 0x15, 0x06
_Instruction = tuple[int, int, int, int]
"""``struct sock_filter``: code, jump if true, jump if false, operand."""


def port_filter(port: int) -> list[_Instruction]:
    """A classic BPF program that gives the headers of TCP packets, IPv4 or IPv6, from or to a port. A packet begins with IP."""
    tcp = int(socket.IPPROTO_TCP)
    version = [(_LOAD_OCTET, 0, 0, 0), (_SHIFT, 0, 0, 4), (_EQUAL, 0, 7, 4)]
    ipv4 = [
        (_LOAD_OCTET, 0, 0, 9), (_EQUAL, 0, 13, tcp), (_LOAD_HEADER_LENGTH, 0, 0, 0),
        (_LOAD_HALF_AFTER, 0, 0, 0), (_EQUAL, 9, 0, port), (_LOAD_HALF_AFTER, 0, 0, 2), (_EQUAL, 7, 8, port),
    ]  # fmt: skip
    ipv6 = [
        (_EQUAL, 0, 7, 6), (_LOAD_OCTET, 0, 0, 6), (_EQUAL, 0, 5, tcp),
        (_LOAD_HALF, 0, 0, 40), (_EQUAL, 2, 0, port), (_LOAD_HALF, 0, 0, 42), (_EQUAL, 0, 1, port),
    ]  # fmt: skip
    return [*version, *ipv4, *ipv6, (_GIVE, 0, 0, _HEADERS), (_GIVE, 0, 0, 0)]


@dataclass(frozen=True, slots=True)
class Packet:
    """What the headers of a TCP packet tell."""

    octets: int
    """Of the whole IP packet."""
    sender: int
    """Port."""
    sequence: int
    data: int
    """Octets of data."""


def parse(headers: bytes) -> Packet:
    """Read the headers of an IP packet that holds TCP (RFC 791 §3.1, RFC 8200 §3, RFC 9293 §3.1)."""
    if headers[0] >> 4 == 4:
        start, octets = (headers[0] & 15) * 4, int.from_bytes(headers[2:4])
    else:
        start, octets = 40, 40 + int.from_bytes(headers[4:6])
    port, _, sequence = struct.unpack_from(">HHI", headers, start)
    return Packet(octets, port, sequence, octets - start - (headers[start + 12] >> 4) * 4)


@dataclass(slots=True)
class Seen:
    """The packets of one connection, added up."""

    octets: int = 0
    """Of IP."""
    packets: int = 0
    frame_lengths: Counter[int] = field(default_factory=Counter)
    repeated_packets: int = 0
    """With data that was there before, from either side."""
    repeated_octets: int = 0
    """Of such data."""
    _next: dict[int, int] = field(default_factory=dict)
    """Sender → the sequence number that goes on where it was."""

    def add(self, packet: Packet) -> None:
        """Count one."""
        self.octets += packet.octets
        self.packets += 1
        self.frame_lengths[LINK_HEADER + packet.octets] += 1
        if packet.data:
            ahead = (packet.sequence - self._next.get(packet.sender, packet.sequence) + (1 << 31)) % (1 << 32) - (1 << 31)
            if ahead < 0:
                self.repeated_packets += 1
                self.repeated_octets += min(-ahead, packet.data)
            if ahead + packet.data > 0:
                self._next[packet.sender] = (packet.sequence + packet.data) % (1 << 32)


class Capture:
    """Looks at packets from `start` to `stop`."""

    def __init__(self, packets: socket.socket) -> None:
        self._packets = packets
        self._seen = Seen()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="tuimail-capture", daemon=True)

    @classmethod
    def start(cls, port: int) -> Self | None:
        """Look at TCP from or to a port of this machine. None where that is not permitted."""
        family = getattr(socket, "AF_PACKET", None)
        if family is None:
            return None
        try:
            packets = socket.socket(family, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS))
        except OSError:  # not permitted, or unknown to a sandbox
            return None
        program = b"".join(struct.pack("HBBI", *step) for step in port_filter(port))
        held = ctypes.create_string_buffer(program)
        packets.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", len(program) // 8, ctypes.addressof(held)))
        packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        with contextlib.suppress(PermissionError):
            packets.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _BUFFER)
        packets.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:  # what came before the filter
                packets.recvfrom(_HEADERS)
        packets.settimeout(_PATIENCE)
        capture = cls(packets)
        capture._thread.start()
        return capture

    def stop(self) -> Seen | None:
        """What was seen. None where the socket lost some of it."""
        self._ended.set()
        self._thread.join()
        with self._packets:
            _, lost = struct.unpack("II", self._packets.getsockopt(_SOL_PACKET, _STATISTICS, 8))
        return None if lost else self._seen

    def _listen(self) -> None:
        while True:
            try:
                headers, (interface, _, kind, *_) = self._packets.recvfrom(_HEADERS)
            except TimeoutError:
                if self._ended.is_set():
                    return
                continue
            if kind == _OUTGOING or interface != "lo":  # on the loopback interface each is seen twice
                self._seen.add(parse(headers))
