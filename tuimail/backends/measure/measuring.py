# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends messages, fetches them again, and counts what each connection took."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tuimail.backends.log import ProtocolLog
from tuimail.backends.measure.connection import Connection, Transfer
from tuimail.backends.measure.sample import make_message
from tuimail.backends.measure.sessions import fetch_by_imap, fetch_by_pop3, send_by_smtp
from tuimail.backends.measure.tcp_info import TcpInfo
from tuimail.model.account import ServerAddress
from tuimail.model.errors import InputWrong, TryLater, TuimailError
from tuimail.model.measurement import Protocol, Run
from tuimail.model.volume import Path, Repeated, bounds, model_frames, round_trips, volume

_LOOKS, _BETWEEN_LOOKS = 30, 2.0
"""How often a message is looked for, and the seconds between."""
_FETCH = {Protocol.POP3: fetch_by_pop3, Protocol.IMAP: fetch_by_imap}


@dataclass(frozen=True, slots=True)
class Target:
    """The servers between which messages go, and who sends to whom."""

    sender: str
    """E-mail address."""
    recipient: str
    smtp: ServerAddress
    readers: tuple[tuple[Protocol, ServerAddress], ...]
    """Where the recipient's mail can be fetched."""
    secrets: dict[ServerAddress, str]
    """For every server where one signs in."""


def measure(target: Target, sizes: Sequence[int], count: int, *, log: ProtocolLog | None = None) -> Iterator[Run]:
    """For each size and each of ``count`` messages one run of each protocol, as they end. The messages are removed again.

    Raises InputWrong, Offline, SignInNeeded, ServerRefused, CertificateRefused; TryLater when a message does not arrive.
    """
    if not target.readers:
        raise InputWrong("The account has neither IMAP nor POP3 to fetch the messages by.", "Take another account.")
    for size in sizes:
        for _ in range(count):
            yield from _one_message(target, size, log)


def _one_message(target: Target, size: int, log: ProtocolLog | None) -> Iterator[Run]:
    mark, message = make_message(size, target.sender, target.recipient, int(time.time()))
    secret = target.secrets.get
    with Connection(target.smtp, log) as connection:
        send_by_smtp(connection, target.sender, target.recipient, message, secret(target.smtp, ""))
        yield run_of(Protocol.SMTP, size, target.smtp, connection.finish())
    try:
        for protocol, server in target.readers:
            yield run_of(protocol, size, server, _fetched(protocol, server, mark, secret(server, ""), log))
    finally:
        protocol, server = target.readers[-1]
        with suppress(TuimailError), Connection(server) as connection:
            _FETCH[protocol](connection, mark, secret(server, ""), remove=True)


def _fetched(protocol: Protocol, server: ServerAddress, mark: bytes, secret: str, log: ProtocolLog | None) -> Transfer:
    """The connection on which the message was fetched; those that came too early do not count."""
    for look in range(_LOOKS):
        time.sleep(_BETWEEN_LOOKS if look else 0)
        with Connection(server, log) as connection:
            found = _FETCH[protocol](connection, mark, secret)
            transfer = connection.finish()
        if found is not None:
            return transfer
    raise TryLater(f"The message that was sent did not arrive at {server.host} in time.", "Look into the Junk folder.")


def run_of(protocol: Protocol, size: int, server: ServerAddress, transfer: Transfer) -> Run:
    """The figures of one connection."""
    info, flights = transfer.info, transfer.flights
    path = _path(info, transfer)
    up = sum(flight.octets for flight in flights if flight.up)
    down = sum(flight.octets for flight in flights if not flight.up)
    segments, repeated = info.segs_out + info.segs_in, Repeated(info.total_retrans, info.bytes_retrans)
    carried = volume(up + down + repeated.octets, segments, path)
    frames = model_frames(flights, path, segments)
    if (seen := transfer.seen) is not None:
        # A packet that the interface is to cut has one header; its further segments will have theirs.
        carried = seen.octets + max(segments - seen.packets, 0) * path.header
        repeated = Repeated(max(repeated.segments, seen.repeated_packets), max(repeated.octets, seen.repeated_octets))
        frames = dict(sorted(seen.frame_lengths.items()))
    return Run(
        protocol=protocol,
        size=size,
        server=f"{server.host}:{server.port}",
        port=transfer.port,
        security=server.security.value,
        delay=transfer.delay,
        round_trips=round_trips(flights),
        bytes_up=up,
        bytes_down=down,
        segments_up=info.segs_out,
        segments_down=info.segs_in,
        data_up=info.data_segs_out,
        data_down=info.data_segs_in,
        volume=carried,
        bounds=bounds(flights, path, repeated),
        path=path,
        repeated=repeated,
        frame_lengths=frames,
        captured=seen is not None,
    )


def _path(info: TcpInfo, transfer: Transfer) -> Path:
    """RFC 9293 §3.7.1, RFC 7323: a SYN brings MSS (4 octets), timestamps and SACK (12) and the window scale (4)."""
    plain = transfer.ip_header + 20
    least, most = transfer.mss
    stamps = 12 if info.timestamps else 0
    return Path(mss=most, mss_least=least, header=plain + stamps, syn_header=plain + 4 + (stamps or 4) + 4)
