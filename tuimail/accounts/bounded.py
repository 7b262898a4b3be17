# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP by urllib with one end to it: so many seconds and octets for a whole exchange, whatever is in it.

urllib bounds a single wait, and http.client a line. Interim answers, trailers and slow octets may go on for ever; the content
of a redirect, and a chunk whose size is negative, are read whole. So the bounds are kept where octets come from the socket.
"""

import io
import socket
import ssl
import time
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Self
from urllib.parse import urlsplit

from tuimail.model.account import is_loopback

_HEADS = 64 * 1024
"""Octets for what stands before the content: status lines and fields, of redirects too."""


FAILURES = (OSError, HTTPException, ValueError, OverflowError)
"""What urllib raises for what strangers say; the last for numbers of ports."""


class TooMuch(OSError):
    """More octets came than were agreed to."""


@dataclass(slots=True)
class Bounds:
    """What is left to an exchange, from now on; a context, which ends it."""

    seconds: float
    octets: int
    """Of content."""
    _end: float = field(init=False)
    _left: int = field(init=False)
    answers: list[HTTPResponse] = field(init=False, default_factory=list)
    """Those that came."""

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds
        self._left = self.octets + _HEADS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the answers: urllib leaves them open where it raises."""
        for answer in self.answers:
            answer.close()

    def remaining(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        return left

    def took(self, octets: int) -> None:
        """So many octets came. Raises TooMuch."""
        self._left -= octets
        if self._left < 0:
            raise TooMuch("the answer is too large")


def opener(bounds: Bounds, url: str, context: ssl.SSLContext, redirects: urllib.request.BaseHandler) -> Any:
    """Opens an address within the bounds, once; what is on this machine is asked without a proxy."""
    handlers = [_Http(bounds), _Https(bounds, context), redirects]
    if is_loopback(urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


class _Octets(io.RawIOBase):
    """What comes from a socket, within the bounds."""

    def __init__(self, raw: io.RawIOBase, source: socket.socket, bounds: Bounds) -> None:
        self._raw, self._source, self._bounds = raw, source, bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._source.settimeout(self._bounds.remaining())
        count: int | None = self._raw.readinto(buffer)
        self._bounds.took(count or 0)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, bounds: Bounds, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp = io.BufferedReader(_Octets(self.fp.detach(), sock, bounds))
        bounds.answers.append(self)


class _PlainConnection(HTTPConnection):
    def __init__(self, host: str, *, bounds: Bounds, **named: Any) -> None:
        super().__init__(host, **{**named, "timeout": bounds.remaining()})
        self.response_class = partial(_Response, bounds)  # type: ignore[assignment]


class _SecureConnection(HTTPSConnection):
    def __init__(self, host: str, *, bounds: Bounds, **named: Any) -> None:
        super().__init__(host, **{**named, "timeout": bounds.remaining()})
        self.response_class = partial(_Response, bounds)  # type: ignore[assignment]


class _Http(urllib.request.HTTPHandler):
    def __init__(self, bounds: Bounds) -> None:
        super().__init__()
        self._bounds = bounds

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(partial(_PlainConnection, bounds=self._bounds), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, bounds: Bounds, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._bounds, self._trusted = bounds, context

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(partial(_SecureConnection, bounds=self._bounds), req, context=self._trusted)
