# SPDX-License-Identifier: GPL-3.0-or-later
"""A blocking connection that notes every octet that TCP carries, and which side sent it."""

import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tuimail.backends.log import STRUCK, ProtocolLog, octets
from tuimail.backends.measure.capture import Capture, Seen
from tuimail.backends.measure.tcp_info import CLOSED, TcpInfo, tcp_info
from tuimail.backends.tls import connect_error, context
from tuimail.model.account import Security, ServerAddress
from tuimail.model.errors import Offline, ServerBroken, TuimailError
from tuimail.model.volume import Flight, blocks

_PATIENCE = 60.0
_ENDING = 5.0
"""Seconds that the server has to close its side, and then to acknowledge that we closed ours."""
_CHUNK = 1 << 16
_LIMIT = 128 << 20
"""Octets of a message, whatever the server says."""
_LINE = 1 << 16
"""Octets of a line after which it is none."""
_HANDSHAKE_PIECES = 8
"""TLS: the messages of one side's flight in the handshake, session tickets included (RFC 8446 §4)."""
_SIGN_IN = re.compile(rb"(?:A LOGIN|AUTH PLAIN|PASS) ")


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one connection took."""

    flights: tuple[Flight, ...]
    delay: float
    info: TcpInfo
    """At the very end."""
    mss: tuple[int, int]
    """The least and the largest segment that TCP went by."""
    port: int
    """Of this side."""
    ip_header: int
    seen: Seen | None
    """None where no packet socket could be had."""


class Connection:
    """A context manager. Its methods raise Offline when the connection is lost, ServerBroken for what is no reply."""

    def __init__(self, server: ServerAddress, log: ProtocolLog | None = None) -> None:
        self.server = server
        self._log = log
        self._flights: list[Flight] = []
        self._buffer = bytearray()
        self._mss: list[int] = []
        self._hidden: tuple[bytes, ...] = ()
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._capture: Capture | None = None
        self._socket: socket.socket | None = None
        self._began = self._last = 0.0

    def __enter__(self) -> Self:
        trusted = None if self.server.security is Security.NONE else context(self.server)
        try:
            self._connect()
            if trusted is not None and self.server.security is Security.TLS:
                self.start_tls(trusted)
        except OSError as error:
            self.close()
            raise connect_error(error, self.server) from error
        except TuimailError:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything. Doing it twice does no harm."""
        if self._socket is not None:
            self._socket.close()
        if self._capture is not None:
            self._capture.stop()
            self._capture = None

    def start_tls(self, trusted: ssl.SSLContext | None = None) -> None:
        """TLS from here on. Raises CertificateRefused."""
        if self._buffer:
            raise ServerBroken(f"{self.server.host} said something between STARTTLS and TLS.", "Do not use this server.")
        trusted = trusted or context(self.server)
        self._tls = trusted.wrap_bio(self._incoming, self._outgoing, server_hostname=self.server.host)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(_HANDSHAKE_PIECES)
                self._incoming.write(self._take_in(_HANDSHAKE_PIECES))
            except ssl.SSLError as error:
                raise connect_error(error, self.server) from error
            else:
                break
        self._flush(_HANDSHAKE_PIECES)

    def hide(self, *secrets: bytes) -> None:
        """From now on strike out, in the log, replies that repeat one of these."""
        self._hidden = tuple(secret for secret in secrets if secret)

    def say(self, *commands: bytes, secret: bool = False) -> None:
        """Send commands, without their line ends, all at once."""
        for command in commands:
            self._tell("C", _struck(command) if secret else command)
        self._send(b"".join(command + b"\r\n" for command in commands), 1)

    def send(self, data: bytes) -> None:
        """Send the octets of a message."""
        self._tell("C", octets(len(data)))
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            self._send(chunk, blocks(len(chunk)))

    def line(self) -> bytes:
        """The next line of a reply, without its line end."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE:
                raise ServerBroken(f"{self.server.host} sends a line without an end.", "Check host and port.")
            self._receive()
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._count_pieces(1)
        self._tell("S", STRUCK if any(secret in line for secret in self._hidden) else line)
        return line

    def octets(self, count: int) -> bytes:
        """So many octets of a message."""
        if count > _LIMIT:
            raise self._too_much()
        while len(self._buffer) < count:
            self._receive()
        return self._take(count)

    def until(self, end: bytes) -> bytes:
        """The octets of a message up to and with these."""
        searched = 0
        while (found := self._buffer.find(end, searched)) < 0:
            if len(self._buffer) > _LIMIT:
                raise self._too_much()
            searched = max(len(self._buffer) - len(end), 0)
            self._receive()
        return self._take(found + len(end))

    def finish(self) -> Transfer:
        """After the last reply: let both sides close, and count."""
        connection = self._open
        connection.settimeout(_ENDING)
        with suppress(Offline):
            while True:
                self._receive()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        limit = time.monotonic() + _ENDING
        while (info := tcp_info(connection)).state != CLOSED and time.monotonic() < limit:
            time.sleep(0.002)
        port: int = connection.getsockname()[1]
        seen, self._capture = self._capture.stop() if self._capture is not None else None, None
        sizes = (*self._mss, info.snd_mss)
        ip_header = 20 if connection.family == socket.AF_INET else 40
        mss = (min(sizes), max(*sizes, info.advmss))
        return Transfer(tuple(self._flights), self._last - self._began, info, mss, port, ip_header, seen)

    @property
    def _open(self) -> socket.socket:
        assert self._socket is not None
        return self._socket

    def _connect(self) -> None:
        """To the first address that takes it; the port of ours is known before, so that frames can be told apart."""
        failed: OSError = OSError()
        for family, kind, protocol, _, address in socket.getaddrinfo(
            self.server.host, self.server.port, type=socket.SOCK_STREAM
        ):
            connection = self._socket = socket.socket(family, kind, protocol)
            connection.settimeout(_PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.bind(("", 0))
            self._capture = Capture.start(connection.getsockname()[1])
            self._began = time.monotonic()
            try:
                connection.connect(address)
            except OSError as error:
                failed = error
                self.close()
            else:
                self._mss.append(tcp_info(connection).snd_mss)
                return
        raise failed

    def _send(self, data: bytes, pieces: int) -> None:
        if self._tls is None:
            self._carry(data, pieces)
        else:
            self._tls.write(data)
            self._flush(pieces)

    def _flush(self, pieces: int) -> None:
        if data := self._outgoing.read():
            self._carry(data, max(pieces, blocks(len(data))))

    def _carry(self, data: bytes, pieces: int) -> None:
        try:
            self._open.sendall(data)
        except OSError as error:
            raise self._lost() from error
        self._mss.append(tcp_info(self._open).snd_mss)
        self._count(True, len(data), pieces)

    def _receive(self) -> None:
        """Take what comes next."""
        self._decrypt(self._take_in())

    def _take_in(self, pieces: int = 0) -> bytes:
        """Octets as TCP carried them. Raises Offline at the end of the connection."""
        try:
            data = self._open.recv(_CHUNK)
        except OSError as error:
            raise connect_error(error, self.server) from error
        if not data:
            raise self._lost()
        self._last = time.monotonic()
        self._count(False, len(data), pieces)
        return data

    def _decrypt(self, data: bytes) -> None:
        if self._tls is None:
            self._buffer += data
            return
        self._incoming.write(data)
        try:
            while plain := self._tls.read(_CHUNK):
                self._buffer += plain
            # The server will say no more (close_notify); asyncio's waits until it is told the same.
            with suppress(ssl.SSLError):
                self._tls.unwrap()
            self._flush(1)
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            raise connect_error(error, self.server) from error

    def _take(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._count_pieces(blocks(count) + 1)
        self._tell("S", octets(count))
        return data

    def _count(self, up: bool, count: int, pieces: int) -> None:
        if self._flights and self._flights[-1].up == up:
            last = self._flights.pop()
            count, pieces = last.octets + count, last.pieces + pieces
        self._flights.append(Flight(up, count, pieces))

    def _count_pieces(self, pieces: int) -> None:
        """What was parsed out of the server's last flight."""
        at = max(number for number, flight in enumerate(self._flights) if not flight.up)
        flight = self._flights[at]
        self._flights[at] = Flight(False, flight.octets, flight.pieces + pieces)

    def _lost(self) -> Offline:
        return Offline(f"{self.server.host}:{self.server.port} ended the connection.", "Try again.")

    def _too_much(self) -> ServerBroken:
        return ServerBroken(f"{self.server.host} sends a larger message than was sent.", "Measure with another server.")

    def _tell(self, direction: str, line: bytes) -> None:
        if self._log is not None:
            self._log(direction, line)


def _struck(command: bytes) -> bytes:
    """The command's name stays."""
    found = _SIGN_IN.match(command)
    return (found[0] if found else b"") + STRUCK
