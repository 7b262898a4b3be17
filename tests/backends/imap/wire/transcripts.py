# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of real servers, as MailKit's tests recorded them."""

from pathlib import Path

from tuimail.backends.imap.wire.responses import Tagged, Untagged, tagged, untagged
from tuimail.backends.imap.wire.splitter import Splitter, Unit

FOLDER = Path(__file__).parents[3] / "data" / "mailkit-wire"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))


def octets(name: str) -> bytes:
    return (FOLDER / f"{name}.txt").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def split(data: bytes) -> list[Unit]:
    splitter = Splitter()
    splitter.feed(data)
    return list(splitter.units())


def responses(name: str) -> list[Untagged]:
    return [untagged(unit) for unit in split(octets(name)) if unit[0][:1] in (b"*", b"[")]


def last(name: str) -> Tagged:
    return tagged(split(octets(name))[-1])
