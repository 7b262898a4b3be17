# SPDX-License-Identifier: GPL-3.0-or-later
"""Model values ↔ columns."""

import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from tuimail.model.action import (
    Action,
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.address import Address
from tuimail.model.flags import Flags
from tuimail.store.database import StoreDamaged

_SLICE = 10_000
"""Ids that are written at a time."""
_TEXT = 65_536
"""Characters that are read at a time, about."""

_ACTIONS: dict[str, type[Action]] = {
    kind.__name__: kind for kind in (SetFlags, Move, Copy, Expunge, Append, CreateFolder, RenameFolder, DeleteFolder, Subscribe)
}
T = TypeVar("T")


def dump(value: object) -> str:
    """A model value as JSON."""
    return msgspec.json.encode(value).decode()


def load(text: str, kind: type[T]) -> T:
    """The inverse of `dump`. Raises StoreDamaged where the text is not of that kind."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError:  # not as its cause: it may tell of the text
        raise _damage() from None


Step = tuple[int, Action]
"""An inverse action, with the number (within its gesture) of the action that it takes back."""


def dump_steps(steps: Sequence[Step]) -> str:
    """Steps as a JSON list of [number, kind, body]."""
    return dump([(number, type(action).__name__, action) for number, action in steps])


def _damage() -> StoreDamaged:
    """Of the own file, whose rows each start reads, so that nobody has to note it."""
    return StoreDamaged("An entry of the local store is damaged.", "Start tuimail again: it repairs the store.")


def load_steps(text: str) -> list[Step]:
    """The inverse of `dump_steps`."""
    return [
        (number, load_action(kind, bytes(body).decode()))
        for number, kind, body in load(text, list[tuple[int, str, msgspec.Raw]])
    ]


def load_action(kind: str, body: str) -> Action:
    """One action from its kind and JSON body. Raises StoreDamaged."""
    if kind not in _ACTIONS:
        raise _damage()
    return load(body, _ACTIONS[kind])


def dump_flags(flags: Flags) -> str:
    """Flags in one order, so that equal sets are equal columns."""
    return " ".join(sorted(flags))


def load_flags(text: str) -> Flags:
    """The inverse of `dump_flags`."""
    return frozenset(text.split())


def dump_addresses(fields: Iterable[Iterable[Address]]) -> str:
    """From, Reply-To, To, Cc and Bcc as five lists of [name, email]; a sixth is Sender, where that is another."""
    return dump([[(address.name, address.email) for address in field] for field in fields])


_addresses = msgspec.json.Decoder(list[list[tuple[str, str]]])


def load_addresses(text: str, most: int | None = None) -> list[tuple[Address, ...]]:
    """The inverse of `dump_addresses`; of each field no more than the first ``most``. Raises ValueError."""
    try:
        fields = _addresses.decode(text)
    except msgspec.MsgspecError:
        raise ValueError("these are no addresses") from None
    if len(fields) < 5:
        raise ValueError("address fields are missing")
    return [tuple(Address(name, email) for name, email in field[:most]) for field in fields]


def unpack(content: bytes, packed: int) -> bytes:
    """A part as it was before it was compressed. Raises ValueError."""
    try:
        return zlib.decompress(content) if packed else bytes(content)
    except zlib.error as error:
        raise ValueError("this was not compressed") from error


def ids_json(ids: Iterable[int] | Iterable[str]) -> str:
    """Ids of any kind for ``json_each(?)``, which takes any number of them."""
    return dump(list(ids))


_numbers = msgspec.json.Decoder(list[int]).decode


def load_ids(text: str) -> "array[int]":
    """The inverse of `ids_json` for numbers. Some at a time: as Python's own they take ten times as much memory."""
    ids: array[int] = array("q")
    at, last = 1, len(text) - 1
    while at < last:
        end = text.find(",", min(at + _TEXT, last))
        end = last if end < 0 else end
        ids.extend(_numbers(f"[{text[at:end]}]"))
        at = end + 1
    return ids


def ids_in_slices(ids: Sequence[int]) -> Iterator[str]:
    """Any number of ids, some at a time: as text they take ten times as much memory."""
    for start in range(0, len(ids), _SLICE):
        yield ids_json(ids[start : start + _SLICE])
