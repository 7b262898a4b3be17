# SPDX-License-Identifier: GPL-3.0-or-later
"""Compression in bounded steps."""

import zlib

import pytest

from tuimail.backends.imap.wire.deflate import STEP, Deflater, Inflater
from tuimail.model.errors import ServerBroken


def test_what_is_deflated_can_be_inflated_at_once() -> None:
    deflater, inflater = Deflater(), Inflater()
    for said in (b"A1 NOOP\r\n", b"x" * 100_000, b"A2 NOOP\r\n"):
        assert b"".join(inflater.inflate(deflater.deflate(said))) == said


def test_a_bomb_comes_in_steps() -> None:
    stream = zlib.compressobj(9, wbits=-15)
    bomb = stream.compress(bytes(20_000_000)) + stream.flush(zlib.Z_SYNC_FLUSH)
    sizes = [len(piece) for piece in Inflater().inflate(bomb)]
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= STEP


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", zlib.compress(b"")[2:-4] + b"x"])
def test_a_broken_stream(data: bytes) -> None:
    with pytest.raises(ServerBroken):
        list(Inflater().inflate(data))


def test_what_comes_with_the_end_of_the_stream_is_read() -> None:
    stream, inflater = zlib.compressobj(wbits=-15), Inflater()
    assert b"".join(inflater.inflate(stream.compress(b"* BYE\r\n") + stream.flush(zlib.Z_FINISH))) == b"* BYE\r\n"
    with pytest.raises(ServerBroken):
        list(inflater.inflate(b"more"))
