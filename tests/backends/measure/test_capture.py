# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from captured packets, and which packets the filter lets through."""

import struct
from collections.abc import Callable

import pytest

from tuimail.backends.measure.capture import Packet, Seen, parse, port_filter

OURS, THEIRS = 40_000, 25


def ipv4(source: int, target: int, sequence: int, data: int, *, protocol: int = 6, options: int = 12) -> bytes:
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + options + data, 0, 0, 64, protocol, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    return header + tcp(source, target, sequence, options)


def ipv6(source: int, target: int, sequence: int, data: int, *, protocol: int = 6, options: int = 12) -> bytes:
    header = struct.pack(">IHBB16s16s", 6 << 28, 20 + options + data, protocol, 64, bytes(15) + b"\1", bytes(15) + b"\1")
    return header + tcp(source, target, sequence, options)


def tcp(source: int, target: int, sequence: int, options: int) -> bytes:
    return struct.pack(">HHIIBBHHH", source, target, sequence, 0, (20 + options) // 4 << 4, 16, 0, 0, 0) + bytes(options)


@pytest.mark.parametrize(("make", "headers"), [(ipv4, 52), (ipv6, 72)])
def test_headers_are_read(make: Callable[..., bytes], headers: int) -> None:
    packet = make(OURS, THEIRS, 7, 1448)[:60]
    assert parse(packet) == Packet(headers + 1448, OURS, 7, 1448)


def accepted(program: list[tuple[int, int, int, int]], packet: bytes) -> bool:
    """Run a classic BPF program of the few instructions that are used (bpf(4))."""
    at = accumulator = index = 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        match code:
            case 0x30:
                accumulator = packet[value]
            case 0x28:
                accumulator = int.from_bytes(packet[value : value + 2])
            case 0x48:
                accumulator = int.from_bytes(packet[index + value : index + value + 2])
            case 0xB1:
                index = (packet[value] & 15) * 4
            case 0x74:
                accumulator >>= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x06:
                return value > 0
            case _:
                raise AssertionError(code)


@pytest.mark.parametrize("make", [ipv4, ipv6])
def test_the_filter_takes_both_directions_of_one_port_only(make: Callable[..., bytes]) -> None:
    program = port_filter(OURS)
    assert accepted(program, make(OURS, THEIRS, 1, 0))
    assert accepted(program, make(THEIRS, OURS, 1, 0))
    assert not accepted(program, make(OURS + 1, THEIRS, 1, 0))
    assert not accepted(program, make(OURS, THEIRS, 1, 0, protocol=17))
    assert not accepted(program, b"\0\1" + bytes(60))


def test_what_comes_twice_is_told() -> None:
    seen, last = Seen(), (1 << 32) - 10
    for sequence, data in ((last, 20), (10, 0), (10, 100), (60, 100), (160, 5), (last, 20)):
        seen.add(Packet(52 + data, OURS, sequence, data))
    seen.add(Packet(52 + 30, THEIRS, 5, 30))
    assert (seen.repeated_packets, seen.repeated_octets) == (2, 50 + 20)
    assert seen.packets == 7
    assert seen.octets == 7 * 52 + 275
