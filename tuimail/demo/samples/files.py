# SPDX-License-Identifier: GPL-3.0-or-later
"""Small real files for the sample attachments: PNG, JPEG and PDF, made without any library."""

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

_SQUARE = 4
_CATEGORY_BITS = 4
"""Length of every Huffman code in the JPEG's table of DC categories."""


@lru_cache
def png(width: int, height: int) -> bytes:
    """An evening sky over water, in squares of 4 × 4 pixels; the sides are multiples of 4."""
    rows = b""
    for y in range(0, height, _SQUARE):
        row = b"".join(bytes(_colour(x / width, y / height)) * _SQUARE for x in range(0, width, _SQUARE))
        rows += (b"\0" + row) * _SQUARE
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _colour(x: float, y: float) -> tuple[int, int, int]:
    """The picture, for 0 ≤ x, y < 1."""
    if (x - 0.68) ** 2 + (y - 0.38) ** 2 < 0.012:
        return 255, 214, 120
    if y < 0.6:
        return int(40 + 190 * y), int(70 + 120 * y), int(130 + 40 * y)
    glitter = 40 if abs(x - 0.68) < 0.05 + 0.2 * (y - 0.6) and int(y * 90) % 3 == 0 else 0
    return int(90 - 80 * (y - 0.6)) + glitter, int(110 - 90 * (y - 0.6)) + glitter, 140 + glitter


@lru_cache
def jpeg(columns: int, rows: int) -> bytes:
    """The same picture as a baseline JPEG of plain squares of 8 × 8 pixels (ITU T.81): only DC coefficients, so that the
    Huffman tables are two short lists."""
    frame = struct.pack(">BHHB", 8, rows * 8, columns * 8, 3) + b"".join(bytes((n, 0x11, 0)) for n in (1, 2, 3))
    categories = bytes([0, 0, 0, 9, *[0] * 12, *range(9)])
    end_of_block = bytes([1, *[0] * 15, 0])
    return b"".join((
        b"\xff\xd8",
        _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        _segment(0xDB, b"\0" + bytes([8] * 64)),
        _segment(0xC0, frame),
        _segment(0xC4, b"\x00" + categories + b"\x10" + end_of_block),
        _segment(0xDA, b"\x03\x01\0\x02\0\x03\0\0\x3f\0"),
        _packed("".join(_blocks(columns, rows))),
        b"\xff\xd9",
    ))  # fmt: skip


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _blocks(columns: int, rows: int) -> Iterator[str]:
    """The bits of each square: for Y, Cb and Cr the difference to the square before, then end of block."""
    before = [0, 0, 0]
    for index in range(columns * rows):
        red, green, blue = _colour(index % columns / columns, index // columns / rows)
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        now = [round(luma) - 128, round(0.564 * (blue - luma)), round(0.713 * (red - luma))]
        for component in range(3):
            yield _difference(now[component] - before[component]) + "0"
        before = now


def _difference(value: int) -> str:
    size = abs(value).bit_length()
    bits = f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else ""
    return f"{size:0{_CATEGORY_BITS}b}{bits}"


def _packed(bits: str) -> bytes:
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")


def pdf(title: str, lines: list[str]) -> bytes:
    """One A4 page of text."""
    shown = [f"BT /F1 20 Tf 60 770 Td ({_escaped(title)}) Tj ET"]
    shown += [f"BT /F1 11 Tf 60 {730 - 18 * row} Td ({_escaped(line)}) Tj ET" for row, line in enumerate(lines)]
    content = "\n".join(shown).encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
    ]
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(document)
    return document + b"xref\n0 6\n0000000000 65535 f \n" + table + trailer


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
