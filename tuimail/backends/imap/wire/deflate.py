# SPDX-License-Identifier: GPL-3.0-or-later
"""COMPRESS=DEFLATE (RFC 4978): raw deflate both ways, inflated in bounded steps."""

import zlib
from collections.abc import Iterator

from tuimail.model.errors import ServerBroken

STEP = 262_144
"""Octets that are inflated at once, so that a few octets cannot fill the memory."""


class Inflater:
    """What the server sends → what it means."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self.began = False
        """Whether anything came that could be inflated."""

    def inflate(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most `STEP` octets. Raises ServerBroken."""
        while data:
            if self._stream.eof:  # Dovecot ends the stream after BYE; then nothing may follow
                raise ServerBroken("The server went on after it had ended the compression.")
            try:
                piece = self._stream.decompress(data, STEP)
            except zlib.error as error:
                raise ServerBroken("The server's compressed data cannot be read.") from error
            data = self._stream.unconsumed_tail or self._stream.unused_data
            if piece:
                self.began = True
                yield piece


class Deflater:
    """What we say → what is sent."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def deflate(self, data: bytes) -> bytes:
        """Compressed and flushed, so that the server can read all of it."""
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)
